import type { CgroupReading } from '../../model/cgroup';

/** A file of a controller, and how its text is read. */
export interface CgroupFile {
  readonly file: string;
  readonly label: string;
  readonly unit: CgroupReading['unit'];
  readonly role: CgroupReading['role'];
  /** The field of a flat keyed file (`memory.stat`) that is the value; absent for files of one value, or of text. */
  readonly key?: string;
  /** The lowest value on the way to the root counts. */
  readonly inherited?: true;
}

const limit = (file: string, label: string, unit: CgroupFile['unit'], inherited?: true): CgroupFile => ({
  file,
  label,
  unit,
  role: 'limit',
  ...(inherited ? { inherited } : {}),
});
const usage = (file: string, label: string, unit: CgroupFile['unit'], key?: string): CgroupFile => ({
  file,
  label,
  unit,
  role: 'usage',
  ...(key ? { key } : {}),
});
const event = (file: string, label: string, key?: string, unit: CgroupFile['unit'] = 'count'): CgroupFile => ({
  file,
  label,
  unit,
  role: 'event',
  ...(key ? { key } : {}),
});

/**
 * The files that are shown of each controller of version 1. Several kernels lack some of them: what is not there is left
 * out. Source: https://docs.kernel.org/admin-guide/cgroup-v1/
 */
export const V1_FILES: Readonly<Record<string, readonly CgroupFile[]>> = {
  memory: [
    limit('memory.limit_in_bytes', 'Memory limit', 'bytes', true),
    limit('memory.soft_limit_in_bytes', 'Memory reservation', 'bytes'),
    limit('memory.memsw.limit_in_bytes', 'Memory and swap limit', 'bytes', true),
    limit('memory.kmem.limit_in_bytes', 'Kernel memory limit', 'bytes'),
    limit('memory.swappiness', 'Swappiness', 'count'),
    usage('memory.usage_in_bytes', 'Memory in use', 'bytes'),
    usage('memory.max_usage_in_bytes', 'Highest use so far', 'bytes'),
    usage('memory.memsw.usage_in_bytes', 'Memory and swap in use', 'bytes'),
    usage('memory.stat', 'File pages not used lately', 'bytes', 'total_inactive_file'),
    usage('memory.stat', 'Anonymous memory', 'bytes', 'total_rss'),
    event('memory.failcnt', 'Times the limit was hit'),
    event('memory.oom_control', 'Processes killed for want of memory', 'oom_kill'),
    limit('memory.oom_control', 'OOM killer off', 'text'),
  ],
  cpu: [
    limit('cpu.shares', 'CPU shares', 'weight'),
    limit('cpu.cfs_quota_us', 'CPU quota', 'µs'),
    limit('cpu.cfs_period_us', 'CPU period', 'µs'),
    limit('cpu.rt_runtime_us', 'Realtime runtime', 'µs'),
    event('cpu.stat', 'Periods', 'nr_periods'),
    event('cpu.stat', 'Periods throttled', 'nr_throttled'),
    event('cpu.stat', 'Time throttled', 'throttled_time', 'ns'),
  ],
  cpuacct: [usage('cpuacct.usage', 'CPU time used', 'ns')],
  cpuset: [
    limit('cpuset.cpus', 'CPUs asked for', 'cpus'),
    limit('cpuset.effective_cpus', 'CPUs in force', 'cpus'),
    limit('cpuset.mems', 'Memory nodes', 'cpus'),
  ],
  pids: [
    limit('pids.max', 'Process limit', 'count', true),
    usage('pids.current', 'Processes', 'count'),
    event('pids.events', 'Forks refused', 'max'),
  ],
  blkio: [
    limit('blkio.weight', 'I/O weight', 'weight'),
    limit('blkio.bfq.weight', 'I/O weight (BFQ)', 'weight'),
    limit('blkio.throttle.read_bps_device', 'Read limit', 'text'),
    limit('blkio.throttle.write_bps_device', 'Write limit', 'text'),
    limit('blkio.throttle.read_iops_device', 'Read operations limit', 'text'),
    limit('blkio.throttle.write_iops_device', 'Write operations limit', 'text'),
    usage('blkio.throttle.io_service_bytes', 'Bytes read and written', 'bytes', 'Total'),
  ],
  devices: [limit('devices.list', 'Devices allowed', 'text')],
  freezer: [limit('freezer.state', 'Freezer', 'text')],
  hugetlb: [
    limit('hugetlb.2MB.limit_in_bytes', 'Huge pages of 2 MB', 'bytes', true),
    usage('hugetlb.2MB.usage_in_bytes', 'Huge pages of 2 MB in use', 'bytes'),
    limit('hugetlb.1GB.limit_in_bytes', 'Huge pages of 1 GB', 'bytes', true),
    usage('hugetlb.1GB.usage_in_bytes', 'Huge pages of 1 GB in use', 'bytes'),
  ],
  net_cls: [limit('net_cls.classid', 'Network class', 'count')],
  net_prio: [limit('net_prio.ifpriomap', 'Network priorities', 'text')],
};

/**
 * The files of version 2, by controller; `` is what every cgroup has. Source:
 * https://docs.kernel.org/admin-guide/cgroup-v2.html
 */
export const V2_FILES: Readonly<Record<string, readonly CgroupFile[]>> = {
  '': [
    limit('cgroup.freeze', 'Frozen', 'count'),
    limit('cgroup.max.depth', 'Depth of cgroups below', 'count'),
    limit('cgroup.max.descendants', 'Cgroups below', 'count'),
    usage('pids.current', 'Processes', 'count'),
    usage('cpu.pressure', 'CPU pressure', 'text'),
    usage('memory.pressure', 'Memory pressure', 'text'),
    usage('io.pressure', 'I/O pressure', 'text'),
    event('cgroup.events', 'Has processes', 'populated'),
  ],
  memory: [
    limit('memory.max', 'Memory limit', 'bytes', true),
    limit('memory.high', 'Memory throttling limit', 'bytes', true),
    limit('memory.low', 'Memory protected, best effort', 'bytes'),
    limit('memory.min', 'Memory protected, hard', 'bytes'),
    limit('memory.swap.max', 'Swap limit', 'bytes', true),
    limit('memory.swap.high', 'Swap throttling limit', 'bytes'),
    limit('memory.zswap.max', 'Compressed swap limit', 'bytes'),
    // Kubelets set it for every container.
    limit('memory.oom.group', 'OOM killer ends all together', 'count'),
    usage('memory.current', 'Memory in use', 'bytes'),
    usage('memory.peak', 'Highest use so far', 'bytes'),
    usage('memory.swap.current', 'Swap in use', 'bytes'),
    usage('memory.stat', 'File pages not used lately', 'bytes', 'inactive_file'),
    usage('memory.stat', 'Anonymous memory', 'bytes', 'anon'),
    event('memory.events', 'Times the limit was hit', 'max'),
    event('memory.events', 'Times memory ran out', 'oom'),
    event('memory.events', 'Processes killed for want of memory', 'oom_kill'),
  ],
  cpu: [
    limit('cpu.weight', 'CPU weight', 'weight'),
    limit('cpu.max', 'CPU quota and period', 'text'),
    limit('cpu.max.burst', 'CPU time that may be saved up', 'µs'),
    limit('cpu.idle', 'Only when nobody else wants the CPU', 'count'),
    usage('cpu.stat', 'CPU time used', 'µs', 'usage_usec'),
    event('cpu.stat', 'Periods', 'nr_periods'),
    event('cpu.stat', 'Periods throttled', 'nr_throttled'),
    event('cpu.stat', 'Time throttled', 'throttled_usec', 'µs'),
  ],
  cpuset: [
    limit('cpuset.cpus', 'CPUs asked for', 'cpus'),
    limit('cpuset.cpus.effective', 'CPUs in force', 'cpus'),
    limit('cpuset.mems', 'Memory nodes', 'cpus'),
  ],
  pids: [
    limit('pids.max', 'Process limit', 'count', true),
    usage('pids.current', 'Processes', 'count'),
    event('pids.events', 'Forks refused', 'max'),
  ],
  io: [
    limit('io.weight', 'I/O weight', 'text'),
    limit('io.bfq.weight', 'I/O weight (BFQ)', 'text'),
    limit('io.max', 'I/O limits', 'text'),
    usage('io.stat', 'I/O so far', 'text'),
  ],
  hugetlb: [
    limit('hugetlb.2MB.max', 'Huge pages of 2 MB', 'bytes', true),
    usage('hugetlb.2MB.current', 'Huge pages of 2 MB in use', 'bytes'),
    limit('hugetlb.1GB.max', 'Huge pages of 1 GB', 'bytes', true),
    usage('hugetlb.1GB.current', 'Huge pages of 1 GB in use', 'bytes'),
  ],
};
