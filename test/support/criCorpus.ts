import type { ContainerWish } from '../lab/pods';
import { asRecord } from '../../src/util/records';
import { capabilitiesOfMask } from '../../src/model/capabilities';
import type { Expected } from './expectedLineage';

/** One wish of a kubelet, and what its lineage must say. */
export interface CriLine {
  readonly wish: ContainerWish;
  readonly expected: Expected;
  /** True where it changes a whole container. */
  readonly apart?: boolean;
}

const MIB = 1024 * 1024;
const RESOURCES = 'linux.resources';
const CONTEXT = 'linux.security_context';

type Resources = NonNullable<ContainerWish['resources']>;
type Security = NonNullable<ContainerWish['security']>;

function line(
  wish: ContainerWish,
  setting: string,
  field: string,
  asked: RegExp,
  more: Partial<Expected> = {},
): CriLine {
  return { wish, expected: { setting, field, origin: 'request', asked, ...more } };
}

const resource = (
  resources: Resources,
  setting: string,
  field: string,
  asked: RegExp,
  path: string,
  inFile: string,
): CriLine =>
  line({ resources }, setting, `${RESOURCES}.${field}`, asked, {
    path: `linux.resources.${path}`,
    check: ['cat FILE', new RegExp(`^${inFile}$`, 'm')],
  });

const security = (
  wish: Security,
  setting: string,
  field: string,
  asked: RegExp,
  more: Partial<Expected> = {},
): CriLine => line({ security: wish }, setting, `${CONTEXT}.${field}`, asked, more);

const status = (name: string, output: RegExp): Pick<Expected, 'check'> => ({
  check: [`grep ^${name}: /proc/PID/status`, output],
});

/** Every setting of the CRI that this machine can do, one at a time. @param profile a seccomp profile on the node */
export function criCorpus({
  profile,
  folder,
}: {
  readonly profile: string;
  readonly folder: string;
}): readonly CriLine[] {
  return [...resources(), ...capabilities(), ...privileges(profile), ...users(), ...namespaces(), ...programs(folder)];
}

function resources(): CriLine[] {
  return [
    ...[16, 48, 64, 256, 1024].map((size) =>
      resource(
        { memoryLimitInBytes: size * MIB },
        'Memory limit',
        'memory_limit_in_bytes',
        size === 1024 ? /^1 GiB/ : new RegExp(`^${size} MiB`),
        'memory.limit',
        String(size * MIB),
      ),
    ),
    resource(
      { memoryLimitInBytes: 64 * MIB, memorySwapLimitInBytes: 96 * MIB },
      'Memory and swap limit',
      'memory_swap_limit_in_bytes',
      /^96 MiB/,
      'memory.swap',
      String(96 * MIB),
    ),
    ...[2, 128, 512, 2048].map((shares) =>
      resource(
        { cpuShares: shares },
        'CPU shares',
        'cpu_shares',
        new RegExp(`^${shares.toLocaleString('en-US')} shares$`),
        'cpu.shares',
        String(shares),
      ),
    ),
    ...(
      [
        [10_000, 100_000],
        [25_000, 100_000],
        [25_000, 50_000],
        [150_000, 100_000],
      ] as const
    ).map(([cpuQuota, cpuPeriod]) =>
      resource(
        { cpuQuota, cpuPeriod },
        'CPU quota',
        'cpu_quota, cpu_period',
        new RegExp(`${cpuQuota.toLocaleString('en-US')} µs in each ${cpuPeriod.toLocaleString('en-US')} µs`),
        'cpu.quota, period',
        String(cpuQuota),
      ),
    ),
    resource({ cpusetCpus: '0' }, 'CPUs', 'cpuset_cpus', /^0$/, 'cpu.cpus', '0'),
    resource({ cpusetCpus: '0,1' }, 'CPUs', 'cpuset_cpus', /^0-1$/, 'cpu.cpus', '0-1'),
    resource({ cpusetMems: '0' }, 'Memory nodes', 'cpuset_mems', /^0$/, 'cpu.mems', '0'),
    // Where no controller of huge pages is to be had containerd leaves them out: asked for, and not in force.
    ...(
      [
        ['2MB', 4 * MIB, /^4 MiB/],
        ['2MB', 0, /^0 bytes$/],
        ['1GB', 1024 * MIB, /^1 GiB/],
      ] as const
    ).map(([pageSize, limit, asked]) =>
      line(
        { resources: { hugepageLimits: [{ pageSize, limit }] } },
        `Huge pages of ${pageSize}`,
        `${RESOURCES}.hugepage_limits`,
        asked,
        {
          path: 'linux.resources.hugepageLimits',
          verdict: 'not-enforced',
          check: [
            `find /sys/fs/cgroup/*$(sed -n s/^0:://p /proc/PID/cgroup) -maxdepth 1 -name 'hugetlb.${pageSize}.*' | wc -l`,
            /^0$/m,
          ],
        },
      ),
    ),
    ...[500, 900, 1000].map((score) =>
      line(
        { resources: { oomScoreAdj: score } },
        'OOM score adjustment',
        `${RESOURCES}.oom_score_adj`,
        new RegExp(`^${score}$`),
        { path: 'process.oomScoreAdj', check: ['cat /proc/PID/oom_score_adj', new RegExp(`^${score}$`, 'm')] },
      ),
    ),
  ];
}

function capabilities(): CriLine[] {
  const field = 'capabilities, privileged';
  const wish = (add: readonly string[], drop: readonly string[]): Security => ({
    capabilities: { add, drop, addAmbient: [] },
  });
  const holds = (name: string, is: boolean): Pick<Expected, 'check'> => ({
    check: [
      'grep ^CapBnd: /proc/PID/status',
      (output) => (capabilitiesOfMask(output.split(/\s+/)[1] ?? '') ?? []).includes(`CAP_${name}`) === is,
    ],
  });
  const path = 'process.capabilities.bounding';
  return [
    ...['NET_ADMIN', 'SYS_PTRACE', 'SYS_ADMIN', 'SYS_TIME', 'IPC_LOCK', 'SYSLOG'].map((name) =>
      security(wish([name], []), 'Capabilities: bounding', field, new RegExp(`\\+${name}\\b`), {
        path,
        ...holds(name, true),
      }),
    ),
    ...['CHOWN', 'NET_RAW', 'MKNOD', 'AUDIT_WRITE', 'SYS_CHROOT', 'SETFCAP'].map((name) =>
      security(wish([], [name]), 'Capabilities: bounding', field, new RegExp(`-${name}\\b`), {
        path,
        ...holds(name, false),
      }),
    ),
    // containerd knows the field and does not act on it.
    ...['NET_BIND_SERVICE', 'CHOWN'].map((name) =>
      security(
        { capabilities: { add: [], drop: [], addAmbient: [name] } },
        'Capabilities: ambient',
        'capabilities.add_ambient_capabilities',
        new RegExp(`^${name.toLowerCase()}$`),
        { path: 'process.capabilities.ambient', verdict: 'not-enforced', ...status('CapAmb', /\t0{16}$/m) },
      ),
    ),
    {
      ...security(wish([], ['ALL']), 'Capabilities: effective', field, /^-ALL$/, status('CapEff', /\t0{16}$/m)),
      apart: true,
    },
  ];
}

function privileges(profile: string): CriLine[] {
  const filter = (mode: 0 | 2): Partial<Expected> => ({
    path: 'linux.seccomp',
    ...status('Seccomp', new RegExp(`\t${mode}$`, 'm')),
  });
  return [
    security({ noNewPrivs: true }, 'No new privileges', 'no_new_privs', /^yes$/, {
      path: 'process.noNewPrivileges',
      ...status('NoNewPrivs', /\t1$/m),
    }),
    security({ readonlyRootfs: true }, 'Root file system', 'readonly_rootfs', /^read-only$/, {
      path: 'root.readonly',
      check: ['cat /proc/PID/mountinfo', / \/ \/ ro[, ]/],
    }),
    security({}, 'Root file system', 'readonly_rootfs', /^writable$/, {
      origin: 'engine',
      check: ['cat /proc/PID/mountinfo', / \/ \/ rw[, ]/],
    }),
    ...(
      [
        [0, '', /^the runtime’s default profile$/, 2],
        [1, '', /^unconfined$/, 0],
        [2, profile, /profile\.json$/, 2],
      ] as const
    ).map(([profileType, localhostRef, asked, mode]) =>
      security({ seccomp: { profileType, localhostRef } }, 'Seccomp filter', 'seccomp', asked, filter(mode)),
    ),
    // How kubelets before 1.19 said it.
    ...(
      [
        ['runtime/default', /^the runtime’s default profile$/, 2],
        ['unconfined', /^unconfined$/, 0],
        [`localhost/${profile}`, /profile\.json$/, 2],
      ] as const
    ).map(([seccompProfilePath, asked, mode]) =>
      security({ seccompProfilePath }, 'Seccomp filter', 'seccomp_profile_path', asked, filter(mode)),
    ),
    ...(
      [
        [{ apparmor: { profileType: 1, localhostRef: '' } }, 'apparmor'],
        [{ apparmorProfile: 'unconfined' }, 'apparmor_profile'],
      ] as const
    ).map(([wish, field]) =>
      security(wish, 'AppArmor profile', field, /^unconfined$/, {
        check: ['cat /proc/PID/attr/current 2>/dev/null || echo none', /^(?:none|unconfined)/],
      }),
    ),
    security({ maskedPaths: ['/proc/interrupts'] }, 'Masked paths', 'masked_paths', /^1 path: \/proc\/interrupts$/, {
      path: 'linux.maskedPaths',
      check: ['cat /proc/PID/mountinfo', / \/proc\/interrupts /],
    }),
    security({ readonlyPaths: ['/proc/sys'] }, 'Read-only paths', 'readonly_paths', /^1 path: \/proc\/sys$/, {
      path: 'linux.readonlyPaths',
      check: ['cat /proc/PID/mountinfo', / \/proc\/sys ro[, ]/],
    }),
    line(
      { devices: [{ containerPath: '/dev/corpus', hostPath: '/dev/null', permissions: 'rw' }] },
      'Devices',
      'devices',
      /^\/dev\/null$/,
      { path: 'linux.resources.devices', check: ['cat FILE', /^c 1:3 rwm?$/m] },
    ),
  ];
}

function users(): CriLine[] {
  return [
    ...[0, 1000, 65_534].map((value) =>
      security({ runAsUser: { value } }, 'User', 'run_as_user', new RegExp(`^${value}$`), {
        path: 'process.user.uid',
        ...status('Uid', new RegExp(`\t${value}\t${value}\t`)),
      }),
    ),
    security({ runAsUsername: 'nobody' }, 'User', 'run_as_username', /^nobody$/, {
      path: 'process.user.uid',
      ...status('Uid', /\t65534\t/),
    }),
    security({ runAsUser: { value: 7 }, runAsGroup: { value: 34 } }, 'Group', 'run_as_group', /^34$/, {
      path: 'process.user.gid',
      ...status('Gid', /\t34\t34\t/),
    }),
    ...[1234, 4321].map((group) =>
      security({ supplementalGroups: [group] }, 'Additional groups', 'supplemental_groups', new RegExp(`^${group}$`), {
        path: 'process.user.additionalGids',
        ...status('Groups', new RegExp(`\\b${group}\\b`)),
      }),
    ),
  ];
}

function namespaces(): CriLine[] {
  const own = (link: string, isHost: boolean): Pick<Expected, 'check'> => ({
    check: [
      `readlink /proc/PID/ns/${link} /proc/self/ns/${link}`,
      (output) => {
        const [one, host] = output.trim().split('\n');
        return (one === host) === isHost;
      },
    ],
  });
  // As the pods of these tests are made in any case.
  return [
    ['pid', 'pid', /^its own$/, false] as const,
    ['ipc', 'ipc', /^the pod’s$/, false] as const,
    ['network', 'net', /^the node’s$/, true] as const,
  ].map(([type, link, asked, isHost]) => ({
    ...security({}, `${type} namespace`, `namespace_options.${type}`, asked, {
      path: `linux.namespaces, ${type}`,
      ...own(link, isHost),
    }),
  }));
}

function programs(folder: string): CriLine[] {
  const variable = (key: string, value: string, asked: RegExp): CriLine =>
    line({ envs: [{ key, value }] }, key, 'envs', asked, {
      path: 'process.env',
      check: ["tr '\\0' '\\n' < /proc/PID/environ", (output) => output.split('\n').includes(`${key}=${value}`)],
    });
  const mount = (containerPath: string, readonly: boolean): CriLine =>
    line(
      { mounts: [{ containerPath, hostPath: folder, readonly }] },
      containerPath,
      'mounts',
      new RegExp(`^bind .*\\(${readonly ? 'ro' : 'rw'}\\)$`),
      { check: ['cat /proc/PID/mountinfo', new RegExp(` ${containerPath} ${readonly ? 'ro' : 'rw'}[, ]`)] },
    );
  const running = { check: ["tr '\\0' ' ' < /proc/PID/cmdline", /^sleep 36000/] } as const;
  return [
    variable('MODE', 'fast', /^fast$/),
    variable('WITH_EQUALS', 'a=b', /^a=b$/),
    variable('WITH_SPACES', 'a b c', /^a b c$/),
    variable('EMPTY', '', /^\(empty\)$/),
    variable('DB_PASSWORD', 'hunter2-hunter2', /^•+$/),
    variable('PATH', '/bin:/usr/bin', /^\/bin:\/usr\/bin$/),
    mount('/data', true),
    mount('/work', false),
    ...['/tmp', '/etc'].map((workingDir) =>
      line({ workingDir }, 'Working folder', 'working_dir', new RegExp(`^${workingDir}$`), {
        path: 'process.cwd',
        check: ['readlink /proc/PID/cwd', new RegExp(`^${workingDir}$`, 'm')],
      }),
    ),
    line({ command: ['sleep', '36000'] }, 'Command', 'command, args', /^sleep 36000$/, {
      path: 'process.args',
      ...running,
    }),
    line({ command: ['sleep'], args: ['36000'] }, 'Command', 'command, args', /^sleep 36000$/, running),
    line({ tty: true }, 'Terminal', 'tty', /^a terminal$/, {
      path: 'process.terminal',
      check: ["awk '{ print $7 }' /proc/PID/stat", (output) => Number(output) !== 0],
    }),
    line({}, 'Terminal', 'tty', /^none$/, {
      origin: 'engine',
      check: ["awk '{ print $7 }' /proc/PID/stat", (output) => Number(output) === 0],
    }),
  ];
}

/** What a line sets: the members of its wish that hold one value, and its row. Lists are put together. */
export function criKeys({ wish, expected }: CriLine): readonly string[] {
  const capability = expected.setting === 'Capabilities: bounding' ? JSON.stringify(wish) : expected.setting;
  return [capability, ...membersOf(wish, '')];
}

function membersOf(value: unknown, at: string): readonly string[] {
  const record = asRecord(value);
  if (record) return Object.entries(record).flatMap(([key, member]) => membersOf(member, `${at}.${key}`));
  return Array.isArray(value) && !/command|args/.test(at) ? [] : [at];
}

/** One wish of several that have no key in common. */
export function mergedWish(lines: readonly CriLine[]): ContainerWish {
  // All are wishes, and so is what has the members of all.
  return lines.reduce<unknown>((merged, { wish }) => merge(merged, wish), {}) as ContainerWish;
}

function merge(a: unknown, b: unknown): unknown {
  if (Array.isArray(a) && Array.isArray(b)) return [...(a as readonly unknown[]), ...(b as readonly unknown[])];
  const [one, other] = [asRecord(a), asRecord(b)];
  if (!one || !other) return b ?? a;
  return Object.fromEntries(
    [...new Set([...Object.keys(one), ...Object.keys(other)])].map((key) => [key, merge(one[key], other[key])]),
  );
}
