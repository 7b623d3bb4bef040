import type { Container, ComposeMembership, ContainerState, LetGo, Sighting } from '../model/container';
import { LAYER_KINDS, type LayerKind, type LayerReport } from '../model/layer';

/*
 * One container, one identity. Layers speak of containers by id; ids of engines are 256 random bits, so equal ones mean
 * the same container. Ids that people choose (`ctr run … web`) mean nothing by themselves: the same one may exist in two
 * namespaces, and in one namespace of two containerds, so such sightings are joined only by evidence (namespace, init
 * process, bundle), never by name.
 */

/** Joins what all layers say into containers, in a stable order: newest first, then by id. */
export function joinSightings(sightings: readonly Sighting[], layers: readonly LayerReport[]): Container[] {
  return new Joiner().join(sightings, layers);
}

/** All that is said of one runtime id, and the containers it came to. */
interface Group {
  readonly sightings: readonly Sighting[];
  readonly clusters: readonly (readonly Sighting[])[];
  containers?: readonly Container[];
}

/** Joins again and again: of whom nothing new is said, it gives the same object as before. */
export class Joiner {
  private groups = new Map<string, Group>();
  private worldText = '';

  join(sightings: readonly Sighting[], layers: readonly LayerReport[]): Container[] {
    const byLayer = new Map(layers.map((layer) => [layer.id, layer]));
    const known = sightings.filter((sighting) => byLayer.has(sighting.layerId));
    const groups = new Map<string, Group>();
    for (const [runtimeId, group] of groupBy(known, (sighting) => sighting.runtimeId)) {
      const earlier = this.groups.get(runtimeId);
      const isSame = earlier && sameItems(earlier.sightings, group);
      groups.set(runtimeId, isSame ? earlier : { sightings: group, clusters: clusterByEvidence(group) });
    }
    const all = [...groups.values()];
    const world: World = { byLayer, layers, together: layersTogether(all.flatMap(({ clusters }) => clusters)) };
    const worldText = textOf(world);
    const isSameWorld = worldText === this.worldText;
    this.groups = groups;
    this.worldText = worldText;
    const containers = all.flatMap((group) => {
      if (!isSameWorld) delete group.containers;
      return (group.containers ??= describeAll(group.clusters, world));
    });
    return containers.sort(
      (a, b) => (b.createdAtMs ?? 0) - (a.createdAtMs ?? 0) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
    );
  }
}

/** What describing one container needs to know of the others. */
interface World {
  readonly byLayer: ReadonlyMap<string, LayerReport>;
  readonly layers: readonly LayerReport[];
  /** Pairs of layers that some container is in, as `a b`. */
  readonly together: ReadonlySet<string>;
}

function layersTogether(clusters: readonly (readonly Sighting[])[]): Set<string> {
  // Thousands of containers are in the same few combinations of layers.
  const combinations = new Map<string, readonly Sighting[]>();
  for (const cluster of clusters) combinations.set(cluster.map(({ layerId }) => layerId).join('\n'), cluster);
  const pairs = new Set<string>();
  for (const cluster of combinations.values()) {
    for (const a of cluster) for (const b of cluster) if (a !== b) pairs.add(`${a.layerId} ${b.layerId}`);
  }
  return pairs;
}

/** All of the world that a container's description depends on. */
function textOf({ layers, together }: World): string {
  const said = layers.map(({ id, kind, status, containerdNamespace }) => [id, kind, status, containerdNamespace]);
  return JSON.stringify([said, [...together].sort()]);
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** Splits sightings of one id into the containers they belong to. */
function clusterByEvidence(group: readonly Sighting[]): Sighting[][] {
  const clusters: Sighting[][] = [];
  // Those that name a namespace are the fixed points: what has none attaches to the best of them.
  const ordered = [...group].sort(
    (a, b) => Number(b.containerdNamespace !== undefined) - Number(a.containerdNamespace !== undefined),
  );
  for (const sighting of ordered) {
    const ranked = clusters
      .map((cluster) => ({ cluster, weight: weightOf(sighting, cluster) }))
      .filter(({ weight }) => weight > 0)
      .sort((a, b) => b.weight - a.weight);
    if (ranked[0]) ranked[0].cluster.push(sighting);
    else clusters.push([sighting]);
  }
  return clusters;
}

/** How strongly a sighting belongs to a cluster; 0 when it does not. */
function weightOf(sighting: Sighting, cluster: readonly Sighting[]): number {
  const weights = cluster.map((other) => evidence(sighting, other));
  return weights.includes(Number.NEGATIVE_INFINITY) ? 0 : Math.max(...weights);
}

function evidence(a: Sighting, b: Sighting): number {
  const bothNamespaces = a.containerdNamespace !== undefined && b.containerdNamespace !== undefined;
  if (bothNamespaces && a.containerdNamespace !== b.containerdNamespace) return Number.NEGATIVE_INFINITY;
  const bothInits = a.initPid !== undefined && b.initPid !== undefined;
  const bothStarts = a.initStartTicks !== undefined && b.initStartTicks !== undefined;
  if (bothInits && a.initPid === b.initPid) {
    // The same number with another start time is another process.
    return bothStarts && a.initStartTicks !== b.initStartTicks ? 0 : 4;
  }
  if (a.bundle !== undefined && a.bundle === b.bundle) return 3;
  if (isRandomId(a.runtimeId)) return bothNamespaces ? 2 : 1;
  // Several names of one socket are one layer, so these are two containerds.
  if (a.layerId !== b.layerId && isOfContainerd(a) && isOfContainerd(b)) return Number.NEGATIVE_INFINITY;
  // Ids that people choose: a namespace both name is enough only while their init processes do not differ.
  return bothNamespaces && !bothInits ? 1 : 0;
}

/** True for the 64 hex digits that engines draw at random. */
export function isRandomId(id: string): boolean {
  return /^[0-9a-f]{64}$/.test(id);
}

function isOfContainerd({ layerId }: Sighting): boolean {
  return layerId.startsWith('containerd:');
}

/** The containers of one runtime id, each with a public id of its own. */
function describeAll(clusters: readonly (readonly Sighting[])[], world: World): Container[] {
  const ids = clusters.map((cluster) => publicId(cluster, clusters.length > 1));
  return clusters.map((cluster, index) => {
    const id = ids[index] ?? '';
    const isTaken = ids.indexOf(id) !== ids.lastIndexOf(id);
    return describe(cluster, world, isTaken ? longId(cluster, id) : id);
  });
}

function publicId(cluster: readonly Sighting[], ambiguous: boolean): string {
  const runtimeId = cluster[0]?.runtimeId ?? '';
  const namespace = firstOf(cluster, ({ containerdNamespace }) => containerdNamespace);
  const plain = isRandomId(runtimeId) && !ambiguous;
  return plain || namespace === undefined ? runtimeId : `${namespace}/${runtimeId}`;
}

/** The id of a container whose usual one another has as well: with what tells it from that one. */
function longId(cluster: readonly Sighting[], id: string): string {
  // What never changes while the container is there comes first.
  const containerd = cluster.find(isOfContainerd)?.layerId;
  if (containerd !== undefined) return `${containerd}/${cluster[0]?.runtimeId ?? ''}`;
  const bundle = firstOf(cluster, (sighting) => sighting.bundle);
  if (bundle !== undefined) return `${bundle}:${id}`;
  const pid = firstOf(cluster, ({ initPid }) => initPid);
  return pid === undefined ? id : `pid-${pid}/${id}`;
}

function firstOf<T>(sightings: readonly Sighting[], pick: (sighting: Sighting) => T | undefined): T | undefined {
  for (const sighting of sightings) {
    const value = pick(sighting);
    if (value !== undefined) return value;
  }
  return undefined;
}

function describe(cluster: readonly Sighting[], world: World, id: string): Container {
  const { byLayer } = world;
  const rank = (sighting: Sighting): number => LAYER_KINDS.indexOf(byLayer.get(sighting.layerId)?.kind ?? 'kernel');
  const sightings = [...cluster].sort((a, b) => rank(a) - rank(b));
  const first = <T>(pick: (sighting: Sighting) => T | undefined): T | undefined => firstOf(sightings, pick);
  const runtimeId = sightings[0]?.runtimeId ?? '';
  const namespace = first((sighting) => sighting.containerdNamespace);
  const labels =
    first((sighting) => (sighting.labels?.size ? sighting.labels : undefined)) ?? new Map<string, string>();
  const compose = composeOf(labels);
  const optional = {
    name: first((sighting) => sighting.name),
    image: first((sighting) => sighting.image || undefined),
    stateText: first((sighting) => sighting.stateText),
    createdAtMs: first((sighting) => sighting.createdAtMs),
    sandbox: first((sighting) => sighting.sandbox),
    compose,
  };
  const state =
    first((sighting) => (sighting.state === 'unknown' ? undefined : sighting.state)) ?? impliedState(sightings);
  return {
    id,
    runtimeId,
    state,
    labels,
    layers: sightings.map((sighting) => sighting.layerId),
    sightings,
    letGo: letGoBy(sightings, state, namespace, world),
    ...defined(optional),
  };
}

/** A container that only the kernel or a shim shows runs; nothing else is known of it. */
function impliedState(sightings: readonly Sighting[]): ContainerState {
  return sightings.some((sighting) => sighting.initPid !== undefined) ? 'running' : 'unknown';
}

/** The Compose project of a container, from its labels. Source: docker/compose pkg/api/labels.go. */
export function composeOf(labels: ReadonlyMap<string, string>): ComposeMembership | undefined {
  const project = labels.get('com.docker.compose.project');
  if (!project) return undefined;
  const files = labels.get('com.docker.compose.project.config_files');
  return {
    project,
    service: labels.get('com.docker.compose.service') ?? '',
    configFiles: files ? files.split(',') : [],
    ...defined({
      number: labels.get('com.docker.compose.container-number'),
      workingDir: labels.get('com.docker.compose.project.working_dir'),
    }),
  };
}

/** The layers that would hold a running container, and do not hold this one. */
function letGoBy(
  sightings: readonly Sighting[],
  state: ContainerState,
  namespace: string | undefined,
  { byLayer, layers, together }: World,
): LetGo[] {
  const top = byLayer.get(sightings[0]?.layerId ?? '');
  if (top === undefined || state === 'running' || state === 'paused' || state === 'unknown') return [];
  const seenIn = new Set(sightings.map((sighting) => sighting.layerId));
  const seenKinds = new Set(sightings.map((sighting) => byLayer.get(sighting.layerId)?.kind));
  const below = layers.filter(
    (layer) =>
      LAYER_KINDS.indexOf(layer.kind) > LAYER_KINDS.indexOf(top.kind) &&
      !seenIn.has(layer.id) &&
      !(layer.kind === 'oci-runtime' && seenKinds.has('oci-runtime')) &&
      layer.status === 'ok' &&
      (layer.kind !== 'containerd' || layer.containerdNamespace === namespace),
  );
  // Of several containerds on one machine an engine uses one: the one in which others of its containers are.
  const containerds = below.filter(({ kind }) => kind === 'containerd');
  const used = containerds.filter((layer) => together.has(`${top.id} ${layer.id}`));
  const others = new Set(used.length > 0 ? containerds.filter((layer) => !used.includes(layer)) : []);
  // With several OCI runtimes installed none of them is "the one": the first, the default, speaks for them.
  const firstRuntime = below.find((layer) => layer.kind === 'oci-runtime');
  return below
    .sort((a, b) => LAYER_KINDS.indexOf(a.kind) - LAYER_KINDS.indexOf(b.kind))
    .filter((layer) => layer.kind !== 'cri' && layer.kind !== 'engine' && !others.has(layer))
    .filter((layer) => layer.kind !== 'oci-runtime' || layer === firstRuntime)
    .map((layer) => ({ layerId: layer.id, because: because(layer.kind, state, top.kind) }));
}

function because(kind: LayerKind, state: ContainerState, top: LayerKind): string {
  const never = state === 'created';
  switch (kind) {
    case 'containerd':
      return never
        ? 'dockerd makes the containerd container only when the container is started.'
        : 'dockerd deletes the task and then the containerd container when the init process ends.';
    case 'shim':
      return never
        ? 'A shim is started together with the task, and this container has never been started.'
        : 'The shim ended after it had handed over the exit code: it has nothing left to hold.';
    case 'oci-runtime':
      return never
        ? 'runc has not been called yet: it makes the container when the task is created.'
        : top === 'engine'
          ? 'runc deleted its state folder when the task was deleted; the bundle with config.json went at the same time.'
          : 'The runtime deleted its state when the task was deleted.';
    default:
      return never
        ? 'No process has been started, so there are no namespaces and no cgroup.'
        : 'The init process has ended: its namespaces and its cgroup are gone.';
  }
}

function groupBy<T, K>(items: readonly T[], key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

/** Drops the keys whose value is undefined, as exactOptionalPropertyTypes wants. */
function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
