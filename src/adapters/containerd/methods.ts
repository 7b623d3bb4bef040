import * as messages from './messages';
import * as storage from './storageMessages';

/**
 * Every method of containerd that this product calls. All of them only read: none creates, changes, starts or stops
 * anything.
 */
export const METHODS = {
  version: {
    path: '/containerd.services.version.v1.Version/Version',
    request: messages.Empty,
    response: messages.VersionResponse,
  },
  server: {
    path: '/containerd.services.introspection.v1.Introspection/Server',
    request: messages.Empty,
    response: messages.ServerResponse,
  },
  plugins: {
    path: '/containerd.services.introspection.v1.Introspection/Plugins',
    request: messages.PluginsRequest,
    response: messages.PluginsResponse,
  },
  namespaces: {
    path: '/containerd.services.namespaces.v1.Namespaces/List',
    request: messages.ListNamespacesRequest,
    response: messages.ListNamespacesResponse,
  },
  containers: {
    path: '/containerd.services.containers.v1.Containers/ListStream',
    request: messages.ListContainersRequest,
    response: messages.ListContainerMessage,
  },
  containersAtOnce: {
    path: '/containerd.services.containers.v1.Containers/List',
    request: messages.ListContainersRequest,
    response: messages.ListContainersResponse,
  },
  container: {
    path: '/containerd.services.containers.v1.Containers/Get',
    request: messages.GetContainerRequest,
    response: messages.GetContainerResponse,
  },
  listedContainer: {
    path: '/containerd.services.containers.v1.Containers/Get',
    request: messages.GetContainerRequest,
    response: messages.GetListedContainerResponse,
  },
  tasks: {
    path: '/containerd.services.tasks.v1.Tasks/List',
    request: messages.ListTasksRequest,
    response: messages.ListTasksResponse,
  },
  task: {
    path: '/containerd.services.tasks.v1.Tasks/Get',
    request: messages.GetTaskRequest,
    response: messages.GetTaskResponse,
  },
  snapshot: {
    path: '/containerd.services.snapshots.v1.Snapshots/Stat',
    request: storage.SnapshotSubject,
    response: storage.StatSnapshotResponse,
  },
  snapshotUsage: {
    path: '/containerd.services.snapshots.v1.Snapshots/Usage',
    request: storage.SnapshotSubject,
    response: storage.UsageResponse,
  },
  /** Only of the snapshotters that are known to do nothing but read for it; see storage.ts. */
  snapshotMounts: {
    path: '/containerd.services.snapshots.v1.Snapshots/Mounts',
    request: storage.SnapshotSubject,
    response: storage.SnapshotMounts,
  },
  snapshots: {
    path: '/containerd.services.snapshots.v1.Snapshots/List',
    request: storage.ListSnapshotsRequest,
    response: storage.CountedSnapshots,
  },
  leases: {
    path: '/containerd.services.leases.v1.Leases/List',
    request: storage.ListLeasesRequest,
    response: storage.ListLeasesResponse,
  },
  leaseResources: {
    path: '/containerd.services.leases.v1.Leases/ListResources',
    request: storage.ListLeaseResourcesRequest,
    response: storage.ListLeaseResourcesResponse,
  },
  images: {
    path: '/containerd.services.images.v1.Images/List',
    request: storage.ListImagesRequest,
    response: storage.CountedImages,
  },
  subscribe: {
    path: '/containerd.services.events.v1.Events/Subscribe',
    request: messages.SubscribeRequest,
    response: messages.Envelope,
  },
} as const;
