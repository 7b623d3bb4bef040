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
  sysctls: textMap(3),
});
const SandboxMetadata = new MessageType('PodSandboxMetadata', {
  name: text(1),
  uid: text(2),
  namespace: text(3),
  attempt: uint(4),
});
const SandboxConfig = new MessageType('PodSandboxConfig', {
  metadata: message(1, SandboxMetadata),
  hostname: text(2),
  logDirectory: text(3),
  labels: textMap(6),
  annotations: textMap(7),
  linux: message(8, LinuxSandbox),
});
const RunPodSandboxRequest = new MessageType('RunPodSandboxRequest', {
  config: message(1, SandboxConfig),
  runtimeHandler: text(2),
});
const SandboxId = new MessageType('sandbox id', { podSandboxId: text(1) });
const ContainerMetadata = new MessageType('ContainerMetadata', { name: text(1), attempt: uint(2) });
const ImageSpec = new MessageType('ImageSpec', { image: text(1) });
const Capability = new MessageType('Capability', {
  add: repeated(text(1)),
  drop: repeated(text(2)),
  addAmbient: repeated(text(3)),
});
const Int64Value = new MessageType('Int64Value', { value: int(1) });
const SecurityProfile = new MessageType('SecurityProfile', { profileType: int(1), localhostRef: text(2) });
const SECURITY_FIELDS = {
  capabilities: message(1, Capability),
  privileged: bool(2),
  namespaceOptions: message(3, NamespaceOption),
  runAsUser: message(5, Int64Value),
  runAsUsername: text(6),
  apparmorProfile: text(9),
  readonlyRootfs: bool(7),
  supplementalGroups: repeated(int(8)),
  seccompProfilePath: text(10),
  noNewPrivs: bool(11),
  runAsGroup: message(12, Int64Value),
  maskedPaths: repeated(text(13)),
  readonlyPaths: repeated(text(14)),
  seccomp: message(15, SecurityProfile),
  apparmor: message(16, SecurityProfile),
};
const ContainerSecurity = new MessageType('LinuxContainerSecurityContext', SECURITY_FIELDS);
const HugepageLimit = new MessageType('HugepageLimit', { pageSize: text(1), limit: uint(2) });
const RESOURCE_FIELDS = {
  cpuPeriod: int(1),
  cpuQuota: int(2),
  cpuShares: int(3),
  memoryLimitInBytes: int(4),
  oomScoreAdj: int(5),
  cpusetCpus: text(6),
  cpusetMems: text(7),
  hugepageLimits: repeated(message(8, HugepageLimit)),
  unified: textMap(9),
  memorySwapLimitInBytes: int(10),
};
const Resources = new MessageType('LinuxContainerResources', RESOURCE_FIELDS);
const LinuxContainer = new MessageType('LinuxContainerConfig', {
  resources: message(1, Resources),
  securityContext: message(2, ContainerSecurity),
});
const KeyValue = new MessageType('KeyValue', { key: text(1), value: text(2) });
const Mount = new MessageType('Mount', { containerPath: text(1), hostPath: text(2), readonly: bool(3) });
const Device = new MessageType('Device', { containerPath: text(1), hostPath: text(2), permissions: text(3) });
const CONTAINER_FIELDS = {
  metadata: message(1, ContainerMetadata),
  image: message(2, ImageSpec),
  command: repeated(text(3)),
  args: repeated(text(4)),
  workingDir: text(5),
  envs: repeated(message(6, KeyValue)),
  mounts: repeated(message(7, Mount)),
  devices: repeated(message(8, Device)),
  labels: textMap(9),
  logPath: text(11),
  tty: bool(14),
  linux: message(15, LinuxContainer),
};
const ContainerConfig = new MessageType('ContainerConfig', CONTAINER_FIELDS);
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
/** The host's processes. */
export const PIDS_OF_NODE = 2;
const OWN_PID_NAMESPACE = 1;

/** Nothing of it is asked for. */
const NO_RESOURCES: MessageOf<typeof RESOURCE_FIELDS> = {
  cpuPeriod: 0,
  cpuQuota: 0,
  cpuShares: 0,
  memoryLimitInBytes: 0,
  oomScoreAdj: 0,
  cpusetCpus: '',
  cpusetMems: '',
  hugepageLimits: [],
  unified: new Map(),
  memorySwapLimitInBytes: 0,
};
const NO_SECURITY: MessageOf<typeof SECURITY_FIELDS> = {
  capabilities: undefined,
  privileged: false,
  namespaceOptions: undefined,
  runAsUser: undefined,
  runAsUsername: '',
  apparmorProfile: '',
  readonlyRootfs: false,
  supplementalGroups: [],
  seccompProfilePath: '',
  noNewPrivs: false,
  runAsGroup: undefined,
  maskedPaths: [],
  readonlyPaths: [],
  seccomp: undefined,
  apparmor: undefined,
};

/** What a kubelet asks of a container; what is not said is as in {@link runPod}. */
export type ContainerWish = Partial<MessageOf<typeof CONTAINER_FIELDS>> & {
  readonly resources?: Partial<MessageOf<typeof RESOURCE_FIELDS>>;
  readonly security?: Partial<MessageOf<typeof SECURITY_FIELDS>>;
};

/**
 * Runs a pod with one idle container for each name.
 *
 * @param wishes what some of the containers are to be besides
 * @param sandbox what is said of the pod as a whole
 */
export async function runPod(
  lab: PodLab,
  name: string,
  containerNames: readonly string[],
  wishes: Readonly<Record<string, ContainerWish>> = {},
  sandbox: {
    readonly sysctls?: ReadonlyMap<string, string>;
    readonly pid?: number;
    readonly runtimeHandler?: string;
  } = {},
): Promise<Pod> {
  const namespaceOptions = { network: NETWORK_OF_NODE, pid: sandbox.pid ?? OWN_PID_NAMESPACE, ipc: 0 };
  const uid = `uid-${name}`;
  const labels = new Map([
    ['io.kubernetes.pod.name', name],
    ['io.kubernetes.pod.namespace', 'lab'],
    ['io.kubernetes.pod.uid', uid],
  ]);
  const config = {
    metadata: { name, uid, namespace: 'lab', attempt: 0 },
    hostname: '',
    logDirectory: `${lab.dir}/pod-logs/${name}`,
    labels,
    annotations: new Map<string, string>(),
    linux: {
      cgroupParent: `${lab.cgroupParent}/kubepods/pod${uid}`,
      securityContext: { namespaceOptions },
      sysctls: sandbox.sysctls ?? new Map<string, string>(),
    },
  };
  const { podSandboxId } = await call(lab, 'RunPodSandbox', RunPodSandboxRequest, SandboxId, {
    config,
    runtimeHandler: sandbox.runtimeHandler ?? '',
  });
  const containers = new Map<string, string>();
  for (const containerName of containerNames) {
    const { resources, security, ...wish } = wishes[containerName] ?? {};
    const containerConfig = {
      metadata: { name: containerName, attempt: 0 },
      image: { image: `docker.io/${BUSYBOX_IMAGE}` },
      args: [],
      workingDir: '',
      envs: [],
      mounts: [],
      devices: [],
      tty: false,
      command: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done'],
      labels: new Map([...labels, ['io.kubernetes.container.name', containerName]]),
      logPath: `${containerName}.log`,
      linux: {
        resources: { ...NO_RESOURCES, cpuShares: 256, memoryLimitInBytes: 64 * 1024 * 1024, ...resources },
        securityContext: { ...NO_SECURITY, namespaceOptions, ...security },
      },
      ...wish,
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
