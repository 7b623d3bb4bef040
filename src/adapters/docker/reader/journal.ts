import type { JournalEntry } from '../../../model/readerJournal';

/** A reading lasts seconds. After so long it is over, whatever process has its PID by now. */
const LONGEST_MS = 10 * 60_000;

/** Whether nobody is at work on this entry any more, so that what it names is to be removed. */
export function isLeft({ over, pid, atMs }: JournalEntry, nowMs = Date.now()): boolean {
  return over === true || nowMs - atMs > LONGEST_MS || !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
