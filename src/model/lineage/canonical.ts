import { asArray, asNumber, asString, memberAt } from '../../util/records';
import { formatBytes, toInteger } from '../../util/units';

/** An amount: 0 and what is no number stand for "not set", negative for "no limit", `max`. */
export function amount(value: unknown): string | undefined {
  const number = toInteger(value);
  if (number === undefined || number === 0n) return undefined;
  return number < 0n ? 'max' : String(number);
}

/** An amount in a cgroup file: `max`, -1 and v1's largest number mean that there is no limit, the default. */
export function amountIn(raw: string): string | undefined {
  const number = toInteger(raw.trim());
  if (number === undefined || number < 0n || number >= 2n ** 62n) return undefined;
  return String(number);
}

/** "64 MiB (67,108,864 bytes)", or "no limit". */
export function showBytes(canonical: string): string {
  return canonical === 'max' ? 'no limit' : formatBytes(canonical);
}

/** A list of CPUs or memory nodes with single numbers and ranges in order: "2,0-1" → "0-2". Undefined when empty. */
export function cpuList(value: unknown): string | undefined {
  const text = asString(value)?.trim();
  if (!text) return undefined;
  const numbers = new Set<number>();
  const parts = text.split(',');
  // No kernel has more than 8192 CPUs; what is longer is not worth the time to bring it into one form.
  if (parts.length > 1000) return text;
  for (const part of parts) {
    const match = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part.trim());
    if (!match) return text;
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
    for (let cpu = first; cpu <= last; cpu++) numbers.add(cpu);
  }
  const ordered = [...numbers].sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const cpu of ordered) {
    const open = ranges.at(-1);
    if (open && open[1] === cpu - 1) open[1] = cpu;
    else ranges.push([cpu, cpu]);
  }
  return ranges.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(',');
}

/** Rates by device, as the engine (`Path`) and the spec (`major`, `minor`) write them, in order. */
export function deviceRates(value: unknown, rateKey: 'Rate' | 'rate'): readonly string[] {
  return asArray(value)
    .flatMap((item) => {
      const rate = asNumber(memberAt(item, rateKey));
      const [path, major, minor] = [memberAt(item, 'Path'), memberAt(item, 'major'), memberAt(item, 'minor')];
      const device = asString(path) ?? `${asNumber(major) ?? '?'}:${asNumber(minor) ?? '?'}`;
      return rate === undefined || rate <= 0 ? [] : [`${device} ${rate}`];
    })
    .sort();
}
