import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessRecord, ProcessTable } from '../../model/process';
import { mapPooled } from '../../util/pool';
import { containerIdIn, lastComponent, parseCgroup } from './parse/cgroup';
import { findShims, type ShimProcess } from './shims';

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
export async function findServedContainers(procRoot: string, processes: ProcessTable): Promise<ServedContainer[]> {
  const found = await mapPooled(findShims(processes), 16, (shim) => containersOf(procRoot, processes, shim));
  return found.flat();
}

/** The containers of one shim. */
export async function containersOf(
  procRoot: string,
  processes: ProcessTable,
  shim: ShimProcess,
): Promise<ServedContainer[]> {
  const children = processes.childrenOf(shim.process.pid).filter((child) => child.state !== 'Z');
  const byId = new Map<string, ProcessRecord>();
  for (const child of [...children].sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid)) {
    const id = await idOf(procRoot, child, shim);
    if (id !== undefined && !byId.has(id)) byId.set(id, child);
  }
  // A cgroup that is named after nobody: the shim's first child is still the init of what the shim was started for.
  const [eldest] = [...children].sort((a, b) => a.startTicks - b.startTicks);
  if (byId.size === 0 && eldest) byId.set(shim.groupId, eldest);
  const folder = await bundleFolder(procRoot, shim);
  return [...byId].map(([runtimeId, init]) => ({
    runtimeId,
    shim,
    init,
    // The shim works in the bundle of the container it was started for; those of its pod lie beside that one.
    ...(folder ? { bundle: folder.replace(/[^/]+$/, () => runtimeId) } : shim.bundle ? { bundle: shim.bundle } : {}),
  }));
}

async function idOf(procRoot: string, child: ProcessRecord, shim: ShimProcess): Promise<string | undefined> {
  if (shim.kind === 'conmon') return shim.groupId;
  try {
    const lines = parseCgroup(await readFile(join(procRoot, String(child.pid), 'cgroup'), 'utf8'));
    const paths = lines.map(({ path }) => path);
    const random = paths.map(containerIdIn).find((id) => id !== undefined);
    if (random) return random;
    // An id that a person chose: the shim was started for it, and the cgroup is named after it.
    return paths.some((path) => lastComponent(path) === shim.groupId) ? shim.groupId : undefined;
  } catch {
    return undefined;
  }
}

async function bundleFolder(procRoot: string, shim: ShimProcess): Promise<string | undefined> {
  if (shim.kind === 'conmon') return undefined;
  try {
    const folder = await readlink(join(procRoot, String(shim.process.pid), 'cwd'));
    return folder.endsWith(`/${shim.groupId}`) ? folder : undefined;
  } catch {
    return undefined;
  }
}
