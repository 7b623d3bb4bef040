import { readFileSync } from 'node:fs';

/** How the boot clock, in which the kernel tells when processes started, relates to the real-time clock. */
export interface BootClock {
  /** Unix microseconds at which the boot clock was zero. */
  readonly bootUs: number;
  /** How far off that can be. */
  readonly errorUs: number;
}

/** The kernel shows the boot clock, as start times, in hundredths of a second. Source: time(7), USER_HZ. */
export const TICK_US = 10_000;
/** Each is at most one tick away; of several the best is taken. */
const EDGES = 3;
const READS_AT_MOST = 100_000;

/**
 * Unix microseconds now. JavaScript's own clock counts milliseconds: the moment at which it turns is looked for once, and
 * counted on from there by the monotonic clock.
 */
export function microsecondClock(): () => number {
  const before = Date.now();
  let turned = Date.now();
  while (turned === before) turned = Date.now();
  const offset = turned * 1000 - performance.now() * 1000;
  return () => Math.round(offset + performance.now() * 1000);
}

/**
 * Finds out when this machine booted, far more exactly than btime of /proc/stat, which counts seconds: the moments at which
 * /proc/uptime turns are looked for. Takes up to 30 ms and keeps its thread busy. Undefined where there is no /proc.
 */
export function measureBootClock(nowUs: () => number, wanted = EDGES, read = readUptime): BootClock | undefined {
  let best: BootClock | undefined;
  let last = read();
  let lastAt = nowUs();
  for (let edges = 0, reads = 0; edges < wanted && reads < READS_AT_MOST; reads++) {
    const ticks = read();
    const at = nowUs();
    if (ticks === undefined || last === undefined) return undefined;
    if (ticks !== last) {
      edges++;
      // It turned between the two reads. A slow one makes the boot look later than it was.
      const found = { bootUs: at - ticks * TICK_US, errorUs: at - lastAt };
      if (!best || found.errorUs < best.errorUs) best = found;
    }
    last = ticks;
    lastAt = at;
  }
  return best;
}

/** The boot clock in ticks. Source: the first number of /proc/uptime, of this process's time namespace as start times are. */
function readUptime(): number | undefined {
  try {
    const seconds = /^(\d+)\.(\d\d)/.exec(readFileSync('/proc/uptime', 'latin1'));
    return seconds ? Number(seconds[1]) * 100 + Number(seconds[2]) : undefined;
  } catch {
    return undefined;
  }
}
