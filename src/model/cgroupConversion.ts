/*
 * How OCI runtimes turn the numbers of cgroup v1, in which the OCI spec speaks, into those of cgroup v2.
 * Source: opencontainers/cgroups utils.go; crun src/libcrun/cgroup-resources.c.
 */

/** CPU shares (2 … 262144) to cpu.weight (1 … 10000), on a straight line: runc before 1.3.2 and crun before 1.23. */
export function linearCpuWeight(shares: number): number {
  return 1 + Math.floor(((clampShares(shares) - 2) * 9999) / 262_142);
}

/**
 * CPU shares to cpu.weight on a curve that meets 1024 → 100, so that both defaults agree: runc from 1.3.2 and crun from
 * 1.23 on.
 */
export function curvedCpuWeight(shares: number): number {
  if (shares <= 2) return 1;
  if (shares >= 262_144) return 10_000;
  const log = Math.log2(shares);
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
}

/** The shares that a conversion turns into a weight: the conversion is not unique, so a range. Absent when none do. */
export function sharesOfWeight(
  weight: number,
  convert: (shares: number) => number,
): { readonly from: number; readonly to: number } | undefined {
  const from = firstShares((shares) => convert(shares) >= weight);
  const to = firstShares((shares) => convert(shares) > weight) - 1;
  return from <= to && convert(from) === weight ? { from, to } : undefined;
}

/** blkio weight (10 … 1000) to io.weight (1 … 10000). */
export function ioWeight(blkioWeight: number): number {
  return 1 + Math.floor(((blkioWeight - 10) * 9999) / 990);
}

/**
 * The systemd driver keeps CPU quotas in steps of 1 % of a CPU and rounds up; then whole microseconds go into the file, at
 * least 1 ms. Both in microseconds. Source: opencontainers/cgroups systemd/common.go (addCPUQuota); systemd core/cgroup.c.
 */
export function systemdQuota(quota: number, period: number): number {
  const perSecond = Math.ceil(Math.floor((quota * 1_000_000) / period) / 10_000) * 10_000;
  return Math.max(Math.floor((perSecond * period) / 1_000_000), 1000);
}

function clampShares(shares: number): number {
  return Math.min(Math.max(shares, 2), 262_144);
}

/** The lowest shares of which a condition holds that stays true once it is; one more than the highest when none. */
function firstShares(holds: (shares: number) => boolean): number {
  let low = 2;
  let high = 262_145;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
