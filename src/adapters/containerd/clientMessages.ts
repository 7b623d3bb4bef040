import { bool, message, MessageType, repeated, text, textMap, uint } from '../grpc/message';
import { Mount } from './events';
import { Any, Container, GetTaskRequest, Timestamp } from './messages';

/*
 * Messages by which clients of containerd make, change and end things. This product never sends one of them: it reads
 * them where a client's calls are recorded. Source: containerd api/services/{containers,tasks,snapshots,leases}/v1; the
 * fields are the same from 1.6 to 2.x.
 */

/** Requests and responses that hold a container: Create and Update. */
export const ContainerMessage = new MessageType('containerd.services.containers.v1.CreateContainerRequest', {
  container: message(1, Container),
});
export const ContainerId = new MessageType('containerd.services.containers.v1.DeleteContainerRequest', { id: text(1) });

export const CreateTaskRequest = new MessageType('containerd.services.tasks.v1.CreateTaskRequest', {
  containerId: text(1),
  rootfs: repeated(message(3, Mount)),
  stdin: text(4),
  stdout: text(5),
  stderr: text(6),
  terminal: bool(7),
  options: message(9, Any),
  runtimePath: text(10),
});
export const CreateTaskResponse = new MessageType('containerd.services.tasks.v1.CreateTaskResponse', {
  containerId: text(1),
  pid: uint(2),
});
/** Start, Delete, DeleteProcess, Pause, Resume, ListPids, Wait: a task, or one of its processes. */
export const TaskSubject = GetTaskRequest;
export const StartResponse = new MessageType('containerd.services.tasks.v1.StartResponse', { pid: uint(1) });
export const DeleteResponse = new MessageType('containerd.services.tasks.v1.DeleteResponse', {
  id: text(1),
  pid: uint(2),
  exitStatus: uint(3),
  exitedAt: message(4, Timestamp),
});
export const WaitResponse = new MessageType('containerd.services.tasks.v1.WaitResponse', {
  exitStatus: uint(1),
  exitedAt: message(2, Timestamp),
});
export const KillRequest = new MessageType('containerd.services.tasks.v1.KillRequest', {
  containerId: text(1),
  execId: text(2),
  signal: uint(3),
  all: bool(4),
});
export const ExecProcessRequest = new MessageType('containerd.services.tasks.v1.ExecProcessRequest', {
  containerId: text(1),
  stdin: text(2),
  stdout: text(3),
  stderr: text(4),
  terminal: bool(5),
  spec: message(6, Any),
  execId: text(7),
});
export const ResizePtyRequest = new MessageType('containerd.services.tasks.v1.ResizePtyRequest', {
  containerId: text(1),
  execId: text(2),
  width: uint(3),
  height: uint(4),
});
export const CloseIORequest = new MessageType('containerd.services.tasks.v1.CloseIORequest', {
  containerId: text(1),
  execId: text(2),
  stdin: bool(3),
});

/** Prepare and View. */
export const PrepareSnapshotRequest = new MessageType('containerd.services.snapshots.v1.PrepareSnapshotRequest', {
  snapshotter: text(1),
  key: text(2),
  parent: text(3),
  labels: textMap(4),
});
export const CreateLeaseRequest = new MessageType('containerd.services.leases.v1.CreateRequest', {
  id: text(1),
  labels: textMap(3),
});
export const DeleteLeaseRequest = new MessageType('containerd.services.leases.v1.DeleteRequest', {
  id: text(1),
  sync: bool(2),
});
