// Sample containers, each showing one thing the explorer must show. Data first; startSamples() makes them.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from './lab';

export interface Sample {
  /** The container's name in the lab. */
  readonly name: string;
  /** What it shows, in a few words. */
  readonly shows: string;
  /** Options of `docker run` (or `docker create`) between the name and the image. */
  readonly options: readonly string[];
  /** Program and arguments after the image. */
  readonly command: readonly string[];
  /** Created, never started. */
  readonly createOnly?: boolean;
  /** Another sample that must run first. */
  readonly needs?: string;
  /** docker command lines to run once it has started. */
  readonly then?: readonly (readonly string[])[];
  readonly expect: SampleState;
}

/** State a sample must reach; fields left out are not looked at. */
export interface SampleState {
  /** The engine's own word, `State.Status`. */
  readonly status: 'created' | 'running' | 'paused' | 'restarting' | 'exited';
  readonly exitCode?: number;
  readonly health?: 'healthy' | 'unhealthy';
  readonly oomKilled?: boolean;
  readonly restartsAtLeast?: number;
  readonly execs?: number;
}

/** A main process that ends at once when asked to: PID 1 has no default signal handlers, so it needs the trap. */
const IDLE = ['sh', '-c', 'trap "exit 0" TERM INT; while :; do sleep 3600 & wait $!; done'];
const RUNNING: SampleState = { status: 'running' };
const CREATE_ONLY = { createOnly: true, expect: { status: 'created' } } as const;

/** Strings that an engine stores as they are, and that a view must never interpret. */
export const HOSTILE_LABELS: Readonly<Record<string, string>> = {
  'hostile.html': '<img src=x onerror=alert(1)><script>alert(2)</script></script>',
  'hostile.rtl': 'user\u202egpj.exe\u202c\u2066\u200b',
  'hostile.ansi': '\u001b[31mred\u001b[0m\u001b]8;;http://localhost/\u0007link\u001b]8;;\u0007\u001b]52;c;aGk=\u0007',
  'hostile.command': '[run](command:workbench.action.reloadWindow) $(zap) **bold** `code`',
  'hostile.shell': '$(touch /tmp/hostile) `id` "; rm -rf / #\'',
  'hostile.lines': 'one\r\ntwo\ttab',
  'hostile.long': 'x'.repeat(4_000),
  __proto__label: 'not the prototype',
  ['__proto__']: 'own key',
  constructor: 'own key',
  '<b>key</b>': 'markup in the key',
};

/** What engines refuse where cgroups have no controllers, and what nothing would end there. */
const NEED_CONTROLLERS: ReadonlySet<string> = new Set([
  ...['memory', 'memory-reservation', 'memory-swappiness', 'oom-killed', 'pids-limit', 'block-io'],
  ...['cpus', 'cpu-shares', 'cpu-quota', 'cpuset'],
]);

/** All samples for a lab; some need its folder or its cgroup. */
export function samplesFor(lab: Pick<Lab, 'dir' | 'cgroupParent' | 'versions' | 'generation'>): Sample[] {
  const all = [...limits(lab), ...privileges(lab), ...sharing(), ...storage(lab), ...lifecycles(), ...texts(lab)];
  return lab.generation.unified ? all.filter(({ name }) => !NEED_CONTROLLERS.has(name)) : all;
}

function running(name: string, shows: string, options: readonly string[] = [], more: Partial<Sample> = {}): Sample {
  // The lab has no bridge: a sample that names no network gets none.
  const network = options.some((option) => option.startsWith('--network')) ? [] : ['--network=none'];
  return { name, shows, options: [...network, ...options], command: IDLE, expect: RUNNING, ...more };
}

function limits(lab: Pick<Lab, 'cgroupParent'>): Sample[] {
  const disk = readdirSync('/sys/block').find((name) => !/^(zram|ram|sr|fd)/.test(name));
  const throttle = disk ? [`--device-read-bps=/dev/${disk}:1mb`, `--device-write-iops=/dev/${disk}:100`] : [];
  return [
    running('plain', 'a container with nothing special'),
    running('memory', 'memory and swap limits', ['--memory=64m', '--memory-swap=96m']),
    running('memory-reservation', 'a soft memory limit', ['--memory=128m', '--memory-reservation=32m']),
    running('memory-swappiness', 'no swapping', ['--memory=64m', '--memory-swappiness=0']),
    running('cpus', 'half a CPU', ['--cpus=0.5']),
    running('cpu-shares', 'CPU weight', ['--cpu-shares=512']),
    running('cpu-quota', 'CPU quota and period', ['--cpu-quota=25000', '--cpu-period=50000']),
    running('cpuset', 'pinned to CPU 0', ['--cpuset-cpus=0']),
    running('pids-limit', 'at most 20 processes', ['--pids-limit=20']),
    running('block-io', 'throttled disk', throttle),
    running('cgroup-parent', 'a cgroup parent of its own', [`--cgroup-parent=${lab.cgroupParent}/tenant-a`]),
    running('ulimit', 'resource limits of the process', ['--ulimit=nofile=512:1024', '--ulimit=core=0']),
    running('shm-size', 'a larger /dev/shm', ['--shm-size=32m']),
  ];
}

function privileges(lab: Pick<Lab, 'versions'>): Sample[] {
  // Later ones mean by ALL what the machine has, and refuse to drop what it lacks.
  const takesAll = parseInt(lab.versions.docker, 10) < 23 || hasAllCapabilities();
  return [
    running('cap-add', 'one capability more', ['--cap-add=NET_ADMIN']),
    running('cap-drop', 'no capabilities but one', ['--cap-drop=ALL', '--cap-add=NET_BIND_SERVICE']),
    // Where the tests themselves lack a capability, the engine cannot start it: it is shown as created only.
    running('privileged', 'privileged', ['--privileged'], hasAllCapabilities() ? {} : CREATE_ONLY),
    running('nearly-privileged', 'nearly privileged: spelled out option by option', [
      ...['--cap-add=ALL', ...(takesAll ? ['--cap-drop=SYS_RESOURCE'] : [])],
      ...['--security-opt=seccomp=unconfined', '--security-opt=systempaths=unconfined'],
    ]),
    running('no-new-privileges', 'no new privileges', ['--security-opt=no-new-privileges']),
    running('seccomp-unconfined', 'no seccomp filter', ['--security-opt=seccomp=unconfined']),
    running('read-only', 'a read-only root file system', ['--read-only']),
    running('user', 'runs as nobody', ['--user=65534:65534']),
    running('group-add', 'additional groups', ['--user=1000:1000', '--group-add=4242']),
    running('device', 'a device of the host', ['--device=/dev/null:/dev/lab-null:r']),
  ];
}

/** Whether the tests could hand on every capability that the kernel knows. */
function hasAllCapabilities(): boolean {
  const bounding = /^CapBnd:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  const lastCapability = Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8'));
  return BigInt(`0x${bounding}`) === (1n << BigInt(lastCapability + 1)) - 1n;
}

function sharing(): Sample[] {
  return [
    running('host-pid', "the host's PID namespace", ['--pid=host']),
    running('host-network', "the host's network", ['--network=host']),
    running('host-ipc', "the host's IPC namespace", ['--ipc=host']),
    running('host-uts', "the host's name", ['--uts=host']),
    running('shared-pid', 'sees the processes of another container', ['--pid=container:plain'], { needs: 'plain' }),
    running('shared-network', 'shares the network of another container', ['--network=container:plain'], {
      needs: 'plain',
    }),
    running('sysctl', 'a kernel setting of its own', ['--sysctl=net.ipv4.ip_unprivileged_port_start=0']),
    running('hostname', 'a host name and a domain', ['--hostname=lab-host', '--domainname=example.test']),
  ];
}

function storage(lab: Pick<Lab, 'dir'>): Sample[] {
  const shared = join(lab.dir, 'shared');
  return [
    running('tmpfs', 'a file system in memory', ['--tmpfs=/scratch:size=8m,mode=1777']),
    running('bind-read-only', 'a folder of the host, read-only', [`--volume=${shared}:/data:ro`]),
    running('bind-shared', 'a folder of the host with mount propagation', [
      `--mount=type=bind,source=${shared},target=/data,bind-propagation=rprivate`,
    ]),
    running('named-volume', 'a named volume', ['--volume=lab-volume:/data']),
    running('anonymous-volume', 'an anonymous volume', ['--volume=/data']),
  ];
}

function lifecycles(): Sample[] {
  return [
    running('paused', 'frozen', [], { then: [['pause', 'paused']], expect: { status: 'paused' } }),
    running('exited-0', 'ended well', [], { command: ['true'], expect: { status: 'exited', exitCode: 0 } }),
    running('exited-7', 'ended with an error', [], {
      command: ['sh', '-c', 'echo failing >&2; exit 7'],
      expect: { status: 'exited', exitCode: 7 },
    }),
    running('killed', 'killed by a signal', [], {
      then: [['kill', 'killed']],
      expect: { status: 'exited', exitCode: 137 },
    }),
    running('oom-killed', 'killed for want of memory', ['--memory=16m', '--memory-swap=16m'], {
      // tail keeps all of an endless line in memory.
      command: ['tail', '/dev/zero'],
      expect: { status: 'exited', exitCode: 137, oomKilled: true },
    }),
    running('restarted', 'restarted by its policy, running now', ['--restart=on-failure:5', '--tmpfs=/unused'], {
      // Its own file system outlives a restart: the second start finds the mark and stays.
      command: ['sh', '-c', `if [ -e /mark ]; then ${IDLE[2]}; fi; touch /mark; exit 3`],
      expect: { status: 'running', restartsAtLeast: 1 },
    }),
    running('created', 'created, never started', [], CREATE_ONLY),
    running('with-exec', 'a second process by docker exec', [], {
      then: [['exec', '--detach', '--user=65534', 'with-exec', ...IDLE]],
      expect: { status: 'running', execs: 1 },
    }),
    running('init', "Docker's init as PID 1", ['--init']),
    running(
      'healthy',
      'a health check that succeeds',
      ['--health-cmd=true', '--health-interval=1s', '--health-timeout=30s'],
      { expect: { status: 'running', health: 'healthy' } },
    ),
    running(
      'unhealthy',
      'a health check that fails',
      ['--health-cmd=echo out of order; exit 1', '--health-interval=1s', '--health-timeout=30s', '--health-retries=1'],
      { expect: { status: 'running', health: 'unhealthy' } },
    ),
    running('stop-signal', 'a stop signal and time of its own', ['--stop-signal=SIGINT', '--stop-timeout=3']),
    running('tty', 'a terminal', ['--tty', '--interactive']),
    running('process-tree', 'children and grandchildren', [], {
      command: ['sh', '-c', `httpd -p 8080 -h /var/www; sh -c 'sleep 36000 & wait' & ${IDLE[2]}`],
    }),
  ];
}

function texts(lab: Pick<Lab, 'dir'>): Sample[] {
  return [
    running('entrypoint', 'an entry point in place of the image’s', ['--entrypoint=/bin/sh'], {
      command: IDLE.slice(1),
    }),
    running('workdir', 'a working directory', ['--workdir=/var/www']),
    running('secrets', 'secrets in its environment', [
      '--env=DB_PASSWORD=correct-horse-battery-staple',
      '--env=API_TOKEN=lab_0123456789abcdef0123456789abcdef',
      '--env=DATABASE_URL=postgres://admin:hunter2hunter2@db.example.test/shop',
      '--env=LOG_LEVEL=debug',
    ]),
    running(
      'hostile-labels',
      'labels that try to be code',
      Object.entries(HOSTILE_LABELS).map(([key, value]) => `--label=${key}=${value}`),
    ),
    running(`long-name-${'abcdefghij'.repeat(22)}`, 'a name of 230 characters'),
    composeService(lab, 'web', 'db'),
    composeService(lab, 'db'),
  ];
}

/** A container as `docker compose up` would label it; the lab needs no Compose for that. */
function composeService(lab: Pick<Lab, 'dir'>, service: string, dependsOn?: string): Sample {
  const labels = {
    project: 'shop',
    service,
    'container-number': '1',
    oneoff: 'False',
    version: '2.40.3',
    'config-hash': 'f0e1d2c3b4a5968778695a4b3c2d1e0ff0e1d2c3b4a5968778695a4b3c2d1e0f',
    'project.working_dir': join(lab.dir, 'shop'),
    'project.config_files': join(lab.dir, 'shop/compose.yaml'),
    depends_on: dependsOn ? `${dependsOn}:service_started:false` : '',
  };
  const options = Object.entries(labels).map(([key, value]) => `--label=com.docker.compose.${key}=${value}`);
  return running(`shop-${service}-1`, `a Compose service (${service})`, options);
}

/** Makes all samples and waits until each is in its expected state. */
export async function startSamples(lab: Lab): Promise<Sample[]> {
  const samples = samplesFor(lab);
  mkdirSync(join(lab.dir, 'shared'), { recursive: true });
  writeFileSync(join(lab.dir, 'shared/hello.txt'), 'hello\n');
  mkdirSync(join(lab.dir, 'shop'), { recursive: true });
  writeFileSync(
    join(lab.dir, 'shop/compose.yaml'),
    `services:\n  web: { image: '${lab.image}', depends_on: [db] }\n  db: { image: '${lab.image}' }\n`,
  );
  await forEach(
    samples.filter(({ needs }) => !needs),
    (sample) => startSample(lab, sample),
  );
  await forEach(
    samples.filter(({ needs }) => needs),
    (sample) => startSample(lab, sample),
  );
  return samples;
}

/** Makes one sample and waits for its expected state. */
export async function startSample(lab: Lab, sample: Sample): Promise<void> {
  // An engine may miss the kernel's word that memory ran out when the process ends at the same moment: a sample
  // that does not get where it should is made anew.
  for (let attempt = 1; ; attempt++) {
    const missing = await tryToStart(lab, sample);
    if (missing.length === 0) return;
    if (attempt === 6) throw new Error(`sample ${sample.name} is not as expected: ${missing.join(', ')}`);
    console.warn(`sample ${sample.name} is made anew: ${missing.join(', ')}`);
    await lab.mustDocker(['rm', '--force', '--volumes', sample.name]);
  }
}

/** Returns what still differs from the expected state when the time is up. */
async function tryToStart(lab: Lab, sample: Sample): Promise<string[]> {
  const { name, options, command } = sample;
  const verb = sample.createOnly ? ['create'] : ['run', '--detach'];
  await lab.mustDocker([...verb, '--name', name, ...options, lab.image, ...command]);
  for (const args of sample.then ?? []) await lab.mustDocker(args);

  const deadline = Date.now() + 15_000;
  for (;;) {
    const missing = await differences(lab, sample);
    if (missing.length === 0 || Date.now() > deadline) return missing;
    await sleep(200);
  }
}

async function differences(lab: Lab, { name, expect }: Sample): Promise<string[]> {
  const [inspected] = JSON.parse(await lab.mustDocker(['inspect', '--type=container', name])) as [Inspected];
  const { State: state } = inspected;
  const differing: string[] = [];
  const compare = (what: string, actual: Comparable, expected: Comparable): void => {
    if (expected !== undefined && actual !== expected) differing.push(`${what} is ${actual}, not ${expected}`);
  };
  compare('status', state.Status, expect.status);
  compare('exit code', state.ExitCode, expect.exitCode);
  compare('health', state.Health?.Status, expect.health);
  compare('OOMKilled', state.OOMKilled, expect.oomKilled);
  compare('number of execs', inspected.ExecIDs?.length ?? 0, expect.execs);
  if (inspected.RestartCount < (expect.restartsAtLeast ?? 0)) differing.push(`restarts: ${inspected.RestartCount}`);
  return differing;
}

type Comparable = string | number | boolean | undefined;

/** The few fields of the engine's answer that are compared. */
interface Inspected {
  readonly State: {
    readonly Status: string;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly Health?: { readonly Status: string };
  };
  readonly RestartCount: number;
  readonly ExecIDs: readonly string[] | null;
}

/** A few at a time: an engine starts containers no faster with more. */
async function forEach<T>(items: readonly T[], action: (item: T) => Promise<void>): Promise<void> {
  const pending = [...items];
  const workers = Array.from({ length: 4 }, async () => {
    for (let item = pending.shift(); item !== undefined; item = pending.shift()) await action(item);
  });
  // All settle before the first failure is reported: none may go on while the lab is taken down.
  const failed = (await Promise.allSettled(workers)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
