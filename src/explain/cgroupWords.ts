import type { CgroupNumber } from '../model/cgroup';
import { curvedCpuWeight, linearCpuWeight, sharesOfWeight } from '../model/cgroupConversion';
import { formatBytes, formatCount, formatDuration } from '../util/units';

/** A number of bytes; what the kernel writes for "no limit" is said so. */
export function bytes(value: CgroupNumber): string {
  return value === 'max' || value >= 2 ** 62 ? 'No limit.' : `${formatBytes(value)}.`;
}

/** A number of things. */
export function count(value: CgroupNumber): string {
  return value === 'max' ? 'No limit.' : `${formatCount(value)}.`;
}

/** A time; what is negative means none is set. */
export function microseconds(value: CgroupNumber): string {
  return value === 'max' || value < 0 ? 'No limit.' : `${formatDuration(value)}.`;
}

export function nanoseconds(value: CgroupNumber): string | undefined {
  return value === 'max' ? undefined : `${formatDuration(value / 1000)}.`;
}

/** Which CPU shares of the OCI spec a weight stands for, by both conversions that are in use. */
export function weightInWords(value: CgroupNumber): string | undefined {
  if (value === 'max') return undefined;
  const range = (convert: (shares: number) => number): string | undefined => {
    const shares = sharesOfWeight(value, convert);
    if (!shares) return undefined;
    return shares.from === shares.to
      ? formatCount(shares.from)
      : `${formatCount(shares.from)} to ${formatCount(shares.to)}`;
  };
  const [linear, curved] = [range(linearCpuWeight), range(curvedCpuWeight)];
  const parts = [
    linear === undefined ? '' : `${linear} shares by runc before 1.3.2 and crun before 1.23`,
    curved === undefined ? '' : `${curved} shares by newer ones`,
  ].filter(Boolean);
  return `Weight ${value}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}. 100 is the default.`;
}
