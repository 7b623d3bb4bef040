import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import type { ProcessTable } from '../../model/process';

/** A socket that may speak CRI, and the rule that found it. */
export interface CriSocket {
  readonly path: string;
  readonly why: string;
  /** True when a person or the kubelet named it: then a server that speaks no CRI there is worth telling. */
  readonly expected: boolean;
}

/** Sources: crictl documentation; cri-dockerd cmd/cri/options; cri-o pkg/config. */
const KNOWN: readonly string[] = [
  '/run/crio/crio.sock',
  '/run/cri-dockerd.sock',
  '/run/k3s/containerd/containerd.sock',
];

/**
 * Finds the CRI endpoints of this machine: what the user has set, and then only these; else CONTAINER_RUNTIME_ENDPOINT, what
 * a running kubelet names, the usual places, and every containerd (its CRI plugin serves on the same socket).
 */
export async function findCriSockets(
  processes: ProcessTable,
  env: NodeJS.ProcessEnv,
  containerdSockets: readonly string[],
  settings: readonly string[] = [],
): Promise<readonly CriSocket[]> {
  // What the user has named is asked even when it is not there: the reason it is missing is the answer.
  if (settings.length > 0) return settings.flatMap((setting) => named(setting, 'A setting names it.'));
  const candidates: CriSocket[] = [
    ...named(env.CONTAINER_RUNTIME_ENDPOINT, 'CONTAINER_RUNTIME_ENDPOINT names it.'),
    ...[...processes.byPid.values()].flatMap(({ pid, argv }) => kubeletEndpoint(pid, argv)),
    ...KNOWN.map((file) => ({ path: file, why: 'The usual place.', expected: false })),
    ...containerdSockets.map((file) => ({
      path: file,
      why: "containerd's CRI plugin serves on containerd's socket.",
      expected: false,
    })),
  ];
  const found = new Map<string, CriSocket>();
  for (const candidate of candidates) {
    const identity = await identityOf(candidate.path);
    if (identity !== undefined && !found.has(identity)) found.set(identity, candidate);
  }
  return [...found.values()];
}

function named(address: string | undefined, why: string): CriSocket[] {
  const file = (address ?? '').replace(/^unix:\/\//, '');
  return path.isAbsolute(file) ? [{ path: file, why, expected: true }] : [];
}

function kubeletEndpoint(pid: number, argv: readonly string[]): CriSocket[] {
  if (path.basename(argv[0] ?? '') !== 'kubelet') return [];
  const flag = '--container-runtime-endpoint';
  const at = argv.indexOf(flag);
  const value =
    at >= 0 ? argv[at + 1] : argv.find((argument) => argument.startsWith(`${flag}=`))?.slice(flag.length + 1);
  return named(value, `The kubelet with PID ${pid} names it.`);
}

/** Device and inode: /run and /var/run are one folder. */
async function identityOf(file: string): Promise<string | undefined> {
  try {
    const found = await stat(file);
    return found.isSocket() ? `${found.dev}:${found.ino}` : undefined;
  } catch {
    return undefined;
  }
}
