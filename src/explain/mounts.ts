/*
 * What stands at well-known places of a container's file tree, and what the file systems are that make it.
 */

const DESTINATIONS: Readonly<Record<string, string>> = {
  '/': 'The root file system.',
  '/proc':
    'Processes and kernel settings. It shows the container’s own PID namespace; dangerous parts are masked or read-only.',
  '/dev': 'Device files, in memory: only the few that the spec and the runtime make, not those of the host.',
  '/dev/pts': 'Terminals: one file per pseudo terminal, of the container’s own instance.',
  '/dev/shm':
    'POSIX shared memory. Docker’s default size is 64 MiB (--shm-size); browsers and databases often want more.',
  '/dev/mqueue': 'POSIX message queues, of the container’s IPC namespace.',
  '/dev/console': 'The container’s terminal, when it has one.',
  '/dev/termination-log': 'Kubernetes: what a container writes here becomes its termination message.',
  '/sys': 'Devices and drivers of the host, read-only: it is not separated by namespaces, but for the network part.',
  '/sys/fs/cgroup': 'Control groups: how much the container may use and uses. Read-only unless privileged.',
  '/etc/resolv.conf':
    'Name servers. Written by the engine for each container; with networks of your own it points to Docker’s DNS at 127.0.0.11.',
  '/etc/hostname': 'The container’s name, a file that the engine keeps outside.',
  '/etc/hosts': 'Names and addresses, a file that the engine keeps outside: the container’s own and --add-host.',
  '/run/secrets': 'Secrets of Compose or Swarm, or of Podman.',
  '/run/.containerenv': 'Podman: tells programs that they run in a container.',
  '/sbin/docker-init': 'The small init program (tini) of --init, brought in from the host.',
  '/dev/init': 'The small init program (catatonit) of podman --init, brought in from the host.',
  '/var/run/secrets/kubernetes.io/serviceaccount': 'Kubernetes: the token with which the pod may ask the API server.',
};

const DANGEROUS: readonly (readonly [source: RegExp, why: string])[] = [
  [
    /\/(?:docker|podman|containerd|crio)\.sock$/,
    'Whoever can use this socket can start a container with all rights: it is the same as root on the host.',
  ],
  [/^\/$/, 'The whole file tree of the host is within reach.'],
  [
    /^\/(?:etc|boot|root|usr|lib|lib64|bin|sbin)(?:\/|$)/,
    'A system folder of the host: if it can be written, the host can be taken over.',
  ],
  [
    /^\/var\/lib\/(?:docker|containerd|kubelet)(?:\/|$)/,
    'The engine’s own data: other containers’ files and secrets are within reach.',
  ],
  [/^\/(?:proc|sys)(?:\/|$)/, 'Kernel settings of the host are within reach.'],
  [/^\/dev(?:\/|$)/, 'Devices of the host; which of them can be opened is still decided by the device rules.'],
];

/** What is at a well-known place of the container; undefined elsewhere. */
export function destinationInWords(destination: unknown): string | undefined {
  return typeof destination === 'string' && Object.hasOwn(DESTINATIONS, destination)
    ? DESTINATIONS[destination]
    : undefined;
}

/** Why a folder or socket of the host is delicate to hand to a container; undefined when it is not known to be. */
export function sourceRisk(source: unknown): string | undefined {
  return typeof source === 'string' ? DANGEROUS.find(([pattern]) => pattern.test(source))?.[1] : undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  bind: 'A file or folder of the host, shown in the container.',
  proc: 'The kernel’s view of processes.',
  sysfs: 'The kernel’s view of devices.',
  tmpfs: 'A file system in memory. It is empty at start, gone at the end, and counts as the container’s memory.',
  devpts: 'Pseudo terminals.',
  mqueue: 'POSIX message queues.',
  cgroup: 'Control groups. The runtime mounts version 1 or 2, whichever the machine has.',
  cgroup2: 'Control groups, version 2.',
  overlay: 'Layers laid over each other: the image’s, read-only, and one of the container’s own on top.',
  nfs: 'A folder of another machine.',
  nfs4: 'A folder of another machine.',
  ext4: 'A disk’s file system.',
  xfs: 'A disk’s file system.',
  btrfs: 'A disk’s file system.',
};

/** A mount's type in words; `none` with a bind option is a bind mount too. */
export function mountTypeInWords(type: unknown): string | undefined {
  return typeof type === 'string' && Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
}
