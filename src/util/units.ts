/** A whole number from outside: a JavaScript number, or its digits where a number cannot hold it exactly. */
export type IntegerLike = number | bigint | string;

const BINARY_UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** The whole number that is meant; undefined for fractions and for text that is no number. */
export function toInteger(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' && /^-?\d{1,30}$/.test(value) ? BigInt(value) : undefined;
}

/** "67,108,864": digits in groups. What is no whole number stays as it was written. */
export function formatCount(value: IntegerLike): string {
  return toInteger(value)?.toLocaleString('en-US') ?? String(value);
}

/** Bytes in the largest fitting unit and exactly: "64 MiB (67,108,864 bytes)". "about" marks a rounded amount. */
export function formatBytes(value: IntegerLike): string {
  const bytes = toInteger(value);
  if (bytes === undefined) return String(value);
  const exact = `${formatCount(bytes)} ${bytes === 1n ? 'byte' : 'bytes'}`;
  const size = bytes < 0n ? -bytes : bytes;
  if (size < 1024n) return exact;
  let unit = 0;
  while (unit < BINARY_UNITS.length - 1 && size >= 1n << BigInt(10 * (unit + 1))) unit++;
  const hundredths = (size * 100n * 2n + (1n << BigInt(10 * unit))) / (2n << BigInt(10 * unit));
  const rounded = hundredths << BigInt(10 * unit) !== size * 100n;
  const amount = Number(hundredths) / 100;
  return `${rounded ? 'about ' : ''}${bytes < 0n ? '-' : ''}${amount} ${BINARY_UNITS[unit] ?? ''} (${exact})`;
}

/** Processor time per time: 0.5 → "0.5 CPU", 2 → "2 CPUs". */
export function formatCpus(cpus: number): string {
  const shown = Math.round(cpus * 1000) / 1000;
  return `${shown} ${shown <= 1 ? 'CPU' : 'CPUs'}`;
}

/** A duration from microseconds: 100000 → "100 ms", 90000000 → "1 min 30 s". */
export function formatDuration(microseconds: number): string {
  const round = (value: number): number => Math.round(value * 100) / 100;
  if (Math.abs(microseconds) < 1000) return `${round(microseconds)} µs`;
  if (Math.abs(microseconds) < 1e6) return `${round(microseconds / 1000)} ms`;
  if (microseconds < 60e6) return `${round(microseconds / 1e6)} s`;
  const seconds = Math.round(microseconds / 1e6);
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}
