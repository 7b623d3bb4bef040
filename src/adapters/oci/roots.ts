import * as path from 'node:path';
import { RuntimeError, type Problem } from '../../model/problem';
import { mapPooled } from '../../util/pool';
import type { ContainerdShim } from '../shimProcess';
import { readBundleFiles } from './bundle';
import { defaultStateRoots, SHIM_DEFAULT_ROOT, type StateRoot } from './runtimeState';
import { isFileName, listBelow } from './safeRead';
import { bundlesFolderOf } from './shims';

/** What a shim's first bundle tells of where things lie. */
export interface ShimPlaces {
  /** The folder that holds the bundles of its namespace. */
  readonly bundles: string;
  /** Where the runtime that it calls keeps its state. */
  readonly stateRoot: StateRoot;
}

/** Remembers what running shims told of their folders: it does not change while they live. */
export class ShimFolders {
  private known = new Map<string, ShimPlaces>();

  constructor(private readonly procRoot: string) {}

  /** Undefined when this user may not see it. */
  async placesOf(shim: ContainerdShim): Promise<ShimPlaces | undefined> {
    const key = keyOf(shim);
    const known = this.known.get(key);
    if (known) return known;
    const bundles = await bundlesFolderOf(shim, this.procRoot);
    if (bundles === undefined) return undefined;
    const files = await readBundleFiles({ folder: bundles, name: shim.id, reason: '' });
    // Without its options (gone meanwhile, or root's) the root would be a guess, not to be remembered.
    if (files.runtime === undefined) return undefined;
    const stateRoot = { path: path.join(files.root ?? SHIM_DEFAULT_ROOT, shim.namespace), namespace: shim.namespace };
    const places = { bundles, stateRoot };
    this.known.set(key, places);
    return places;
  }

  /** Asks all shims, and forgets those that have ended. */
  async all(shims: readonly ContainerdShim[]): Promise<ShimPlaces[]> {
    const places = await mapPooled(shims, 8, (shim) => this.placesOf(shim));
    const living = new Set(shims.map(keyOf));
    this.known = new Map([...this.known].filter(([key]) => living.has(key)));
    return places.filter((found): found is ShimPlaces => found !== undefined);
  }
}

function keyOf(shim: ContainerdShim): string {
  return `${shim.process.pid} ${shim.process.startTicks}`;
}

/** The state folders to look into, and why others could not be. */
export interface StateRoots {
  readonly roots: readonly StateRoot[];
  readonly denied: readonly Problem[];
}

/** All state folders: those that shims named, those that were given, and the runtimes' and engines' defaults. */
export async function allStateRoots(
  named: readonly StateRoot[],
  extra: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<StateRoots> {
  const defaults = defaultStateRoots(env);
  const denied: Problem[] = [];
  const byNamespace = await mapPooled(defaults.byNamespace, 4, async (root): Promise<StateRoot[]> => {
    try {
      const namespaces = await listBelow(root, []);
      return namespaces.filter(isFileName).map((namespace) => ({ path: path.join(root, namespace), namespace }));
    } catch (error) {
      const { problem } = RuntimeError.from(error, `Listing ${root}`);
      if (problem.code === 'denied') denied.push(problem);
      return [];
    }
  });
  const plain = [...extra, ...defaults.plain].map((root): StateRoot => ({ path: root }));
  const roots = new Map<string, StateRoot>();
  for (const root of [...named, ...byNamespace.flat(), ...plain]) {
    if (!roots.has(root.path)) roots.set(root.path, root);
  }
  return { roots: [...roots.values()], denied };
}
