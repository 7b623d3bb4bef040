import { existsSync, readdirSync } from 'node:fs';
import { capabilitiesOfMask } from '../../src/model/capabilities';
import { DEFAULT_CAPABILITIES } from '../../src/model/predictedSpec';
import type { Expected } from './expectedLineage';

/** One `docker run` with a single setting, and what its lineage must say. */
export interface LineageLine {
  readonly options: readonly string[];
  readonly expected: Expected;
}

/** What the kernel says when it is asked by itself. */
type Checked = Required<Pick<Expected, 'check'>>;

const MIB = 1024 * 1024;

function line(
  options: string | readonly string[],
  setting: string,
  field: string,
  asked: RegExp,
  more: Partial<Expected> = {},
): LineageLine {
  return {
    options: typeof options === 'string' ? [options] : options,
    expected: { setting, field, origin: 'request', asked, ...more },
  };
}

/** The file that the row names, read by cat. */
const file = (text: string): Checked => ({
  check: ['cat FILE', new RegExp(`^${text}$`, 'm')],
});
const status = (name: string, output: RegExp): Checked => ({
  check: [`grep ^${name}: /proc/PID/status`, output],
});
const grouped = (value: number): string => value.toLocaleString('en-US');

/** What only a lab knows. */
export interface CorpusPlaces {
  /** A folder of the machine, as the daemons name it. */
  readonly folder: string;
  readonly cgroupParent: string;
  /** A disk of the machine: `/dev/vda`. Without one nothing is throttled. */
  readonly disk?: string;
  /** A running container with shareable namespaces and {@link PEER_MOUNT} mounted read-only; absent: nobody to share with. */
  readonly peer?: { readonly name: string; readonly pid: number };
  /** A file of variables as --env-file takes it, as the command line names it: `FROM_FILE=yes`. */
  readonly envFile?: string;
}

/** What a peer has mounted, for --volumes-from. */
export const PEER_MOUNT = '/peer';

/** Lines with one setting each. Those of cgroup controllers need controllers, so they are not for a machine without them. */
export function lineageCorpus(places: CorpusPlaces): LineageLine[] {
  return [...memory(), ...cpus(), ...limits(), ...capabilities(), ...privileges(), ...users(), ...namespaces()]
    .concat(files(places.folder), programs(), environment(), disks(places.disk), sharing(places.peer))
    .concat(places.envFile === undefined ? [] : envFile(places.envFile))
    .concat([
      line(`--cgroup-parent=${places.cgroupParent}/corpus`, 'Cgroup', 'HostConfig.CgroupParent', /corpus$/, {
        path: 'linux.cgroupsPath',
        check: ['cat /proc/PID/cgroup', /\/corpus\//],
      }),
    ]);
}

function memory(): LineageLine[] {
  const limit = (option: string, bytes: number): LineageLine =>
    line(`--memory=${option}`, 'Memory limit', 'HostConfig.Memory', new RegExp(`\\(${grouped(bytes)} bytes\\)`), {
      path: 'linux.resources.memory.limit',
      ...file(String(bytes)),
    });
  return [
    limit('16m', 16 * MIB),
    limit('33554432', 32 * MIB),
    limit('65536k', 64 * MIB),
    limit('100m', 100 * MIB),
    limit('256m', 256 * MIB),
    limit('1g', 1024 * MIB),
    ...[24, 48].map((size) =>
      line(
        `--memory-reservation=${size}m`,
        'Memory reservation',
        'HostConfig.MemoryReservation',
        new RegExp(`^${size} MiB`),
        {
          path: 'linux.resources.memory.reservation',
          ...file(String(size * MIB)),
        },
      ),
    ),
    ...[64, 96].map((size) =>
      line(
        ['--memory=64m', `--memory-swap=${size}m`],
        'Memory and swap limit',
        'HostConfig.MemorySwap',
        new RegExp(`^${size} MiB`),
        { path: 'linux.resources.memory.swap', ...file(String(size * MIB)) },
      ),
    ),
    line(['--memory=64m', '--memory-swap=-1'], 'Memory and swap limit', 'HostConfig.MemorySwap', /^no limit$/, {
      check: ['cat FILE', (output) => BigInt(output.trim()) > 2n ** 62n],
    }),
    line(['--memory=64m'], 'Memory and swap limit', 'HostConfig.MemorySwap', /^128 MiB/, {
      origin: 'engine',
      ...file(String(128 * MIB)),
    }),
    ...[0, 1, 30, 100].map((value) =>
      line(`--memory-swappiness=${value}`, 'Swappiness', 'HostConfig.MemorySwappiness', new RegExp(`^${value}$`), {
        path: 'linux.resources.memory.swappiness',
        ...file(String(value)),
      }),
    ),
    line(['--memory=64m', '--oom-kill-disable'], 'OOM killer off', 'HostConfig.OomKillDisable', /^yes$/, {
      path: 'linux.resources.memory.disableOOMKiller',
      ...file('oom_kill_disable 1'),
    }),
  ];
}

function cpus(): LineageLine[] {
  return [
    ...[2, 128, 512, 1024, 2048, 262_144].map((shares) =>
      line(`--cpu-shares=${shares}`, 'CPU shares', 'HostConfig.CpuShares', new RegExp(`^${grouped(shares)} shares$`), {
        path: 'linux.resources.cpu.shares',
        ...file(String(shares)),
      }),
    ),
    ...(
      [
        ['0.1', 10_000],
        ['0.25', 25_000],
        ['0.5', 50_000],
        ['1', 100_000],
        ['1.5', 150_000],
      ] as const
    ).map(([count, quota]) =>
      line(`--cpus=${count}`, 'CPU quota', 'HostConfig.NanoCpus', new RegExp(`\\(${grouped(quota)} µs in each`), {
        path: 'linux.resources.cpu.quota, period',
        ...file(String(quota)),
      }),
    ),
    ...(
      [
        [10_000, 50_000],
        [25_000, 100_000],
      ] as const
    ).map(([quota, period]) =>
      line(
        [`--cpu-quota=${quota}`, `--cpu-period=${period}`],
        'CPU quota',
        'HostConfig.CpuQuota, CpuPeriod',
        new RegExp(`${grouped(quota)} µs in each ${grouped(period)} µs`),
        file(String(quota)),
      ),
    ),
    line(
      '--cpu-quota=20000',
      'CPU quota',
      'HostConfig.CpuQuota, CpuPeriod',
      /20,000 µs in each 100,000 µs/,
      file('20000'),
    ),
    line('--cpuset-cpus=0', 'CPUs', 'HostConfig.CpusetCpus', /^0$/, { path: 'linux.resources.cpu.cpus', ...file('0') }),
    line('--cpuset-cpus=0,1', 'CPUs', 'HostConfig.CpusetCpus', /^0-1$/, file('0-1')),
    line('--cpuset-mems=0', 'Memory nodes', 'HostConfig.CpusetMems', /^0$/, {
      path: 'linux.resources.cpu.mems',
      ...file('0'),
    }),
    ...[10, 100, 1000, 4096].map((count) =>
      line(`--pids-limit=${count}`, 'Process limit', 'HostConfig.PidsLimit', new RegExp(`^${grouped(count)}$`), {
        path: 'linux.resources.pids.limit',
        ...file(String(count)),
      }),
    ),
  ];
}

function limits(): LineageLine[] {
  const limit = (option: string, setting: string, name: string, soft: string, hard: string): LineageLine =>
    line(
      `--ulimit=${option}`,
      setting,
      'HostConfig.Ulimits',
      soft === hard ? new RegExp(`^${soft}$`) : new RegExp(`^${soft}, may be raised to ${hard}$`),
      { check: ['cat /proc/PID/limits', new RegExp(`^${name} +${soft} +${hard}\\b`, 'm')] },
    );
  return [
    limit('nofile=256:512', 'Open files', 'Max open files', '256', '512'),
    limit('nofile=1000', 'Open files', 'Max open files', '1000', '1000'),
    limit('core=0', 'Core file size', 'Max core file size', '0', '0'),
    limit('fsize=1048576:2097152', 'File size', 'Max file size', '1048576', '2097152'),
    limit('stack=4194304', 'Stack size', 'Max stack size', '4194304', '4194304'),
    limit('memlock=32768', 'Locked memory', 'Max locked memory', '32768', '32768'),
    limit('cpu=600:1200', 'Cpu time', 'Max cpu time', '600', '1200'),
    // The runtime itself must live within it, on its way.
    limit('data=2147483648', 'Data size', 'Max data size', '2147483648', '2147483648'),
    limit('rss=67108864', 'Resident set', 'Max resident set', '67108864', '67108864'),
    limit('locks=10', 'File locks', 'Max file locks', '10', '10'),
    limit('sigpending=100', 'Pending signals', 'Max pending signals', '100', '100'),
    limit('msgqueue=4096', 'Msgqueue size', 'Max msgqueue size', '4096', '4096'),
    limit('nproc=4096', 'Processes', 'Max processes', '4096', '4096'),
    limit('nice=0', 'Nice priority', 'Max nice priority', '0', '0'),
    limit('rttime=2000000', 'Realtime timeout', 'Max realtime timeout', '2000000', '2000000'),
    limit('rtprio=0', 'Realtime priority', 'Max realtime priority', '0', '0'),
  ];
}

function capabilities(): LineageLine[] {
  const field = 'HostConfig.CapAdd, CapDrop, Privileged';
  const has = (name: string, is: boolean): Checked => ({
    check: [
      'grep ^CapBnd: /proc/PID/status',
      (output) => (capabilitiesOfMask(output.split(/\s+/)[1] ?? '') ?? []).includes(name) === is,
    ],
  });
  const added = [
    'NET_ADMIN',
    'SYS_PTRACE',
    'SYS_ADMIN',
    'SYS_TIME',
    'IPC_LOCK',
    'SYS_NICE',
    'SYSLOG',
    'DAC_READ_SEARCH',
  ];
  const path = 'process.capabilities.bounding';
  return [
    ...added.map((name) =>
      line(`--cap-add=${name}`, 'Capabilities: bounding', field, new RegExp(`\\+(?:CAP_)?${name}(?: |$)`), {
        path,
        ...has(`CAP_${name}`, true),
      }),
    ),
    ...DEFAULT_CAPABILITIES.map((name) =>
      line(
        `--cap-drop=${name.slice(4)}`,
        'Capabilities: bounding',
        field,
        new RegExp(`-(?:CAP_)?${name.slice(4)}(?: |$)`),
        {
          path,
          ...has(name, false),
        },
      ),
    ),
    line('--cap-drop=ALL', 'Capabilities: effective', field, /-(?:CAP_)?ALL$/, status('CapEff', /\t0{16}$/m)),
  ];
}

const DEVICES = 'HostConfig.Devices, DeviceCgroupRules, Privileged';

function privileges(): LineageLine[] {
  return [
    line('--security-opt=no-new-privileges', 'No new privileges', 'HostConfig.SecurityOpt', /^yes$/, {
      path: 'process.noNewPrivileges',
      ...status('NoNewPrivs', /\t1$/m),
    }),
    line('--security-opt=seccomp=unconfined', 'Seccomp filter', 'HostConfig.SecurityOpt, Privileged', /^unconfined$/, {
      path: 'linux.seccomp',
      ...status('Seccomp', /\t0$/m),
    }),
    line([], 'Seccomp filter', 'HostConfig.SecurityOpt, Privileged', /default profile$/, {
      origin: 'engine',
      ...status('Seccomp', /\t2$/m),
    }),
    // Asked for nothing, which every kernel can do.
    line('--security-opt=apparmor=unconfined', 'AppArmor profile', 'HostConfig.SecurityOpt', /^unconfined$/, {
      check: ['cat /proc/PID/attr/current 2>/dev/null || echo none', /^(?:none|unconfined)/],
    }),
    ...(['Masked paths', 'Read-only paths'] as const).map((setting) =>
      line(
        '--security-opt=systempaths=unconfined',
        setting,
        `HostConfig.${setting === 'Masked paths' ? 'MaskedPaths' : 'ReadonlyPaths'}`,
        /^none$/,
        { check: ['cat /proc/PID/mountinfo', (output) => !/ \/proc\/(?:kcore|sys) /.test(output)] },
      ),
    ),
    ...[1, 500, 1000].map((score) =>
      line(`--oom-score-adj=${score}`, 'OOM score adjustment', 'HostConfig.OomScoreAdj', new RegExp(`^${score}$`), {
        path: 'process.oomScoreAdj',
        ...file(String(score)),
      }),
    ),
    line('--read-only', 'Root file system', 'HostConfig.ReadonlyRootfs', /^read-only$/, {
      path: 'root.readonly',
      check: ['cat /proc/PID/mountinfo', / \/ \/ ro[, ]| \/\S* \/ ro[, ]/],
    }),
    line([], 'Root file system', 'HostConfig.ReadonlyRootfs', /^writable$/, { origin: 'engine' }),
    line('--device-cgroup-rule=c 1:5 rw', 'Devices', DEVICES, /^c 1:5 rw$/, {
      path: 'linux.resources.devices',
      ...file('c 1:5 rwm?'),
    }),
    line('--device=/dev/null:/dev/corpus:rw', 'Devices', DEVICES, /^\/dev\/null$/, {
      path: 'linux.resources.devices',
      ...file('c 1:3 rwm?'),
    }),
  ];
}

function users(): LineageLine[] {
  return [
    ...(
      [
        ['1000', '1000'],
        ['65534', '65534'],
        ['12:34', '12'],
      ] as const
    ).map(([option, uid]) =>
      line(`--user=${option}`, 'User', 'Config.User', new RegExp(`^${uid}$`), {
        path: 'process.user.uid',
        ...status('Uid', new RegExp(`\t${uid}\t${uid}\t`)),
      }),
    ),
    line('--user=12:34', 'Group', 'Config.User', /^34$/, { path: 'process.user.gid', ...status('Gid', /\t34\t34\t/) }),
    ...[1234, 4321].map((gid) =>
      line(`--group-add=${gid}`, 'Additional groups', 'HostConfig.GroupAdd', new RegExp(`^${gid}$`), {
        path: 'process.user.additionalGids',
        ...status('Groups', new RegExp(`\\b${gid}\\b`)),
      }),
    ),
  ];
}

function namespaces(): LineageLine[] {
  const same = (link: string, is: boolean): Checked => ({
    check: [
      `readlink /proc/PID/ns/${link} /proc/self/ns/${link}`,
      (output) => {
        const [own, host] = output.trim().split('\n');
        return (own === host) === is;
      },
    ],
  });
  const mode = (
    option: string,
    type: string,
    field: string,
    asked: RegExp,
    link: string,
    isHost: boolean,
    origin: 'request' | 'engine' = 'request',
  ): LineageLine =>
    line(option, `${type} namespace`, `HostConfig.${field}`, asked, {
      origin,
      path: `linux.namespaces, ${type}`,
      ...same(link, isHost),
    });
  return [
    mode('--pid=host', 'pid', 'PidMode', /^host$/, 'pid', true),
    mode('--ipc=host', 'ipc', 'IpcMode', /^host$/, 'ipc', true),
    // The engine fills in the same where nobody asks.
    mode('--ipc=private', 'ipc', 'IpcMode', /^private$/, 'ipc', false, 'engine'),
    mode('--ipc=shareable', 'ipc', 'IpcMode', /^shareable$/, 'ipc', false),
    mode('--uts=host', 'uts', 'UTSMode', /^host$/, 'uts', true),
    mode('--network=none', 'network', 'NetworkMode', /^none$/, 'net', false),
    mode('--network=host', 'network', 'NetworkMode', /^host$/, 'net', true),
    mode('--userns=host', 'user', 'UsernsMode', /^host$/, 'user', true),
    mode('--cgroupns=private', 'cgroup', 'CgroupnsMode', /^private$/, 'cgroup', false),
    mode('--cgroupns=host', 'cgroup', 'CgroupnsMode', /^host$/, 'cgroup', true, 'engine'),
  ];
}

function files(folder: string): LineageLine[] {
  const mount = (options: readonly string[], place: string, asked: RegExp, access: 'ro' | 'rw'): LineageLine =>
    line(options, place, 'Mounts, HostConfig.Tmpfs', asked, {
      check: ['cat /proc/PID/mountinfo', new RegExp(` ${place} ${access}[, ]`)],
    });
  return [
    mount([`--volume=${folder}:/data`], '/data', /^bind .*\(rw\)$/, 'rw'),
    mount([`--volume=${folder}:/data:ro`], '/data', /^bind .*\(ro\)$/, 'ro'),
    mount([`--mount=type=bind,source=${folder},target=/m,readonly`], '/m', /^bind .*\(ro\)$/, 'ro'),
    mount(['--tmpfs=/scratch'], '/scratch', /^tmpfs/, 'rw'),
    mount(['--tmpfs=/scratch:ro,size=1m'], '/scratch', /^tmpfs \(ro,size=1m[,)]/, 'ro'),
    mount(['--volume=/var/made'], '/var/made', /^volume .*\(rw\)$/, 'rw'),
    mount(['--volume=/var/driven', '--volume-driver=local'], '/var/driven', /^volume .*\(rw\)$/, 'rw'),
    mount(['--mount=type=volume,source=corpus-volume,target=/v,ro'], '/v', /^volume .*\(ro\)$/, 'ro'),
    mount(['--mount=type=tmpfs,target=/t,tmpfs-size=1048576'], '/t', /^tmpfs/, 'rw'),
    ...(
      [
        ['--shm-size=32m', 32, 'request'],
        ['--shm-size=128m', 128, 'request'],
        [[], 64, 'engine'],
      ] as const
    ).map(([options, size, origin]) =>
      line(options, 'Size of /dev/shm', 'HostConfig.ShmSize', new RegExp(`^${size} MiB`), {
        origin,
        check: ['cat /proc/PID/mountinfo', new RegExp(` /dev/shm .*[ ,]size=${size * 1024}k\\b`)],
      }),
    ),
    line([], 'Root folder', 'Config.Image', /busybox/, {
      path: 'root.path',
      check: ['cat /proc/PID/mountinfo', / \/ \/ | \/\S+ \/ /],
    }),
    line([], 'Masked paths', 'HostConfig.MaskedPaths', /\/proc\/kcore/, {
      origin: 'engine',
      path: 'linux.maskedPaths',
    }),
    line([], 'Read-only paths', 'HostConfig.ReadonlyPaths', /\/proc\/sys/, {
      origin: 'engine',
      path: 'linux.readonlyPaths',
    }),
  ];
}

function programs(): LineageLine[] {
  return [
    ...['/tmp', '/etc', '/proc'].map((folder) =>
      line(`--workdir=${folder}`, 'Working folder', 'Config.WorkingDir', new RegExp(`^${folder}$`), {
        path: 'process.cwd',
        check: ['readlink /proc/PID/cwd', new RegExp(`^${folder}$`, 'm')],
      }),
    ),
    line('--runtime=runc', 'OCI runtime', 'HostConfig.Runtime', /^runc$/, { origin: 'engine', verdict: 'unreadable' }),
    line('--runtime=io.containerd.runc.v2', 'OCI runtime', 'HostConfig.Runtime', /^io\.containerd\.runc\.v2$/, {
      verdict: 'unreadable',
    }),
    line('--tty', 'Terminal', 'Config.Tty', /^a terminal$/, {
      path: 'process.terminal',
      check: ["awk '{ print $7 }' /proc/PID/stat", (output) => Number(output) !== 0],
    }),
    line([], 'Terminal', 'Config.Tty', /^none$/, {
      origin: 'engine',
      check: ["awk '{ print $7 }' /proc/PID/stat", (output) => Number(output) === 0],
    }),
    line('--stop-signal=KILL', 'Stop signal', 'Config.StopSignal', /KILL$/),
    line('--init', 'Command', 'Config.Entrypoint, Cmd', /sleep 36000$/, {
      check: ["tr '\\0' ' ' < /proc/PID/cmdline", /init -- sleep 36000/],
    }),
    line('--entrypoint=sleep', 'Command', 'Config.Entrypoint, Cmd', /^sleep sleep 36000$|^sleep 36000$/, {
      check: ["tr '\\0' ' ' < /proc/PID/cmdline", /^sleep 36000/],
    }),
    line('--hostname=corpus', 'Host name', 'Config.Hostname', /^corpus$/, {
      path: 'hostname',
      verdict: 'unreadable',
      check: ['nsenter -t PID -u hostname', /^corpus$/m],
    }),
    line('--domainname=example.test', 'Domain name', 'Config.Domainname', /^example\.test$/, {
      path: 'domainname',
      verdict: 'unreadable',
      check: ['nsenter -t PID -u cat /proc/sys/kernel/domainname', /^example\.test$/m],
    }),
    ...(
      [
        ['net.core.somaxconn', '512', 'n'],
        ['net.ipv4.ip_forward', '1', 'n'],
        ['kernel.msgmax', '4096', 'i'],
        ['kernel.shmmni', '2048', 'i'],
      ] as const
    ).map(([key, value, flag]) =>
      line(`--sysctl=${key}=${value}`, key, 'HostConfig.Sysctls', new RegExp(`^${value}$`), {
        path: `linux.sysctl["${key}"]`,
        verdict: 'unreadable',
        check: [`nsenter -t PID -${flag} cat /proc/sys/${key.replaceAll('.', '/')}`, new RegExp(`^${value}$`, 'm')],
      }),
    ),
  ];
}

function environment(): LineageLine[] {
  const variable = (entry: string, asked: RegExp): LineageLine => {
    const [name = ''] = entry.split('=', 1);
    return line(`--env=${entry}`, name, 'Config.Env', asked, {
      path: 'process.env',
      check: ["tr '\\0' '\\n' < /proc/PID/environ", (output) => output.split('\n').includes(entry)],
    });
  };
  return [
    variable('MODE=fast', /^fast$/),
    variable('WITH_EQUALS=a=b', /^a=b$/),
    variable('WITH_SPACES=a b c', /^a b c$/),
    variable('EMPTY=', /^\(empty\)$/),
    variable('DB_PASSWORD=hunter2-hunter2', /^•+$/),
    variable('PATH=/bin:/usr/bin', /^\/bin:\/usr\/bin$/),
  ];
}

function envFile(path: string): LineageLine[] {
  return [
    line(`--env-file=${path}`, 'FROM_FILE', 'Config.Env', /^yes$/, {
      path: 'process.env',
      check: ["tr '\\0' '\\n' < /proc/PID/environ", /^FROM_FILE=yes$/m],
    }),
  ];
}

function disks(disk: string | undefined): LineageLine[] {
  if (disk === undefined) return [];
  const limit = (option: string, setting: string, field: string, spec: string, rate: string): LineageLine =>
    line(`--device-${option}=${disk}:${rate}`, setting, `HostConfig.BlkioDevice${field}`, new RegExp(`^${disk}: `), {
      path: `linux.resources.blockIO.${spec}`,
      ...file(`\\d+:\\d+ ${rate}`),
    });
  return [
    limit('read-bps', 'Read limit', 'ReadBps', 'throttleReadBpsDevice', '1048576'),
    limit('write-bps', 'Write limit', 'WriteBps', 'throttleWriteBpsDevice', '2097152'),
    limit('read-iops', 'Read operations limit', 'ReadIOps', 'throttleReadIOPSDevice', '100'),
    limit('write-iops', 'Write operations limit', 'WriteIOps', 'throttleWriteIOPSDevice', '200'),
  ];
}

/** Namespaces and mounts of another container. */
function sharing(peer: CorpusPlaces['peer']): LineageLine[] {
  if (!peer) return [];
  const joins = (option: string, type: string, field: string, link: string): LineageLine =>
    line(`--${option}=container:${peer.name}`, `${type} namespace`, `HostConfig.${field}`, /^container:/, {
      path: `linux.namespaces, ${type}`,
      check: [`readlink /proc/PID/ns/${link} /proc/${peer.pid}/ns/${link} | sort -u | wc -l`, /^1$/m],
    });
  return [
    joins('pid', 'pid', 'PidMode', 'pid'),
    joins('ipc', 'ipc', 'IpcMode', 'ipc'),
    joins('network', 'network', 'NetworkMode', 'net'),
    line(`--volumes-from=${peer.name}`, PEER_MOUNT, 'Mounts, HostConfig.Tmpfs', /^bind .*\(ro\)$/, {
      check: ['cat /proc/PID/mountinfo', new RegExp(` ${PEER_MOUNT} ro[, ]`)],
    }),
  ];
}

/** A disk that can be throttled; a machine may have none. */
export function diskOfMachine(): { readonly disk?: string } {
  const name = readdirSync('/sys/block').find((one) => /^(?:vd|sd|nvme|xvd)/.test(one) && existsSync(`/dev/${one}`));
  return name === undefined ? {} : { disk: `/dev/${name}` };
}
