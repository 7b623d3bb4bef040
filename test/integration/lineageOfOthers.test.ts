import assert from 'node:assert/strict';
import { startLab, type Lab } from '../lab/lab';
import { podmanContainer, startPodman, type PodmanLab } from '../lab/podman';
import { removePod, runPod, type ContainerWish, type Pod } from '../lab/pods';
import { meets, type Expected } from '../support/expectedLineage';
import { criLineages, podmanLineages, type OthersLineages } from '../support/othersLineages';

const RESOURCES = 'linux.resources';
const CONTEXT = 'linux.security_context';

function meetsOf(lineages: OthersLineages, name: string, all: readonly Expected[]): Promise<void> {
  const lineage = lineages.get(name);
  assert.ok(lineage, name);
  return meets(lineage.rows, lineage.pid, name, all);
}

/** A setting that whoever made the container asked for by this field. */
const by = (setting: string, field: string, asked: RegExp, more: Partial<Expected> = {}): Expected => ({
  setting,
  field,
  origin: 'request',
  asked,
  ...more,
});

describe('the lineage of containers that a kubelet asked for', () => {
  let lab: Lab;
  let pod: Pod | undefined;
  let lineages: OthersLineages;

  const WISHES: Readonly<Record<string, ContainerWish>> = {
    limited: {
      resources: {
        cpuPeriod: 100_000,
        cpuQuota: 25_000,
        cpuShares: 512,
        memoryLimitInBytes: 48 * 1024 * 1024,
        oomScoreAdj: 900,
        cpusetCpus: '0',
      },
      envs: [{ key: 'MODE', value: 'fast' }],
      workingDir: '/tmp',
      mounts: [{ containerPath: '/data', hostPath: '/usr/share', readonly: true }],
    },
    secured: {
      security: {
        capabilities: { add: ['NET_ADMIN'], drop: ['CHOWN'], addAmbient: [] },
        runAsUser: { value: 1000 },
        runAsGroup: { value: 1001 },
        supplementalGroups: [2000],
        readonlyRootfs: true,
        noNewPrivs: true,
        seccomp: { profileType: 1, localhostRef: '' },
        maskedPaths: ['/proc/kcore'],
        readonlyPaths: ['/proc/sys'],
      },
    },
  };

  before(async () => {
    lab = await startLab();
    pod = await runPod(lab, 'lineage', ['plain', 'limited', 'secured'], WISHES);
    lineages = await criLineages(lab, pod);
  });
  after(async () => {
    if (pod) await removePod(lab, pod);
    await lab?.stop();
  });

  const check = (name: string, all: readonly Expected[]): Promise<void> => meetsOf(lineages, name, all);

  it('names the fields of the CRI, and what the kernel has of them', async () => {
    await check('limited', [
      by('Memory limit', `${RESOURCES}.memory_limit_in_bytes`, /^48 MiB/, {
        path: 'linux.resources.memory.limit',
        check: ['cat FILE', /^50331648$/m],
      }),
      by('CPU shares', `${RESOURCES}.cpu_shares`, /^512 shares/, {
        path: 'linux.resources.cpu.shares',
        check: ['cat FILE', /^512$/m],
      }),
      by('CPU quota', `${RESOURCES}.cpu_quota, cpu_period`, /^0\.25 CPU /, { check: ['cat FILE', /^25000$/m] }),
      by('CPUs', `${RESOURCES}.cpuset_cpus`, /^0$/, { check: ['cat FILE', /^0$/m] }),
      by('OOM score adjustment', `${RESOURCES}.oom_score_adj`, /^900$/, {
        check: ['cat /proc/PID/oom_score_adj', /^900$/m],
      }),
      by('MODE', 'envs', /^fast$/, { check: ["tr '\\0' '\\n' < /proc/PID/environ", /^MODE=fast$/m] }),
      by('Working folder', 'working_dir', /^\/tmp$/, { check: ['readlink /proc/PID/cwd', /^\/tmp$/m] }),
      by('/data', 'mounts', /^bind \/usr\/share \(ro\)$/, { check: ['cat /proc/PID/mountinfo', / \/data ro[, ]/] }),
      by('Command', 'command, args', /^sh -c /, { check: ["tr '\\0' ' ' < /proc/PID/cmdline", /^sh -c /] }),
      by('pid namespace', `${CONTEXT}.namespace_options.pid`, /^its own$/),
      by('network namespace', `${CONTEXT}.namespace_options.network`, /^the node’s$/),
    ]);
    await check('secured', [
      by('User', `${CONTEXT}.run_as_user`, /^1000$/, { check: ['grep ^Uid: /proc/PID/status', /\t1000\t/] }),
      by('Group', `${CONTEXT}.run_as_group`, /^1001$/, { check: ['grep ^Gid: /proc/PID/status', /\t1001\t/] }),
      by('Additional groups', `${CONTEXT}.supplemental_groups`, /2000/, {
        check: ['grep ^Groups: /proc/PID/status', /\b2000\b/],
      }),
      by('No new privileges', `${CONTEXT}.no_new_privs`, /^yes$/, { check: ['grep NoNewPrivs /proc/PID/status', /1/] }),
      by('Root file system', `${CONTEXT}.readonly_rootfs`, /^read-only$/),
      by('Seccomp filter', `${CONTEXT}.seccomp`, /^unconfined$/, {
        check: ['grep ^Seccomp: /proc/PID/status', /\t0$/m],
      }),
      by('Masked paths', `${CONTEXT}.masked_paths`, /\/proc\/kcore/),
      by('Read-only paths', `${CONTEXT}.readonly_paths`, /\/proc\/sys/),
      by('Capabilities: bounding', `${CONTEXT}.capabilities, privileged`, /^\+NET_ADMIN -CHOWN$/),
    ]);
  });

  it('says what the runtime fills in, and what the CRI has no field for', async () => {
    await check('plain', [
      {
        setting: 'Capabilities: bounding',
        field: `${CONTEXT}.capabilities, privileged`,
        origin: 'engine',
        asked: /the runtime’s default set/,
      },
      { setting: 'Process limit', field: 'CRI', origin: 'nobody', asked: /^not set$/, verdict: 'unset' },
      { setting: 'Open files', field: 'CRI', origin: 'nobody', asked: /^not set$/, verdict: 'unset' },
      { setting: 'Disk weight', field: 'CRI', origin: 'nobody', asked: /^not set$/, verdict: 'unset' },
    ]);
  });

  it('finds nothing that was changed by hand', () => {
    for (const [name, { rows }] of lineages) {
      const changed = rows.filter(({ why }) => /by hand/.test(why)).map(({ setting, why }) => `${setting}: ${why}`);
      assert.deepEqual(changed, [], name);
    }
  });
});

describe('the lineage of Podman’s containers', () => {
  let lab: Lab;
  let podman: PodmanLab;
  let lineages: OthersLineages;

  const CONTAINERS: Readonly<Record<string, readonly string[]>> = {
    'lineage-plain': [],
    'lineage-set': [
      ...['--memory=48m', '--memory-swap=64m', '--cpu-shares=512', '--cpus=0.5', '--cpuset-cpus=0', '--pids-limit=50'],
      ...[
        '--cap-add=NET_ADMIN',
        '--cap-drop=CHOWN',
        '--ulimit=nofile=256:512',
        '--ulimit=nproc=256:512',
        '--env=MODE=fast',
        '--workdir=/tmp',
      ],
      ...['--read-only', '--umask=0027', '--stop-signal=INT', '--security-opt=no-new-privileges', '--ipc=host'],
    ],
  };

  before(async () => {
    lab = await startLab();
    podman = await startPodman(lab);
    for (const [name, options] of Object.entries(CONTAINERS)) await podmanContainer(podman, 'run', name, options);
    lineages = await podmanLineages(lab, podman);
  });
  after(async () => {
    await podman?.stop();
    await lab?.stop();
  });

  const check = (name: string, all: readonly Expected[]): Promise<void> => meetsOf(lineages, name, all);

  it('names who asked, by the command that made them', async () => {
    await check('lineage-set', [
      by('Memory limit', 'HostConfig.Memory', /^48 MiB/, { check: ['cat FILE', /^50331648$/m] }),
      by('Memory and swap limit', 'HostConfig.MemorySwap', /^64 MiB/, { check: ['cat FILE', /^67108864$/m] }),
      by('CPU shares', 'HostConfig.CpuShares', /^512 shares/, { check: ['cat FILE', /^512$/m] }),
      by('CPU quota', 'HostConfig.NanoCpus', /^0\.5 CPU /, { check: ['cat FILE', /^50000$/m] }),
      by('CPUs', 'HostConfig.CpusetCpus', /^0$/, { check: ['cat FILE', /^0$/m] }),
      by('Process limit', 'HostConfig.PidsLimit', /^50$/, { check: ['cat FILE', /^50$/m] }),
      by('Open files', 'HostConfig.Ulimits', /^256, may be raised to 512$/, {
        check: ['grep "open files" /proc/PID/limits', /256 +512/],
      }),
      by('Capabilities: bounding', 'HostConfig.CapAdd, CapDrop, Privileged', /\+CAP_NET_ADMIN -CAP_CHOWN/, {
        check: ['grep ^CapBnd /proc/PID/status', /[13579bdf][0-9a-f]{2}[0-9a-f]$/m],
      }),
      by('MODE', 'Config.Env', /^fast$/, { check: ["tr '\\0' '\\n' < /proc/PID/environ", /^MODE=fast$/m] }),
      by('Working folder', 'Config.WorkingDir', /^\/tmp$/, { check: ['readlink /proc/PID/cwd', /^\/tmp$/m] }),
      by('Root file system', 'HostConfig.ReadonlyRootfs', /^read-only$/),
      by('File mask (umask)', 'Config.Umask', /^0027$/, { check: ['grep ^Umask /proc/PID/status', /0027/] }),
      by('No new privileges', 'HostConfig.SecurityOpt', /^yes$/, { check: ['grep NoNewPrivs /proc/PID/status', /1/] }),
      by('ipc namespace', 'HostConfig.IpcMode', /^host$/),
      by('OCI runtime', 'OCIRuntime', /runc/, { verdict: 'unreadable' }),
    ]);
  });

  it('says what Podman filled in itself', async () => {
    await check('lineage-plain', [
      { setting: 'Process limit', field: 'HostConfig.PidsLimit', origin: 'engine', asked: /^[\d,]+$/ },
      { setting: 'Open files', field: 'HostConfig.Ulimits', origin: 'engine', asked: /^512, may be raised to 1024$/ },
      { setting: 'pid namespace', field: 'HostConfig.PidMode', origin: 'engine', asked: /^private$/ },
      {
        setting: 'Capabilities: bounding',
        field: 'HostConfig.CapAdd, CapDrop, Privileged',
        origin: 'engine',
        asked: /default set/,
      },
    ]);
  });

  it('finds nothing that was changed by hand', () => {
    for (const [name, { rows }] of lineages) {
      const changed = rows.filter(({ why }) => /by hand/.test(why)).map(({ setting, why }) => `${setting}: ${why}`);
      assert.deepEqual(changed, [], name);
    }
  });
});
