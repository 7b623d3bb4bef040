// CRI pods in the lab, made as a kubelet makes them: over gRPC, without a network plugin.
import {
  bool,
  int,
  message,
  MessageType,
  repeated,
  text,
  textMap,
  uint,
  type Fields,
  type MessageOf,
} from '../../src/adapters/grpc/message';
import { withChannel } from '../../src/adapters/grpc/channel';
import { BUSYBOX_IMAGE } from './images';
import type { Lab } from './lab';

// Field numbers: kubernetes/cri-api pkg/apis/runtime/v1/api.proto. The product itself only reads, so these are the tests'.
const Empty = new MessageType('Empty', {});
const NamespaceOption = new MessageType('NamespaceOption', { network: int(1), pid: int(2), ipc: int(3) });
const SandboxSecurity = new MessageType('LinuxSandboxSecurityContext', {
  namespaceOptions: message(1, NamespaceOption),
});
const LinuxSandbox = new MessageType('LinuxPodSandboxConfig', {
  cgroupParent: text(1),
  securityContext: message(2, SandboxSecurity),
});
const SandboxMetadata = new MessageType('PodSandboxMetadata', {
  name: text(1),
  uid: text(2),
  namespace: text(3),
  attempt: uint(4),
});
const SandboxConfig = new MessageType('PodSandboxConfig', {
  metadata: message(1, SandboxMetadata),
  logDirectory: text(3),
  labels: textMap(6),
  annotations: textMap(7),
  linux: message(8, LinuxSandbox),
});
const RunPodSandboxRequest = new MessageType('RunPodSandboxRequest', { config: message(1, SandboxConfig) });
const SandboxId = new MessageType('sandbox id', { podSandboxId: text(1) });
const ContainerMetadata = new MessageType('ContainerMetadata', { name: text(1), attempt: uint(2) });
const ImageSpec = new MessageType('ImageSpec', { image: text(1) });
const ContainerSecurity = new MessageType('LinuxContainerSecurityContext', {
  privileged: bool(2),
  namespaceOptions: message(3, NamespaceOption),
});
const Resources = new MessageType('LinuxContainerResources', { cpuShares: int(3), memoryLimitInBytes: int(4) });
const LinuxContainer = new MessageType('LinuxContainerConfig', {
  resources: message(1, Resources),
  securityContext: message(2, ContainerSecurity),
});
const ContainerConfig = new MessageType('ContainerConfig', {
  metadata: message(1, ContainerMetadata),
  image: message(2, ImageSpec),
  command: repeated(text(3)),
  labels: textMap(9),
  logPath: text(11),
  linux: message(15, LinuxContainer),
});
const CreateContainerRequest = new MessageType('CreateContainerRequest', {
  podSandboxId: text(1),
  config: message(2, ContainerConfig),
  sandboxConfig: message(3, SandboxConfig),
});
const ContainerId = new MessageType('container id', { containerId: text(1) });

export interface Pod {
  readonly sandboxId: string;
  /** Container ids by name. */
  readonly containers: ReadonlyMap<string, string>;
}

/** What of a lab pods need: tests inside VS Code know it by its paths alone. */
export type PodLab = Pick<Lab, 'dir' | 'cgroupParent' | 'containerdSocket'>;

/** The host's network: a pod with its own would need a CNI plugin on the machine. */
const NETWORK_OF_NODE = 2;
const OWN_PID_NAMESPACE = 1;

/** Runs a pod with one idle container for each name. */
export async function runPod(lab: PodLab, name: string, containerNames: readonly string[]): Promise<Pod> {
  const namespaceOptions = { network: NETWORK_OF_NODE, pid: OWN_PID_NAMESPACE, ipc: 0 };
  const uid = `uid-${name}`;
  const labels = new Map([
    ['io.kubernetes.pod.name', name],
    ['io.kubernetes.pod.namespace', 'lab'],
    ['io.kubernetes.pod.uid', uid],
  ]);
  const config = {
    metadata: { name, uid, namespace: 'lab', attempt: 0 },
    logDirectory: `${lab.dir}/pod-logs/${name}`,
    labels,
    annotations: new Map<string, string>(),
    linux: { cgroupParent: `${lab.cgroupParent}/kubepods/pod${uid}`, securityContext: { namespaceOptions } },
  };
  const { podSandboxId } = await call(lab, 'RunPodSandbox', RunPodSandboxRequest, SandboxId, { config });
  const containers = new Map<string, string>();
  for (const containerName of containerNames) {
    const containerConfig = {
      metadata: { name: containerName, attempt: 0 },
      image: { image: `docker.io/${BUSYBOX_IMAGE}` },
      command: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done'],
      labels: new Map([...labels, ['io.kubernetes.container.name', containerName]]),
      logPath: `${containerName}.log`,
      linux: {
        resources: { cpuShares: 256, memoryLimitInBytes: 64 * 1024 * 1024 },
        securityContext: { privileged: false, namespaceOptions },
      },
    };
    const { containerId } = await call(lab, 'CreateContainer', CreateContainerRequest, ContainerId, {
      podSandboxId,
      config: containerConfig,
      sandboxConfig: config,
    });
    await call(lab, 'StartContainer', ContainerId, Empty, { containerId });
    containers.set(containerName, containerId);
  }
  return { sandboxId: podSandboxId, containers };
}

/** Stops and removes a pod with its containers. */
export async function removePod(lab: PodLab, pod: Pod): Promise<void> {
  await call(lab, 'StopPodSandbox', SandboxId, Empty, { podSandboxId: pod.sandboxId });
  await call(lab, 'RemovePodSandbox', SandboxId, Empty, { podSandboxId: pod.sandboxId });
}

function call<Q extends Fields, R extends Fields>(
  lab: PodLab,
  name: string,
  request: MessageType<Q>,
  response: MessageType<R>,
  value: Partial<MessageOf<Q>>,
): Promise<MessageOf<R>> {
  const path = `/runtime.v1.RuntimeService/${name}`;
  return withChannel(lab.containerdSocket, undefined, (channel) =>
    channel.unary({ path, request, response }, value, { timeoutMs: 60_000 }),
  );
}
