import { asStrings, memberAt } from '../../util/records';
import type { Origin } from './row';

/** Options of podman run and create by the field of the record that they set. Source: podman-run(1). */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  'HostConfig.Memory': ['-m', '--memory'],
  'HostConfig.MemoryReservation': ['--memory-reservation'],
  'HostConfig.MemorySwap': ['--memory-swap'],
  'HostConfig.MemorySwappiness': ['--memory-swappiness'],
  'HostConfig.CpuShares': ['-c', '--cpu-shares'],
  'HostConfig.NanoCpus': ['--cpus', '--cpu-quota', '--cpu-period'],
  'HostConfig.CpuQuota, CpuPeriod': ['--cpu-quota', '--cpu-period', '--cpus'],
  'HostConfig.CpusetCpus': ['--cpuset-cpus'],
  'HostConfig.CpusetMems': ['--cpuset-mems'],
  'HostConfig.PidsLimit': ['--pids-limit'],
  'HostConfig.Ulimits': ['--ulimit'],
  'HostConfig.BlkioWeight': ['--blkio-weight'],
  'HostConfig.ShmSize': ['--shm-size'],
  'HostConfig.OomScoreAdj': ['--oom-score-adj'],
  'HostConfig.PidMode': ['--pid', '--pod'],
  'HostConfig.NetworkMode': ['--network', '--net', '--pod'],
  'HostConfig.IpcMode': ['--ipc', '--pod'],
  'HostConfig.UTSMode': ['--uts', '--pod'],
  'HostConfig.CgroupMode': ['--cgroupns'],
  'HostConfig.UsernsMode': ['--userns'],
  'Config.User': ['-u', '--user'],
  'Config.WorkingDir': ['-w', '--workdir'],
  'Config.Hostname': ['-h', '--hostname'],
  'Config.StopSignal': ['--stop-signal'],
  'Config.Umask': ['--umask'],
  'Config.Env': ['-e', '--env', '--env-file', '--env-host', '--env-merge', '--unsetenv'],
};

/**
 * Who wanted a value of Podman's record: the record holds what was asked for and what Podman filled in alike, and the command
 * that made the container tells them apart. As it was said for other engines, and where no command is known.
 */
export function originInCommand(record: unknown, field: string, origin: Origin): Origin {
  const command = asStrings(memberAt(record, 'Config', 'CreateCommand'));
  const options = Object.hasOwn(OPTIONS, field) ? OPTIONS[field] : undefined;
  if (origin !== 'request' || command.length === 0 || !options) return origin;
  const asked = command.some((word) =>
    options.some((option) =>
      option.startsWith('--')
        ? word === option || word.startsWith(`${option}=`)
        : /^-\w/.test(word) && word.startsWith(option),
    ),
  );
  return asked ? 'request' : 'engine';
}

/** The values that the command gives to an option of a long name, in their order. */
export function valuesInCommand(record: unknown, option: string): readonly string[] {
  const command = asStrings(memberAt(record, 'Config', 'CreateCommand'));
  return command.flatMap((word, index) =>
    word === option ? (command[index + 1] ?? []) : word.startsWith(`${option}=`) ? word.slice(option.length + 1) : [],
  );
}

/** The value that the command gives to an option, the last one counts; undefined where it has none. */
export function valueInCommand(record: unknown, option: string): string | undefined {
  return valuesInCommand(record, option).at(-1);
}

/** True for a record of libpod. */
export function isPodman(record: unknown): boolean {
  return memberAt(record, 'OCIRuntime') !== undefined;
}
