/** A process named without doubt: a PID alone may be reused, with its start time it cannot. */
export interface ProcessRef {
  /** As this machine's /proc names it. */
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: start time in clock ticks since boot. */
  readonly startTicks: number;
}

/** One process as /proc shows it. Source: /proc/PID/{stat,cmdline}. */
export interface ProcessRecord extends ProcessRef {
  readonly parentPid: number;
  /** Field 2 of stat: at most 15 bytes, chosen by the process itself, so hostile. */
  readonly comm: string;
  /** Empty for kernel threads and zombies. */
  readonly argv: readonly string[];
  /** Field 3 of stat: R, S, D, Z, T, … */
  readonly state: string;
}

/** All processes at one moment. */
export interface ProcessTable {
  readonly observedAt: string;
  readonly byPid: ReadonlyMap<number, ProcessRecord>;
  childrenOf(pid: number): readonly ProcessRecord[];
}

/** A table of these processes. */
export function tableOf(records: readonly ProcessRecord[], observedAt = new Date().toISOString()): ProcessTable {
  const byPid = new Map(records.map((record) => [record.pid, record]));
  const children = new Map<number, ProcessRecord[]>();
  for (const record of records) {
    const siblings = children.get(record.parentPid);
    if (siblings) siblings.push(record);
    else children.set(record.parentPid, [record]);
  }
  return { observedAt, byPid, childrenOf: (pid) => children.get(pid) ?? [] };
}

/** A container's process as shown to users. */
export interface ContainerProcess {
  readonly hostPid: number;
  /** In the innermost PID namespace; absent when unknown. Source: NSpid of /proc/PID/status. */
  readonly containerPid?: number;
  readonly parentPid?: number;
  readonly command: string;
  /** Start, ISO 8601. Source: stat field 22 and btime of /proc/stat. */
  readonly startedAt?: string;
  readonly state?: string;
  /** Effective user id on the host. */
  readonly uid?: number;
  /** What it is to the container. */
  readonly role: 'init' | 'exec' | 'child';
}
