import { unknown, type Fact } from '../fact';
import type { ProcessRef } from '../process';

/** What /proc/PID/status says of rights. Source: proc_pid_status(5). */
export interface StatusReading {
  /** Real, effective, saved and file-system user ID, as the reader's user namespace counts. */
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  readonly groups: readonly number[];
  /** Octal digits; absent before Linux 4.7. */
  readonly umask?: string;
  /** Capability masks as hexadecimal digits. */
  readonly capabilities: Readonly<Record<'inheritable' | 'permitted' | 'effective' | 'bounding' | 'ambient', string>>;
  readonly noNewPrivileges?: boolean;
  /** 0 none, 1 strict, 2 filter. */
  readonly seccomp?: number;
  readonly seccompFilters?: number;
  /** Masks of signals that are ignored and handled, as hexadecimal digits. */
  readonly signalsIgnored: string;
  readonly signalsCaught: string;
  /** PIDs per namespace, outermost first. */
  readonly namespacePids: readonly number[];
}

/** One line of /proc/PID/limits. `unlimited` stays that word. */
export interface LimitReading {
  /** "Max open files". */
  readonly name: string;
  readonly soft: string;
  readonly hard: string;
}

/** One mount as the process sees it. Source: proc_pid_mountinfo(5). */
export interface MountReading {
  /** The folder of the file system that is mounted. */
  readonly root: string;
  readonly mountPoint: string;
  readonly options: readonly string[];
  readonly propagation: readonly string[];
  readonly type: string;
  readonly source: string;
  readonly superOptions: readonly string[];
}

/** One line of uid_map or gid_map, as the reader's user namespace counts the outside. */
export interface IdRange {
  readonly inside: number;
  readonly outside: number;
  readonly count: number;
}

/** What the kernel says of a container's first process, beside its cgroups and namespaces. Each fact fails for itself. */
export interface KernelReadings {
  readonly process: ProcessRef;
  readonly status: Fact<StatusReading>;
  readonly limits: Fact<readonly LimitReading[]>;
  readonly mounts: Fact<readonly MountReading[]>;
  readonly oomScoreAdj: Fact<number>;
  /** attr/current: "docker-default (enforce)", "unconfined"; an SELinux label where that is in use. */
  readonly securityLabel: Fact<string>;
  readonly uidMap: Fact<readonly IdRange[]>;
  readonly gidMap: Fact<readonly IdRange[]>;
  /** Only root and the process's own user may. */
  readonly environment: Fact<readonly string[]>;
  readonly commandLine: Fact<readonly string[]>;
  readonly workingFolder: Fact<string>;
  /** Whether it has a controlling terminal. Source: tty_nr of /proc/PID/stat. */
  readonly terminal: Fact<boolean>;
  /** The namespaces of this machine's own PID 1, or of the reader where those may not be read. Type → inode. */
  readonly hostNamespaces: Fact<Readonly<Record<string, number>>>;
  /** Of the asked paths below /proc and /sys those that this kernel has. */
  readonly kernelPaths: Fact<readonly string[]>;
}

/** The ID inside a user namespace that an outside one stands for; undefined when it is not mapped. */
export function idInside(map: readonly IdRange[], outside: number): number | undefined {
  const range = map.find((one) => outside >= one.outside && outside < one.outside + one.count);
  return range && outside - range.outside + range.inside;
}

/** What stands in for readings that nobody has made yet: each a reason, none a value. */
export function unreadReadings(process: ProcessRef): KernelReadings {
  const unread = unknown('It was not read yet.', 'Point at it again in a moment, or open the page Lineage.', 'procfs');
  return {
    process,
    status: unread,
    limits: unread,
    mounts: unread,
    oomScoreAdj: unread,
    securityLabel: unread,
    uidMap: unread,
    gidMap: unread,
    environment: unread,
    commandLine: unread,
    workingFolder: unread,
    terminal: unread,
    hostNamespaces: unread,
    kernelPaths: unread,
  };
}
