import {
  bool,
  byteLength,
  bytes,
  int,
  int64,
  map,
  message,
  MessageType,
  repeated,
  text,
  textMap,
  uint,
  uint64,
  type MessageOf,
} from '../grpc/message';

/*
 * The messages of containerd's API that we read, and of each only the fields that we read.
 * Source: containerd api/services/…, api/types/…, api/events/… (fields are the same from 1.6 to 2.x).
 */

export const Empty = new MessageType('google.protobuf.Empty', {});

export const Any = new MessageType('google.protobuf.Any', { typeUrl: text(1), value: bytes(2) });
export type AnyValue = MessageOf<typeof Any.fields>;

export const Timestamp = new MessageType('google.protobuf.Timestamp', { seconds: int64(1), nanos: int(2) });

/** Unix milliseconds of a timestamp; undefined when absent or before 1970 (Go's zero time is the year 1). */
export function millisecondsOf(time: MessageOf<typeof Timestamp.fields> | undefined): number | undefined {
  if (time === undefined || typeof time.seconds !== 'number' || time.seconds <= 0) return undefined;
  const value = time.seconds * 1000 + Math.floor(time.nanos / 1e6);
  return value <= 8.64e15 ? value : undefined;
}

/** ISO 8601; undefined as in {@link millisecondsOf}. */
export function isoOf(time: MessageOf<typeof Timestamp.fields> | undefined): string | undefined {
  const at = millisecondsOf(time);
  return at === undefined ? undefined : new Date(at).toISOString();
}

const Status = new MessageType('google.rpc.Status', { code: int(1), message: text(2) });

export const VersionResponse = new MessageType('containerd.services.version.v1.VersionResponse', {
  version: text(1),
  revision: text(2),
});

export const ServerResponse = new MessageType('containerd.services.introspection.v1.ServerResponse', {
  uuid: text(1),
  /** Both since 1.7, 0 before. */
  pid: uint64(2),
  pidNamespace: uint64(3),
});

export const PluginsRequest = new MessageType('containerd.services.introspection.v1.PluginsRequest', {
  filters: repeated(text(1)),
});

export const Plugin = new MessageType('containerd.services.introspection.v1.Plugin', {
  type: text(1),
  id: text(2),
  exports: textMap(5),
  initError: message(7, Status),
});
export type PluginRecord = MessageOf<typeof Plugin.fields>;

export const PluginsResponse = new MessageType('containerd.services.introspection.v1.PluginsResponse', {
  plugins: repeated(message(1, Plugin)),
});

export const ListNamespacesRequest = new MessageType('containerd.services.namespaces.v1.ListNamespacesRequest', {
  filter: text(1),
});
export const ListNamespacesResponse = new MessageType('containerd.services.namespaces.v1.ListNamespacesResponse', {
  namespaces: repeated(
    message(1, new MessageType('containerd.services.namespaces.v1.Namespace', { name: text(1), labels: textMap(2) })),
  ),
});

const containerFields = {
  id: text(1),
  labels: textMap(2),
  image: text(3),
  runtime: message(
    4,
    new MessageType('containerd.services.containers.v1.Container.Runtime', { name: text(1), options: message(2, Any) }),
  ),
  snapshotter: text(6),
  snapshotKey: text(7),
  createdAt: message(8, Timestamp),
  updatedAt: message(9, Timestamp),
  extensions: map(10, message(2, Any)),
  /** Since 1.7. */
  sandbox: text(11),
};

/** A container as lists show it: of the spec (5), by far the largest part, only its size is kept. */
export const ListedContainer = new MessageType('containerd.services.containers.v1.Container', {
  ...containerFields,
  specBytes: byteLength(5),
});
export type ListedContainerRecord = MessageOf<typeof ListedContainer.fields>;

export const Container = new MessageType('containerd.services.containers.v1.Container', {
  ...containerFields,
  spec: message(5, Any),
});
export type ContainerRecord = MessageOf<typeof Container.fields>;

export const GetContainerRequest = new MessageType('containerd.services.containers.v1.GetContainerRequest', {
  id: text(1),
});
export const GetContainerResponse = new MessageType('containerd.services.containers.v1.GetContainerResponse', {
  container: message(1, Container),
});
export const GetListedContainerResponse = new MessageType('containerd.services.containers.v1.GetContainerResponse', {
  container: message(1, ListedContainer),
});
export const ListContainersRequest = new MessageType('containerd.services.containers.v1.ListContainersRequest', {
  filters: repeated(text(1)),
});
export const ListContainersResponse = new MessageType('containerd.services.containers.v1.ListContainersResponse', {
  containers: repeated(message(1, ListedContainer)),
});
export const ListContainerMessage = new MessageType('containerd.services.containers.v1.ListContainerMessage', {
  container: message(1, ListedContainer),
});

/** A task or one of its processes. In answers about tasks the container's id is in `id`; `containerId` is empty. */
export const TaskProcess = new MessageType('containerd.v1.types.Process', {
  containerId: text(1),
  id: text(2),
  pid: uint(3),
  /** 0 unknown, 1 created, 2 running, 3 stopped, 4 paused, 5 pausing. */
  status: int(4),
  stdin: text(5),
  stdout: text(6),
  stderr: text(7),
  terminal: bool(8),
  exitStatus: uint(9),
  exitedAt: message(10, Timestamp),
});
export type TaskRecord = MessageOf<typeof TaskProcess.fields>;

/** The id of the container that a task is of. */
export function containerOf({ containerId, id }: TaskRecord): string {
  return containerId || id;
}

export const TASK_STATUS = ['unknown', 'created', 'running', 'stopped', 'paused', 'pausing'] as const;

export const ListTasksRequest = new MessageType('containerd.services.tasks.v1.ListTasksRequest', { filter: text(1) });
export const ListTasksResponse = new MessageType('containerd.services.tasks.v1.ListTasksResponse', {
  tasks: repeated(message(1, TaskProcess)),
});
export const GetTaskRequest = new MessageType('containerd.services.tasks.v1.GetRequest', {
  containerId: text(1),
  execId: text(2),
});
export const GetTaskResponse = new MessageType('containerd.services.tasks.v1.GetResponse', {
  process: message(1, TaskProcess),
});

/** Options of io.containerd.runc.v2. Source: containerd api/types/runc/options/oci.proto. */
export const RuncOptions = new MessageType('containerd.runc.v1.Options', {
  noPivotRoot: bool(1),
  noNewKeyring: bool(2),
  shimCgroup: text(3),
  ioUid: uint(4),
  ioGid: uint(5),
  binaryName: text(6),
  root: text(7),
  /** Dropped in 2.0. */
  criuPath: text(8),
  systemdCgroup: bool(9),
  criuImagePath: text(10),
  criuWorkPath: text(11),
  taskApiAddress: text(12),
  taskApiVersion: uint(13),
});

/** Options of shims other than runc's. Source: containerd api/types/runtimeoptions/v1/api.proto. */
export const RuntimeOptions = new MessageType('runtimeoptions.v1.Options', {
  typeUrl: text(1),
  configPath: text(2),
  configBody: bytes(3),
});

export const SubscribeRequest = new MessageType('containerd.services.events.v1.SubscribeRequest', {
  filters: repeated(text(1)),
});

export const Envelope = new MessageType('containerd.types.Envelope', {
  timestamp: message(1, Timestamp),
  namespace: text(2),
  topic: text(3),
  event: message(4, Any),
});

/**
 * What events of containers and tasks have in common: the container's id is field 1. In TaskExit field 2, and in
 * TaskDelete field 5, name the process when it is an exec; in other events these fields mean other things.
 */
export const EventSubject = new MessageType('containerd.events.*', {
  id: text(1),
  processId: text(2),
  deletedProcessId: text(5),
});
