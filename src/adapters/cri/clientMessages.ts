import { message, MessageType, repeated, text, textMap, uint } from '../grpc/message';
import { ContainerMetadata, ImageSpec, PodSandboxMetadata } from './messages';

/*
 * Messages by which clients of CRI make pods and containers: read where their calls are recorded, never sent. Field
 * numbers: kubernetes/cri-api pkg/apis/runtime/v1/api.proto. Only what tells one container from another is read.
 */

const SandboxConfig = new MessageType('runtime.v1.PodSandboxConfig', {
  metadata: message(1, PodSandboxMetadata),
  hostname: text(2),
  logDirectory: text(3),
  labels: textMap(6),
  annotations: textMap(7),
});
export const RunPodSandboxRequest = new MessageType('runtime.v1.RunPodSandboxRequest', {
  config: message(1, SandboxConfig),
  runtimeHandler: text(2),
});
/** RunPodSandbox's response; the requests StopPodSandbox and RemovePodSandbox. */
export const SandboxId = new MessageType('runtime.v1.RunPodSandboxResponse', { podSandboxId: text(1) });

const KeyValue = new MessageType('runtime.v1.KeyValue', { key: text(1), value: text(2) });
const ContainerConfig = new MessageType('runtime.v1.ContainerConfig', {
  metadata: message(1, ContainerMetadata),
  image: message(2, ImageSpec),
  command: repeated(text(3)),
  args: repeated(text(4)),
  workingDir: text(5),
  envs: repeated(message(6, KeyValue)),
  labels: textMap(9),
  annotations: textMap(10),
  logPath: text(11),
});
export const CreateContainerRequest = new MessageType('runtime.v1.CreateContainerRequest', {
  podSandboxId: text(1),
  config: message(2, ContainerConfig),
});
/** CreateContainer's response; the requests StartContainer and RemoveContainer. */
export const ContainerId = new MessageType('runtime.v1.CreateContainerResponse', { containerId: text(1) });
export const StopContainerRequest = new MessageType('runtime.v1.StopContainerRequest', {
  containerId: text(1),
  timeout: uint(2),
});
