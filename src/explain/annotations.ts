/*
 * Annotations of config.json that runtimes write, by key. Source: the constants of containerd's CRI plugin, CRI-O,
 * nerdctl, Podman, runc and crun.
 */

const KEYS: Readonly<Record<string, string>> = {
  'io.kubernetes.cri.container-type':
    'CRI in containerd: sandbox for the pod’s pause container, container for all others.',
  'io.kubernetes.cri.sandbox-id':
    'CRI in containerd: the pod’s sandbox. Containers with the same one share namespaces and one shim.',
  'io.kubernetes.cri.sandbox-name': 'CRI in containerd: the pod’s name.',
  'io.kubernetes.cri.sandbox-namespace': 'CRI in containerd: the pod’s Kubernetes namespace.',
  'io.kubernetes.cri.sandbox-uid': 'CRI in containerd: the pod’s unique id.',
  'io.kubernetes.cri.container-name': 'CRI in containerd: the container’s name in the pod.',
  'io.kubernetes.cri.image-name': 'CRI in containerd: the image it was made from.',
  'io.kubernetes.cri.sandbox-log-directory': 'CRI in containerd: where the pod’s logs are.',
  'io.kubernetes.cri.sandbox-cpu-period': 'CRI in containerd: CPU period of the whole pod.',
  'io.kubernetes.cri.sandbox-cpu-quota': 'CRI in containerd: CPU quota of the whole pod.',
  'io.kubernetes.cri.sandbox-cpu-shares': 'CRI in containerd: CPU shares of the whole pod.',
  'io.kubernetes.cri.sandbox-memory': 'CRI in containerd: memory of the whole pod.',
  'io.containerd.runc.v2.group': 'containerd’s runc shim: containers with the same group share one shim process.',
  'io.kubernetes.cri-o.ContainerType': 'CRI-O: sandbox for the pod’s infra container, container for all others.',
  'io.kubernetes.cri-o.SandboxID': 'CRI-O: the pod’s sandbox.',
  'io.kubernetes.cri-o.ContainerID': 'CRI-O: the container’s id.',
  'io.kubernetes.cri-o.ContainerName': 'CRI-O: the container’s name.',
  'io.kubernetes.cri-o.KubeName': 'CRI-O: the pod’s name.',
  'io.kubernetes.cri-o.Namespace': 'CRI-O: the pod’s Kubernetes namespace.',
  'io.kubernetes.cri-o.LogPath': 'CRI-O: where the log is.',
  'io.kubernetes.cri-o.MountPoint': 'CRI-O: where its root file system is mounted.',
  'io.kubernetes.cri-o.ImageRef': 'CRI-O: the image it was made from.',
  'io.kubernetes.cri-o.ImageName': 'CRI-O: the image’s name.',
  'io.kubernetes.cri-o.Labels': 'CRI-O: the labels, as JSON.',
  'io.kubernetes.cri-o.Annotations': 'CRI-O: the pod’s annotations, as JSON.',
  'io.kubernetes.cri-o.CNIResult': 'CRI-O: what the network plugins answered, as JSON.',
  'io.kubernetes.cri-o.ResolvPath': 'CRI-O: the resolv.conf that is mounted.',
  'io.kubernetes.cri-o.userns-mode': 'CRI-O: which user namespace the pod wants.',
  'io.container.manager': 'Who made it: libpod means Podman, cri-o means CRI-O.',
  'io.podman.annotations.label': 'Podman: security options that were given as labels.',
  'io.podman.annotations.privileged': 'Podman: whether it was started with --privileged.',
  'io.podman.annotations.init': 'Podman: whether it was started with --init.',
  'io.podman.annotations.autoremove': 'Podman: whether it is removed when it ends (--rm).',
  'io.podman.annotations.pids-limit': 'Podman: the limit of processes that was asked for.',
  'org.opencontainers.image.stopSignal': 'The signal that ends it, from the image.',
  'org.opencontainers.image.title': 'The image’s title.',
  'org.opencontainers.image.version': 'The version of what the image packs.',
  'org.opencontainers.image.source': 'Where the image’s source code is.',
  'org.opencontainers.image.created': 'When the image was built.',
  'org.opencontainers.image.architecture': 'The processor architecture of the image.',
  'org.opencontainers.image.os': 'The operating system of the image.',
  'org.systemd.property.TimeoutStopUSec': 'runc and crun: systemd’s stop timeout of the container’s scope.',
  'org.systemd.property.CollectMode': 'runc and crun: when systemd forgets the container’s scope.',
  'run.oci.systemd.subgroup': 'crun: the cgroup below the scope in which the processes are put.',
  'run.oci.handler': 'crun: run it by another engine inside crun, such as krun or wasm.',
  'run.oci.keep_original_groups': 'crun: keep the additional groups of the caller.',
  'module.wasm.image/variant': 'The image holds a WebAssembly module.',
};

const PREFIXES: readonly (readonly [prefix: string, meaning: string])[] = [
  [
    'org.systemd.property.',
    'runc and crun: sets this property of the systemd scope that holds the container’s cgroup.',
  ],
  [
    'io.kubernetes.cri-o.',
    'CRI-O keeps what it knows of the container in annotations, so that it can read it back after a restart.',
  ],
  ['io.kubernetes.cri.', 'Written by the CRI plugin of containerd, to tell runtimes what a container is to its pod.'],
  ['io.podman.annotations.', 'Written by Podman, to repeat the command’s options in podman inspect and generate.'],
  ['nerdctl/', 'Written by nerdctl, which keeps what it knows of a container in labels and annotations.'],
  ['run.oci.', 'An instruction to crun.'],
  ['io.containerd.', 'An instruction to containerd or its shim.'],
  ['org.opencontainers.image.', 'A label of the image, in the names that the OCI image spec reserves.'],
  ['org.opencontainers.', 'Reserved by the OCI.'],
  ['io.kubernetes.', 'Written on behalf of Kubernetes.'],
];

/** What an annotation means, by its key; undefined when only whoever set it knows. */
export function annotationInWords(key: string): string | undefined {
  if (Object.hasOwn(KEYS, key)) return KEYS[key];
  return PREFIXES.find(([prefix]) => key.startsWith(prefix))?.[1];
}
