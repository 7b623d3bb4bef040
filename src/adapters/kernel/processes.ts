import { folders, readFile } from '../../util/files';
import { join } from 'node:path';
import type { ContainerProcess, ProcessRef, ProcessTable } from '../../model/process';
import { mapPooled } from '../../util/pool';
import { folderOf, readCgroupMounts } from './cgroupMounts';
import { containerCgroupOf, parseCgroup, type CgroupLine } from './parse/cgroup';
import { numbersOf, parseStatus } from './parse/status';
import { readArgv, readStat } from './procTable';

/** Clock ticks a second. The kernel shows start times to user space in this unit on every Linux. Source: time(7), USER_HZ. */
const TICKS_PER_SECOND = 100;

/** When this machine booted, unix seconds. Source: /proc/stat btime. */
export async function readBootTime(procRoot: string): Promise<number | undefined> {
  const seconds = /^btime (\d+)$/m.exec(await readFile(join(procRoot, 'stat'), 'utf8').catch(() => ''))?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}

/** A start time in ticks since boot as ISO 8601; the boot time is known to the second. */
export function startedAt(bootTime: number | undefined, startTicks: number): string | undefined {
  return bootTime === undefined
    ? undefined
    : new Date((bootTime + startTicks / TICKS_PER_SECOND) * 1_000).toISOString();
}

/**
 * All processes of a container: those in the cgroup of its init and below it. Where no hierarchy can be read, those that
 * descend from init.
 */
export async function readContainerProcesses(
  procRoot: string,
  init: ProcessRef,
  processes: ProcessTable,
): Promise<ContainerProcess[]> {
  const bootTime = await readBootTime(procRoot);
  const folder = await processFolder(procRoot, init.pid);
  const below = folder === undefined ? undefined : await pidsBelow(folder, 0);
  // In another PID namespace the kernel lists PIDs that we cannot name as 0, and init would not be among them.
  const pids = below?.has(init.pid) ? below : descendants(processes, init.pid);
  const initParent = (await readStat(procRoot, init.pid))?.parentPid;
  const found = await mapPooled(
    [...pids].sort((a, b) => a - b),
    16,
    async (pid): Promise<ContainerProcess | undefined> => {
      const [stat, argv, status] = await Promise.all([
        readStat(procRoot, pid),
        readArgv(procRoot, pid),
        readFile(join(procRoot, String(pid), 'status'), 'utf8').catch(() => ''),
      ]);
      if (!stat) return undefined;
      const fields = parseStatus(status);
      const containerPid = numbersOf(fields, 'NSpid').at(-1);
      const uid = numbersOf(fields, 'Uid')[1];
      const started = startedAt(bootTime, stat.startTicks);
      // Whoever was brought in from outside has its parent there: the shim, or the monitor of an exec alone.
      const entered = stat.parentPid === initParent || !pids.has(stat.parentPid);
      const role = pid === init.pid ? 'init' : entered ? 'exec' : 'child';
      return {
        hostPid: pid,
        parentPid: stat.parentPid,
        command: argv.length > 0 ? argv.join(' ') : `[${stat.comm}]`,
        state: stat.state,
        role,
        ...(containerPid === undefined ? {} : { containerPid }),
        ...(uid === undefined ? {} : { uid }),
        ...(started === undefined ? {} : { startedAt: started }),
      };
    },
  );
  // Whoever is not in the cgroup any more ended meanwhile, and his PID may have been given to another process.
  const still = below?.has(init.pid) && folder !== undefined ? await pidsBelow(folder, 0) : pids;
  return found.filter((process) => process !== undefined).filter(({ hostPid }) => still.has(hostPid));
}

/** All processes below one, itself not included, as far as the table goes. */
export function descendants(processes: ProcessTable, pid: number): Set<number> {
  const found = new Set<number>([pid]);
  for (const parent of found) for (const child of processes.childrenOf(parent)) found.add(child.pid);
  return found;
}

/**
 * The folder of the cgroup that was made for the container of its first process; undefined when no hierarchy shows one of
 * its own. A path that its parent (the shim or monitor) has too was inherited, and holds others; the root cgroup holds
 * everybody. So it is on hosts where the runtime knows one hierarchy of several, such as v2 beside mounted v1 ones.
 */
export async function processFolder(procRoot: string, pid: number): Promise<string | undefined> {
  try {
    const [lines, mounts, parent] = await Promise.all([
      readCgroup(procRoot, pid),
      readCgroupMounts(procRoot),
      readStat(procRoot, pid).then((stat) => (stat ? readCgroup(procRoot, stat.parentPid).catch(() => []) : [])),
    ]);
    const inherited = new Set(parent.map(({ hierarchy, path }) => `${hierarchy} ${path}`));
    for (const line of lines) {
      if (inherited.has(`${line.hierarchy} ${line.path}`)) continue;
      const place = folderOf(mounts, { ...line, path: containerCgroupOf(line.path) });
      if ('folder' in place) return place.folder;
    }
  } catch {
    // The process has ended, or its cgroups may not be read: the other route is left.
  }
  return undefined;
}

async function readCgroup(procRoot: string, pid: number): Promise<readonly CgroupLine[]> {
  return parseCgroup(await readFile(join(procRoot, String(pid), 'cgroup'), 'utf8'));
}

/** A container may nest cgroups, but not without end. */
const DEEPEST = 12;

async function pidsBelow(folder: string, depth: number): Promise<Set<number>> {
  const [text, deeper] = await Promise.all([
    readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => ''),
    depth < DEEPEST ? folders(folder).catch(() => []) : [],
  ]);
  const pids = new Set(text.split('\n').filter(Boolean).map(Number));
  for (const name of deeper) for (const pid of await pidsBelow(join(folder, name), depth + 1)) pids.add(pid);
  return pids;
}
