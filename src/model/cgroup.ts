/** How the machine mounts cgroups. Source: statfs of the cgroup mount, /proc/self/mountinfo. */
export type CgroupMode = 'unified' | 'hybrid' | 'legacy';

/** A number from a cgroup file: bytes, counts, microseconds; `'max'` means unlimited. */
export type CgroupNumber = number | 'max';

/** One limit or reading of a controller, with the file it stands in. */
export interface CgroupReading {
  /** For people: "Memory limit". */
  readonly label: string;
  /** The kernel's file name: `memory.max`, `memory.limit_in_bytes`. */
  readonly file: string;
  /** Absolute path of that file. */
  readonly path: string;
  /** The file's own text, trimmed and cut at 4 KiB. */
  readonly raw: string;
  /** The value where it is one number. */
  readonly value?: CgroupNumber;
  readonly unit: 'bytes' | 'count' | 'µs' | 'ns' | 'weight' | 'cpus' | 'text';
  readonly role: 'limit' | 'usage' | 'event';
  /** When an ancestor is stricter: the effective value and where it stands. */
  readonly effective?: { readonly value: CgroupNumber; readonly path: string };
}

/** One controller's row: where the container sits, what it may use, what it uses. */
export interface CgroupController {
  /** Controller as the kernel prints it: `memory`, `cpu,cpuacct`, `` for v2's own line. */
  readonly controllers: string;
  /** Name for people: `memory`. */
  readonly name: string;
  readonly version: 1 | 2;
  /** The path in the hierarchy, as /proc/PID/cgroup prints it. */
  readonly cgroupPath: string;
  /** The directory that shows it on this machine; absent when the hierarchy is not mounted here. */
  readonly directory?: string;
  /** Why there are no readings: not mounted, hidden by a cgroup namespace, or the root cgroup. */
  readonly problem?: string;
  readonly readings: readonly CgroupReading[];
}

/** All cgroup facts of one process at one moment. */
export interface CgroupReport {
  readonly mode: CgroupMode;
  readonly controllers: readonly CgroupController[];
}
