import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import type { ProcessRecord, ProcessTable } from '../../model/process';
import { mapPooled } from '../../util/pool';
import { optionOf } from '../commandLine';
import { FileTrees, reachIn, treeNote } from '../fileTrees';
import { shimOf } from '../shimProcess';

/** Where a containerd listens, or would. */
export interface ContainerdSocket {
  /** Absolute path. */
  readonly path: string;
  /** How we came to know it, for people. */
  readonly reason: string;
  /** False for the default place when nothing is there and nothing else was found. */
  readonly exists: boolean;
}

export interface SocketSources {
  /** Remembers in which file trees daemons live; without it they are looked up anew. */
  readonly trees?: FileTrees;
  /** Addresses that the user has set: `unix:///…` or a path. When there are any, only these are used. */
  readonly addresses?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Source: containerd defaults.DefaultAddress. */
const DEFAULT_SOCKET = '/run/containerd/containerd.sock';
/** Other products' own containerd. Sources: k3s and RKE2, MicroK8s, k0s documentation. */
const KNOWN_SOCKETS: readonly (readonly [string, string])[] = [
  ['/run/k3s/containerd/containerd.sock', 'k3s and RKE2 keep their containerd here'],
  ['/run/k0s/containerd.sock', 'k0s keeps its containerd here'],
  ['/var/snap/microk8s/common/run/containerd.sock', 'MicroK8s keeps its containerd here'],
  ['/run/docker/containerd/containerd.sock', 'dockerd starts its own containerd here when the system has none'],
];

/**
 * Finds the sockets of all containerds of this machine: what the user has set; else CONTAINERD_ADDRESS, what running
 * shims and containerds name on their command lines, and the usual places. Several names of one socket are one.
 */
export async function findContainerdSockets(
  processes: ProcessTable,
  sources: SocketSources,
): Promise<ContainerdSocket[]> {
  const set = candidatesFrom(sources.addresses ?? [], 'named in the settings');
  const candidates = set.length > 0 ? set : await foundCandidates(processes, sources);
  // Every shim names the socket: each name is looked at once.
  const named = [...new Map([...candidates].reverse()).entries()].reverse();
  const looked = await mapPooled(named, 8, async (candidate) => ({
    candidate,
    inode: await inodeOf(candidate[0]),
  }));
  const seen = new Set<string>();
  const sockets: ContainerdSocket[] = [];
  for (const { candidate, inode } of looked) {
    const identity = inode ?? candidate[0];
    if (seen.has(identity)) continue;
    seen.add(identity);
    // What the user has named is shown even when it is not there: the reason it is missing is the answer.
    if (inode !== undefined || set.length > 0) {
      sockets.push({ path: candidate[0], reason: candidate[1], exists: inode !== undefined });
    }
  }
  return sockets.length > 0 ? sockets : [{ path: DEFAULT_SOCKET, reason: 'the default place', exists: false }];
}

type Candidate = readonly [path: string, reason: string];

async function foundCandidates(
  processes: ProcessTable,
  { env, trees = new FileTrees() }: SocketSources,
): Promise<Candidate[]> {
  const view = await trees.look(processes);
  const byProcesses = [...processes.byPid.values()].flatMap((process) =>
    namedBy(process).map((candidate) => ({ process, candidate })),
  );
  const named = await mapPooled(byProcesses, 8, async ({ process, candidate: [file, reason] }) => {
    const tree = view.of(process);
    const note = tree && treeNote(tree);
    return tree && [await reachIn(tree, file), note ? `${reason}, ${note}` : reason];
  });
  return [
    ...candidatesFrom([env.CONTAINERD_ADDRESS ?? ''], 'named by CONTAINERD_ADDRESS'),
    ...named.filter((candidate): candidate is [string, string] => candidate !== undefined),
    [DEFAULT_SOCKET, 'the default place'],
    ...KNOWN_SOCKETS,
  ];
}

function namedBy(process: ProcessRecord): Candidate[] {
  const { pid, argv } = process;
  const program = path.basename(argv[0] ?? '');
  const shim = shimOf(process);
  if (shim?.kind === 'containerd-shim') {
    return candidatesFrom([shim.address], `named by the shim with PID ${pid}`);
  } else if (program === 'containerd') {
    const address = optionOf(argv, ['-a', '--address', '-address']);
    return candidatesFrom([address || DEFAULT_SOCKET], `containerd runs with PID ${pid}`);
  } else if (program === 'dockerd') {
    return candidatesFrom([optionOf(argv, ['--containerd'])], `named by dockerd with PID ${pid}`);
  }
  return [];
}

/** Absolute paths among addresses; other forms (TCP, pipes of Windows, relative ones) are no local socket. */
function candidatesFrom(addresses: readonly (string | undefined)[], reason: string): Candidate[] {
  return addresses.flatMap((address): Candidate[] => {
    const file = (address ?? '').replace(/^(?:unix|grpc\+unix):\/\//, '');
    return path.isAbsolute(file) && !file.includes('\0') ? [[path.normalize(file), reason]] : [];
  });
}

/** Device and inode, following links: /var/run and /run are one folder. Undefined when it is not there or not a socket. */
async function inodeOf(file: string): Promise<string | undefined> {
  try {
    const found = await stat(file);
    return found.isSocket() ? `${found.dev}:${found.ino}` : undefined;
  } catch {
    return undefined;
  }
}
