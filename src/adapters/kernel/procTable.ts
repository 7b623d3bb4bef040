import { readdir, readFile } from '../../util/files';
import { join } from 'node:path';
import { tableOf, type ProcessRecord, type ProcessRef, type ProcessTable } from '../../model/process';
import { RuntimeError } from '../../model/problem';
import { mapPooled } from '../../util/pool';
import { parseStat } from './parse/stat';

/** Command lines are cut: some programs put megabytes there. */
const LONGEST_CMDLINE_BYTES = 64 * 1024;
/** Files read at a time: enough to keep the thread pool busy, few enough for everybody else. */
const AT_ONCE = 16;

/** Programs whose command line is read in any case: it names sockets, namespaces and ids. By comm, cut at 15 bytes. */
const TELLING = /^(?:containerd-shim.*|containerd|dockerd|conmon|kubelet|crio|podman|docker-init)$/;

/**
 * Reads all processes. Of most only the stat line is read; command lines only of the runtimes' own programs and of the
 * processes directly below a shim or monitor.
 *
 * @throws RuntimeError `absent` where there is no /proc
 */
export async function readProcessTable(procRoot = '/proc', memory = new ArgvMemory()): Promise<ProcessTable> {
  const what = `Listing the processes in ${procRoot}`;
  const entries = await readdir(procRoot).catch((error: unknown) => {
    throw RuntimeError.from(error, what);
  });
  const pids = entries.filter((name) => /^\d+$/.test(name));
  const stats = (await mapPooled(pids, AT_ONCE, (pid) => readStat(procRoot, pid))).filter((stat) => stat !== undefined);
  const telling = new Set(stats.filter(({ comm }) => TELLING.test(comm)).map(({ pid }) => pid));
  const records = await mapPooled(stats, AT_ONCE, async (stat): Promise<ProcessRecord> => {
    const wanted = telling.has(stat.pid) || telling.has(stat.parentPid);
    return { ...stat, argv: wanted ? await memory.argvOf(procRoot, stat) : [] };
  });
  memory.endTable();
  return tableOf(records);
}

/**
 * Remembers the command lines of the last table. A command line changes when the process becomes another program, and
 * then its comm does too; whoever becomes the same program with other words is told by its next start.
 */
export class ArgvMemory {
  private known = new Map<string, readonly string[]>();
  private used = new Map<string, readonly string[]>();

  async argvOf(
    procRoot: string,
    { pid, startTicks, comm, state }: Omit<ProcessRecord, 'argv'>,
  ): Promise<readonly string[]> {
    // What has ended has no command line, whoever it was.
    if (state === 'Z' || state === 'X') return [];
    const key = `${pid} ${startTicks} ${comm}`;
    const argv = this.known.get(key) ?? (await readArgv(procRoot, pid));
    // An empty one may be that of a process that is just becoming a program.
    if (argv.length > 0) this.used.set(key, argv);
    return argv;
  }

  /** A table is complete: what is not in it is forgotten. */
  endTable(): void {
    this.known = this.used;
    this.used = new Map();
  }
}

/** The stat line of a process; undefined when it has ended. */
export async function readStat(procRoot: string, pid: number | string): Promise<ReturnType<typeof parseStat>> {
  try {
    return parseStat(await readFile(join(procRoot, String(pid), 'stat'), 'utf8'));
  } catch {
    return undefined;
  }
}

/** The command line of a process; empty when it has ended, or is a kernel thread. */
export async function readArgv(procRoot: string, pid: number): Promise<readonly string[]> {
  try {
    const bytes = await readFile(join(procRoot, String(pid), 'cmdline'));
    const text = bytes.subarray(0, LONGEST_CMDLINE_BYTES).toString('utf8').replace(/\0$/, '');
    return text === '' ? [] : text.split('\0');
  } catch {
    return [];
  }
}

/**
 * Reads something of a process and makes sure that it was this very one: PIDs are used again, so its start time is
 * compared before and after.
 *
 * @throws RuntimeError `gone` when the process has ended or its PID belongs to another one; what `read` rejects with
 */
export async function withProcess<T>(
  procRoot: string,
  ref: ProcessRef,
  what: string,
  read: () => Promise<T>,
): Promise<T> {
  await mustBe(procRoot, ref, what);
  let value: T;
  try {
    value = await read();
  } catch (error) {
    await mustBe(procRoot, ref, what);
    throw RuntimeError.from(error, what);
  }
  await mustBe(procRoot, ref, what);
  return value;
}

async function mustBe(procRoot: string, ref: ProcessRef, what: string): Promise<void> {
  const stat = await readStat(procRoot, ref.pid);
  if (stat?.startTicks === ref.startTicks) return;
  throw new RuntimeError({
    code: 'gone',
    what,
    reason: stat
      ? `The process has ended, and its PID ${ref.pid} belongs to another one now.`
      : 'The process has ended.',
    remedy: 'Refresh to see what runs now.',
  });
}
