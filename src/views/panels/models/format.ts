import type { CgroupNumber, CgroupReading } from '../../../model/cgroup';

const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** Bytes for people: 67108864 → "64 MiB". */
export function formatBytes(bytes: number): string {
  let unit = 0;
  let amount = bytes;
  while (Math.abs(amount) >= 1024 && unit < BINARY_UNITS.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${round(amount)} ${BINARY_UNITS[unit] ?? ''}`;
}

/** A duration for people, from microseconds: 1500000 → "1.5 s". */
export function formatMicroseconds(microseconds: number): string {
  if (microseconds < 1000) return `${round(microseconds)} µs`;
  if (microseconds < 1e6) return `${round(microseconds / 1000)} ms`;
  if (microseconds < 60e6) return `${round(microseconds / 1e6)} s`;
  const seconds = Math.floor(microseconds / 1e6);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${seconds % 60} s`;
}

/** A cgroup number in the unit of its file. */
export function formatReading(value: CgroupNumber, unit: CgroupReading['unit']): string {
  if (value === 'max') return 'unlimited';
  switch (unit) {
    case 'bytes':
      // v1 writes "no limit" as the largest page-aligned 64-bit number.
      return value >= 2 ** 62 ? 'unlimited' : formatBytes(value);
    case 'µs':
      return value < 0 ? 'unlimited' : formatMicroseconds(value);
    case 'ns':
      return formatMicroseconds(value / 1000);
    case 'cpus':
      return `${round(value)} ${value === 1 ? 'CPU' : 'CPUs'}`;
    case 'count':
    case 'weight':
    case 'text':
      return value.toLocaleString('en-US');
  }
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}
