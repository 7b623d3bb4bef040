import type { Explanation } from './explanation';
import { man, specLinux } from './references';

interface NamespaceText {
  readonly type: string;
  readonly separates: string;
  /** What a container sees that has none of its own. */
  readonly shared: string;
  /** The link in /proc/PID/ns. */
  readonly link: string;
  readonly page: string;
}

const NAMESPACES: readonly NamespaceText[] = [
  {
    type: 'pid',
    separates: 'process IDs: the container’s first process is its PID 1, and it sees only its own processes',
    shared:
      'Without one of its own it sees all processes of the host, and with the right capabilities may end or trace them.',
    link: 'pid',
    page: 'pid_namespaces',
  },
  {
    type: 'network',
    separates: 'network interfaces, addresses, routes, ports, firewall rules and abstract sockets',
    shared: 'Without one of its own it uses the host’s network as it is: every port it opens is a port of the host.',
    link: 'net',
    page: 'network_namespaces',
  },
  {
    type: 'mount',
    separates: 'the table of mounts: the container has a tree of files of its own',
    shared: 'Without one of its own, mounts it makes appear on the host.',
    link: 'mnt',
    page: 'mount_namespaces',
  },
  {
    type: 'ipc',
    separates: 'System V shared memory, semaphores and message queues, and POSIX message queues',
    shared: 'Without one of its own it reaches the shared memory of the host’s processes.',
    link: 'ipc',
    page: 'ipc_namespaces',
  },
  {
    type: 'uts',
    separates: 'the host name and the NIS domain name',
    shared: 'Without one of its own it has the host’s name, and with CAP_SYS_ADMIN may change it.',
    link: 'uts',
    page: 'uts_namespaces',
  },
  {
    type: 'user',
    separates: 'user and group IDs and capabilities: root inside is an ordinary user outside',
    shared:
      'Without one of its own, root in the container is root on the host, held back only by capabilities, seccomp and the other namespaces.',
    link: 'user',
    page: 'user_namespaces',
  },
  {
    type: 'cgroup',
    separates: 'the view of control groups: the container’s own cgroup looks like the root',
    shared: 'Without one of its own it sees its full path in the host’s cgroup tree.',
    link: 'cgroup',
    page: 'cgroup_namespaces',
  },
  {
    type: 'time',
    separates:
      'offsets of the monotonic and the boot-time clock, such as for restored containers; never the wall clock',
    shared: 'Without one of its own it has the host’s uptime. That is the usual case.',
    link: 'time',
    page: 'time_namespaces',
  },
];

/** What a namespace type separates. Takes the names of the OCI spec (`network`, `mount`) and of /proc (`net`, `mnt`). */
export function explainNamespaceType(type: string): Explanation | undefined {
  const text = NAMESPACES.find((namespace) => namespace.type === type || namespace.link === type);
  if (!text) return undefined;
  return {
    title: `${text.type} namespace`,
    meaning: `A ${text.type} namespace separates ${text.separates}.`,
    consequence: text.shared,
    check: `ls -l /proc/PID/ns/${text.link}`,
    references: [specLinux('namespaces'), man(text.page, 7)],
  };
}
