import { known, unknown, type Fact, type UnknownFact } from '../../model/fact';
import type { Count, Snapshot, StoredContainer, StoredNamespace } from '../../model/stored';
import { mapPooled } from '../../util/pool';
import { withChannel, type UnixChannel } from '../grpc/channel';
import { ContainerdClient } from './client';
import { ctr, snapshottersOf, sourceOf } from './details';
import { refusal, type ContainerPlace } from './inspect';
import { METHODS } from './methods';
import { StorageClient } from './storageClient';

/**
 * Snapshotters that answer Mounts from their records alone. Others are not asked: those that fetch layers lazily (stargz,
 * nydus) may reach for a registry or start a daemon for it. Source: containerd plugins/snapshots/{overlay,native,btrfs,
 * blockfile}, read transactions in all of them, from 1.6 to 2.x.
 */
const MOUNTS_ONLY_READ: ReadonlySet<string> = new Set(['overlayfs', 'native', 'btrfs', 'blockfile']);

/** Asks one containerd what it stores for one container. Rejects only when cancelled. */
export async function readStoredAt(place: ContainerPlace, signal?: AbortSignal): Promise<StoredContainer> {
  try {
    return await withChannel(place.socketPath, signal, (channel) => readWith(channel, place, signal));
  } catch (error) {
    return allUnknown(refusal(error, `Asking containerd about the snapshot of ${place.id}`));
  }
}

/** Asks one containerd how much it stores in a namespace. Rejects only when cancelled. */
export async function readNamespaceAt(
  socketPath: string,
  namespace: string,
  signal?: AbortSignal,
): Promise<StoredNamespace> {
  const what = `Asking containerd what it stores in ${namespace}`;
  try {
    return await withChannel(socketPath, signal, async (channel) => {
      const client = new StorageClient(channel, namespace, signal);
      const count = (
        asking: Promise<Count>,
        method: { readonly path: string },
        ...words: readonly string[]
      ): Promise<Fact<Count>> =>
        factOf(asking, what, sourceOf(method, socketPath), ctr(socketPath, '-n', namespace, ...words), ({ atLeast }) =>
          atLeast ? { note: 'Counting was given up there: each one costs containerd a look.' } : {},
        );
      const plugins = await new ContainerdClient(channel, signal).plugins();
      const [leases, images, snapshots] = await Promise.all([
        count(client.countLeases(), METHODS.leases, 'leases', 'list', '-q'),
        count(client.countImages(), METHODS.images, 'images', 'list', '-q'),
        mapPooled(snapshottersOf(plugins), 2, async (snapshotter) => ({
          snapshotter,
          count: await count(
            client.countSnapshots(snapshotter),
            METHODS.snapshots,
            ...['snapshots', '--snapshotter', snapshotter, 'list'],
          ),
        })),
      ]);
      return { snapshots, leases, images };
    });
  } catch (error) {
    const fact = refusal(error, what);
    return { snapshots: [], leases: fact, images: fact };
  }
}

async function readWith(channel: UnixChannel, place: ContainerPlace, signal?: AbortSignal): Promise<StoredContainer> {
  const { socketPath, namespace, id } = place;
  const client = new StorageClient(channel, namespace, signal);
  const found = await snapshotOf(new ContainerdClient(channel, signal), client, place);
  if ('unavailable' in found) return allUnknown(found);
  const { snapshot, note } = found;
  const { snapshotter, key } = snapshot;
  const what = `Asking containerd about the snapshot of ${id}`;
  const fact = <T>(
    asking: Promise<T>,
    method: { readonly path: string },
    words: readonly string[],
    more: { note?: string } = {},
  ): Promise<Fact<T>> =>
    factOf(asking, what, sourceOf(method, socketPath), ctr(socketPath, '-n', namespace, ...words), () => more);
  const ofSnapshot = (...words: string[]): string[] => ['snapshots', '--snapshotter', snapshotter, ...words];
  const [own, parents, usage, mounts, leases] = await Promise.all([
    fact(Promise.resolve(snapshot), METHODS.snapshot, ofSnapshot('info', key), note === undefined ? {} : { note }),
    fact(client.parentsOf(snapshot), METHODS.snapshot, ofSnapshot('tree')),
    fact(client.usage(snapshot), METHODS.snapshotUsage, ofSnapshot('usage', '-b', key), {
      note: 'What it takes by itself: the layers of the image below it are shared, and not counted.',
    }),
    whyNoMounts(snapshot) ??
      // It prints the command that would mount, and mounts nothing.
      fact(client.mounts(snapshot), METHODS.snapshotMounts, ofSnapshot('mounts', '/mnt', key)),
    leasesOf(client, snapshot, place),
  ]);
  return { snapshot: own, parents, usage, mounts, leases };
}

/** The snapshot that the record names; where it names none, one of the container's id, as dockerd's image store has it. */
async function snapshotOf(
  containers: ContainerdClient,
  client: StorageClient,
  { namespace, id }: ContainerPlace,
): Promise<{ readonly snapshot: Snapshot; readonly note?: string } | UnknownFact> {
  const record = await containers.listed(namespace, id);
  if (!record) return unknown('containerd holds this container no longer.', 'Refresh.', 'containerd');
  if (record.snapshotKey !== '' && record.snapshotter !== '') {
    return { snapshot: await client.snapshot(record.snapshotter, record.snapshotKey) };
  }
  const byId = await client.findSnapshot(snapshottersOf(await containers.plugins()), id);
  if (byId) {
    const note =
      'containerd’s record names no snapshot; this one has the container’s id, as dockerd’s image store names it.';
    return { snapshot: byId, note };
  }
  return unknown(
    'containerd’s record names no snapshot, and none has the container’s id: whoever made it keeps its root file system elsewhere, as dockerd’s storage drivers do.',
    'Look at GraphDriver in the engine’s record.',
    'containerd',
  );
}

function whyNoMounts({ snapshotter, kind }: Snapshot): UnknownFact | undefined {
  if (kind === 'committed') {
    return unknown('A committed snapshot is mounted by nobody: it is a layer below others.', 'Nothing has to be done.');
  }
  if (MOUNTS_ONLY_READ.has(snapshotter)) return undefined;
  return unknown(
    `The snapshotter ${snapshotter} is not asked: to name mounts, some fetch layers or start a daemon.`,
    'The mounts in force are in /proc/PID/mountinfo of the container.',
    'containerd',
  );
}

async function leasesOf(
  client: StorageClient,
  snapshot: Snapshot,
  { socketPath, namespace, id }: ContainerPlace,
): Promise<StoredContainer['leases']> {
  try {
    const { leases, unread } = await client.leasesOf(snapshot);
    return known(
      'containerd',
      leases,
      sourceOf(METHODS.leaseResources, socketPath),
      ctr(socketPath, '-n', namespace, 'leases', 'list'),
      {
        note:
          unread > 0
            ? `${unread} more leases of the namespace were not asked what they hold.`
            : 'ctr lists leases; what each holds only the API tells.',
      },
    );
  } catch (error) {
    return refusal(error, `Asking containerd about the leases of ${id}`);
  }
}

/** An answer as a fact, or why there is none. Rejects only when cancelled. */
function factOf<T>(
  asking: Promise<T>,
  what: string,
  source: string,
  how: string,
  moreOf: (value: T) => { note?: string },
): Promise<Fact<T>> {
  return asking.then(
    (value) => known('containerd', value, source, how, moreOf(value)),
    (error: unknown) => refusal(error, what),
  );
}

function allUnknown(fact: UnknownFact): StoredContainer {
  return { snapshot: fact, parents: fact, usage: fact, mounts: fact, leases: fact };
}
