import type { GrpcMessages } from '../../model/recording/grpcConnection';
import { asString, memberAt } from '../../util/records';
import * as made from '../containerd/clientMessages';
import { plain } from '../containerd/events';
import { METHODS } from '../containerd/methods';
import { Empty } from '../containerd/messages';
import { SnapshotMounts, SnapshotSubject } from '../containerd/storageMessages';
import * as cri from '../cri/clientMessages';
import * as criRead from '../cri/messages';
import type { Fields, MessageType } from '../grpc/message';

/*
 * The methods whose messages are read in recordings of gRPC clients: those by which containers and pods are made, run and
 * asked. Bodies of others (images and their content, credentials of registries) are counted, never kept.
 */

type Messages = readonly [request: MessageType<Fields>, response: MessageType<Fields>];

const CONTAINERS: Readonly<Record<string, Messages>> = {
  Create: [made.ContainerMessage, made.ContainerMessage],
  Update: [made.ContainerMessage, made.ContainerMessage],
  Delete: [made.ContainerId, Empty],
};
const TASKS: Readonly<Record<string, Messages>> = {
  Create: [made.CreateTaskRequest, made.CreateTaskResponse],
  Start: [made.TaskSubject, made.StartResponse],
  Delete: [made.TaskSubject, made.DeleteResponse],
  DeleteProcess: [made.TaskSubject, made.DeleteResponse],
  Kill: [made.KillRequest, Empty],
  Exec: [made.ExecProcessRequest, Empty],
  ResizePty: [made.ResizePtyRequest, Empty],
  CloseIO: [made.CloseIORequest, Empty],
  Pause: [made.TaskSubject, Empty],
  Resume: [made.TaskSubject, Empty],
  Wait: [made.TaskSubject, made.WaitResponse],
};
const SNAPSHOTS: Readonly<Record<string, Messages>> = {
  Prepare: [made.PrepareSnapshotRequest, SnapshotMounts],
  View: [made.PrepareSnapshotRequest, SnapshotMounts],
  Mounts: [SnapshotSubject, SnapshotMounts],
  Remove: [SnapshotSubject, Empty],
};
const LEASES: Readonly<Record<string, Messages>> = {
  Create: [made.CreateLeaseRequest, Empty],
  Delete: [made.DeleteLeaseRequest, Empty],
};
const CRI: Readonly<Record<string, Messages>> = {
  RunPodSandbox: [cri.RunPodSandboxRequest, cri.SandboxId],
  StopPodSandbox: [cri.SandboxId, Empty],
  RemovePodSandbox: [cri.SandboxId, Empty],
  CreateContainer: [cri.CreateContainerRequest, cri.ContainerId],
  StartContainer: [cri.ContainerId, Empty],
  StopContainer: [cri.StopContainerRequest, Empty],
  RemoveContainer: [cri.ContainerId, Empty],
  Version: [Empty, criRead.VersionResponse],
  ListPodSandbox: [Empty, criRead.ListPodSandboxResponse],
  ListContainers: [Empty, criRead.ListContainersResponse],
  ContainerStatus: [criRead.ContainerStatusRequest, criRead.ContainerStatusResponse],
  PodSandboxStatus: [criRead.PodSandboxStatusRequest, criRead.PodSandboxStatusResponse],
};

const BY_PATH: ReadonlyMap<string, Messages> = new Map([
  ...Object.values(METHODS).map(({ path, request, response }) => [path, [request, response]] as const),
  ...inService('containerd.services.containers.v1.Containers', CONTAINERS),
  ...inService('containerd.services.tasks.v1.Tasks', TASKS),
  ...inService('containerd.services.snapshots.v1.Snapshots', SNAPSHOTS),
  ...inService('containerd.services.leases.v1.Leases', LEASES),
  ...inService('runtime.v1.RuntimeService', CRI),
  ...inService('runtime.v1alpha2.RuntimeService', CRI),
]);

function inService(service: string, methods: Readonly<Record<string, Messages>>): (readonly [string, Messages])[] {
  return Object.entries(methods).map(([name, messages]) => [`/${service}/${name}`, messages]);
}

/** How the messages of a gRPC method are read; undefined for methods of which only sizes are recorded. */
export function messagesOf(path: string): GrpcMessages | undefined {
  const found = BY_PATH.get(path);
  if (!found) return undefined;
  const [request, response] = found;
  return {
    decode: {
      request: (bytes) => plain(request.decode(bytes)),
      response: (bytes) => plain(response.decode(bytes)),
    },
    containerOf: (asked, answered) => containerOf(path, asked, answered),
  };
}

/** A pod's sandbox is a container of its own; what is made is named by the answer. */
function containerOf(path: string, request: unknown, response: unknown): string | undefined {
  if (path.endsWith('/RunPodSandbox')) return asString(memberAt(response, 'podSandboxId'));
  if (path.endsWith('/CreateContainer')) return asString(memberAt(response, 'containerId'));
  if (path.includes('.Containers/'))
    return asString(memberAt(request, 'container', 'id')) ?? asString(memberAt(request, 'id'));
  return asString(memberAt(request, 'containerId')) ?? asString(memberAt(request, 'podSandboxId'));
}
