import * as path from 'node:path';
import type { ProcessRecord, ProcessTable } from '../../model/process';

/** A process that parents containers: containerd's shim, or the monitor conmon of Podman and CRI-O. */
export interface ShimProcess {
  readonly process: ProcessRecord;
  readonly kind: 'containerd-shim' | 'conmon';
  /** The id it was started for: the first container of its group, or conmon's only one. */
  readonly groupId: string;
  readonly containerdNamespace?: string;
  /** containerd's socket, as the shim was told. */
  readonly containerdAddress?: string;
  /** conmon's bundle. */
  readonly bundle?: string;
  /** conmon's OCI runtime. */
  readonly runtime?: string;
}

/** All shims and monitors among the processes. */
export function findShims(processes: ProcessTable): ShimProcess[] {
  return [...processes.byPid.values()].flatMap((process) => shimOf(process) ?? []);
}

/** A process as a shim or monitor; undefined when its command line is not one's. */
export function shimOf(process: ProcessRecord): ShimProcess | undefined {
  const program = path.basename(process.argv[0] ?? '');
  if (program.startsWith('containerd-shim')) {
    // containerd calls the same binary to start a shim and to clean up after one: those live for a moment.
    if (/^(?:start|delete|info)$/.test(process.argv.at(-1) ?? '')) return undefined;
    // Shims of containerd 1.0 and 1.1 were told the folder of their container, not its id.
    const groupId = optionOf(process.argv, '-id') ?? lastOf(optionOf(process.argv, '-workdir'));
    const containerdNamespace = optionOf(process.argv, '-namespace');
    const containerdAddress = optionOf(process.argv, '-address');
    if (!groupId || !containerdNamespace) return undefined;
    return {
      process,
      kind: 'containerd-shim',
      groupId,
      containerdNamespace,
      ...(containerdAddress ? { containerdAddress } : {}),
    };
  }
  if (program !== 'conmon' || watchesExec(process.argv)) return undefined;
  const groupId = optionOf(process.argv, '-c', '--cid');
  const bundle = optionOf(process.argv, '-b', '--bundle');
  const runtime = optionOf(process.argv, '-r', '--runtime');
  return groupId
    ? { process, kind: 'conmon', groupId, ...(bundle ? { bundle } : {}), ...(runtime ? { runtime } : {}) }
    : undefined;
}

/**
 * Whether a conmon watches a process that was added to a container later (`podman exec`) and not its init: the container
 * has another monitor then. Source: conmon src/cli.c, options --exec and --cuuid.
 */
function watchesExec(argv: readonly string[]): boolean {
  if (argv.some((word) => word === '-e' || word === '--exec' || word.startsWith('--exec-process-spec'))) return true;
  const container = optionOf(argv, '-c', '--cid');
  const watched = optionOf(argv, '-u', '--cuuid');
  return watched !== undefined && container !== undefined && watched !== container;
}

/** The value of an option, as a word of its own or after `=`. */
function optionOf(argv: readonly string[], ...names: readonly string[]): string | undefined {
  for (const [index, word] of argv.entries()) {
    if (index === 0) continue;
    if (names.includes(word)) return argv[index + 1];
    const name = names.find((candidate) => candidate.startsWith('--') && word.startsWith(`${candidate}=`));
    if (name !== undefined) return word.slice(name.length + 1);
  }
  return undefined;
}

function lastOf(folder: string | undefined): string | undefined {
  return folder === undefined ? undefined : path.basename(folder);
}
