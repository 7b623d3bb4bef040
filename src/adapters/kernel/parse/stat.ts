/** The fields of /proc/PID/stat that are used. Source: proc_pid_stat(5). */
export interface StatRecord {
  readonly pid: number;
  readonly comm: string;
  readonly state: string;
  readonly parentPid: number;
  /** Clock ticks since boot. */
  readonly startTicks: number;
}

/** Field 3 is the first after the name; the start time is field 22. */
const START_FIELD = 22 - 3;

/**
 * Reads a stat line. The name in parentheses is chosen by the process and may hold `) R 1` and newlines, so the fields
 * are counted from the last closing parenthesis.
 */
export function parseStat(text: string): StatRecord | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 1 || close < open) return undefined;
  const pid = Number(text.slice(0, open).trim());
  const fields = text
    .slice(close + 1)
    .trim()
    .split(/\s+/);
  const parentPid = Number(fields[1] ?? 'none');
  const startTicks = Number(fields[START_FIELD] ?? 'none');
  if (![pid, parentPid, startTicks].every(Number.isSafeInteger) || pid <= 0) return undefined;
  return { pid, comm: text.slice(open + 1, close), state: fields[0] ?? '?', parentPid, startTicks };
}
