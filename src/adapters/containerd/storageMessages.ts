import { byteLength, int, int64, message, MessageType, repeated, text, textMap } from '../grpc/message';
import { Mount } from './events';
import { Timestamp } from './messages';

/*
 * What containerd stores for containers: snapshots, leases, images. Only what reads is here. Source: containerd
 * api/services/{snapshots,leases,images}/v1; the fields are the same from 1.6 to 2.x.
 */

/** The kinds of a snapshot, by their number. */
export const SNAPSHOT_KINDS = ['unknown', 'view', 'active', 'committed'] as const;

/** Stat, Usage and Mounts (and Remove, which is only ever read from recordings). */
export const SnapshotSubject = new MessageType('containerd.services.snapshots.v1.MountsRequest', {
  snapshotter: text(1),
  key: text(2),
});
/** Mounts (and Prepare and View, where they were recorded). */
export const SnapshotMounts = new MessageType('containerd.services.snapshots.v1.MountsResponse', {
  mounts: repeated(message(1, Mount)),
});

export const StatSnapshotResponse = new MessageType('containerd.services.snapshots.v1.StatSnapshotResponse', {
  info: message(
    1,
    new MessageType('containerd.services.snapshots.v1.Info', {
      name: text(1),
      parent: text(2),
      kind: int(3),
      createdAt: message(4, Timestamp),
    }),
  ),
});
export const UsageResponse = new MessageType('containerd.services.snapshots.v1.UsageResponse', {
  size: int64(1),
  inodes: int64(2),
});
export const ListSnapshotsRequest = new MessageType('containerd.services.snapshots.v1.ListSnapshotsRequest', {
  snapshotter: text(1),
});
/** Snapshots are only counted: of each no more than its length is kept. A server sends up to 100 in one message. */
export const CountedSnapshots = new MessageType('containerd.services.snapshots.v1.ListSnapshotsResponse', {
  info: repeated(byteLength(1)),
});

export const ListLeasesRequest = new MessageType('containerd.services.leases.v1.ListRequest', {
  filters: repeated(text(1)),
});
export const ListLeasesResponse = new MessageType('containerd.services.leases.v1.ListResponse', {
  leases: repeated(
    message(
      1,
      new MessageType('containerd.services.leases.v1.Lease', {
        id: text(1),
        createdAt: message(2, Timestamp),
        labels: textMap(3),
      }),
    ),
  ),
});
export const ListLeaseResourcesRequest = new MessageType('containerd.services.leases.v1.ListResourcesRequest', {
  id: text(1),
});
export const ListLeaseResourcesResponse = new MessageType('containerd.services.leases.v1.ListResourcesResponse', {
  resources: repeated(
    message(
      1,
      // `type` is "content", "images", "ingests" or "snapshots/" with the snapshotter's name.
      new MessageType('containerd.services.leases.v1.Resource', { id: text(1), type: text(2) }),
    ),
  ),
});

export const ListImagesRequest = new MessageType('containerd.services.images.v1.ListImagesRequest', {
  filters: repeated(text(1)),
});
/** Images are only counted. */
export const CountedImages = new MessageType('containerd.services.images.v1.ListImagesResponse', {
  images: repeated(byteLength(1)),
});
