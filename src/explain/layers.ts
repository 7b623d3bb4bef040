import type { LayerKind, LayerReport } from '../model/layer';
import type { Explanation } from './explanation';
import { KUBERNETES_CLIENT } from './kubernetes';

type LayerText = Omit<Explanation, 'title'>;

const DOCKER: LayerText = {
  meaning:
    'dockerd serves the Docker API: it pulls images, sets up networks and volumes, and turns a request into an OCI spec. It starts no process of a container itself; it asks containerd, in a namespace of its own (moby by default). systemd or a user starts it and restarts it.',
  consequence:
    'When dockerd is killed, running containers go on: their parents are shims. What it does when it comes back depends on live-restore. With it, dockerd takes them over again; without it, it stops what is left over, and a clean stop of dockerd stops all containers first.',
  check: 'docker version && docker info',
  references: [
    { label: 'Docker Engine', url: 'https://docs.docker.com/engine/' },
    { label: 'Docker: live restore', url: 'https://docs.docker.com/engine/daemon/live-restore/' },
  ],
};

const PODMAN: LayerText = {
  meaning:
    'Podman has no daemon that a container needs: each podman command makes the container itself and leaves conmon behind as its monitor. The API service only answers requests, usually started by systemd when somebody connects.',
  consequence:
    'When the API service ends, nothing happens to containers. When conmon is killed, the container goes on, but nobody keeps its log or writes down how it ended.',
  check: 'podman info',
  references: [{ label: 'Podman', url: 'https://docs.podman.io/en/latest/' }],
};

const CRI: LayerText = {
  meaning:
    'The Container Runtime Interface is how a kubelet asks for pods: a sandbox first, then containers in it. In containerd it is a plugin inside the daemon, with the containerd namespace k8s.io; CRI-O and cri-dockerd are programs of their own.',
  consequence:
    'When the kubelet or the CRI service is restarted, containers go on. The kubelet compares what runs with what should run, and starts again what has ended.',
  check: 'crictl pods && crictl ps -a',
  references: [
    { label: 'Kubernetes: CRI', url: 'https://kubernetes.io/docs/concepts/containers/cri/' },
    { label: 'containerd: CRI', url: 'https://github.com/containerd/containerd/blob/main/docs/cri/architecture.md' },
  ],
};

const CONTAINERD: LayerText = {
  meaning:
    'containerd keeps images, snapshots, containers and tasks, each in a containerd namespace, so that several clients share one daemon without seeing each other. For each container or pod it starts a shim and gives it orders over ttRPC. A container here is only a record; what runs is its task.',
  consequence:
    'When containerd is killed, containers go on: they belong to their shims, which the new containerd finds by the sockets named in the bundles. Until then nothing can be started, stopped or entered.',
  check: 'ctr namespaces list',
  references: [
    { label: 'containerd: namespaces', url: 'https://github.com/containerd/containerd/blob/main/docs/namespaces.md' },
    {
      label: 'containerd: runtime v2 and shims',
      url: 'https://github.com/containerd/containerd/blob/main/core/runtime/v2/README.md',
    },
  ],
};

/** Who uses a containerd namespace, by its name. */
const NAMESPACES: Readonly<Record<string, string>> = {
  moby: 'The namespace moby belongs to Docker: dockerd makes the record when a container starts and deletes it when it ends, so containers that do not run are only known to dockerd.',
  'plugins.moby': 'The namespace plugins.moby belongs to Docker’s managed plugins.',
  'k8s.io': 'The namespace k8s.io belongs to Kubernetes: the CRI plugin keeps pods and their containers there.',
  default: 'The namespace default is used by ctr and nerdctl when no other is named.',
  buildkit: 'The namespace buildkit belongs to BuildKit: containers there are steps of image builds.',
};

const SHIM: LayerText = {
  meaning:
    'A shim is the parent of a container’s processes. It holds their pipes or terminal, collects their exit codes and answers containerd over ttRPC. containerd starts it and it cuts itself loose at once. It is a subreaper: processes that lose their own parent become its children. conmon is the same for Podman and CRI-O. One shim may serve all containers of a pod.',
  consequence:
    'It is there so that containerd and dockerd can be restarted without a container noticing. When the shim itself is killed, containerd cleans up: it kills what is left of the container and reports its end with exit code 255 or 137. Without a containerd that notices, the container goes on as an orphan of PID 1.',
  check: 'pgrep -af "containerd-shim|conmon"',
  references: [
    {
      label: 'containerd: runtime v2 and shims',
      url: 'https://github.com/containerd/containerd/blob/main/core/runtime/v2/README.md',
    },
    {
      label: 'prctl(2), child subreaper',
      url: 'https://man7.org/linux/man-pages/man2/pr_set_child_subreaper.2const.html',
    },
  ],
};

const OCI_RUNTIME: LayerText = {
  meaning:
    'The OCI runtime (runc, crun) makes a container from a bundle: it reads config.json, makes namespaces and cgroups, mounts the file tree and becomes the user’s program. It is a command, not a daemon: create ends once the container is prepared, start once the program runs.',
  consequence:
    'No process of it stays beside a running container, so nothing can be killed here. What stays is its state on disk, which it needs to find the container again. A container that was created and not started is the exception: there “runc init” waits for its start.',
  check: 'runc --root /run/containerd/runc/NAMESPACE list',
  references: [
    {
      label: 'OCI runtime spec: lifecycle',
      url: 'https://github.com/opencontainers/runtime-spec/blob/main/runtime.md#lifecycle',
    },
    { label: 'runc', url: 'https://github.com/opencontainers/runc' },
  ],
};

const KERNEL: LayerText = {
  meaning:
    'For the kernel there is no such thing as a container: only processes, with namespaces that limit what they see, cgroups that limit what they use, and capabilities, seccomp and security modules that limit what they may do. What is read here, from /proc and the cgroup files, is what is in force.',
  consequence:
    'When the first process of a PID namespace ends, the kernel kills all others in it. That is why a container ends with its main process, whoever watches it.',
  check: 'ls -l /proc/PID/ns && cat /proc/PID/cgroup',
  references: [
    { label: 'namespaces(7)', url: 'https://man7.org/linux/man-pages/man7/namespaces.7.html' },
    { label: 'cgroups(7)', url: 'https://man7.org/linux/man-pages/man7/cgroups.7.html' },
  ],
};

const CLIENT: LayerText = {
  meaning:
    'A client turns what somebody types into calls of an API: docker run becomes a create, perhaps an attach, and a start. It needs not run on the machine of the containers.',
  consequence: 'When it ends, containers go on, unless it ends them itself as Ctrl+C in an attached terminal does.',
  check: 'docker context ls',
  references: [{ label: 'docker run', url: 'https://docs.docker.com/reference/cli/docker/container/run/' }],
};

const KINDS: Readonly<Record<LayerKind, LayerText>> = {
  client: CLIENT,
  engine: DOCKER,
  cri: CRI,
  containerd: CONTAINERD,
  shim: SHIM,
  'oci-runtime': OCI_RUNTIME,
  kernel: KERNEL,
};

/** What a layer is: who starts it, who watches it, and what survives its end. */
export function explainLayer(layer: LayerReport): Explanation {
  const text = textOf(layer);
  const namespace = layer.containerdNamespace;
  const own = namespace === undefined ? undefined : namespaceInWords(namespace);
  return {
    title: layer.name,
    ...text,
    ...(own === undefined ? {} : { valueInWords: own }),
    ...(namespace !== undefined && /^[\w.-]+$/.test(namespace)
      ? { check: `ctr --namespace ${namespace} tasks list` }
      : {}),
  };
}

function textOf({ kind, name, id }: LayerReport): LayerText {
  if (kind === 'engine' && /podman/i.test(`${name} ${id}`)) return PODMAN;
  return id === 'client:kubernetes' ? KUBERNETES_CLIENT : KINDS[kind];
}

function namespaceInWords(namespace: string): string | undefined {
  if (Object.hasOwn(NAMESPACES, namespace)) return NAMESPACES[namespace];
  if (/^moby-\d+\.\d+$/.test(namespace)) {
    return `The namespace ${namespace} belongs to a dockerd that maps users (userns-remap): the numbers are the host’s user and group that stand for root.`;
  }
  return undefined;
}
