import type { CgroupFileText } from './cgroupFiles';
import { bytes, count, microseconds, weightInWords } from './cgroupWords';
import { cgroupV2, kernelDoc } from './references';

const core = [cgroupV2('core-interface-files', 'core files')];
const memory = [cgroupV2('memory-interface-files', 'memory')];
const cpu = [cgroupV2('cpu-interface-files', 'CPU')];
const cpuset = [cgroupV2('cpuset-interface-files', 'cpuset')];
const io = [cgroupV2('io-interface-files', 'I/O')];
const pids = [cgroupV2('pid-interface-files', 'PIDs')];
const pressure = [kernelDoc('accounting/psi.html', 'pressure stall information')];

const PRESSURE =
  '“some” is the share of time in which at least one process waited, “full” in which all did: averages over 10, 60 and 300 seconds in percent, and the total in microseconds.';

/** The files of cgroup v2, by name. Source: the kernel's admin-guide/cgroup-v2. */
export const CGROUP_V2_FILES: Readonly<Record<string, CgroupFileText>> = {
  'memory.max': {
    meaning:
      'Hard limit of memory, in bytes. It covers the program’s own memory, files held in memory, and memory of the kernel on its behalf.',
    consequence:
      'At the limit the kernel first reclaims; when that does not suffice, the OOM killer ends a process of the cgroup.',
    words: bytes,
    references: memory,
  },
  'memory.high': {
    meaning:
      'Above this many bytes the processes are slowed down and their memory is reclaimed. Nobody is killed for it.',
    words: bytes,
    references: memory,
  },
  'memory.low': {
    meaning:
      'Memory below this amount is only reclaimed when nothing unprotected is left. Memory reservations of the OCI spec land here.',
    consequence:
      'With version 1 the same setting was a soft limit; with version 2 it is a protection: the same number, another meaning.',
    words: bytes,
    references: memory,
  },
  'memory.min': {
    meaning: 'Memory below this amount is never reclaimed.',
    consequence: 'Promised to too many, it leads to the OOM killer.',
    words: bytes,
    references: memory,
  },
  'memory.current': {
    meaning: 'Memory in use now by the cgroup and all below it, files held in memory included.',
    consequence:
      'It is usually more than the programs’ own memory: what the kernel keeps of files is given back when needed.',
    words: bytes,
    references: memory,
  },
  'memory.peak': { meaning: 'The most memory in use since the cgroup was made.', words: bytes, references: memory },
  'memory.swap.max': {
    meaning:
      'Hard limit of swap alone. The OCI spec counts memory and swap together, so runtimes write the difference here.',
    consequence: 'memory.swap of the spec equal to memory.limit becomes 0: no swap.',
    words: bytes,
    references: memory,
  },
  'memory.swap.high': {
    meaning: 'Above this much swap the processes are slowed down.',
    words: bytes,
    references: memory,
  },
  'memory.swap.current': { meaning: 'Swap in use now.', words: bytes, references: memory },
  'memory.swap.peak': { meaning: 'The most swap in use so far.', words: bytes, references: memory },
  'memory.swap.events': {
    meaning: 'How often the limits of swap were hit, and how often swapping failed.',
    references: memory,
  },
  'memory.events': {
    meaning:
      'How often something happened at the limits: low, high, max (limit hit), oom (memory could not be had), oom_kill (processes killed).',
    words: count,
    references: memory,
  },
  'memory.events.local': { meaning: 'As memory.events, without the cgroups below.', words: count, references: memory },
  'memory.stat': {
    meaning: 'Where the memory goes, line by line: anon is the programs’ own, file is files held in memory.',
    references: memory,
  },
  'memory.oom.group': {
    meaning: 'With 1 the OOM killer ends all processes of the cgroup together; with 0 only one.',
    words: (value) => (value === 1 ? 'All together.' : 'Only one.'),
    references: memory,
  },
  'memory.pressure': { meaning: `Time in which processes waited for memory. ${PRESSURE}`, references: pressure },
  'memory.zswap.current': { meaning: 'Memory in use for compressed swap.', words: bytes, references: memory },
  'memory.zswap.max': { meaning: 'The most memory for compressed swap.', words: bytes, references: memory },
  'cpu.weight': {
    meaning: 'Share of CPU time when CPUs are scarce, relative to siblings: 1 to 10000.',
    consequence:
      'With twice the weight of its sibling it gets twice the time, but only while both want more than there is.',
    words: weightInWords,
    references: cpu,
  },
  'cpu.weight.nice': { meaning: 'cpu.weight as a nice value, -20 to 19.', references: cpu },
  'cpu.max': {
    meaning:
      'Two numbers: so many microseconds of CPU time in each period of so many microseconds. “max” means no limit.',
    consequence:
      'Once the time of a period is used up, all processes stand still until the next: see nr_throttled in cpu.stat.',
    references: [...cpu, kernelDoc('scheduler/sched-bwc.html', 'CFS bandwidth control')],
  },
  'cpu.max.burst': {
    meaning: 'CPU time that may be saved up and used on top of cpu.max, in microseconds.',
    words: microseconds,
    references: cpu,
  },
  'cpu.idle': {
    meaning: 'With 1 the cgroup only runs when nobody else wants the CPU.',
    words: (value) => (value === 1 ? 'Only when idle.' : 'As usual.'),
    references: cpu,
  },
  'cpu.stat': {
    meaning:
      'CPU time used (usage_usec, user_usec, system_usec), and with a quota: periods, periods in which it was throttled, and how long.',
    consequence: 'Many throttled periods mean that the quota, not the work, decides the speed.',
    references: cpu,
  },
  'cpu.pressure': { meaning: `Time in which processes waited for a CPU. ${PRESSURE}`, references: pressure },
  'cpuset.cpus': {
    meaning: 'The CPUs asked for, such as 0-2,7. Empty means those of the parent.',
    consequence: 'What really counts stands in cpuset.cpus.effective.',
    references: cpuset,
  },
  'cpuset.cpus.effective': { meaning: 'The CPUs that the processes may really use.', references: cpuset },
  'cpuset.cpus.partition': {
    meaning: 'Whether the CPUs are set apart for this cgroup alone: member, root or isolated.',
    references: cpuset,
  },
  'cpuset.mems': { meaning: 'The memory nodes (NUMA) asked for. Empty means those of the parent.', references: cpuset },
  'cpuset.mems.effective': { meaning: 'The memory nodes (NUMA) that are really used.', references: cpuset },
  'pids.max': {
    meaning: 'The most processes and threads at a time.',
    consequence: 'At the limit fork and clone fail with EAGAIN: “Resource temporarily unavailable”.',
    words: count,
    references: pids,
  },
  'pids.current': {
    meaning: 'Processes and threads now, those of cgroups below included.',
    words: count,
    references: pids,
  },
  'pids.peak': { meaning: 'The most processes and threads at a time so far.', words: count, references: pids },
  'pids.events': {
    meaning: 'How often a new process was refused because of pids.max.',
    words: count,
    references: pids,
  },
  'io.weight': {
    meaning:
      'Share of disk time relative to siblings, 1 to 10000: the default, and exceptions by device (MAJOR:MINOR).',
    consequence: 'It needs the io.cost controller or a scheduler that knows weights.',
    references: io,
  },
  'io.bfq.weight': { meaning: 'Share of disk time under the BFQ scheduler, 1 to 1000.', references: io },
  'io.max': {
    meaning:
      'Limits by device (MAJOR:MINOR): rbps and wbps in bytes per second, riops and wiops in operations per second. Empty means none.',
    references: io,
  },
  'io.stat': {
    meaning:
      'By device (MAJOR:MINOR): bytes read and written (rbytes, wbytes), operations (rios, wios), and discarded.',
    references: io,
  },
  'io.pressure': { meaning: `Time in which processes waited for I/O. ${PRESSURE}`, references: pressure },
  'cgroup.procs': {
    meaning: 'The PIDs of the processes in this cgroup, one a line, as the reader’s PID namespace counts them.',
    references: core,
  },
  'cgroup.threads': { meaning: 'The threads in this cgroup, one a line.', references: core },
  'cgroup.controllers': {
    meaning: 'The controllers that are available here, because the parent passes them on.',
    references: core,
  },
  'cgroup.subtree_control': { meaning: 'The controllers that are passed on to the cgroups below.', references: core },
  'cgroup.events': {
    meaning: 'populated is 1 while a process is in it or below it; frozen is 1 once all are frozen.',
    references: core,
  },
  'cgroup.freeze': {
    meaning: 'With 1 all processes are frozen: that is how docker pause works.',
    words: (value) => (value === 1 ? 'Frozen.' : 'Running.'),
    references: core,
  },
  'cgroup.kill': { meaning: 'Writing 1 kills all processes in it and below it. It cannot be read.', references: core },
  'cgroup.type': { meaning: 'domain is the usual type; threaded ones manage threads.', references: core },
  'cgroup.stat': { meaning: 'How many cgroups are below it, living and dying.', references: core },
  'cgroup.max.depth': { meaning: 'How deep cgroups may be nested below.', words: count, references: core },
  'cgroup.max.descendants': { meaning: 'How many cgroups may be below.', words: count, references: core },
  'cgroup.pressure': { meaning: 'Whether pressure is measured here.', references: core },
};
