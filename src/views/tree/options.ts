import type { Container } from '../../model/container';
import type { Inventory } from '../../model/inventory';
import type { Layer } from '../../model/layer';
import type { ClusterStore } from '../../store/clusterStore';
import type { FarHost } from '../../store/farHost';
import type { SnapshotStore } from '../../store/snapshotStore';
import type { StorageStore } from '../../store/storageStore';
import type { Grouping } from './grouping';
import { matches, type Filter } from './filter';

/** How the tree is asked to look. */
export interface TreeOptions {
  readonly grouping: Grouping;
  readonly filter: Filter;
  readonly pageSize: number;
  /** Lists of which more than one page is shown: id → number of entries. */
  readonly shown: ReadonlyMap<string, number>;
}

/** Which host's rows these are, and what stands beside them. */
export interface TreePlace {
  /** The row under which they stand; absent: they are the tree's own top rows. */
  readonly root?: string;
  /** Whom to ask what containerd stores; absent: there are no rows of it. */
  readonly storage?: StorageStore;
  /** Live hosts whose rows follow this machine's. */
  readonly others?: readonly FarHost[];
  /** Snapshots whose rows follow these. */
  readonly snapshots?: readonly SnapshotStore[];
}

/** An inventory as the tree draws it: what the filter lets through, with the look-ups that rows need. */
export class TreeSource {
  readonly containers: readonly Container[];
  private readonly byId: ReadonlyMap<string, Container>;
  private readonly layersById: ReadonlyMap<string, Layer>;
  private readonly byRuntimeId: ReadonlyMap<string, Container>;
  private byRuntimeIds: ReadonlyMap<string, readonly Container[]> | undefined;

  constructor(
    readonly inventory: Inventory,
    readonly options: TreeOptions,
    /** Whom to ask about Kubernetes clusters; absent: their contexts are shown and cannot be expanded. */
    readonly clusters?: ClusterStore,
    private readonly place: TreePlace = {},
  ) {
    this.containers =
      options.filter.length === 0
        ? inventory.containers
        : inventory.containers.filter((container) => matches(container, options.filter));
    this.byId = new Map(this.containers.map((container) => [container.id, container]));
    this.layersById = new Map(inventory.layers.map((layer) => [layer.id, layer]));
    this.byRuntimeId = new Map(inventory.containers.map((container) => [container.runtimeId, container]));
  }

  /** The same inventory with other options. */
  with(options: Partial<TreeOptions>): TreeSource {
    return new TreeSource(this.inventory, { ...this.options, ...options }, this.clusters, this.place);
  }

  /** The id of the row above these; empty for the top. */
  get root(): string {
    return this.place.root ?? '';
  }

  get storage(): StorageStore | undefined {
    return this.place.storage;
  }

  get others(): readonly FarHost[] {
    return this.place.others ?? [];
  }

  get snapshots(): readonly SnapshotStore[] {
    return this.place.snapshots ?? [];
  }

  layer(id: string): Layer | undefined {
    return this.layersById.get(id);
  }

  container(id: string): Container | undefined {
    return this.byId.get(id);
  }

  /** The containers that a layer knows and the filter lets through, in the inventory's order. */
  containersIn(layer: Layer): readonly Container[] {
    return layer.containerIds
      .map((id) => this.byId.get(id))
      .filter((container): container is Container => container !== undefined);
  }

  /** The containers of this machine by the ids that their runtimes gave them. */
  get runtimeIds(): ReadonlyMap<string, readonly Container[]> {
    return (this.byRuntimeIds ??= groupByRuntimeId(this.inventory.containers));
  }

  /** What people call the container of a runtime id, where one is known. */
  nameOf(runtimeId: string): string | undefined {
    return this.byRuntimeId.get(runtimeId)?.name;
  }
}

function groupByRuntimeId(containers: readonly Container[]): ReadonlyMap<string, readonly Container[]> {
  const groups = new Map<string, Container[]>();
  for (const container of containers) {
    const group = groups.get(container.runtimeId);
    if (group) group.push(container);
    else groups.set(container.runtimeId, [container]);
  }
  return groups;
}
