import type { FactName } from '../model/inspection';
import type { Explanation } from './explanation';
import { cgroupV2, man, spec } from './references';

const RUNTIME_V2 = {
  label: 'containerd: runtime v2 and shims',
  url: 'https://github.com/containerd/containerd/blob/main/core/runtime/v2/README.md',
};
const ENGINE_API = { label: 'Docker Engine API', url: 'https://docs.docker.com/reference/api/engine/' };

const FACTS: Readonly<Record<FactName, Explanation>> = {
  initPid: {
    title: 'Init PID',
    meaning:
      'The container’s first process, by its number on this machine. Inside it is PID 1, if the container has a PID namespace of its own.',
    consequence:
      'A PID from an API is that of the daemon’s machine. It is only believed when the process’s cgroup or start time fits.',
    references: [man('pid_namespaces', 7)],
  },
  shimPid: {
    title: 'Shim PID',
    meaning: 'The parent of the container’s first process: containerd’s shim, or conmon.',
    consequence: 'No API of Docker or containerd tells it; the shim itself and the process table do.',
    references: [RUNTIME_V2],
  },
  cgroupPaths: {
    title: 'Cgroup paths',
    meaning: 'Where the container is in each cgroup hierarchy. Version 2 has one, version 1 one for each controller.',
    references: [man('cgroups', 7)],
  },
  namespaces: {
    title: 'Namespaces',
    meaning:
      'The namespaces of the first process, each named by an inode number. Two processes with the same number share it.',
    references: [man('namespaces', 7)],
  },
  ociConfig: {
    title: 'OCI config',
    meaning: 'The config.json from which the OCI runtime made the container.',
    consequence: 'It is written once, at start. What docker update changes later is not in it.',
    references: [spec('configuration')],
  },
  bundlePath: {
    title: 'Bundle',
    meaning: 'The folder with config.json and the root file system that the OCI runtime is called with.',
    consequence: 'With containerd it exists as long as the task does, and only root may enter it.',
    references: [
      { label: 'OCI runtime spec: bundle', url: 'https://github.com/opencontainers/runtime-spec/blob/main/bundle.md' },
    ],
  },
  runtime: {
    title: 'OCI runtime',
    meaning: 'The program that made the container, and how it was called.',
    references: [
      {
        label: 'OCI runtime spec: lifecycle',
        url: 'https://github.com/opencontainers/runtime-spec/blob/main/runtime.md#lifecycle',
      },
    ],
  },
  processes: {
    title: 'Processes',
    meaning: 'All processes of the container: the first one, its children, and those added by exec.',
    references: [man('proc', 5)],
  },
  shim: {
    title: 'Shim',
    meaning:
      'The process that stays as the parent of the container’s processes, so that the daemons above it can be restarted.',
    references: [RUNTIME_V2],
  },
  cgroups: {
    title: 'Cgroups',
    meaning: 'What the kernel’s files say now: the limits in force, what is used, and how often limits were hit.',
    references: [cgroupV2('controllers', 'controllers'), man('cgroups', 7)],
  },
  engineRecord: {
    title: 'Engine record',
    meaning: 'What the engine keeps of the container: the request with everything that the engine filled in.',
    references: [ENGINE_API],
  },
  engineImage: {
    title: 'Image record',
    meaning: 'What the engine keeps of the image: the defaults it brings for command, environment, user and more.',
    references: [ENGINE_API],
  },
  engineEvents: {
    title: 'Engine events',
    meaning:
      'What the engine reported of this container lately. It remembers the last 256 events of all kinds, and none after a restart.',
    references: [ENGINE_API],
  },
  engine: {
    title: 'Engine',
    meaning: 'Where the engine answers and which version of its API is spoken.',
    references: [ENGINE_API],
  },
  runtimeState: {
    title: 'Runtime state',
    meaning: 'What the OCI runtime wrote down about the container: state.json of runc, status of crun.',
    consequence: 'runc rewrites it at docker update, so its limits are newer than those of config.json.',
    references: [
      {
        label: 'OCI runtime spec: state',
        url: 'https://github.com/opencontainers/runtime-spec/blob/main/runtime.md#state',
      },
    ],
  },
  containerdRecord: {
    title: 'containerd record',
    meaning: 'The container’s record in containerd, and its task: the running instance.',
    references: [
      { label: 'containerd', url: 'https://github.com/containerd/containerd/blob/main/docs/getting-started.md' },
    ],
  },
  criRecord: {
    title: 'CRI record',
    meaning:
      'What the Kubernetes runtime interface tells of the container or pod, with the request where the runtime keeps it.',
    references: [{ label: 'Kubernetes: CRI', url: 'https://kubernetes.io/docs/concepts/containers/cri/' }],
  },
};

/** What a fact is about. */
export function explainFact(name: FactName): Explanation {
  return FACTS[name];
}
