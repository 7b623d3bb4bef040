import { readlink } from '../../util/files';
import * as path from 'node:path';
import type { Container } from '../../model/container';
import type { ProcessTable } from '../../model/process';
import { containerdShims, type ContainerdShim } from '../shimProcess';

/** The shim that serves a container: its init's parent, or the one that names the container or its sandbox. */
export function shimOf(container: Container, processes: ProcessTable): ContainerdShim | undefined {
  const shims = containerdShims(processes);
  const namespace = namespaceOf(container);
  const inNamespace = shims.filter((shim) => namespace === undefined || shim.namespace === namespace);
  for (const { initPid } of container.sightings) {
    const parent = initPid === undefined ? undefined : processes.byPid.get(initPid)?.parentPid;
    const found = inNamespace.find((shim) => shim.process.pid === parent);
    if (found) return found;
  }
  const named = inNamespace.filter((shim) => shim.id === container.runtimeId || shim.id === container.sandbox?.id);
  return named.length === 1 ? named[0] : undefined;
}

/** The containerd namespace that the container's sightings name. */
export function namespaceOf(container: Container): string | undefined {
  return container.sightings.find((sighting) => sighting.containerdNamespace !== undefined)?.containerdNamespace;
}

/**
 * The folder that holds the bundles of a shim's namespace, as the shim's own file tree names it: a shim works in its
 * first bundle. Undefined unless it may be seen.
 */
export async function bundlesFolderOf(shim: ContainerdShim, procRoot: string): Promise<string | undefined> {
  try {
    const bundle = await readlink(path.join(procRoot, String(shim.process.pid), 'cwd'));
    // A bundle that was removed meanwhile reads "… (deleted)"; its parent is right still.
    return path.isAbsolute(bundle) ? path.dirname(bundle) : undefined;
  } catch {
    return undefined;
  }
}
