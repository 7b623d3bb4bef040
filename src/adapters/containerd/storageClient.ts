import type { Count, Lease, Snapshot, SnapshotMount, SnapshotUsage } from '../../model/stored';
import { RuntimeError } from '../../model/problem';
import { mapPooled } from '../../util/pool';
import type { UnixChannel } from '../grpc/channel';
import { callOptions, DETAIL_MS, LIST_MS } from './client';
import { isoOf } from './messages';
import { METHODS } from './methods';
import { SNAPSHOT_KINDS } from './storageMessages';

/** More layers than any file system takes: Docker allows 127, overlayfs 500. */
const MOST_PARENTS = 500;
/** More leases than these are not asked what they hold. */
const MOST_LEASES = 200;
/** Counting more snapshots than these is given up: containerd looks each of them up. */
const MOST_COUNTED = 10_000;

/** Source: containerd core/metadata/gc.go, label of leases that end by themselves. */
const EXPIRES = 'containerd.io/gc.expire';

/** The questions about what one namespace of containerd stores. All reject with RuntimeError; all only read. */
export class StorageClient {
  constructor(
    private readonly channel: UnixChannel,
    private readonly namespace: string,
    private readonly signal?: AbortSignal,
  ) {}

  /** @throws RuntimeError `absent` when there is none of that key */
  async snapshot(snapshotter: string, key: string): Promise<Snapshot> {
    const { info } = await this.channel.unary(METHODS.snapshot, { snapshotter, key }, this.options(DETAIL_MS));
    const createdAt = isoOf(info?.createdAt);
    return {
      snapshotter,
      key: info?.name || key,
      kind: SNAPSHOT_KINDS[info?.kind ?? 0] ?? 'unknown',
      ...(info?.parent ? { parent: info.parent } : {}),
      ...(createdAt === undefined ? {} : { createdAt }),
    };
  }

  /** The first of these snapshotters' snapshots of a key; undefined when none has it. */
  async findSnapshot(snapshotters: readonly string[], key: string): Promise<Snapshot | undefined> {
    for (const snapshotter of snapshotters) {
      try {
        return await this.snapshot(snapshotter, key);
      } catch (error) {
        if (!(error instanceof RuntimeError) || error.problem.code !== 'absent') throw error;
      }
    }
    return undefined;
  }

  /** The names of the snapshots below one, the nearest first. */
  async parentsOf({ snapshotter, parent }: Snapshot): Promise<readonly string[]> {
    const parents: string[] = [];
    for (let next = parent; next !== undefined && parents.length < MOST_PARENTS;) {
      if (parents.includes(next)) break;
      parents.push(next);
      next = (await this.snapshot(snapshotter, next)).parent;
    }
    return parents;
  }

  /** Of an active snapshot the snapshotter counts its files for this, so it is asked for one at a time and not by looks. */
  async usage({ snapshotter, key }: Snapshot): Promise<SnapshotUsage> {
    const { size, inodes } = await this.channel.unary(
      METHODS.snapshotUsage,
      { snapshotter, key },
      this.options(LIST_MS),
    );
    return { bytes: size, inodes };
  }

  async mounts({ snapshotter, key }: Snapshot): Promise<readonly SnapshotMount[]> {
    const { mounts } = await this.channel.unary(METHODS.snapshotMounts, { snapshotter, key }, this.options(DETAIL_MS));
    return mounts;
  }

  /** The leases that hold a snapshot; `unread` is how many leases were not asked what they hold. */
  async leasesOf({ snapshotter, key }: Snapshot): Promise<{ leases: readonly Lease[]; unread: number }> {
    const { leases } = await this.channel.unary(METHODS.leases, {}, this.options(DETAIL_MS));
    const asked = leases.slice(0, MOST_LEASES);
    const type = `snapshots/${snapshotter}`;
    const held = await mapPooled(asked, 4, async ({ id, createdAt, labels }): Promise<Lease | undefined> => {
      if (!(await this.resourcesOf(id)).some((resource) => resource.type === type && resource.id === key))
        return undefined;
      const [since, expires] = [isoOf(createdAt), labels.get(EXPIRES)];
      return { id, ...(since === undefined ? {} : { createdAt: since }), ...(expires ? { expires } : {}) };
    });
    return { leases: held.filter((lease) => lease !== undefined), unread: leases.length - asked.length };
  }

  async countSnapshots(snapshotter: string): Promise<Count> {
    let count = 0;
    await this.channel.stream(
      METHODS.snapshots,
      { snapshotter },
      {
        ...this.options(LIST_MS),
        onMessage: ({ info }) => (count += info.length),
        isEnough: () => count >= MOST_COUNTED,
      },
    );
    return count >= MOST_COUNTED ? { count, atLeast: true } : { count };
  }

  async countLeases(): Promise<Count> {
    const { leases } = await this.channel.unary(METHODS.leases, {}, this.options(DETAIL_MS));
    return { count: leases.length };
  }

  async countImages(): Promise<Count> {
    const { images } = await this.channel.unary(METHODS.images, {}, this.options(LIST_MS));
    return { count: images.length };
  }

  /** What a lease holds; nothing when it ended meanwhile. */
  private async resourcesOf(id: string): Promise<readonly { readonly id: string; readonly type: string }[]> {
    try {
      return (await this.channel.unary(METHODS.leaseResources, { id }, this.options(DETAIL_MS))).resources;
    } catch (error) {
      if (error instanceof RuntimeError && error.problem.code === 'absent') return [];
      throw error;
    }
  }

  private options(timeoutMs: number): ReturnType<typeof callOptions> {
    return callOptions(this.namespace, timeoutMs, this.signal);
  }
}
