/*
 * Of each field of config.json: who usually sets it, and which file of the kernel shows it. Not for hovers, which know the
 * very container: for the table in docs/spec-fields.md.
 */

/** Where a field comes from and where it ends. Names of cgroup files are relative to the container's own cgroup. */
export interface FieldPlaces {
  /** The options and API fields that set it, or who does without being asked. */
  readonly origin: string;
  /** What shows it on cgroup v1; absent where no file of the kernel shows it, for which `none` is the reason. */
  readonly v1?: string;
  /** On cgroup v2; absent where it is the same. */
  readonly v2?: string;
  readonly none?: string;
}

const proc = (file: string): string => `/proc/PID/${file}`;
const RUNTIME = 'The runtime alone uses it, before the program starts.';
const NOBODY = 'No engine sets it: only who writes config.json.';
const hook = (when: string): FieldPlaces => ({
  origin: `Engines and tools that set up networks or devices, ${when}.`,
  none: 'The runtime runs it and keeps no trace.',
});
const rate = (option: string, engine: string, v1: string, v2: string): FieldPlaces => ({
  origin: `docker run ${option} (${engine})`,
  v1: `blkio.throttle.${v1}`,
  v2: `io.max: ${v2}`,
});
const capabilities = (line: string): FieldPlaces => ({
  origin: 'docker run --cap-add, --cap-drop, --privileged; the engine’s own set; CRI capabilities',
  v1: proc(`status: ${line}`),
});

/** By path, `*` for any index or key. A field without an entry has that of the nearest one above it. */
export const FIELD_PLACES: Readonly<Record<string, FieldPlaces>> = {
  ociVersion: { origin: 'Who writes config.json: engine or containerd.', none: RUNTIME },
  annotations: {
    origin: 'docker run --annotation; CRI annotations; engines add their own',
    none: 'The kernel knows no annotations; runtime and shim read them.',
  },
  hostname: { origin: 'docker run --hostname; else the short id', none: 'Seen from inside alone: hostname.' },
  domainname: { origin: 'docker run --domainname', none: 'Seen from inside alone: domainname.' },
  hooks: hook('before and after the start'),
  'hooks.prestart': hook('before the start (Docker up to 27: its network)'),
  mounts: {
    origin:
      'docker run --volume, --mount, --tmpfs, --shm-size; the image’s volumes; the engine’s own files; CRI mounts',
    v1: proc('mountinfo'),
  },
  'mounts.*.uidMappings': { origin: 'podman run --volume …:idmap; CRI mounts', v1: proc('mountinfo: idmapped') },
  'mounts.*.gidMappings': { origin: 'podman run --volume …:idmap; CRI mounts', v1: proc('mountinfo: idmapped') },
  root: { origin: 'The engine’s storage driver or snapshotter.', v1: proc('mountinfo: the mount at /') },
  'root.readonly': {
    origin: 'docker run --read-only; CRI readonly_rootfs',
    v1: proc('mountinfo: ro of the mount at /'),
  },

  process: { origin: 'Engine and image.', none: 'A branch: see its fields.' },
  'process.args': { origin: 'Entrypoint and command of image or request; docker run --init', v1: proc('cmdline') },
  'process.commandLine': { origin: 'Windows engines.', none: 'For Windows alone.' },
  'process.cwd': { origin: 'docker run --workdir; the image’s WORKDIR; CRI working_dir', v1: proc('cwd') },
  'process.env': {
    origin: 'docker run --env; the image’s ENV; the engine (PATH, HOSTNAME, HOME)',
    v1: proc('environ'),
  },
  'process.terminal': { origin: 'docker run --tty; CRI tty', v1: proc('stat: tty_nr') },
  'process.consoleSize': {
    origin: 'docker run --tty, from the client’s terminal',
    none: 'The terminal itself knows it: stty size.',
  },
  'process.user': { origin: 'docker run --user; the image’s USER; CRI run_as_user', v1: proc('status: Uid, Gid') },
  'process.user.uid': { origin: 'docker run --user; the image’s USER; CRI run_as_user', v1: proc('status: Uid') },
  'process.user.gid': { origin: 'docker run --user; the image’s USER; CRI run_as_group', v1: proc('status: Gid') },
  'process.user.additionalGids': {
    origin: 'docker run --group-add; the image’s /etc/group; CRI supplemental_groups',
    v1: proc('status: Groups'),
  },
  'process.user.umask': { origin: 'podman run --umask', v1: proc('status: Umask') },
  'process.user.username': { origin: 'Windows engines.', none: 'For Windows alone.' },
  'process.capabilities': capabilities('CapBnd, CapPrm, CapEff, CapInh, CapAmb'),
  'process.capabilities.bounding': capabilities('CapBnd'),
  'process.capabilities.permitted': capabilities('CapPrm'),
  'process.capabilities.effective': capabilities('CapEff'),
  'process.capabilities.inheritable': capabilities('CapInh'),
  'process.capabilities.ambient': capabilities('CapAmb'),
  'process.noNewPrivileges': {
    origin: 'docker run --security-opt no-new-privileges; CRI no_new_privs',
    v1: proc('status: NoNewPrivs'),
  },
  'process.oomScoreAdj': { origin: 'docker run --oom-score-adj; CRI oom_score_adj', v1: proc('oom_score_adj') },
  'process.apparmorProfile': {
    origin: 'docker run --security-opt apparmor=; the engine’s own profile',
    v1: proc('attr/current'),
  },
  'process.selinuxLabel': { origin: 'docker run --security-opt label=; the engine', v1: proc('attr/current') },
  'process.rlimits': { origin: 'docker run --ulimit; the engine’s default-ulimits', v1: proc('limits') },
  'process.ioPriority': { origin: NOBODY, none: 'A system call shows it: ionice -p PID.' },
  'process.scheduler': { origin: NOBODY, v1: proc('sched: policy, prio') },
  'process.execCPUAffinity': { origin: NOBODY, none: 'Only for later execs: taskset -p PID.' },

  linux: { origin: 'Engine and request.', none: 'A branch: see its fields.' },
  'linux.namespaces': {
    origin: 'docker run --pid, --network, --ipc, --uts, --userns, --cgroupns; CRI namespace_options',
    v1: proc('ns/*'),
  },
  'linux.uidMappings': { origin: 'dockerd --userns-remap; podman run --uidmap', v1: proc('uid_map') },
  'linux.gidMappings': { origin: 'dockerd --userns-remap; podman run --gidmap', v1: proc('gid_map') },
  'linux.timeOffsets': { origin: NOBODY, v1: proc('timens_offsets') },
  'linux.devices': {
    origin: 'docker run --device; CDI; --privileged',
    none: 'Device files of the container: ls -l /proc/PID/root/dev.',
  },
  'linux.netDevices': { origin: NOBODY, none: 'Seen from inside alone: ip link.' },
  'linux.cgroupsPath': {
    origin: 'docker run --cgroup-parent; the cgroup driver; CRI cgroup_parent',
    v1: proc('cgroup'),
  },
  'linux.rootfsPropagation': {
    origin: 'Engines, for shared mounts.',
    v1: proc('mountinfo: propagation of the mount at /'),
  },
  'linux.mountLabel': { origin: 'The engine, with SELinux', v1: proc('mountinfo: context=') },
  'linux.maskedPaths': {
    origin: 'The engine; docker run --security-opt systempaths=unconfined takes them away',
    v1: proc('mountinfo: mounts over them'),
  },
  'linux.readonlyPaths': {
    origin: 'The engine; docker run --security-opt systempaths=unconfined takes them away',
    v1: proc('mountinfo: ro mounts over them'),
  },
  'linux.sysctl': {
    origin: 'docker run --sysctl; CRI sysctls; Docker’s ping_group_range and ip_unprivileged_port_start',
    none: 'Seen from inside the namespace alone: nsenter, sysctl.',
  },
  'linux.seccomp': {
    origin: 'The engine’s default profile; docker run --security-opt seccomp=; CRI seccomp',
    v1: proc('status: Seccomp, Seccomp_filters'),
  },
  'linux.personality': { origin: NOBODY, v1: proc('personality') },
  'linux.memoryPolicy': { origin: NOBODY, v1: proc('numa_maps') },
  'linux.intelRdt': { origin: 'containerd and CRI-O, for resource classes', v1: '/sys/fs/resctrl/*/tasks, schemata' },

  'linux.resources': { origin: 'docker run; CRI resources.', none: 'A branch: see its fields.' },
  'linux.resources.memory': { origin: 'docker run --memory and its kin.', none: 'A branch: see its fields.' },
  'linux.resources.memory.limit': {
    origin: 'docker run --memory; CRI memory_limit_in_bytes',
    v1: 'memory.limit_in_bytes',
    v2: 'memory.max',
  },
  'linux.resources.memory.reservation': {
    origin: 'docker run --memory-reservation',
    v1: 'memory.soft_limit_in_bytes',
    v2: 'memory.low',
  },
  'linux.resources.memory.swap': {
    origin: 'docker run --memory-swap; twice the limit where nobody says; CRI memory_swap_limit_in_bytes',
    v1: 'memory.memsw.limit_in_bytes',
    v2: 'memory.swap.max, without the memory',
  },
  'linux.resources.memory.kernel': {
    origin: 'docker run --kernel-memory, up to 20.10',
    v1: 'memory.kmem.limit_in_bytes, ignored from Linux 5.16 on',
    v2: 'no such file',
  },
  'linux.resources.memory.kernelTCP': {
    origin: 'Docker’s API: HostConfig.KernelMemoryTCP; no option of docker run',
    v1: 'memory.kmem.tcp.limit_in_bytes',
    v2: 'no such file',
  },
  'linux.resources.memory.swappiness': {
    origin: 'docker run --memory-swappiness',
    v1: 'memory.swappiness',
    v2: 'no such file',
  },
  'linux.resources.memory.disableOOMKiller': {
    origin: 'docker run --oom-kill-disable',
    v1: 'memory.oom_control: oom_kill_disable',
    v2: 'no such file',
  },
  'linux.resources.memory.useHierarchy': {
    origin: NOBODY,
    v1: 'memory.use_hierarchy',
    v2: 'always on',
  },
  'linux.resources.memory.checkBeforeUpdate': { origin: 'runc update and CRI-O', none: RUNTIME },
  'linux.resources.cpu': { origin: 'docker run --cpus and its kin.', none: 'A branch: see its fields.' },
  'linux.resources.cpu.shares': {
    origin: 'docker run --cpu-shares; CRI cpu_shares',
    v1: 'cpu.shares',
    v2: 'cpu.weight, converted',
  },
  'linux.resources.cpu.quota': {
    origin: 'docker run --cpus, --cpu-quota; CRI cpu_quota',
    v1: 'cpu.cfs_quota_us',
    v2: 'cpu.max, first number',
  },
  'linux.resources.cpu.period': {
    origin: 'docker run --cpus, --cpu-period; CRI cpu_period',
    v1: 'cpu.cfs_period_us',
    v2: 'cpu.max, second number',
  },
  'linux.resources.cpu.burst': { origin: NOBODY, v1: 'cpu.cfs_burst_us', v2: 'cpu.max.burst' },
  'linux.resources.cpu.realtimeRuntime': {
    origin: 'docker run --cpu-rt-runtime',
    v1: 'cpu.rt_runtime_us',
    v2: 'no such file',
  },
  'linux.resources.cpu.realtimePeriod': {
    origin: 'docker run --cpu-rt-period',
    v1: 'cpu.rt_period_us',
    v2: 'no such file',
  },
  'linux.resources.cpu.cpus': { origin: 'docker run --cpuset-cpus; CRI cpuset_cpus', v1: 'cpuset.cpus' },
  'linux.resources.cpu.mems': { origin: 'docker run --cpuset-mems; CRI cpuset_mems', v1: 'cpuset.mems' },
  'linux.resources.cpu.idle': { origin: NOBODY, v1: 'cpu.idle' },
  'linux.resources.pids': {
    origin: 'docker run --pids-limit; podman’s own default; the kubelet',
    v1: 'pids.max',
  },
  'linux.resources.blockIO': { origin: 'docker run --blkio-weight and its kin.', none: 'A branch: see its fields.' },
  'linux.resources.blockIO.weight': {
    origin: 'docker run --blkio-weight',
    v1: 'blkio.weight or blkio.bfq.weight',
    v2: 'io.bfq.weight, or io.weight, converted',
  },
  'linux.resources.blockIO.leafWeight': {
    origin: NOBODY,
    v1: 'blkio.leaf_weight, up to Linux 4.20',
    v2: 'no such file',
  },
  'linux.resources.blockIO.weightDevice': {
    origin: 'docker run --blkio-weight-device',
    v1: 'blkio.weight_device or blkio.bfq.weight_device',
    v2: 'io.bfq.weight',
  },
  'linux.resources.blockIO.throttleReadBpsDevice': rate(
    '--device-read-bps',
    'BlkioDeviceReadBps',
    'read_bps_device',
    'rbps',
  ),
  'linux.resources.blockIO.throttleWriteBpsDevice': rate(
    '--device-write-bps',
    'BlkioDeviceWriteBps',
    'write_bps_device',
    'wbps',
  ),
  'linux.resources.blockIO.throttleReadIOPSDevice': rate(
    '--device-read-iops',
    'BlkioDeviceReadIOps',
    'read_iops_device',
    'riops',
  ),
  'linux.resources.blockIO.throttleWriteIOPSDevice': rate(
    '--device-write-iops',
    'BlkioDeviceWriteIOps',
    'write_iops_device',
    'wiops',
  ),
  'linux.resources.devices': {
    origin: 'docker run --device, --device-cgroup-rule, --privileged; the engine’s own list',
    v1: 'devices.list',
    v2: 'no file: a BPF program, bpftool cgroup show',
  },
  'linux.resources.hugepageLimits': {
    origin: 'CRI hugepage_limits; no option of docker run',
    v1: 'hugetlb.SIZE.limit_in_bytes',
    v2: 'hugetlb.SIZE.max',
  },
  'linux.resources.network': { origin: NOBODY, none: 'A branch: see its fields.' },
  'linux.resources.network.classID': { origin: NOBODY, v1: 'net_cls.classid', v2: 'no such controller' },
  'linux.resources.network.priorities': { origin: NOBODY, v1: 'net_prio.ifpriomap', v2: 'no such controller' },
  'linux.resources.rdma': { origin: NOBODY, v1: 'rdma.max' },
  'linux.resources.unified': {
    origin: 'CRI unified; podman run --cgroup-conf',
    v1: 'not on v1',
    v2: 'the file that the key names',
  },
};

/** The entry of a field, or of the nearest one above it. @param path parts joined by dots, `*` for any index or key */
export function placesOf(path: string): FieldPlaces | undefined {
  const parts = path.split('.');
  for (let length = parts.length; length > 0; length--) {
    const key = parts.slice(0, length).join('.');
    if (Object.hasOwn(FIELD_PLACES, key)) return FIELD_PLACES[key];
  }
  return undefined;
}
