import { bool, int, int64, map, message, MessageType, repeated, text, textMap, uint } from '../grpc/message';

/*
 * The part of CRI that is read. Field numbers: kubernetes/cri-api pkg/apis/runtime/v1/api.proto; those of v1alpha2 are
 * the same for all of these.
 */

export const Empty = new MessageType('Empty', {});

export const VersionResponse = new MessageType('runtime.v1.VersionResponse', {
  version: text(1),
  runtimeName: text(2),
  runtimeVersion: text(3),
  runtimeApiVersion: text(4),
});

const Condition = new MessageType('runtime.v1.RuntimeCondition', {
  type: text(1),
  status: bool(2),
  reason: text(3),
  message: text(4),
});
const RuntimeStatus = new MessageType('runtime.v1.RuntimeStatus', { conditions: repeated(message(1, Condition)) });
export const StatusRequest = new MessageType('runtime.v1.StatusRequest', { verbose: bool(1) });
export const StatusResponse = new MessageType('runtime.v1.StatusResponse', {
  status: message(1, RuntimeStatus),
  info: textMap(2),
});

export const PodSandboxMetadata = new MessageType('runtime.v1.PodSandboxMetadata', {
  name: text(1),
  uid: text(2),
  namespace: text(3),
  attempt: uint(4),
});
export const PodSandbox = new MessageType('runtime.v1.PodSandbox', {
  id: text(1),
  metadata: message(2, PodSandboxMetadata),
  /** 0 ready, 1 not ready. */
  state: int(3),
  /** Nanoseconds since 1970. */
  createdAt: int64(4),
  labels: textMap(5),
  annotations: textMap(6),
  runtimeHandler: text(7),
});
export const ListPodSandboxResponse = new MessageType('runtime.v1.ListPodSandboxResponse', {
  items: repeated(message(1, PodSandbox)),
});

export const ContainerMetadata = new MessageType('runtime.v1.ContainerMetadata', { name: text(1), attempt: uint(2) });
export const ImageSpec = new MessageType('runtime.v1.ImageSpec', { image: text(1) });
export const CriContainer = new MessageType('runtime.v1.Container', {
  id: text(1),
  podSandboxId: text(2),
  metadata: message(3, ContainerMetadata),
  image: message(4, ImageSpec),
  imageRef: text(5),
  /** 0 created, 1 running, 2 exited, 3 unknown. */
  state: int(6),
  /** Nanoseconds since 1970. */
  createdAt: int64(7),
  labels: textMap(8),
  annotations: textMap(9),
});
export const ListContainersResponse = new MessageType('runtime.v1.ListContainersResponse', {
  containers: repeated(message(1, CriContainer)),
});

export const ContainerStatusRequest = new MessageType('runtime.v1.ContainerStatusRequest', {
  containerId: text(1),
  verbose: bool(2),
});
const ContainerStatus = new MessageType('runtime.v1.ContainerStatus', {
  id: text(1),
  metadata: message(2, ContainerMetadata),
  state: int(3),
  createdAt: int64(4),
  startedAt: int64(5),
  finishedAt: int64(6),
  exitCode: int(7),
  image: message(8, ImageSpec),
  imageRef: text(9),
  reason: text(10),
  message: text(11),
  labels: textMap(12),
  annotations: textMap(13),
  logPath: text(15),
});
export const ContainerStatusResponse = new MessageType('runtime.v1.ContainerStatusResponse', {
  status: message(1, ContainerStatus),
  info: map(2, text(2)),
});

export const PodSandboxStatusRequest = new MessageType('runtime.v1.PodSandboxStatusRequest', {
  podSandboxId: text(1),
  verbose: bool(2),
});
const PodSandboxStatus = new MessageType('runtime.v1.PodSandboxStatus', {
  id: text(1),
  metadata: message(2, PodSandboxMetadata),
  state: int(3),
  createdAt: int64(4),
  labels: textMap(7),
  annotations: textMap(8),
  runtimeHandler: text(9),
});
export const PodSandboxStatusResponse = new MessageType('runtime.v1.PodSandboxStatusResponse', {
  status: message(1, PodSandboxStatus),
  info: textMap(2),
});
