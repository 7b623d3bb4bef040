import { readFile, readlink } from '../../util/files';
import { basename, join } from 'node:path';
import type { ProcessRecord, ProcessTable } from '../../model/process';
import { mapPooled } from '../../util/pool';
import { findShims, type ShimProcess } from '../shimProcess';
import { containerIdIn, lastComponent, parseCgroup } from './parse/cgroup';

/** A container as its processes show it: served by a shim, with an init process of its own. */
export interface ServedContainer {
  readonly runtimeId: string;
  readonly shim: ShimProcess;
  readonly init: ProcessRecord;
  /** Only where this user may read the shim's working folder. */
  readonly bundle?: string;
}

/**
 * The containers of all shims, from the process table and the cgroups of the processes directly below the shims. Of
 * several children with one id (init, execs, adopted orphans) the one that started first is init.
 */
export async function findServedContainers(
  procRoot: string,
  processes: ProcessTable,
  memory?: ServedMemory,
): Promise<ServedContainer[]> {
  const found = await mapPooled(findShims(processes), 16, async (shim) => {
    const known = memory?.get(shim, processes);
    if (known) return known;
    const served = await containersOf(procRoot, processes, shim);
    memory?.keep(shim, processes, served);
    return served;
  });
  memory?.endLook();
  return withoutImitations(found.flat());
}

/**
 * Remembers whom a shim serves, as long as the shim and its children are the very same processes and programs: their
 * cgroups and the shim's folder were read when each of them was new. A container whose init still waits to become the
 * user's program is looked at again.
 */
export class ServedMemory {
  private known = new Map<string, readonly ServedContainer[]>();
  private used = new Map<string, readonly ServedContainer[]>();

  get(shim: ShimProcess, processes: ProcessTable): ServedContainer[] | undefined {
    const key = keyOf(shim, processes);
    const found = this.known.get(key);
    if (!found) return undefined;
    this.used.set(key, found);
    // The records are this table's: what else they tell, such as a zombie's state, may have changed.
    return found.map((one) => ({ ...one, shim, init: processes.byPid.get(one.init.pid) ?? one.init }));
  }

  keep(shim: ShimProcess, processes: ProcessTable, served: readonly ServedContainer[]): void {
    const settled = served.length > 0 && processes.childrenOf(shim.process.pid).every(isSettled);
    if (settled) this.used.set(keyOf(shim, processes), served);
  }

  /** A look is over: what it did not see is forgotten. */
  endLook(): void {
    this.known = this.used;
    this.used = new Map();
  }
}

function isSettled({ comm, argv, state }: ProcessRecord): boolean {
  return state !== 'Z' && !comm.startsWith('runc') && !/^(?:runc|crun|youki|runsc)$/.test(basename(argv[0] ?? ''));
}

function keyOf(shim: ShimProcess, processes: ProcessTable): string {
  const children = processes.childrenOf(shim.process.pid);
  return [shim.process, ...children].map(({ pid, startTicks, comm }) => `${pid}:${startTicks}:${comm}`).join(' ');
}

/**
 * Of several that claim one random id, the one whose init started first. Any user can start a process that calls itself a
 * shim, but only after he has learnt the id. Ids that people choose may well exist twice, in two containerds.
 */
function withoutImitations(served: readonly ServedContainer[]): ServedContainer[] {
  const first = new Map<string, ServedContainer>();
  for (const one of served) {
    const other = first.get(one.runtimeId);
    if (!other || one.init.startTicks < other.init.startTicks) first.set(one.runtimeId, one);
  }
  return served.filter((one) => !/^[0-9a-f]{64}$/.test(one.runtimeId) || first.get(one.runtimeId) === one);
}

/** The containers of one shim. */
export async function containersOf(
  procRoot: string,
  processes: ProcessTable,
  shim: ShimProcess,
): Promise<ServedContainer[]> {
  const ownPaths = await cgroupText(procRoot, shim.process.pid);
  const byId = new Map<string, ProcessRecord>();
  let eldest: ProcessRecord | undefined;
  const children = [...processes.childrenOf(shim.process.pid)].sort(
    (a, b) => a.startTicks - b.startTicks || a.pid - b.pid,
  );
  for (const child of children) {
    if (child.state === 'Z') continue;
    const paths = await cgroupText(procRoot, child.pid);
    if (paths === undefined || (isRuntimeCall(child) && paths === ownPaths)) continue;
    eldest ??= child;
    const id = idOf(paths, shim);
    if (id !== undefined && !byId.has(id)) byId.set(id, child);
  }
  // A cgroup that is named after nobody: the shim's first child is still the init of what the shim was started for.
  if (byId.size === 0 && eldest) byId.set(shim.id, eldest);
  const folder = await bundleFolder(procRoot, shim);
  return [...byId].map(([runtimeId, init]) => ({
    runtimeId,
    shim,
    init,
    // The shim works in the bundle of the container it was started for; those of its pod lie beside that one.
    ...(folder ? { bundle: `${folder.slice(0, folder.lastIndexOf('/') + 1)}${runtimeId}` } : bundleOf(shim)),
  }));
}

/**
 * Whether a process is a call of the OCI runtime (`runc create …`): it lives for a moment below the shim and in the
 * shim's cgroup. `runc init` is what becomes a container's init, and has a cgroup of its own.
 */
function isRuntimeCall({ argv }: ProcessRecord): boolean {
  return /^(?:runc|crun|youki|runsc)$/.test(basename(argv[0] ?? '')) && argv[1] !== 'init';
}

async function cgroupText(procRoot: string, pid: number): Promise<string | undefined> {
  try {
    return await readFile(join(procRoot, String(pid), 'cgroup'), 'utf8');
  } catch {
    return undefined;
  }
}

function idOf(text: string, shim: ShimProcess): string | undefined {
  if (shim.kind === 'conmon') return shim.id;
  const paths = parseCgroup(text).map(({ path }) => path);
  const random = paths.map(containerIdIn).find((id) => id !== undefined);
  if (random) return random;
  // An id that a person chose: the shim was started for it, and the cgroup is named after it.
  return paths.some((path) => lastComponent(path) === shim.id) ? shim.id : undefined;
}

function bundleOf(shim: ShimProcess): { bundle?: string } {
  return shim.kind === 'conmon' && shim.bundle ? { bundle: shim.bundle } : {};
}

async function bundleFolder(procRoot: string, shim: ShimProcess): Promise<string | undefined> {
  if (shim.kind === 'conmon') return undefined;
  try {
    const folder = await readlink(join(procRoot, String(shim.process.pid), 'cwd'));
    return folder.endsWith(`/${shim.id}`) ? folder : undefined;
  } catch {
    return undefined;
  }
}
