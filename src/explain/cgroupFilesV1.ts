import type { CgroupFileText } from './cgroupFiles';
import { bytes, count, microseconds, nanoseconds } from './cgroupWords';
import { cgroupV1, kernelDoc } from './references';

const memory = [cgroupV1('memory')];
const cfs = [kernelDoc('scheduler/sched-bwc.html', 'CFS bandwidth control')];
const realtime = [kernelDoc('scheduler/sched-rt-group.html', 'realtime group scheduling')];
const cpuset = [cgroupV1('cpusets')];
const pids = [cgroupV1('pids')];
const blkio = [cgroupV1('blkio-controller')];

/** The files of cgroup v1, by name. Source: the kernel's admin-guide/cgroup-v1. */
export const CGROUP_V1_FILES: Readonly<Record<string, CgroupFileText>> = {
  'memory.limit_in_bytes': {
    meaning: 'Hard limit of memory, in bytes, files held in memory included. A number near 2^63 means no limit.',
    consequence:
      'At the limit the kernel first reclaims; when that does not suffice, the OOM killer ends a process of the cgroup.',
    words: bytes,
    references: memory,
  },
  'memory.soft_limit_in_bytes': {
    meaning:
      'Soft limit: when memory is short, cgroups are pushed back towards it first. Memory reservations of the OCI spec land here.',
    words: bytes,
    references: memory,
  },
  'memory.memsw.limit_in_bytes': {
    meaning:
      'Hard limit of memory and swap together. Missing when the kernel does not account for swap (swapaccount=0).',
    words: bytes,
    references: memory,
  },
  'memory.memsw.usage_in_bytes': { meaning: 'Memory and swap in use now.', words: bytes, references: memory },
  'memory.memsw.max_usage_in_bytes': {
    meaning: 'The most memory and swap in use so far.',
    words: bytes,
    references: memory,
  },
  'memory.usage_in_bytes': {
    meaning: 'Memory in use now, files held in memory included. The kernel gives it approximately.',
    words: bytes,
    references: memory,
  },
  'memory.max_usage_in_bytes': { meaning: 'The most memory in use so far.', words: bytes, references: memory },
  'memory.swappiness': {
    meaning: 'How gladly the kernel swaps this cgroup’s memory: 0 to 100. 0 swaps only in need.',
    words: count,
    references: memory,
  },
  'memory.failcnt': { meaning: 'How often the memory limit was hit.', words: count, references: memory },
  'memory.oom_control': {
    meaning:
      'oom_kill_disable 1 switches the OOM killer off for this cgroup; under_oom is 1 while processes wait for memory; oom_kill counts the killed.',
    consequence: 'With the OOM killer off, processes that want more memory stand still until some is free: they hang.',
    references: memory,
  },
  'memory.kmem.limit_in_bytes': {
    meaning: 'Limit of kernel memory. Deprecated; newer kernels and runc from 1.0 on ignore it.',
    words: bytes,
    references: memory,
  },
  'memory.stat': {
    meaning: 'Where the memory goes, line by line; hierarchical_memory_limit is the strictest limit up to the root.',
    references: memory,
  },
  'cpu.shares': {
    meaning: 'Share of CPU time when CPUs are scarce, relative to siblings: 2 to 262144. 1024 is the default.',
    consequence: 'It only matters while others want the CPU too.',
    words: (value) =>
      value === 'max' ? undefined : `${Math.round((value / 1024) * 100) / 100} times the default of 1,024.`,
    references: [kernelDoc('scheduler/sched-design-CFS.html', 'CFS scheduler')],
  },
  'cpu.cfs_quota_us': {
    meaning:
      'CPU time per period, in microseconds. -1 means no limit. Divided by cpu.cfs_period_us it is the number of CPUs.',
    consequence: 'Once it is used up, all processes stand still until the next period.',
    words: microseconds,
    references: cfs,
  },
  'cpu.cfs_period_us': { meaning: 'Length of the period for cpu.cfs_quota_us.', words: microseconds, references: cfs },
  'cpu.rt_runtime_us': {
    meaning: 'CPU time per period for processes with realtime scheduling, in microseconds. 0 forbids it.',
    words: microseconds,
    references: realtime,
  },
  'cpu.rt_period_us': {
    meaning: 'Length of the period for cpu.rt_runtime_us.',
    words: microseconds,
    references: realtime,
  },
  'cpuacct.usage': {
    meaning: 'CPU time used so far, in nanoseconds.',
    words: nanoseconds,
    references: [cgroupV1('cpuacct')],
  },
  'cpuacct.stat': {
    meaning: 'CPU time used in user mode and in the kernel, in clock ticks.',
    references: [cgroupV1('cpuacct')],
  },
  'cpuacct.usage_percpu': { meaning: 'CPU time used on each CPU, in nanoseconds.', references: [cgroupV1('cpuacct')] },
  'cpuset.effective_cpus': { meaning: 'The CPUs that the processes may really use.', references: cpuset },
  'cpuset.effective_mems': { meaning: 'The memory nodes (NUMA) that are really used.', references: cpuset },
  'cpuset.memory_migrate': {
    meaning: 'Whether memory moves along when the memory nodes change.',
    words: count,
    references: cpuset,
  },
  'pids.failcnt': { meaning: 'How often a new process was refused.', words: count, references: pids },
  'blkio.weight': {
    meaning:
      'Share of disk time relative to siblings, 10 to 1000. It was part of the CFQ scheduler, which is gone since Linux 5.0.',
    words: count,
    references: blkio,
  },
  'blkio.leaf_weight': {
    meaning: 'Weight of the cgroup’s own processes against its child cgroups. Gone with CFQ since Linux 5.0.',
    words: count,
    references: blkio,
  },
  'blkio.bfq.weight': {
    meaning: 'Share of disk time under the BFQ scheduler, 1 to 1000.',
    words: count,
    references: blkio,
  },
  'blkio.weight_device': { meaning: 'Weights by device (MAJOR:MINOR).', references: blkio },
  'blkio.throttle.read_bps_device': {
    meaning: 'Most bytes read per second, by device (MAJOR:MINOR). Empty means no limit.',
    references: blkio,
  },
  'blkio.throttle.write_bps_device': {
    meaning: 'Most bytes written per second, by device (MAJOR:MINOR). Empty means no limit.',
    references: blkio,
  },
  'blkio.throttle.read_iops_device': {
    meaning: 'Most reads per second, by device (MAJOR:MINOR). Empty means no limit.',
    references: blkio,
  },
  'blkio.throttle.write_iops_device': {
    meaning: 'Most writes per second, by device (MAJOR:MINOR). Empty means no limit.',
    references: blkio,
  },
  'blkio.throttle.io_service_bytes': {
    meaning: 'Bytes read and written so far, by device (MAJOR:MINOR).',
    words: bytes,
    references: blkio,
  },
  'blkio.throttle.io_service_bytes_recursive': {
    meaning: 'Bytes read and written so far, by device, cgroups below included.',
    words: bytes,
    references: blkio,
  },
  'blkio.throttle.io_serviced': { meaning: 'Reads and writes so far, by device.', words: count, references: blkio },
  'blkio.throttle.io_serviced_recursive': {
    meaning: 'Reads and writes so far, by device, cgroups below included.',
    words: count,
    references: blkio,
  },
  'devices.list': {
    meaning:
      'The devices that may be used, one rule a line: a type (a all, b block, c character), MAJOR:MINOR, and r, w and m for read, write and make.',
    consequence: '“a *:* rwm” means that everything is allowed, as in a privileged container.',
    references: [cgroupV1('devices')],
  },
  'devices.allow': { meaning: 'Adds a rule when written. It cannot be read.', references: [cgroupV1('devices')] },
  'devices.deny': { meaning: 'Takes a rule away when written. It cannot be read.', references: [cgroupV1('devices')] },
  'freezer.state': {
    meaning: 'THAWED, FREEZING or FROZEN. docker pause freezes.',
    references: [cgroupV1('freezer-subsystem')],
  },
  'net_cls.classid': {
    meaning: 'A number that the container’s packets carry, for traffic control and firewall rules.',
    words: (value) =>
      value === 'max'
        ? undefined
        : value === 0
          ? 'None.'
          : `Class ${Math.floor(value / 65_536).toString(16)}:${(value % 65_536).toString(16)}.`,
    references: [cgroupV1('net_cls')],
  },
  'net_prio.ifpriomap': {
    meaning: 'Priority of the container’s packets, by network interface.',
    references: [cgroupV1('net_prio')],
  },
};
