import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import { RuntimeError, type Problem } from '../../model/problem';
import { mapPooled } from '../../util/pool';
import type { ProcessTable } from '../../model/process';
import { reachIn, type FileTree, type FileTrees } from '../fileTrees';
import type { ContainerdShim } from '../shimProcess';
import { readBundleFiles } from './bundle';
import { defaultStateRoots, SHIM_DEFAULT_ROOT, type StateRoot } from './runtimeState';
import { isFileName, listBelow } from './safeRead';
import { bundlesFolderOf } from './shims';

/** What a shim's first bundle tells of where things lie. */
export interface ShimPlaces {
  /** The file tree in which the shim names its paths. The paths here are those by which we reach them. */
  readonly tree: FileTree;
  /** The folder that holds the bundles of its namespace. */
  readonly bundles: string;
  /** Where the runtime that it calls keeps its state. */
  readonly stateRoot: StateRoot;
}

/** Remembers what running shims told of their folders: it does not change while they live. */
export class ShimFolders {
  private known = new Map<string, ShimPlaces>();

  constructor(
    private readonly procRoot: string,
    private readonly trees: FileTrees,
  ) {}

  /** Undefined when this user may not see it. */
  async placesOf(shim: ContainerdShim, processes: ProcessTable): Promise<ShimPlaces | undefined> {
    const key = keyOf(shim);
    const known = this.known.get(key);
    const tree = (await this.trees.look(processes)).of(shim.process);
    // Another tree is reached through one of its processes, often its containerd: when that ends, it takes the way with it.
    if (known && (tree === undefined || tree.prefix === known.tree.prefix)) return known;
    const named = await bundlesFolderOf(shim, this.procRoot);
    if (named === undefined || tree === undefined) return undefined;
    const bundles = await reachIn(tree, named);
    const files = await readBundleFiles({ folder: bundles, name: shim.id, reason: '' });
    // Without its options (gone meanwhile, or root's) the root would be a guess, not to be remembered.
    if (files.runtime === undefined) return undefined;
    const root = await reachIn(tree, path.join(files.root ?? SHIM_DEFAULT_ROOT, shim.namespace));
    const places = { tree, bundles, stateRoot: { path: root, tree, namespace: shim.namespace } };
    this.known.set(key, places);
    return places;
  }

  /** Asks all shims, and forgets those that have ended. */
  async all(shims: readonly ContainerdShim[], processes: ProcessTable): Promise<ShimPlaces[]> {
    const places = await mapPooled(shims, 8, (shim) => this.placesOf(shim, processes));
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
  otherTrees: readonly FileTree[],
): Promise<StateRoots> {
  const defaults = defaultStateRoots(env);
  const elsewhere = defaultStateRoots({});
  const reached = async (tree: FileTree, roots: readonly string[]): Promise<StateRoot[]> => {
    const found = await Promise.all(
      roots.map(async (root) => {
        const there = { path: await reachIn(tree, root), tree };
        return (await isOwnFolder(there, root)) ? [] : [there];
      }),
    );
    return found.flat();
  };
  const [plainElsewhere, byNamespaceElsewhere] = await Promise.all([
    Promise.all(otherTrees.map((tree) => reached(tree, elsewhere.plain))),
    Promise.all(otherTrees.map((tree) => reached(tree, elsewhere.byNamespace))),
  ]);
  const denied: Problem[] = [];
  const perNamespace = [...defaults.byNamespace.map(ownRoot), ...byNamespaceElsewhere.flat()];
  const byNamespace = await mapPooled(perNamespace, 4, async ({ path: root, tree }): Promise<StateRoot[]> => {
    try {
      const namespaces = await listBelow(root, []);
      return namespaces
        .filter(isFileName)
        .map((namespace) => ({ path: path.join(root, namespace), ...(tree ? { tree } : {}), namespace }));
    } catch (error) {
      const { problem } = RuntimeError.from(error, `Listing ${root}`);
      if (problem.code === 'denied') denied.push(problem);
      return [];
    }
  });
  const plain = [...[...extra, ...defaults.plain].map(ownRoot), ...plainElsewhere.flat()];
  const roots = new Map<string, StateRoot>();
  for (const root of [...named, ...byNamespace.flat(), ...plain]) {
    if (!roots.has(root.path)) roots.set(root.path, root);
  }
  return { roots: [...roots.values()], denied };
}

function ownRoot(root: string): StateRoot {
  return { path: root };
}

/** A tree may have our folder in it: what is there is ours already. */
async function isOwnFolder({ path: reached }: StateRoot, named: string): Promise<boolean> {
  try {
    const [there, here] = await Promise.all([stat(reached), stat(named)]);
    return there.dev === here.dev && there.ino === here.ino;
  } catch {
    return false;
  }
}
