import type { Fact } from './fact';
import type { ExactInteger } from '../util/json';

/*
 * What containerd stores for containers. A snapshot is one layer of a file system: that of a running container is active,
 * the layers of its image below it are committed. Leases keep what they name from being collected.
 */

export interface Snapshot {
  readonly snapshotter: string;
  /** The key of an active snapshot or a view; the name of a committed one. Hostile. */
  readonly key: string;
  readonly kind: 'view' | 'active' | 'committed' | 'unknown';
  /** The snapshot below it; absent for the lowest. */
  readonly parent?: string;
  /** ISO 8601. */
  readonly createdAt?: string;
}

/** What a snapshot takes by itself, without its parents. */
export interface SnapshotUsage {
  readonly bytes: ExactInteger;
  readonly inodes: ExactInteger;
}

/** A mount as the snapshotter would have it made: a line of mount(8). Hostile. */
export interface SnapshotMount {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly options: readonly string[];
}

export interface Lease {
  readonly id: string;
  /** ISO 8601. */
  readonly createdAt?: string;
  /** When containerd may drop it by itself, as its label says; absent: never. */
  readonly expires?: string;
}

/** What containerd stores for one container. */
export interface StoredContainer {
  readonly snapshot: Fact<Snapshot>;
  /** The snapshots below it, the nearest first: the layers of its image. */
  readonly parents: Fact<readonly string[]>;
  readonly usage: Fact<SnapshotUsage>;
  readonly mounts: Fact<readonly SnapshotMount[]>;
  /** The leases of its namespace that hold its snapshot. */
  readonly leases: Fact<readonly Lease[]>;
}

/** How many things there are; `atLeast` where counting was given up. */
export interface Count {
  readonly count: number;
  readonly atLeast?: true;
}

/** What containerd stores in one namespace. */
export interface StoredNamespace {
  /** Per snapshotter that works. */
  readonly snapshots: readonly { readonly snapshotter: string; readonly count: Fact<Count> }[];
  readonly leases: Fact<Count>;
  readonly images: Fact<Count>;
}
