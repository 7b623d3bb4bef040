/** Signals by number from 1, as x86 and ARM count them. Source: signal(7). */
export const SIGNAL_NAMES = [
  ...[
    'HUP',
    'INT',
    'QUIT',
    'ILL',
    'TRAP',
    'ABRT',
    'BUS',
    'FPE',
    'KILL',
    'USR1',
    'SEGV',
    'USR2',
    'PIPE',
    'ALRM',
    'TERM',
  ],
  ...['STKFLT', 'CHLD', 'CONT', 'STOP', 'TSTP', 'TTIN', 'TTOU', 'URG', 'XCPU', 'XFSZ', 'VTALRM', 'PROF', 'WINCH', 'IO'],
  ...['PWR', 'SYS'],
] as const;

const ALIASES: Readonly<Record<string, string>> = { IOT: 'ABRT', POLL: 'IO', CLD: 'CHLD' };

/** The number of a signal: "SIGTERM", "term", "15" → 15; SIGRTMIN+n counts from 34. Undefined when unknown. */
export function signalNumberOf(signal: string | number): number | undefined {
  const text = String(signal).toUpperCase().replace(/^SIG/, '');
  if (/^\d{1,2}$/.test(text)) return Number(text) >= 1 && Number(text) <= 64 ? Number(text) : undefined;
  const realtime = /^RTM(IN|AX)(?:([+-])(\d{1,2}))?$/.exec(text);
  if (realtime) {
    const number = (realtime[1] === 'IN' ? 34 : 64) + Number(realtime[3] ?? 0) * (realtime[2] === '-' ? -1 : 1);
    return number >= 34 && number <= 64 ? number : undefined;
  }
  const name = Object.hasOwn(ALIASES, text) ? ALIASES[text] : text;
  const index = SIGNAL_NAMES.findIndex((known) => known === name);
  return index < 0 ? undefined : index + 1;
}

/** "SIGTERM" for 15; realtime signals by their distance from the first. */
export function signalNameOf(number: number): string | undefined {
  const name = SIGNAL_NAMES[number - 1];
  if (name !== undefined) return `SIG${name}`;
  return number >= 34 && number <= 64 ? `SIGRTMIN${number === 34 ? '' : `+${number - 34}`}` : undefined;
}
