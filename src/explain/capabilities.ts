import { CAPABILITY_NAMES, fullCapabilityName, type CapabilityName } from '../model/capabilities';
import type { Explanation } from './explanation';
import { man } from './references';

interface CapabilityText {
  /** What a process with it may do. */
  readonly allows: string;
  /** What that means inside a container. */
  readonly risk: string;
}

const TEXTS: Readonly<Record<CapabilityName, CapabilityText>> = {
  CAP_CHOWN: {
    allows: 'May give any file to any user and group.',
    risk: 'Moderate: with a writable mount of the host it can take over the files there.',
  },
  CAP_DAC_OVERRIDE: {
    allows: 'May read, write and execute files whatever their permission bits say.',
    risk: 'Considerable: it is what makes root inside the container all-powerful over the files it can see.',
  },
  CAP_DAC_READ_SEARCH: {
    allows: 'May read any file and enter any folder, and may open files by handle (open_by_handle_at).',
    risk: 'High: file handles reach past the container’s mounts, so files of the host can be read. Docker does not give it.',
  },
  CAP_FOWNER: {
    allows:
      'May do to any file what only its owner may: change its mode, its times and attributes, and delete in sticky folders.',
    risk: 'Moderate: it matters for files that are mounted from the host.',
  },
  CAP_FSETID: {
    allows:
      'Keeps the set-user-ID and set-group-ID bits when a file changes, and may set the latter for foreign groups.',
    risk: 'Low alone; it helps to keep set-user-ID programs on a shared mount.',
  },
  CAP_KILL: {
    allows: 'May send signals to processes of any user.',
    risk: 'Low with a PID namespace of its own. With the host’s, it may end any process of the host.',
  },
  CAP_SETGID: {
    allows: 'May change its group and its list of additional groups at will.',
    risk: 'Moderate: programs need it to drop privileges; an intruder uses it to join any group.',
  },
  CAP_SETUID: {
    allows: 'May become any user.',
    risk: 'Moderate: programs need it to drop privileges; an intruder uses it to act as the owner of any file he can see.',
  },
  CAP_SETPCAP: {
    allows: 'May drop capabilities from its bounding set, and add any of the bounding set to its inheritable set.',
    risk: 'Low: it never yields more than the bounding set holds.',
  },
  CAP_LINUX_IMMUTABLE: {
    allows: 'May set and clear the flags “immutable” and “append only” of files.',
    risk: 'Moderate: protection that was meant to bind even root can be taken off mounted files.',
  },
  CAP_NET_BIND_SERVICE: {
    allows: 'May listen on ports below 1024.',
    risk: 'Low. Not needed where the sysctl net.ipv4.ip_unprivileged_port_start is 0, as Docker sets it from 20.10 on.',
  },
  CAP_NET_BROADCAST: {
    allows: 'Nothing today: the kernel defines it and does not ask for it.',
    risk: 'None known.',
  },
  CAP_NET_ADMIN: {
    allows:
      'May configure the network: interfaces, addresses, routes, firewall rules, traffic control, promiscuous mode.',
    risk: 'High with the host’s network: the whole machine’s network is open to change. Else limited to its own namespace, though it opens much kernel code to attack.',
  },
  CAP_NET_RAW: {
    allows: 'May use raw and packet sockets, as classic ping and packet sniffers do.',
    risk: 'Moderate: it permits forged packets (ARP, DNS) to neighbours on the same bridge. A usual candidate to drop.',
  },
  CAP_IPC_LOCK: {
    allows: 'May lock memory beyond its limit, so that it is never swapped out.',
    risk: 'Low to moderate: locked memory still counts against the memory limit of its cgroup.',
  },
  CAP_IPC_OWNER: {
    allows: 'May use any System V shared memory, semaphore or message queue, whatever its permissions.',
    risk: 'Low with an IPC namespace of its own; with the host’s, it reaches the host’s shared memory.',
  },
  CAP_SYS_MODULE: {
    allows: 'May load kernel modules and unload them.',
    risk: 'Critical: a module is code inside the kernel of the host. It is the same as owning the host.',
  },
  CAP_SYS_RAWIO: {
    allows: 'May use I/O ports (iopl, ioperm), /dev/mem and raw device commands.',
    risk: 'Critical: it reaches hardware and memory past the kernel’s protection.',
  },
  CAP_SYS_CHROOT: {
    allows: 'May change its root folder (chroot) and enter other mount namespaces.',
    risk: 'Low to moderate: a helper for many ways out, seldom enough alone.',
  },
  CAP_SYS_PTRACE: {
    allows: 'May trace and read any process it can see, as debuggers do.',
    risk: 'High with the host’s PID namespace: it takes over host processes. Else limited to the container’s own processes.',
  },
  CAP_SYS_PACCT: {
    allows: 'May switch process accounting on and off.',
    risk: 'Low.',
  },
  CAP_SYS_ADMIN: {
    allows:
      'May do a great many administrative things: mount file systems, set host names, enter namespaces, and dozens more.',
    risk: 'Critical: of all capabilities the nearest to root on the host. Most known ways out of a container begin with it.',
  },
  CAP_SYS_BOOT: {
    allows: 'May restart the machine and load another kernel (kexec).',
    risk: 'High with the host’s PID namespace. In a PID namespace of its own, reboot only ends the container; kexec_load is another matter.',
  },
  CAP_SYS_NICE: {
    allows:
      'May raise priorities, use realtime scheduling, and move processes and their memory between CPUs and nodes.',
    risk: 'Moderate: it can starve its neighbours of CPU time.',
  },
  CAP_SYS_RESOURCE: {
    allows: 'May exceed resource limits and quotas: raise hard limits, use reserved disk space, override quotas.',
    risk: 'Moderate: limits by ulimit no longer bind. Cgroup limits still do.',
  },
  CAP_SYS_TIME: {
    allows: 'May set the system clock and the hardware clock.',
    risk: 'High: there is one wall clock for the host and all containers.',
  },
  CAP_SYS_TTY_CONFIG: {
    allows: 'May configure virtual terminals and hang up terminals.',
    risk: 'Low without devices of terminals.',
  },
  CAP_MKNOD: {
    allows: 'May make device files.',
    risk: 'Low: which devices can be opened is decided by the device rules of the cgroup, not by having a device file.',
  },
  CAP_LEASE: {
    allows: 'May take leases on files that belong to others.',
    risk: 'Low.',
  },
  CAP_AUDIT_WRITE: {
    allows: 'May write records to the kernel’s audit log.',
    risk: 'Low: it can fill the log. Login programs inside a container want it.',
  },
  CAP_AUDIT_CONTROL: {
    allows: 'May configure kernel auditing and its rules.',
    risk: 'High: it can switch the host’s auditing off.',
  },
  CAP_SETFCAP: {
    allows: 'May attach capabilities to program files.',
    risk: 'Low to moderate: what it attaches cannot exceed the bounding set here, but counts on shared mounts for others.',
  },
  CAP_MAC_OVERRIDE: {
    allows: 'May pass over mandatory access control (used by Smack).',
    risk: 'High where Smack is in use; without effect elsewhere.',
  },
  CAP_MAC_ADMIN: {
    allows: 'May configure mandatory access control: load AppArmor profiles, set Smack and unknown SELinux labels.',
    risk: 'High: it can replace the profile that is to confine the container.',
  },
  CAP_SYSLOG: {
    allows: 'May read and clear the kernel’s log, and see kernel addresses where kptr_restrict hides them.',
    risk: 'Moderate: kernel addresses make attacks on the kernel easier, and the log belongs to the host.',
  },
  CAP_WAKE_ALARM: {
    allows: 'May set timers that wake the machine from sleep.',
    risk: 'Low.',
  },
  CAP_BLOCK_SUSPEND: {
    allows: 'May keep the machine from sleeping.',
    risk: 'Low.',
  },
  CAP_AUDIT_READ: {
    allows: 'May read the audit log over a netlink socket.',
    risk: 'Moderate: the log tells of the whole host.',
  },
  CAP_PERFMON: {
    allows: 'May measure performance with perf_event_open, of the whole system too.',
    risk: 'Moderate to high: measurements tell secrets of other processes. From Linux 5.8 on; before, CAP_SYS_ADMIN.',
  },
  CAP_BPF: {
    allows: 'May load BPF programs and make BPF maps.',
    risk: 'High: complex programs run inside the host’s kernel. From Linux 5.8 on; before, CAP_SYS_ADMIN.',
  },
  CAP_CHECKPOINT_RESTORE: {
    allows: 'May do what saving and restoring processes needs: choose PIDs, read map_files of others.',
    risk: 'Moderate. From Linux 5.9 on; before, CAP_SYS_ADMIN.',
  },
};

/** What a capability allows, and how risky it is in a container. Takes "net_admin", "NET_ADMIN" and "CAP_NET_ADMIN". */
export function explainCapability(name: string): Explanation | undefined {
  const full = fullCapabilityName(name);
  const bit = CAPABILITY_NAMES.findIndex((known) => known === full);
  const known = CAPABILITY_NAMES[bit];
  if (known === undefined) return undefined;
  const { allows, risk } = TEXTS[known];
  return {
    title: known,
    meaning: allows,
    valueInWords: `Capability ${bit} of ${CAPABILITY_NAMES.length}.`,
    consequence: `Risk in a container: ${risk}`,
    check: `capsh --decode=${(1n << BigInt(bit)).toString(16).padStart(16, '0')}`,
    references: [man('capabilities', 7)],
  };
}
