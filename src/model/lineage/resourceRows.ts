import { asBoolean, asNumber, memberAt } from '../../util/records';
import { formatBytes, formatCount, formatCpus, toInteger } from '../../util/units';
import { curvedCpuWeight, linearCpuWeight, systemdQuota } from '../cgroupConversion';
import { isKnown, known, valueOf } from '../fact';
import { amount, amountIn, cpuList, showBytes } from './canonical';
import {
  enforcedFile,
  from,
  requested,
  requestedValue,
  requestOf,
  specified,
  specifiedValue,
  type EnforcedColumn,
  type Sources,
} from './columns';
import type { Acceptance, Setting } from './judge';
import { isPodman, originInCommand } from './podmanCommand';

const CRI = 'linux.resources';

/** Memory, CPU and processes. */
export function resourceSettings(sources: Sources): readonly Setting[] {
  return [
    memoryLimit(sources),
    {
      setting: 'Memory reservation',
      group: 'Memory',
      requested: requested(sources, { engine: 'HostConfig.MemoryReservation' }, amount, { show: showBytes }),
      specified: specified(sources, 'linux.resources.memory.reservation', amount, showBytes),
      enforced: enforcedFile(sources, [
        {
          file: 'memory.low',
          canonical: (raw) => (amountIn(raw) === '0' ? undefined : amountIn(raw)),
          show: showBytes,
        },
        { file: 'memory.soft_limit_in_bytes', canonical: amountIn, show: showBytes },
      ]),
      accepts: pageRounding,
    },
    swapLimit(sources),
    {
      setting: 'Kernel memory limit',
      group: 'Memory',
      requested: requested(sources, { engine: 'HostConfig.KernelMemory' }, amount, { show: showBytes }),
      specified: specified(sources, 'linux.resources.memory.kernel', amount, showBytes),
      enforced: enforcedFile(sources, [{ file: 'memory.kmem.limit_in_bytes', canonical: amountIn, show: showBytes }]),
      accepts: (wanted, enforced) =>
        wanted !== 'max' && enforced === undefined
          ? {
              verdict: 'not-enforced',
              why: 'runc from 1.0 on ignores it, and newer kernels have no such limit: memory of the kernel counts to the memory limit.',
            }
          : undefined,
    },
    {
      setting: 'Swappiness',
      group: 'Memory',
      // Podman up to 4.3 writes 0 for what nobody asked for.
      requested: requested(sources, { engine: 'HostConfig.MemorySwappiness' }, (value) =>
        value === 0 && unaskedByPodman(sources, 'HostConfig.MemorySwappiness') ? undefined : countOrUnset(value),
      ),
      specified: specified(sources, 'linux.resources.memory.swappiness', countOrUnset),
      enforced: enforcedFile(sources, [{ file: 'memory.swappiness', canonical: amountIn }]),
      unsetWhy: 'Nobody asked for it: the machine’s own value (vm.swappiness) holds.',
    },
    {
      setting: 'OOM killer off',
      group: 'Memory',
      requested: requested(sources, { engine: 'HostConfig.OomKillDisable' }, onlyTrue),
      specified: specified(sources, 'linux.resources.memory.disableOOMKiller', onlyTrue),
      enforced: enforcedFile(sources, [
        {
          file: 'memory.oom_control',
          canonical: (raw) => (/^oom_kill_disable 1$/m.test(raw) ? 'yes' : undefined),
          byDefault: 'no',
        },
      ]),
    },
    cpuShares(sources),
    cpuQuota(sources),
    cpuset(sources, 'CPUs', 'CpusetCpus', 'cpuset_cpus', 'cpus'),
    cpuset(sources, 'Memory nodes', 'CpusetMems', 'cpuset_mems', 'mems'),
    {
      setting: 'Realtime CPU time per period',
      group: 'CPU',
      requested: requested(sources, { engine: 'HostConfig.CpuRealtimeRuntime' }, amount),
      specified: specified(sources, 'linux.resources.cpu.realtimeRuntime', amount),
      enforced: enforcedFile(sources, [
        { file: 'cpu.rt_runtime_us', canonical: (raw) => amount(Number(raw)), byDefault: 'none' },
      ]),
    },
    {
      setting: 'Process limit',
      group: 'Processes',
      requested: requested(sources, { engine: 'HostConfig.PidsLimit' }, amount, { show: count }),
      specified: specified(sources, 'linux.resources.pids.limit', amount, count),
      enforced: enforcedFile(sources, [{ file: 'pids.max', canonical: amountIn, show: count }]),
      accepts: noLimit,
      unsetWhy:
        'Nobody asked for it: with the systemd driver, systemd gives every scope its own default (DefaultTasksMax).',
      remark: stricter(sources, 'pids.max', count),
    },
  ];
}

function unaskedByPodman(sources: Sources, field: string): boolean {
  const record = valueOf(sources.facts.engineRecord);
  return isPodman(record) && originInCommand(record, field, 'request') !== 'request';
}

function memoryLimit(sources: Sources): Setting {
  return {
    setting: 'Memory limit',
    group: 'Memory',
    requested: requested(sources, { engine: 'HostConfig.Memory', cri: `${CRI}.memory_limit_in_bytes` }, amount, {
      show: showBytes,
    }),
    specified: specified(sources, 'linux.resources.memory.limit', amount, showBytes),
    enforced: enforcedFile(sources, [
      { file: 'memory.max', canonical: amountIn, show: showBytes },
      { file: 'memory.limit_in_bytes', canonical: amountIn, show: showBytes },
    ]),
    accepts: (wanted, enforced) => noLimit(wanted, enforced) ?? pageRounding(wanted, enforced),
    remark: stricter(sources, 'memory.max', showBytes) ?? stricter(sources, 'memory.limit_in_bytes', showBytes),
  };
}

/** Memory and swap together: so Docker, the spec and v1 count; v2 limits swap alone. */
function swapLimit(sources: Sources): Setting {
  const record = requestOf(sources);
  const host = isKnown(record) ? memberAt(record.value, 'HostConfig') : undefined;
  const [memory, swap] = [asNumber(memberAt(host, 'Memory')) ?? 0, asNumber(memberAt(host, 'MemorySwap')) ?? 0];
  const doubled = memory > 0 && swap === 2 * memory;
  return {
    setting: 'Memory and swap limit',
    group: 'Memory',
    requested: requested(
      sources,
      { engine: 'HostConfig.MemorySwap', cri: `${CRI}.memory_swap_limit_in_bytes` },
      amount,
      {
        show: showBytes,
        ...(doubled ? { origin: 'engine' } : {}),
      },
    ),
    specified: specified(sources, 'linux.resources.memory.swap', amount, showBytes),
    enforced: swapInForce(sources),
    accepts: (wanted, enforced) => noLimit(wanted, enforced) ?? pageRounding(wanted, enforced),
    remark: doubled ? 'Twice the memory limit is what the engine fills in when nobody says otherwise.' : undefined,
  };
}

function swapInForce(sources: Sources): EnforcedColumn {
  const swap = enforcedFile(sources, [
    { file: 'memory.swap.max', canonical: amountIn },
    { file: 'memory.memsw.limit_in_bytes', canonical: amountIn, show: showBytes },
  ]);
  if (!isKnown(swap.fact) || !swap.fact.value.file.endsWith('memory.swap.max')) return swap;
  const memory = enforcedFile(sources, [{ file: 'memory.max', canonical: amountIn }]).canonical;
  const { value } = swap.fact;
  if (swap.canonical === undefined || memory === undefined) {
    const readable = swap.canonical === undefined ? 'no limit of swap' : `${formatBytes(swap.canonical)} of swap`;
    return { fact: from(swap.fact, { ...value, readable }) };
  }
  const total = String(BigInt(swap.canonical) + BigInt(memory));
  const readable = `${formatBytes(swap.canonical)} of swap; with memory.max together ${formatBytes(total)}`;
  return { fact: from(swap.fact, { ...value, readable }), canonical: total };
}

function cpuShares(sources: Sources): Setting {
  const enforced = enforcedFile(sources, [
    { file: 'cpu.weight', canonical: amountIn, show: (weight) => `weight ${weight}` },
    { file: 'cpu.shares', canonical: amountIn, show: (shares) => `${count(shares)} shares` },
  ]);
  const v2 = isKnown(enforced.fact) && enforced.fact.value.file.endsWith('cpu.weight');
  return {
    setting: 'CPU shares',
    group: 'CPU',
    requested: requested(sources, { engine: 'HostConfig.CpuShares', cri: `${CRI}.cpu_shares` }, amount, {
      show: (shares) => `${count(shares)} shares`,
    }),
    specified: specified(sources, 'linux.resources.cpu.shares', amount, (shares) => `${count(shares)} shares`),
    enforced,
    byDefault: v2 ? '100' : '1024',
    accepts: (wanted, weight) => {
      if (!v2)
        return wanted === '1' && weight === '2'
          ? { verdict: 'differs', why: 'The kernel’s least value is 2 shares.' }
          : undefined;
      const shares = Number(wanted);
      if (String(curvedCpuWeight(shares)) === weight) {
        return {
          verdict: 'in-force',
          why: `cgroup v2 knows weights: ${wanted} shares are weight ${weight} by the conversion of runc from 1.3.2 and crun from 1.23 on.`,
        };
      }
      if (String(linearCpuWeight(shares)) === weight) {
        return {
          verdict: 'in-force',
          why: `cgroup v2 knows weights: ${wanted} shares are weight ${weight} by the conversion of runc before 1.3.2 and crun before 1.23.`,
        };
      }
      return undefined;
    },
    unsetWhy:
      'Nobody asked for it: the value comes from who made the cgroup, such as systemd or the runtime’s own default.',
  };
}

/** CPU time per period as "quota period", both in microseconds. Undefined: no limit. */
function bandwidth(quota: unknown, period: unknown): string | undefined {
  const [time, length] = [asNumber(quota) ?? 0, asNumber(period) ?? 0];
  return time > 0 ? `${time} ${length > 0 ? length : 100_000}` : undefined;
}

function showBandwidth(canonical: string): string {
  const [quota = 0, period = 1] = canonical.split(' ').map(Number);
  return `${formatCpus(quota / period)} (${formatCount(quota)} µs in each ${formatCount(period)} µs)`;
}

function cpuQuota(sources: Sources): Setting {
  const record = requestOf(sources);
  const spec = sources.facts.ociConfig;
  return {
    setting: 'CPU quota',
    group: 'CPU',
    requested: isKnown(record) ? requestedQuota(record, record.cri === true) : { fact: record },
    specified: isKnown(spec)
      ? specifiedValue(
          spec,
          'linux.resources.cpu.quota, period',
          bandwidth(
            memberAt(spec.value, 'linux', 'resources', 'cpu', 'quota'),
            memberAt(spec.value, 'linux', 'resources', 'cpu', 'period'),
          ),
          showBandwidth,
          [
            ['linux', 'resources', 'cpu', 'quota'],
            ['linux', 'resources', 'cpu', 'period'],
          ],
        )
      : { fact: spec },
    enforced: quotaInForce(sources),
    accepts: (wanted, enforced) => quotaRounding(wanted, enforced),
  };
}

function requestedQuota(record: Parameters<typeof requestedValue>[0], cri: boolean): Setting['requested'] {
  const at = (...path: string[]): unknown => memberAt(record.value, ...path);
  if (cri) {
    const [quota, period] = [at('linux', 'resources', 'cpu_quota'), at('linux', 'resources', 'cpu_period')];
    return requestedValue(
      record,
      `${CRI}.cpu_quota, cpu_period`,
      bandwidth(Number(toInteger(quota) ?? 0), Number(toInteger(period) ?? 0)),
      {
        show: showBandwidth,
      },
    );
  }
  const nano = asNumber(at('HostConfig', 'NanoCpus')) ?? 0;
  if (nano > 0) {
    // dockerd turns NanoCpus into a quota over 100 ms.
    return requestedValue(record, 'HostConfig.NanoCpus', bandwidth(Math.trunc((nano * 100_000) / 1e9), 100_000), {
      show: showBandwidth,
    });
  }
  return requestedValue(
    record,
    'HostConfig.CpuQuota, CpuPeriod',
    bandwidth(at('HostConfig', 'CpuQuota'), at('HostConfig', 'CpuPeriod')),
    { show: showBandwidth },
  );
}

function quotaInForce(sources: Sources): EnforcedColumn {
  const v2 = enforcedFile(sources, [
    {
      file: 'cpu.max',
      canonical: (raw) => (/^\d+ \d+$/.test(raw) ? raw : undefined),
      show: showBandwidth,
    },
  ]);
  if (isKnown(v2.fact) || !v2.lacking) return v2;
  const quota = enforcedFile(sources, [{ file: 'cpu.cfs_quota_us', canonical: amountIn }]);
  const period = enforcedFile(sources, [{ file: 'cpu.cfs_period_us', canonical: amountIn }]);
  if (!isKnown(quota.fact) || !isKnown(period.fact)) return quota;
  const canonical = bandwidth(Number(quota.canonical ?? 0), Number(period.canonical ?? 0));
  const { file, raw } = quota.fact.value;
  return {
    fact: known(
      'cgroupfs',
      {
        file,
        besides: [period.fact.value.file],
        raw: `${raw} of ${period.fact.value.raw}`,
        readable: canonical === undefined ? 'no limit' : showBandwidth(canonical),
      },
      `${file} and ${period.fact.value.file}`,
      `cat ${file} ${period.fact.value.file}`,
      { observedAt: quota.fact.observedAt },
    ),
    ...(canonical === undefined ? {} : { canonical }),
  };
}

function quotaRounding(wanted: string, enforced: string | undefined): Acceptance | undefined {
  const [quota = 0, period = 1] = wanted.split(' ').map(Number);
  const [now = 0, length = 1] = (enforced ?? '').split(' ').map(Number);
  if (enforced === undefined) return undefined;
  if (quota * length === now * period) {
    return { verdict: 'in-force', why: 'The share is the same, over a period of another length.' };
  }
  return period === length && systemdQuota(quota, period) === now
    ? { verdict: 'differs', why: 'The systemd driver rounds quotas up to 1 % of a CPU.' }
    : undefined;
}

function cpuset(sources: Sources, setting: string, engine: string, cri: string, key: 'cpus' | 'mems'): Setting {
  return {
    setting,
    group: 'CPU',
    requested: requested(sources, { engine: `HostConfig.${engine}`, cri: `${CRI}.${cri}` }, cpuList),
    specified: specified(sources, `linux.resources.cpu.${key}`, cpuList),
    enforced: enforcedFile(sources, [{ file: `cpuset.${key}`, canonical: cpuList }]),
    unsetWhy: 'Nobody asked for it: the cgroup has all that its parent has.',
  };
}

/** Limits are kept in whole pages. */
function pageRounding(wanted: string, enforced: string | undefined): Acceptance | undefined {
  if (enforced === undefined || !/^\d+$/.test(wanted)) return undefined;
  const difference = BigInt(wanted) - BigInt(enforced);
  return difference > 0n && difference < 65_536n
    ? { verdict: 'differs', why: 'The kernel keeps it in whole pages of memory and rounds down.' }
    : undefined;
}

function noLimit(wanted: string, enforced: string | undefined): Acceptance | undefined {
  return wanted === 'max' && enforced === undefined
    ? { verdict: 'in-force', why: 'No limit was asked for, and there is none.' }
    : undefined;
}

/** A sentence on an ancestor that is stricter than the container's own cgroup. */
function stricter(sources: Sources, file: string, show: (canonical: string) => string): string | undefined {
  const report = valueOf(sources.facts.cgroups);
  const reading = report?.controllers.flatMap(({ readings }) => readings).find((one) => one.file === file);
  const effective = reading?.effective;
  if (!effective || effective.value === 'max') return undefined;
  return `A cgroup above is stricter, and its limit holds for all below it: ${show(String(effective.value))} in ${effective.path}.`;
}

function count(canonical: string): string {
  return canonical === 'max' ? 'no limit' : formatCount(canonical);
}

/** A number where 0 means something and null or -1 does not. */
function countOrUnset(value: unknown): string | undefined {
  const number = asNumber(value);
  return number === undefined || number < 0 ? undefined : String(number);
}

function onlyTrue(value: unknown): string | undefined {
  return asBoolean(value) === true ? 'yes' : undefined;
}
