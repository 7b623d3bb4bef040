import type { Reference } from './explanation';

/** The programs and plugins that stand, or stood, between a user and a container. */
export const STACK_PARTS = {
  docker: { name: 'docker CLI', icon: 'terminal' },
  dockerDaemon: { name: 'docker daemon', icon: 'server-process' },
  lxc: { name: 'lxc-start', icon: 'zap' },
  libcontainer: { name: 'libcontainer', icon: 'zap' },
  dockerd: { name: 'dockerd', icon: 'server-process' },
  containerd: { name: 'containerd', icon: 'package' },
  shimV1: { name: 'containerd-shim', icon: 'layers' },
  shimV2: { name: 'containerd-shim-runc-v2', icon: 'layers' },
  runc: { name: 'runc', icon: 'zap' },
  crun: { name: 'crun', icon: 'zap' },
  kubelet: { name: 'kubelet', icon: 'symbol-structure' },
  kubeletDocker: { name: 'Docker client in the kubelet', icon: 'plug' },
  dockershim: { name: 'dockershim', icon: 'plug' },
  criContainerd: { name: 'cri-containerd', icon: 'plug' },
  criPlugin: { name: 'CRI plugin', icon: 'plug' },
  criDockerd: { name: 'cri-dockerd', icon: 'plug' },
  crio: { name: 'CRI-O', icon: 'server-process' },
  podman: { name: 'podman', icon: 'terminal' },
  conmon: { name: 'conmon', icon: 'layers' },
  kernel: { name: 'kernel', icon: 'circuit-board' },
} as const;
export type StackPart = keyof typeof STACK_PARTS;

/** A step of a call path: the part, and how it speaks to the next. */
export interface PathStep {
  readonly part: StackPart;
  readonly speaks?: string;
}

export interface Era {
  readonly id: string;
  readonly when: string;
  readonly title: string;
  readonly text: string;
  readonly paths: readonly { readonly title: string; readonly steps: readonly PathStep[] }[];
  readonly references: readonly Reference[];
}

/** Parts that no release maintained today contains. */
export const GONE: ReadonlySet<StackPart> = new Set<StackPart>([
  'dockerDaemon',
  'lxc',
  'libcontainer',
  'shimV1',
  'kubeletDocker',
  'dockershim',
  'criContainerd',
]);

const step = (part: StackPart, speaks?: string): PathStep => (speaks === undefined ? { part } : { part, speaks });

const DOCKERD_IN_2016 = [
  step('dockerd', 'gRPC'),
  step('containerd', 'exec'),
  step('shimV1', 'exec'),
  step('runc', 'clone, exec'),
  step('kernel'),
] as const;
const PODMAN_PATH = [
  step('podman', 'exec'),
  step('conmon', 'exec'),
  step('crun', 'clone, exec'),
  step('kernel'),
] as const;
const SHIM_TO_KERNEL = [step('shimV2', 'exec'), step('runc', 'clone, exec'), step('kernel')] as const;
const DOCKER_TODAY = [
  step('docker', 'HTTP'),
  step('dockerd', 'gRPC'),
  step('containerd', 'ttRPC'),
  ...SHIM_TO_KERNEL,
] as const;
const CRI_PLUGIN_PATH = [
  step('kubelet', 'CRI, gRPC'),
  step('criPlugin', 'a call inside'),
  step('containerd', 'ttRPC'),
  ...SHIM_TO_KERNEL,
] as const;

/**
 * How the stack came to be, oldest first. Dates are those of the releases. Sources: the projects' release notes and
 * blogs, which each era links.
 */
export const ERAS: readonly Era[] = [
  {
    id: 'lxc',
    when: '2013',
    title: 'One daemon, and LXC below it',
    text: 'The first Docker is one program that does everything: API, images, networks, and supervision. To make a container it calls LXC’s tools. Every container is a descendant of the daemon, so when the daemon ends, the containers end.',
    paths: [
      {
        title: 'docker run in 2013',
        steps: [step('docker', 'HTTP'), step('dockerDaemon', 'exec'), step('lxc', 'clone, cgroups'), step('kernel')],
      },
    ],
    references: [{ label: 'LXC', url: 'https://linuxcontainers.org/lxc/introduction/' }],
  },
  {
    id: 'libcontainer',
    when: 'March 2014',
    title: 'libcontainer: talking to the kernel without LXC',
    text: 'Docker 0.9 brings a Go library of its own, libcontainer, which sets up namespaces, cgroups and mounts itself. LXC becomes an option, and later goes. Code of libcontainer still runs today: it is the inside of runc.',
    paths: [
      {
        title: 'docker run with 0.9',
        steps: [
          step('docker', 'HTTP'),
          step('dockerDaemon', 'a call inside'),
          step('libcontainer', 'clone, cgroups'),
          step('kernel'),
        ],
      },
    ],
    references: [
      { label: 'libcontainer in runc', url: 'https://github.com/opencontainers/runc/tree/main/libcontainer' },
    ],
  },
  {
    id: 'oci',
    when: 'June 2015',
    title: 'The OCI, and libcontainer becomes runc',
    text: 'The Open Container Initiative is founded to agree on what a container is: a bundle, that is a folder with a config.json and a file tree, and a program that runs it. Docker gives libcontainer, wrapped into a command: runc. From now on anybody may write a runtime; crun in C and youki in Rust are others.',
    paths: [{ title: 'An OCI bundle, run by hand', steps: [step('runc', 'clone, exec'), step('kernel')] }],
    references: [
      { label: 'OCI runtime specification', url: 'https://github.com/opencontainers/runtime-spec' },
      { label: 'runc', url: 'https://github.com/opencontainers/runc' },
    ],
  },
  {
    id: 'containerd',
    when: 'April 2016',
    title: 'The daemon is cut in pieces: containerd, a shim, runc',
    text: 'Docker 1.11 hands the running of containers to containerd, which calls runc through a small process per container, the shim. The shim keeps pipes and exit code, so daemons above it may be restarted while containers go on. In this version the shim is bound to runc, and containerd to Docker.',
    paths: [
      {
        title: 'docker run with 1.11',
        steps: [step('docker', 'HTTP'), ...DOCKERD_IN_2016],
      },
    ],
    references: [{ label: 'containerd', url: 'https://containerd.io/' }],
  },
  {
    id: 'cri',
    when: 'December 2016',
    title: 'Kubernetes asks through an interface: CRI, and dockershim',
    text: 'Until now the kubelet spoke with Docker by code of its own. Kubernetes 1.5 brings the Container Runtime Interface, so that any runtime may serve a kubelet. Docker does not speak CRI, so the kubelet carries a translator inside: dockershim. A pod’s container needs two daemons and two translations.',
    paths: [
      {
        title: 'Before CRI',
        steps: [step('kubelet', 'a call inside'), step('kubeletDocker', 'HTTP'), ...DOCKERD_IN_2016],
      },
      {
        title: 'With dockershim',
        steps: [step('kubelet', 'CRI, gRPC'), step('dockershim', 'HTTP'), ...DOCKERD_IN_2016],
      },
    ],
    references: [
      {
        label: 'Kubernetes: introducing CRI',
        url: 'https://kubernetes.io/blog/2016/12/container-runtime-interface-cri-in-kubernetes/',
      },
    ],
  },
  {
    id: 'cri-containerd',
    when: 'October to December 2017',
    title: 'Two ways past Docker: CRI-O, and containerd 1.0 with cri-containerd',
    text: 'CRI-O 1.0 is made for kubelets alone and starts containers itself, with conmon in the shim’s place. containerd 1.0 is a daemon for everybody, given to the CNCF; a separate daemon, cri-containerd, translates CRI for it. Both save a pod the way through dockerd.',
    paths: [
      {
        title: 'With containerd 1.0',
        steps: [
          step('kubelet', 'CRI, gRPC'),
          step('criContainerd', 'gRPC'),
          step('containerd', 'gRPC'),
          step('shimV1', 'exec'),
          step('runc', 'clone, exec'),
          step('kernel'),
        ],
      },
      {
        title: 'With CRI-O',
        steps: [
          step('kubelet', 'CRI, gRPC'),
          step('crio', 'exec'),
          step('conmon', 'exec'),
          step('runc', 'clone, exec'),
          step('kernel'),
        ],
      },
    ],
    references: [
      { label: 'cri-containerd, now archived', url: 'https://github.com/containerd/cri' },
      { label: 'CRI-O', url: 'https://cri-o.io/' },
    ],
  },
  {
    id: 'plugin',
    when: 'April 2018',
    title: 'containerd 1.1: the translator becomes a plugin',
    text: 'The code of cri-containerd moves into containerd as a plugin: one daemon and one hop less. Its pods are in the containerd namespace k8s.io. A containerd that serves Docker can serve a kubelet at the same time, unless the plugin is switched off, as Docker’s own packages do.',
    paths: [{ title: 'With containerd 1.1 and later', steps: CRI_PLUGIN_PATH }],
    references: [
      {
        label: 'Kubernetes: containerd integration goes GA',
        url: 'https://kubernetes.io/blog/2018/05/24/kubernetes-containerd-integration-goes-ga/',
      },
      {
        label: 'containerd: the CRI plugin',
        url: 'https://github.com/containerd/containerd/blob/main/docs/cri/architecture.md',
      },
    ],
  },
  {
    id: 'podman',
    when: '2018',
    title: 'Podman: no daemon at all',
    text: 'Podman grows out of CRI-O’s libraries. Each command makes the container itself and leaves only conmon behind, as the monitor of one container. Rootless use is there from early on.',
    paths: [
      {
        title: 'podman run',
        steps: PODMAN_PATH,
      },
    ],
    references: [{ label: 'Podman', url: 'https://podman.io/' }],
  },
  {
    id: 'shim-v2',
    when: 'October 2018',
    title: 'containerd 1.2: a shim for any runtime',
    text: 'The second shim interface is an API of its own over ttRPC. A runtime brings its own shim, found by its name: io.containerd.runc.v2 is the program containerd-shim-runc-v2. One such shim may serve all containers of a pod.',
    paths: [{ title: 'docker run since then', steps: DOCKER_TODAY }],
    references: [
      {
        label: 'containerd: runtime v2',
        url: 'https://github.com/containerd/containerd/blob/main/core/runtime/v2/README.md',
      },
    ],
  },
  {
    id: 'dockershim-removed',
    when: 'December 2020 to May 2022',
    title: 'dockershim is deprecated in Kubernetes 1.20 and removed in 1.24',
    text: 'Images built with Docker run everywhere as before; only the kubelet’s way to them changes. Nodes move to containerd or CRI-O. Who wants to keep Docker below a kubelet runs cri-dockerd: dockershim’s code, as a daemon outside of Kubernetes.',
    paths: [
      {
        title: 'Until 1.23, with dockershim',
        steps: [
          step('kubelet', 'CRI, gRPC'),
          step('dockershim', 'HTTP'),
          step('dockerd', 'gRPC'),
          step('containerd', 'ttRPC'),
          ...SHIM_TO_KERNEL,
        ],
      },
      { title: 'Since 1.24, with containerd', steps: CRI_PLUGIN_PATH },
      {
        title: 'Since 1.24, keeping Docker',
        steps: [
          step('kubelet', 'CRI, gRPC'),
          step('criDockerd', 'HTTP'),
          step('dockerd', 'gRPC'),
          step('containerd', 'ttRPC'),
          ...SHIM_TO_KERNEL,
        ],
      },
    ],
    references: [
      { label: 'Kubernetes: dockershim removal FAQ', url: 'https://kubernetes.io/blog/2022/02/17/dockershim-faq/' },
      {
        label: 'Kubernetes: migrating from dockershim',
        url: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/',
      },
      { label: 'cri-dockerd', url: 'https://github.com/Mirantis/cri-dockerd' },
    ],
  },
  {
    id: 'today',
    when: 'Since November 2024',
    title: 'Today: containerd 2',
    text: 'containerd 2.0 drops what was left of the early days: the first shim interface and CRI v1alpha2. The chain itself is the one of 2018, for Docker and for a kubelet alike: below containerd they are the same.',
    paths: [
      { title: 'docker run today', steps: DOCKER_TODAY },
      { title: 'A pod today', steps: CRI_PLUGIN_PATH },
      {
        title: 'podman run today',
        steps: PODMAN_PATH,
      },
    ],
    references: [
      {
        label: 'containerd 2.0',
        url: 'https://github.com/containerd/containerd/blob/main/docs/containerd-2.0.md',
      },
    ],
  },
];

const OF_LAYER: Readonly<Record<string, string>> = {
  client:
    'The command line has always been a client of an HTTP API; what stands behind the API has changed several times.',
  engine:
    'Until 2016 the Docker daemon did everything itself, and its end was the end of its containers. Docker 1.11 handed the running of them to containerd.',
  cri: 'CRI came with Kubernetes 1.5 in 2016. containerd served it by a separate daemon, cri-containerd, and since 1.1 (2018) by a plugin; the translator for Docker, dockershim, left the kubelet in Kubernetes 1.24 (2022).',
  containerd:
    'containerd began in 2016 as the part of Docker that runs containers, and has been a project of its own at the CNCF since 2017.',
  shim: 'Shims came with Docker 1.11 in 2016, so that daemons can be restarted; since containerd 1.2 (2018) a runtime brings its own, and one may serve a whole pod.',
  'oci-runtime':
    'runc is libcontainer, which Docker wrote in 2014 to replace LXC, given to the OCI in 2015 as a command.',
  kernel:
    'Namespaces and cgroups are older than Docker: mount namespaces came in 2002, cgroups in 2008, user namespaces were complete in 2013, cgroup v2 was declared stable in 2016.',
};

/** One sentence on how a kind of layer came to be. */
export function historyOfLayer(kind: string): string | undefined {
  return Object.hasOwn(OF_LAYER, kind) ? OF_LAYER[kind] : undefined;
}
