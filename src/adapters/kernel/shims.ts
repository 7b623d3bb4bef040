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
    const groupId = optionOf(process.argv, '-id');
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
  if (program !== 'conmon') return undefined;
  const groupId = optionOf(process.argv, '-c') ?? optionOf(process.argv, '--cid');
  const bundle = optionOf(process.argv, '-b') ?? optionOf(process.argv, '--bundle');
  const runtime = optionOf(process.argv, '-r') ?? optionOf(process.argv, '--runtime');
  return groupId
    ? { process, kind: 'conmon', groupId, ...(bundle ? { bundle } : {}), ...(runtime ? { runtime } : {}) }
    : undefined;
}

function optionOf(argv: readonly string[], name: string): string | undefined {
  const at = argv.indexOf(name, 1);
  return at < 0 ? undefined : argv[at + 1];
}
