import * as path from 'node:path';
import type { ProcessRecord, ProcessTable } from '../model/process';
import { optionOf } from './commandLine';

/** A running shim of containerd, as its command line tells. */
export interface ContainerdShim {
  readonly kind: 'containerd-shim';
  readonly process: ProcessRecord;
  /** The id it was started for: for a pod, the sandbox's. */
  readonly id: string;
  /** containerd's namespace. */
  readonly namespace: string;
  /** containerd's socket, as the shim was told. */
  readonly address?: string;
  /** `io.containerd.runc.v2`, from the program's name. */
  readonly runtimeName?: string;
}

/** The monitor of one container of Podman or CRI-O. */
export interface Conmon {
  readonly kind: 'conmon';
  readonly process: ProcessRecord;
  readonly id: string;
  readonly bundle?: string;
  /** The OCI runtime that it calls. */
  readonly runtime?: string;
}

/** A process that parents containers. */
export type ShimProcess = ContainerdShim | Conmon;

/** All shims and monitors among the processes. */
export function findShims(processes: ProcessTable): ShimProcess[] {
  return [...processes.byPid.values()].flatMap((process) => shimOf(process) ?? []);
}

/** containerd's shims alone. */
export function containerdShims(processes: ProcessTable): ContainerdShim[] {
  return findShims(processes).filter((shim) => shim.kind === 'containerd-shim');
}

/** A process as a shim or monitor; undefined when its command line is not one's. */
export function shimOf(process: ProcessRecord): ShimProcess | undefined {
  const program = path.basename(process.argv[0] ?? '');
  if (program.startsWith('containerd-shim')) return containerdShimOf(process, program);
  return program === 'conmon' ? conmonOf(process) : undefined;
}

/** containerd-shim-runc-v2 → io.containerd.runc.v2. Source: containerd pkg/shim BinaryName, inverted. */
export function runtimeNameOf(shimProgram: string): string | undefined {
  const match = /^containerd-shim-(.+)-(v\d+)$/.exec(path.basename(shimProgram));
  return match ? `io.containerd.${match[1]}.${match[2]}` : undefined;
}

/** Source: containerd cmd/containerd-shim-runc-v2, options `-namespace`, `-id`, `-address`. */
function containerdShimOf(process: ProcessRecord, program: string): ContainerdShim | undefined {
  const { argv } = process;
  // containerd calls the same binary to start a shim and to clean up after one: those live for a moment.
  if (/^(?:start|delete|info)$/.test(argv.at(-1) ?? '')) return undefined;
  // Shims of containerd 1.0 and 1.1 were told the folder of their container, not its id.
  const folder = optionOf(argv, ['-workdir', '--workdir']);
  const id = optionOf(argv, ['-id', '--id']) ?? (folder === undefined ? undefined : path.basename(folder));
  const namespace = optionOf(argv, ['-namespace', '--namespace']);
  if (!id || !namespace) return undefined;
  const address = optionOf(argv, ['-address', '--address']);
  const runtimeName = runtimeNameOf(program);
  return {
    kind: 'containerd-shim',
    process,
    id,
    namespace,
    ...(address ? { address } : {}),
    ...(runtimeName ? { runtimeName } : {}),
  };
}

function conmonOf(process: ProcessRecord): Conmon | undefined {
  const { argv } = process;
  const id = optionOf(argv, ['-c', '--cid']);
  if (!id || watchesExec(argv, id)) return undefined;
  const bundle = optionOf(argv, ['-b', '--bundle']);
  const runtime = optionOf(argv, ['-r', '--runtime']);
  return { kind: 'conmon', process, id, ...(bundle ? { bundle } : {}), ...(runtime ? { runtime } : {}) };
}

/**
 * Whether a conmon watches a process that was added to a container later (`podman exec`) and not its init: the container
 * has another monitor then. Source: conmon src/cli.c, options --exec and --cuuid.
 */
function watchesExec(argv: readonly string[], container: string): boolean {
  if (argv.some((word) => word === '-e' || word === '--exec' || word.startsWith('--exec-process-spec'))) return true;
  const watched = optionOf(argv, ['-u', '--cuuid']);
  return watched !== undefined && watched !== container;
}
