import * as path from 'node:path';
import type { Container } from '../../model/container';
import { valueOf } from '../../model/fact';
import type { Problem } from '../../model/problem';
import type { ProcessTable } from '../../model/process';
import type { InspectContext } from '../adapter';
import { readOwnContainer, type OwnContainer } from '../kernel/ownContainer';
import { OWN_TREE, reachIn, treeNote, type FileTree } from '../fileTrees';
import type { ContainerdShim } from '../shimProcess';
import { findBundle, readInBundle, usualPlaces, type BundlePlace, type FoundBundle } from './bundle';
import type { LookParts } from './look';
import { allStateRoots } from './roots';
import { findRuntimeState, type StateAnswer, type StateRoot } from './runtimeState';
import { isFileName } from './safeRead';
import { namespaceOf, shimOf } from './shims';

/** Where a container's shim, bundle and runtime state are. */
export interface Located {
  readonly container: Container;
  readonly processes: ProcessTable;
  readonly namespace?: string;
  readonly shim?: ContainerdShim;
  /** Init's PID as another layer named it. */
  readonly initPid?: number;
  readonly bundle?: FoundBundle;
  /** The file tree in which the shim and what it leaves in the bundle name paths. */
  readonly tree: FileTree;
  /** Why nothing in the bundle can be read. */
  readonly bundleProblem?: Problem;
  readonly state?: Exclude<StateAnswer, undefined>;
  /** The container in which the explorer itself runs. */
  readonly inside?: OwnContainer;
}

/** Finds them by evidence: what layers reported, the shim's working folder, the runtime's own notes, the usual places. */
export async function locate(parts: LookParts, context: InspectContext): Promise<Located> {
  const { container, processes, found } = context;
  const namespace = namespaceOf(container);
  const shim = shimOf(container, processes);
  const initPid = valueOf(found.initPid) ?? container.sightings.find((sighting) => sighting.initPid)?.initPid;
  const shimPlaces = shim && (await parts.folders.placesOf(shim, processes));
  const trees = await parts.trees.look(processes);
  const tree = shimPlaces?.tree ?? OWN_TREE;

  const named: StateRoot[] = shimPlaces ? [shimPlaces.stateRoot] : [];
  const state = await findState(parts, trees.others, container, namespace, named, initPid);
  const stateTree = state && !('code' in state) ? (state.root.tree ?? OWN_TREE) : tree;
  const noted = state && !('code' in state) ? state.bundle : undefined;

  const places: BundlePlace[] = [
    ...(shimPlaces
      ? [place(shimPlaces.bundles, container.runtimeId, reasonIn(tree, 'beside the shim’s working folder'))]
      : []),
    ...(noted ? [placeAt(await reachIn(stateTree, noted), reasonIn(stateTree, 'named by the runtime’s state'))] : []),
    // A layer that runs elsewhere names paths of its own tree; the runtime's state tells which one that is.
    ...(await Promise.all(
      container.sightings.flatMap(({ bundle, layerId }) =>
        bundle
          ? [reachIn(stateTree, bundle).then((at) => placeAt(at, reasonIn(stateTree, `named by ${layerId}`)))]
          : [],
      ),
    )),
    ...(namespace === undefined || tree.prefix !== '' ? [] : usualPlaces(namespace, container.runtimeId)),
  ];
  const bundle = await findBundle(places);
  const inside = bundle ? undefined : await readOwnContainer(parts.procRoot);
  const config = bundle && (await readInBundle(bundle, 'config.json'));
  return {
    container,
    processes,
    ...(namespace === undefined ? {} : { namespace }),
    ...(shim ? { shim } : {}),
    ...(initPid === undefined ? {} : { initPid }),
    ...(bundle ? { bundle } : {}),
    tree,
    ...(config && 'code' in config ? { bundleProblem: config } : {}),
    ...(state ? { state } : {}),
    ...(inside ? { inside } : {}),
  };
}

async function findState(
  parts: LookParts,
  otherTrees: readonly FileTree[],
  container: Container,
  namespace: string | undefined,
  named: readonly StateRoot[],
  initPid: number | undefined,
): Promise<StateAnswer> {
  if (!isFileName(container.runtimeId)) return undefined;
  const { roots, denied } = await allStateRoots(named, parts.extraRoots, parts.env, otherTrees);
  // A folder of another namespace holds other containers, whatever their ids.
  const own = roots.filter((root) => root.namespace === undefined || root.namespace === namespace);
  const state = await findRuntimeState(own, container.runtimeId);
  if (!state) return denied[0];
  if ('code' in state || state.root.namespace !== undefined || /^[0-9a-f]{64}$/.test(container.runtimeId)) return state;
  // An id that a person chose, in a folder without namespaces: only the same process or bundle makes it the same.
  const sameInit = initPid !== undefined && state.initPid === initPid;
  const sameBundle = container.sightings.some(({ bundle }) => bundle !== undefined && bundle === state.bundle);
  const onlyThere = container.sightings.every(({ layerId }) => layerId.startsWith('oci-runtime:'));
  return sameInit || sameBundle || onlyThere ? state : undefined;
}

function reasonIn(tree: FileTree, reason: string): string {
  return tree.prefix === '' ? reason : `${reason}, ${treeNote(tree)}`;
}

function place(folder: string, name: string, reason: string): BundlePlace {
  return { folder, name, reason };
}

function placeAt(bundle: string, reason: string): BundlePlace {
  const normal = path.normalize(bundle);
  return place(path.dirname(normal), path.basename(normal), reason);
}
