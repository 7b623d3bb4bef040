import { asNumber, asRecord, asString } from '../../util/records';
import type { Explanation } from '../explanation';
import { permissionText } from '../mountOptions';
import { explainNamespaceType } from '../namespaces';
import { kernelDoc, man, specLinux } from '../references';
import type { FieldTable } from './field';
import { mappingFields } from './files';
import { countOf, either, idInWords, oneOf } from './words';

const namespaces = [specLinux('namespaces'), man('namespaces', 7)];
const users = [specLinux('user-namespace-mappings'), man('user_namespaces', 7)];
const devices = [specLinux('devices'), man('mknod', 2)];
const timeOffsets = [specLinux('offset-for-time-namespace'), man('time_namespaces', 7)];
const resctrl = [specLinux('intelrdt'), kernelDoc('filesystems/resctrl.html', 'resctrl')];
const policy = [specLinux('memory-policy'), man('set_mempolicy', 2)];
const personality = [specLinux('personality'), man('personality', 2)];

/** Devices that the spec gives to every container, and other well-known ones. */
const DEVICES: Readonly<Record<string, string>> = {
  '/dev/null': 'Swallows everything.',
  '/dev/zero': 'Zeros without end.',
  '/dev/full': 'Is always full.',
  '/dev/random': 'Random numbers.',
  '/dev/urandom': 'Random numbers.',
  '/dev/tty': 'The process’s own terminal.',
  '/dev/fuse': 'File systems in user space: with it, containers can mount such.',
  '/dev/kvm': 'Virtual machines.',
  '/dev/net/tun': 'Virtual network interfaces: for VPNs.',
  '/dev/mem': 'The memory of the whole machine: as good as root on the host.',
  '/dev/kmsg': 'The kernel’s log.',
};

function namespaceDetail(value: unknown): Partial<Explanation> | undefined {
  const namespace = asRecord(value);
  const explanation = explainNamespaceType(asString(namespace?.type) ?? '');
  if (!explanation) return undefined;
  const path = asString(namespace?.path);
  return {
    meaning: explanation.meaning,
    valueInWords: path ? `It joins one that exists already: ${path}.` : 'A new one of its own.',
    ...(explanation.check ? { check: explanation.check } : {}),
    references: explanation.references,
  };
}

function cgroupsPathInWords(value: unknown): string | undefined {
  const path = asString(value);
  if (!path) return undefined;
  const parts = path.split(':');
  if (!path.startsWith('/') && parts.length === 3) {
    const [slice, prefix, name] = parts;
    return `The systemd driver’s form, slice:prefix:name: the scope ${prefix}-${name}.scope in ${slice || 'system.slice'}.`;
  }
  return path.startsWith('/')
    ? 'The cgroupfs driver’s form: a path below where each controller is mounted.'
    : 'A relative path: where it starts is up to the runtime.';
}

function modeInWords(value: unknown): string | undefined {
  const mode = asNumber(value);
  return mode === undefined ? undefined : `Octal ${mode.toString(8).padStart(4, '0')}: ${permissionText(mode)}.`;
}

/** The fields below `linux`, but for resources and seccomp. */
export const LINUX_FIELDS: FieldTable = {
  linux: {
    meaning: 'What only Linux containers have: namespaces, cgroups, seccomp and more.',
    references: [specLinux('linux-container-configuration')],
  },
  'linux.namespaces': {
    meaning:
      'The namespaces that the container has of its own or joins. A type that is not listed is shared with whoever calls the runtime: the host.',
    check: 'ls -l /proc/PID/ns',
    references: namespaces,
    words: countOf('namespace'),
  },
  'linux.namespaces.*': { meaning: 'One namespace.', references: namespaces, detail: namespaceDetail },
  'linux.namespaces.*.type': {
    meaning: 'What it separates.',
    references: namespaces,
    detail: (value) => {
      const explanation = explainNamespaceType(asString(value) ?? '');
      if (!explanation) return undefined;
      const { title: _, ...rest } = explanation;
      return rest;
    },
  },
  'linux.namespaces.*.path': {
    meaning:
      'An existing namespace to join: a file such as /proc/PID/ns/net or one that is bound elsewhere. Without it a new one is made.',
    consequence: 'So the containers of a pod share a network, and --network container:NAME works.',
    references: namespaces,
  },
  ...mappingFields('linux.uidMappings', 'Which user IDs of the host the IDs inside stand for.', users),
  ...mappingFields('linux.gidMappings', 'Which group IDs of the host the IDs inside stand for.', users),
  'linux.timeOffsets': {
    meaning: 'How far the clocks of the container’s time namespace differ from the host’s.',
    references: timeOffsets,
  },
  ...Object.fromEntries(
    (['boottime', 'monotonic'] as const).flatMap((clock) => [
      [`linux.timeOffsets.${clock}`, { meaning: `Offset of the ${clock} clock.`, references: timeOffsets }],
      [
        `linux.timeOffsets.${clock}.secs`,
        { meaning: `Offset of the ${clock} clock, whole seconds.`, references: timeOffsets },
      ],
      [
        `linux.timeOffsets.${clock}.nanosecs`,
        { meaning: `Offset of the ${clock} clock, nanoseconds on top.`, references: timeOffsets },
      ],
    ]),
  ),
  'linux.devices': {
    meaning:
      'Device files that the runtime makes in /dev, beside null, zero, full, random, urandom, tty, console and ptmx.',
    consequence: 'A file alone opens nothing: linux.resources.devices must allow it.',
    check: 'ls -l /proc/PID/root/dev',
    references: devices,
    words: countOf('device'),
  },
  'linux.devices.*': {
    meaning: 'One device file.',
    references: devices,
    words: (value) => {
      const path = asString(asRecord(value)?.path) ?? '';
      return Object.hasOwn(DEVICES, path) ? DEVICES[path] : undefined;
    },
  },
  'linux.devices.*.path': {
    meaning: 'Where the file is in the container.',
    references: devices,
    words: (value) => (typeof value === 'string' && Object.hasOwn(DEVICES, value) ? DEVICES[value] : undefined),
  },
  'linux.devices.*.type': {
    meaning: 'The kind of device.',
    references: devices,
    words: oneOf({
      c: 'A character device: a stream of bytes.',
      u: 'An unbuffered character device.',
      b: 'A block device, such as a disk.',
      p: 'A named pipe.',
    }),
  },
  'linux.devices.*.major': { meaning: 'Major number: which driver.', references: devices },
  'linux.devices.*.minor': { meaning: 'Minor number: which device of the driver.', references: devices },
  'linux.devices.*.fileMode': { meaning: 'Permission bits of the file.', references: devices, words: modeInWords },
  'linux.devices.*.uid': {
    meaning: 'The file’s owner, inside the container.',
    references: devices,
    words: idInWords('User'),
  },
  'linux.devices.*.gid': {
    meaning: 'The file’s group, inside the container.',
    references: devices,
    words: idInWords('Group'),
  },
  'linux.netDevices': {
    meaning: 'Network interfaces of the host that are moved into the container’s network namespace, by their names.',
    references: [specLinux('network-devices')],
    words: countOf('interface'),
  },
  'linux.netDevices.*': {
    meaning: 'An interface of the host, by its name there.',
    references: [specLinux('network-devices')],
  },
  'linux.netDevices.*.name': {
    meaning: 'Its name in the container; without it the same.',
    references: [specLinux('network-devices')],
  },
  'linux.cgroupsPath': {
    meaning: 'Where the container’s cgroup is to be. What became of it stands in /proc/PID/cgroup.',
    check: 'cat /proc/PID/cgroup',
    references: [specLinux('cgroups-path'), man('cgroups', 7)],
    words: cgroupsPathInWords,
  },
  'linux.rootfsPropagation': {
    meaning: 'Whether mounts made on the root file system travel between host and container.',
    references: [specLinux('rootfs-mount-propagation'), kernelDoc('filesystems/sharedsubtree.html', 'shared subtrees')],
    words: oneOf({
      shared: 'In both directions.',
      rshared: 'In both directions.',
      slave: 'From the host to the container.',
      rslave: 'From the host to the container.',
      private: 'Not at all.',
      rprivate: 'Not at all.',
      unbindable: 'Not at all, and it cannot be bind-mounted.',
      runbindable: 'Not at all, and it cannot be bind-mounted.',
    }),
  },
  'linux.maskedPaths': {
    meaning: 'Files and folders that are hidden: /dev/null is mounted over files, an empty tmpfs over folders.',
    consequence: 'Privileged containers have none. What does not exist is passed over.',
    check: 'cat /proc/PID/mountinfo',
    references: [specLinux('masked-paths')],
    words: countOf('path'),
  },
  'linux.maskedPaths.*': {
    meaning: 'A file or folder that is hidden in the container.',
    references: [specLinux('masked-paths')],
  },
  'linux.readonlyPaths': {
    meaning: 'Files and folders that are made read-only by a bind mount onto themselves.',
    consequence: 'Privileged containers have none. What does not exist is passed over.',
    check: 'cat /proc/PID/mountinfo',
    references: [specLinux('readonly-paths')],
    words: countOf('path'),
  },
  'linux.readonlyPaths.*': {
    meaning: 'A file or folder that is read-only in the container.',
    references: [specLinux('readonly-paths')],
  },
  'linux.mountLabel': {
    meaning: 'The SELinux label of the container’s own mounts.',
    references: [specLinux('mount-label')],
  },
  'linux.sysctl': {
    meaning: 'Kernel settings of the container’s namespaces, written to /proc/sys before the program starts.',
    consequence: 'Only settings that a namespace separates are permitted: net.*, and some of kernel.* and fs.mqueue.*.',
    references: [specLinux('sysctl'), man('sysctl', 8)],
    words: countOf('setting'),
  },
  'linux.sysctl.*': {
    meaning: 'A kernel setting of the container’s namespaces.',
    references: [specLinux('sysctl'), man('sysctl', 8)],
    detail: (value, path) => sysctlDetail(path.at(-1) ?? '', value),
  },
  'linux.intelRdt': {
    meaning: 'Share of processor cache and memory bandwidth, by the processor’s own means (resctrl).',
    references: resctrl,
  },
  'linux.intelRdt.closID': {
    meaning: 'The class of service: a folder of that name in the resctrl file system.',
    references: resctrl,
  },
  'linux.intelRdt.l3CacheSchema': {
    meaning: 'Which part of the L3 cache it may use, as a bit mask for each cache.',
    references: resctrl,
  },
  'linux.intelRdt.memBwSchema': {
    meaning: 'Memory bandwidth for each L3 cache, in percent or MB/s.',
    references: resctrl,
  },
  'linux.intelRdt.schemata': { meaning: 'Lines written to the file schemata of its class.', references: resctrl },
  'linux.intelRdt.schemata.*': { meaning: 'A line of the file schemata.', references: resctrl },
  'linux.intelRdt.enableMonitoring': {
    meaning: 'Whether cache and bandwidth of this container are measured.',
    references: resctrl,
    words: either('They are measured.', 'They are not measured.'),
  },
  'linux.memoryPolicy': { meaning: 'On which memory nodes (NUMA) its memory is to lie.', references: policy },
  'linux.memoryPolicy.mode': {
    meaning: 'The rule for choosing a node.',
    references: policy,
    words: oneOf({
      MPOL_DEFAULT: 'The kernel’s own rule.',
      MPOL_BIND: 'Only these nodes.',
      MPOL_INTERLEAVE: 'In turns on these nodes.',
      MPOL_WEIGHTED_INTERLEAVE: 'In turns, by weight.',
      MPOL_PREFERRED: 'This node first.',
      MPOL_PREFERRED_MANY: 'These nodes first.',
      MPOL_LOCAL: 'The node of the CPU that asks.',
    }),
  },
  'linux.memoryPolicy.nodes': { meaning: 'The nodes, such as 0-3,7.', references: policy },
  'linux.memoryPolicy.flags': { meaning: 'Further switches of set_mempolicy.', references: policy },
  'linux.memoryPolicy.flags.*': { meaning: 'A switch of set_mempolicy.', references: policy },
  'linux.personality': { meaning: 'Which kind of machine the kernel pretends to be.', references: personality },
  'linux.personality.domain': {
    meaning: 'The kind of machine that uname tells of.',
    references: personality,
    words: oneOf({ LINUX: 'The machine’s own.', LINUX32: 'A 32-bit machine.' }),
  },
  'linux.personality.flags': {
    meaning: 'Further switches of personality. The spec defines none yet.',
    references: personality,
  },
  'linux.personality.flags.*': { meaning: 'A switch of personality.', references: personality },
};

const SYSCTLS: Readonly<Record<string, string>> = {
  'net.ipv4.ip_unprivileged_port_start':
    'The lowest port on which a process without CAP_NET_BIND_SERVICE may listen. Docker sets 0: all of them.',
  'net.ipv4.ping_group_range': 'Groups that may send pings without CAP_NET_RAW. Docker permits all.',
  'net.ipv4.ip_forward': 'Whether packets are passed on between interfaces.',
  'net.core.somaxconn': 'How many connections may wait to be accepted on a listening socket.',
  'net.ipv4.ip_local_port_range': 'The ports from which outgoing connections start.',
  'net.ipv4.tcp_syncookies': 'Whether a flood of connection requests is met with SYN cookies.',
  'net.ipv6.conf.all.disable_ipv6': 'Whether IPv6 is off.',
  'kernel.shmmax': 'The largest System V shared memory segment, in bytes.',
  'kernel.shmall': 'All System V shared memory together, in pages.',
  'kernel.shmmni': 'How many System V shared memory segments.',
  'kernel.sem': 'Limits of System V semaphores.',
  'kernel.msgmax': 'The largest System V message, in bytes.',
  'kernel.msgmnb': 'The largest System V message queue, in bytes.',
  'kernel.shm_rmid_forced': 'Whether shared memory that nobody uses is removed at once.',
};

function sysctlDetail(key: string, value: unknown): Partial<Explanation> {
  const name = key.replaceAll('/', '.');
  const meaning = Object.hasOwn(SYSCTLS, name) ? SYSCTLS[name] : undefined;
  const namespace = name.startsWith('net.') ? 'network' : 'IPC';
  return {
    ...(meaning === undefined ? {} : { meaning }),
    valueInWords: `Set to ${asString(value) ?? 'its value'} in the container’s ${namespace} namespace.`,
    check: /^[\w./-]+$/.test(key) ? `nsenter -t PID -a sysctl ${key}` : 'nsenter -t PID -a sysctl -a',
  };
}
