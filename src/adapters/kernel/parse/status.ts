/** The lines of /proc/PID/status by their name. Source: proc_pid_status(5). The first of equal names counts. */
export function parseStatus(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon);
    if (!fields.has(name)) fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
}

/** The numbers of a field such as Uid or NSpid; empty when it is not there. */
export function numbersOf(fields: ReadonlyMap<string, string>, name: string): readonly number[] {
  return (fields.get(name) ?? '').split(/\s+/).filter(Boolean).map(Number).filter(Number.isSafeInteger);
}
