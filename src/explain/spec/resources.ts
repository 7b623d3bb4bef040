import { curvedCpuWeight, ioWeight, linearCpuWeight } from '../../model/cgroupConversion';
import { asArray, asNumber, asRecord, asString } from '../../util/records';
import { formatBytes, formatCount, formatDuration } from '../../util/units';
import type { Explanation, Reference } from '../explanation';
import { explainCgroupFile } from '../cgroupFiles';
import { cgroupV1, cgroupV2, kernelDoc, specLinux } from '../references';
import type { FieldTable, FieldText } from './field';
import { countOf, either, limitInBytes, limitOf } from './words';

const memory = [specLinux('memory'), cgroupV2('memory-interface-files', 'memory'), cgroupV1('memory')];
const cpu = [
  specLinux('cpu'),
  cgroupV2('cpu-interface-files', 'CPU'),
  kernelDoc('scheduler/sched-bwc.html', 'CFS bandwidth control'),
];
const cpuset = [specLinux('cpu'), cgroupV2('cpuset-interface-files', 'cpuset'), cgroupV1('cpusets')];
const blockIo = [specLinux('block-io'), cgroupV2('io-interface-files', 'I/O'), cgroupV1('blkio-controller')];
const devices = [specLinux('allowed-device-list'), cgroupV1('devices')];

function sharesInWords(value: unknown): string | undefined {
  const shares = asNumber(value);
  if (shares === undefined) return undefined;
  if (shares === 0) return '0 stands for “not set”: the kernel’s default of 1,024.';
  return `${Math.round((shares / 1024) * 100) / 100} times the default of 1,024. With cgroup v2 it becomes cpu.weight ${linearCpuWeight(shares)} (runc before 1.3.2, crun before 1.23) or ${curvedCpuWeight(shares)} (newer).`;
}

function timeInWords(value: unknown): string | undefined {
  const time = asNumber(value);
  if (time === undefined) return undefined;
  if (time === 0) return '0 stands for “not set”.';
  return time < 0 ? 'No limit.' : `${formatDuration(time)}.`;
}

function weightInWords(value: unknown): string | undefined {
  const weight = asNumber(value);
  if (weight === undefined) return undefined;
  if (weight === 0) return '0 stands for “not set”.';
  return `${weight} of 10 to 1000. With cgroup v2 it becomes ${weight} in io.bfq.weight, or ${ioWeight(weight)} in io.weight.`;
}

function cpuDetail(value: unknown): Partial<Explanation> | undefined {
  const { quota, period } = asRecord(value) ?? {};
  if (typeof quota !== 'number' || quota <= 0) return undefined;
  const length = typeof period === 'number' && period > 0 ? period : 100_000;
  return {
    valueInWords: `At most ${Math.round((quota / length) * 1000) / 1000} CPUs: ${formatDuration(quota)} in each ${formatDuration(length)}.`,
  };
}

/** A list of limits by device, `throttleReadBpsDevice` and the like. */
function throttle(name: string, what: string, unit: 'bytes' | 'operations', file: string): FieldTable {
  const at = `linux.resources.blockIO.${name}`;
  return {
    [at]: {
      meaning: `Limits of ${what}, by device. Kernel files: ${file}.`,
      references: blockIo,
      words: countOf('device'),
    },
    [`${at}.*`]: {
      meaning: `The limit of ${what} for one device.`,
      references: blockIo,
      words: (value) => {
        const { major, minor, rate } = asRecord(value) ?? {};
        const amount = amountInWords(rate, unit);
        return amount && `${amount} per second for device ${asNumber(major) ?? '?'}:${asNumber(minor) ?? '?'}.`;
      },
    },
    ...deviceNumbers(at, blockIo),
    [`${at}.*.rate`]: {
      meaning: `The most ${unit} per second.`,
      references: blockIo,
      words: (value) => {
        const amount = amountInWords(value, unit);
        return amount && `${amount} per second.`;
      },
    },
  };
}

function amountInWords(value: unknown, unit: 'bytes' | 'operations'): string | undefined {
  const rate = asNumber(value);
  if (rate === undefined) return undefined;
  return unit === 'bytes' ? formatBytes(rate) : `${formatCount(rate)} operations`;
}

function deviceNumbers(at: string, references: readonly Reference[]): FieldTable {
  return {
    [`${at}.*.major`]: { meaning: 'Major number: which driver. lsblk shows it.', references },
    [`${at}.*.minor`]: { meaning: 'Minor number: which device of the driver. lsblk shows it.', references },
  };
}

/** A device rule: "Allow c 1:3 rwm". */
export function deviceRuleInWords(value: unknown): string | undefined {
  const rule = asRecord(value);
  if (!rule) return undefined;
  const type = { c: 'character devices', b: 'block devices' }[asString(rule.type) ?? ''] ?? 'all devices';
  const number = (part: unknown): string => (typeof part === 'number' && part >= 0 ? String(part) : '*');
  const which =
    rule.major === undefined && rule.minor === undefined ? '' : ` ${number(rule.major)}:${number(rule.minor)}`;
  const access = [...(asString(rule.access) ?? 'rwm')].map(
    (letter) => ({ r: 'read', w: 'write', m: 'make' })[letter] ?? letter,
  );
  const how = access.length === 1 ? `${access.join()} only` : access.join(', ');
  return `${rule.allow === true ? 'Allowed' : 'Refused'}: ${type}${which} (${how}).`;
}

const field = (meaning: string, references: readonly Reference[], more: Partial<FieldText> = {}): FieldText => ({
  meaning,
  references,
  ...more,
});

/** The fields of `linux.resources`. */
export const RESOURCE_FIELDS: FieldTable = {
  'linux.resources': field(
    'How much the container may use: limits that the kernel’s cgroups enforce.',
    [specLinux('control-groups'), cgroupV2('controllers', 'controllers')],
    {
      consequence: 'config.json is written at start: what docker update changed later stands only in the cgroup files.',
    },
  ),
  'linux.resources.memory': field('Limits of memory.', memory),
  'linux.resources.memory.limit': field(
    'Hard limit of memory, in bytes (docker run -m). Kernel files: memory.limit_in_bytes in v1, memory.max in v2.',
    memory,
    {
      words: limitInBytes,
      consequence: 'At the limit the OOM killer ends a process of the container.',
    },
  ),
  'linux.resources.memory.reservation': field(
    'Soft limit of memory, in bytes. Kernel files: memory.soft_limit_in_bytes in v1, memory.low in v2.',
    memory,
    {
      words: limitInBytes,
      consequence: 'In v1 it is where memory is pushed back to in need; in v2 it is memory that is protected.',
    },
  ),
  'linux.resources.memory.swap': field(
    'Memory and swap together, in bytes. Kernel files: memory.memsw.limit_in_bytes in v1; in v2 memory.swap.max, which gets the difference to memory.limit.',
    memory,
    {
      words: limitInBytes,
      consequence: 'Docker sets twice the memory limit unless told otherwise; the same as the limit means no swap.',
    },
  ),
  'linux.resources.memory.kernel': field(
    'Limit of kernel memory, in bytes. Deprecated: runc from 1.0 on ignores it.',
    memory,
    { words: limitInBytes },
  ),
  'linux.resources.memory.kernelTCP': field('Limit of memory for TCP buffers, in bytes. v1 only.', memory, {
    words: limitInBytes,
  }),
  'linux.resources.memory.swappiness': field(
    'How gladly memory is swapped, 0 to 100. Kernel file: memory.swappiness, v1 only.',
    memory,
  ),
  'linux.resources.memory.disableOOMKiller': field(
    'Whether the OOM killer is off for this container. Kernel file: memory.oom_control, v1 only.',
    memory,
    {
      words: either(
        'Off: processes that want more memory stand still.',
        'On: a process is ended when memory runs out.',
      ),
    },
  ),
  'linux.resources.memory.useHierarchy': field(
    'Whether memory of cgroups below counts too. v1 only; newer kernels always do.',
    memory,
  ),
  'linux.resources.memory.checkBeforeUpdate': field(
    'Whether a new limit below the present use is refused instead of killing. Counts for updates.',
    memory,
  ),
  'linux.resources.cpu': field('Limits and shares of CPU time.', cpu, { detail: cpuDetail }),
  'linux.resources.cpu.shares': field(
    'Share of CPU time while CPUs are scarce, relative to others. Kernel files: cpu.shares in v1, cpu.weight in v2.',
    cpu,
    {
      words: sharesInWords,
    },
  ),
  'linux.resources.cpu.quota': field(
    'CPU time in each period, in microseconds (docker run --cpus sets it). Kernel files: cpu.cfs_quota_us in v1, cpu.max in v2.',
    cpu,
    {
      words: timeInWords,
      consequence: 'Divided by the period it is the number of CPUs. The systemd driver rounds up to 1 % of a CPU.',
    },
  ),
  'linux.resources.cpu.burst': field(
    'CPU time that may be saved up beyond the quota, in microseconds. Kernel files: cpu.cfs_burst_us in v1, cpu.max.burst in v2.',
    cpu,
    { words: timeInWords },
  ),
  'linux.resources.cpu.period': field(
    'Length of the period for the quota, in microseconds. Kernel files: cpu.cfs_period_us in v1, cpu.max in v2.',
    cpu,
    { words: timeInWords },
  ),
  'linux.resources.cpu.realtimeRuntime': field(
    'CPU time in each period for realtime processes, in microseconds. Kernel file: cpu.rt_runtime_us, v1 only.',
    cpu,
    { words: timeInWords },
  ),
  'linux.resources.cpu.realtimePeriod': field(
    'Length of the period for realtime processes, in microseconds. Kernel file: cpu.rt_period_us, v1 only.',
    cpu,
    { words: timeInWords },
  ),
  'linux.resources.cpu.cpus': field('The CPUs it may use, such as 0-2,7. Kernel file: cpuset.cpus.', cpuset, {
    check: 'grep Cpus_allowed_list /proc/PID/status',
  }),
  'linux.resources.cpu.mems': field('The memory nodes (NUMA) it may use. Kernel file: cpuset.mems.', cpuset, {
    check: 'grep Mems_allowed_list /proc/PID/status',
  }),
  'linux.resources.cpu.idle': field('With 1 it only runs when nobody else wants the CPU. Kernel file: cpu.idle.', cpu),
  'linux.resources.pids': field('Limit of processes.', [specLinux('pids'), cgroupV1('pids')]),
  'linux.resources.pids.limit': field(
    'The most processes and threads at a time (docker run --pids-limit). Kernel file: pids.max.',
    [specLinux('pids'), cgroupV2('pid-interface-files', 'PIDs'), cgroupV1('pids')],
    {
      words: limitOf('process', 'processes'),
      consequence: 'A limit stops fork bombs. At it, fork fails with EAGAIN.',
    },
  ),
  'linux.resources.blockIO': field('Shares and limits of disk access.', blockIo),
  'linux.resources.blockIO.weight': field(
    'Share of disk time, 10 to 1000. Kernel files: blkio.weight or blkio.bfq.weight in v1, io.bfq.weight or io.weight in v2.',
    blockIo,
    {
      words: weightInWords,
      consequence: 'Without a disk scheduler that knows weights there is no such file, and it has no effect.',
    },
  ),
  'linux.resources.blockIO.leafWeight': field(
    'Weight of its own processes against cgroups below. v1 with the CFQ scheduler only, which is gone.',
    blockIo,
  ),
  'linux.resources.blockIO.weightDevice': field('Weights by device.', blockIo, { words: countOf('device') }),
  'linux.resources.blockIO.weightDevice.*': field('The weight for one device.', blockIo),
  ...deviceNumbers('linux.resources.blockIO.weightDevice', blockIo),
  'linux.resources.blockIO.weightDevice.*.weight': field('Its share of this device’s time, 10 to 1000.', blockIo, {
    words: weightInWords,
  }),
  'linux.resources.blockIO.weightDevice.*.leafWeight': field(
    'Weight of its own processes on this device. CFQ only, which is gone.',
    blockIo,
  ),
  ...throttle(
    'throttleReadBpsDevice',
    'bytes read per second',
    'bytes',
    'blkio.throttle.read_bps_device in v1, rbps of io.max in v2',
  ),
  ...throttle(
    'throttleWriteBpsDevice',
    'bytes written per second',
    'bytes',
    'blkio.throttle.write_bps_device in v1, wbps of io.max in v2',
  ),
  ...throttle(
    'throttleReadIOPSDevice',
    'reads per second',
    'operations',
    'blkio.throttle.read_iops_device in v1, riops of io.max in v2',
  ),
  ...throttle(
    'throttleWriteIOPSDevice',
    'writes per second',
    'operations',
    'blkio.throttle.write_iops_device in v1, wiops of io.max in v2',
  ),
  'linux.resources.hugepageLimits': field(
    'Limits of huge pages, by size. Kernel files: hugetlb.SIZE.limit_in_bytes in v1, hugetlb.SIZE.max in v2.',
    [specLinux('huge-page-limits'), cgroupV1('hugetlb')],
  ),
  'linux.resources.hugepageLimits.*': field('The limit of huge pages of one size.', [
    specLinux('huge-page-limits'),
    cgroupV1('hugetlb'),
  ]),
  'linux.resources.hugepageLimits.*.pageSize': field('The size of the pages, such as 2MB.', [
    specLinux('huge-page-limits'),
  ]),
  'linux.resources.hugepageLimits.*.limit': field(
    'The most memory in such pages, in bytes.',
    [specLinux('huge-page-limits')],
    {
      words: (value) => (value === 0 ? 'None at all.' : limitInBytes(value)),
    },
  ),
  'linux.resources.network': field('Marks on the container’s packets. v1 only.', [specLinux('network')]),
  'linux.resources.network.classID': field(
    'A number that its packets carry, for traffic control. Kernel file: net_cls.classid.',
    [specLinux('network'), cgroupV1('net_cls')],
  ),
  'linux.resources.network.priorities': field('Priorities by network interface. Kernel file: net_prio.ifpriomap.', [
    specLinux('network'),
    cgroupV1('net_prio'),
  ]),
  'linux.resources.network.priorities.*': field('The priority on one interface.', [specLinux('network')]),
  'linux.resources.network.priorities.*.name': field('The interface.', [specLinux('network')]),
  'linux.resources.network.priorities.*.priority': field('The priority of packets there.', [specLinux('network')]),
  'linux.resources.rdma': field('Limits of RDMA network adapters, by device. Kernel file: rdma.max.', [
    specLinux('rdma'),
    cgroupV1('rdma'),
  ]),
  'linux.resources.rdma.*': field('The limits of one RDMA device.', [specLinux('rdma'), cgroupV1('rdma')]),
  'linux.resources.rdma.*.hcaHandles': field('The most handles that may be open.', [specLinux('rdma')]),
  'linux.resources.rdma.*.hcaObjects': field('The most objects that may be made.', [specLinux('rdma')]),
  'linux.resources.unified': field(
    'Files of cgroup v2 by name, written as they are. v2 only.',
    [specLinux('unified'), cgroupV2('controllers', 'controllers')],
    { words: countOf('file') },
  ),
  'linux.resources.unified.*': field(
    'A file of cgroup v2 and what is written to it.',
    [specLinux('unified'), cgroupV2('controllers', 'controllers')],
    {
      detail: (_, path) => {
        const explanation = explainCgroupFile(path.at(-1) ?? '');
        return explanation
          ? { meaning: explanation.meaning, references: [specLinux('unified'), ...explanation.references] }
          : undefined;
      },
    },
  ),
  'linux.resources.devices': field(
    'Which devices may be used. The rules are applied in order, and the last that matches decides. Kernel side: devices.list in v1, a BPF program in v2.',
    devices,
    {
      words: (value) => {
        if (!Array.isArray(value)) return undefined;
        const all = asArray(value).some((rule) => {
          const { allow, type, major, minor } = asRecord(rule) ?? {};
          return allow === true && (type === undefined || type === 'a') && major === undefined && minor === undefined;
        });
        return all ? 'All devices are allowed, as in a privileged container.' : `${asArray(value).length} rules.`;
      },
    },
  ),
  'linux.resources.devices.*': field('One rule.', devices, { words: deviceRuleInWords }),
  'linux.resources.devices.*.allow': field('Whether the rule allows or refuses.', devices, {
    words: either('Allows.', 'Refuses.'),
  }),
  'linux.resources.devices.*.type': field('The kind of device: c character, b block, a all.', devices),
  'linux.resources.devices.*.major': field('Major number. Without it, or -1, all.', devices),
  'linux.resources.devices.*.minor': field('Minor number. Without it, or -1, all.', devices),
  'linux.resources.devices.*.access': field('What it covers: r read, w write, m make the device file.', devices),
};
