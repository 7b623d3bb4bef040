import { readFile } from '../../util/files';
import * as path from 'node:path';

/**
 * Start time (clock ticks since boot, field 22 of stat) of the process that has a PID now; undefined when there is none,
 * or only what is left of one that has ended.
 */
export async function startTicksOf(procRoot: string, pid: number): Promise<number | undefined> {
  try {
    const stat = await readFile(path.join(procRoot, String(pid), 'stat'), 'latin1');
    // comm, in parentheses, may itself hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[19]);
    return fields[0] === 'Z' || fields[0] === 'X' || !Number.isSafeInteger(ticks) ? undefined : ticks;
  } catch {
    return undefined;
  }
}
