import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createShimDoctor } from '../../src/adapters/doctor/doctor';
import { readBundleFiles } from '../../src/adapters/oci/bundle';
import { findShims } from '../../src/adapters/shimProcess';
import type { DoctorReport, Finding, FindingKind } from '../../src/model/doctor/finding';
import { isKnown } from '../../src/model/fact';
import { currentGeneration } from '../lab/generations';
import { startLab, type Lab } from '../lab/lab';
import { podmanContainer, startPodman, type PodmanLab } from '../lab/podman';
import { removePod, runPod } from '../lab/pods';
import { identify, killAndWait, signal } from '../lab/processes';
import { mustRun, run } from '../lab/run';
import { startSamples } from '../lab/samples';
import { eventually } from '../support/fakeAdapter';
import { describeWhere, itWhere } from '../support/itWhere';
import { processesNow } from '../support/processTable';

const IDLE = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done'];

/**
 * Bundles, states and sockets of daemons in another file tree are theirs by path alone, so the doctor keeps to this machine's
 * own (src/adapters/doctor/observe.ts). Labs of other generations are in trees of their own.
 */
const IS_OWN_TREE = currentGeneration().suite === undefined;
const OWN_TREE_ALONE = 'the doctor keeps to this machine’s own file tree';

describeWhere(IS_OWN_TREE, OWN_TREE_ALONE, 'the shim doctor', function () {
  this.timeout(300_000);
  let lab: Lab;
  let bareRoot: string;
  const doctor = () =>
    createShimDoctor({
      sockets: async () => [
        { path: lab.containerdSocket, reason: 'the test says so', exists: existsSync(lab.containerdSocket) },
      ],
      extraRoots: [bareRoot],
    });

  before(async () => {
    lab = await startLab();
    bareRoot = join(lab.dir, 'bare-runc');
    mkdirSync(bareRoot);
  });
  after(() => lab?.stop());

  /** What is found of the lab: other containers of this machine are not the test's. */
  async function examine(): Promise<DoctorReport & { found: (kind: FindingKind) => readonly Finding[] }> {
    const report = await doctor().examine();
    const own = (finding: Finding): boolean => JSON.stringify(finding).includes(`${lab.dir}/`);
    const findings = report.findings.filter(own);
    for (const { evidence } of [...findings, ...report.normal]) {
      assert.ok(evidence.length >= 2, 'more than one piece of evidence');
      for (const { fact } of evidence) assert.ok(isKnown(fact) && fact.how && fact.source && fact.observedAt);
    }
    const normal = report.normal.filter(own);
    return {
      ...report,
      findings,
      normal,
      found: (kind) => [...findings, ...normal].filter((one) => one.kind === kind),
    };
  }

  const kinds = (report: { findings: readonly Finding[] }): string[] =>
    report.findings.map(({ kind, subject }) => `${kind}: ${subject}`);

  const start = (name: string, ...options: string[]): Promise<string> =>
    lab.mustDocker(['run', '--detach', '--network=none', '--name', name, ...options, lab.image, ...IDLE]);

  /** The shim of a container, by ps: its init's parent. */
  async function shimOf(id: string): Promise<{ pid: number; init: number }> {
    const init = Number(await lab.mustDocker(['inspect', '--format', '{{.State.Pid}}', id]));
    return { init, pid: Number((await mustRun('ps', ['-o', 'ppid=', '-p', String(init)])).stdout.trim()) };
  }

  const bundleOf = (namespace: string, id: string): string =>
    join(lab.containerdState, 'io.containerd.runtime.v2.task', namespace, id);

  it('finds nothing in a lab with all samples and a pod, whose one shim it calls normal', async () => {
    await startSamples(lab);
    const pod = await runPod(lab, 'checkup', ['app', 'helper']);
    const report = await examine();
    assert.deepEqual(kinds(report), []);
    assert.deepEqual(report.gaps, []);
    // By ps: the shim of the sandbox has three children, and there is no second shim.
    const { stdout } = await mustRun('ps', ['-ww', '-eo', 'pid=,args=']);
    const shims = stdout.split('\n').filter((line) => line.includes(`-id ${pod.sandboxId} `));
    assert.equal(shims.length, 1);
    const [shared, ...others] = report.found('pod-shim');
    assert.equal(others.length, 0);
    assert.equal(shared?.severity, 'normal');
    assert.equal(shared?.runtimeId, pod.sandboxId);
    assert.ok(shared.subject.startsWith(`shim ${Number.parseInt(shims[0]!, 10)} of k8s.io/`), shared.subject);
    for (const id of pod.containers.values()) assert.ok(JSON.stringify(shared.evidence).includes(id.slice(0, 12)));

    const running = (await lab.mustDocker(['ps', '--quiet'])).split('\n').length;
    const tasks = report.examined.find(({ label }) => label === 'Tasks');
    assert.ok(
      tasks && isKnown(tasks.fact) && tasks.fact.value.startsWith(`${running + 3} in 2 namespaces`),
      JSON.stringify(tasks),
    );
    await removePod(lab, pod);
  });

  it('finds nothing in a storm of 50 starts and stops', async () => {
    let stormy = true;
    const storm = (async () => {
      const one = async (round: number): Promise<void> => {
        await start(`storm-${round}`, '--rm');
        await lab.mustDocker(['stop', '--time=1', `storm-${round}`]);
      };
      for (let round = 0; round < 50; round += 5) await Promise.all([0, 1, 2, 3, 4].map((more) => one(round + more)));
    })().finally(() => (stormy = false));
    let examined = 0;
    while (stormy) {
      assert.deepEqual(kinds(await examine()), []);
      examined++;
    }
    await storm;
    assert.ok(examined >= 2, `looked ${examined} times during the storm`);
    assert.deepEqual(kinds(await examine()), []);
  });

  it('finds a shim that is stopped by a signal, and nothing else of it', async () => {
    const id = await start('stopped');
    const { pid } = await shimOf(id);
    signal(pid, 'SIGSTOP');
    try {
      const report = await examine();
      assert.deepEqual(kinds(report), [`shim-stopped: shim ${pid} of moby/${id.slice(0, 12)}`]);
    } finally {
      signal(pid, 'SIGCONT');
    }
    assert.deepEqual(kinds(await examine()), []);
  });

  it('finds an init that has ended and is not collected', async () => {
    const id = await start('zombie');
    const { pid, init } = await shimOf(id);
    signal(pid, 'SIGSTOP');
    try {
      signal(init, 'SIGKILL');
      await eventually(
        async () => /^Z/.test((await mustRun('ps', ['-o', 'stat=', '-p', String(init)])).stdout),
        'a zombie',
      );
      const report = await examine();
      assert.deepEqual(report.findings.map(({ kind }) => kind).sort(), ['shim-stopped', 'zombie-init']);
      assert.ok(JSON.stringify(report.found('zombie-init')).includes(`PID ${init} `));
    } finally {
      signal(pid, 'SIGCONT');
    }
    await eventually(
      async () => (await lab.mustDocker(['inspect', '--format', '{{.State.Status}}', id])) === 'exited',
      'it ends',
    );
    assert.deepEqual(kinds(await examine()), []);
  });

  it('finds an orphaned bundle, and says that it is no task’s', async () => {
    const id = await start('bundled');
    const copy = 'a'.repeat(64);
    cpSync(bundleOf('moby', id), bundleOf('moby', copy), {
      recursive: true,
      filter: (source) => !statSync(source).isFIFO() && !source.endsWith('/rootfs'),
    });
    // A bundle with a dot before its name is one that containerd is removing.
    mkdirSync(bundleOf('moby', '.being-removed'));
    const report = await examine();
    assert.deepEqual(kinds(report), ['bundle-without-task: bundle of moby/aaaaaaaaaaaa']);
    const tasks = (await lab.ctr(['--namespace', 'moby', 'tasks', 'list'])).stdout;
    assert.ok(tasks.includes(id) && !tasks.includes(copy));
    assert.ok(JSON.stringify(report.findings[0]?.evidence).includes(bundleOf('moby', copy)));
    await mustRun('rm', ['-r', bundleOf('moby', copy), bundleOf('moby', '.being-removed')]);
    assert.deepEqual(kinds(await examine()), []);
  });

  it('finds a task whose bundle is gone', async () => {
    const id = await start('unbundled');
    const aside = join(lab.dir, 'aside');
    renameSync(bundleOf('moby', id), aside);
    try {
      const report = await examine();
      assert.deepEqual(kinds(report), [`task-without-bundle: task moby/${id.slice(0, 12)}`]);
    } finally {
      renameSync(aside, bundleOf('moby', id));
    }
    assert.deepEqual(kinds(await examine()), []);
  });

  it('finds a PID that belongs to another process by its start time', async () => {
    const id = await start('reused');
    const { init } = await shimOf(id);
    const state = readFileSync(join(lab.dockerExecRoot, 'runtime-runc/moby', id, 'state.json'), 'utf8');
    const started = identify(init)?.startTicks;
    assert.ok(state.includes(`"init_process_start":${started}`));
    mkdirSync(join(bareRoot, 'ghost'));
    writeFileSync(
      join(bareRoot, 'ghost/state.json'),
      state.replace(`"init_process_start":${started}`, '"init_process_start":42').replaceAll(id, 'ghost'),
    );
    const report = await examine();
    assert.deepEqual(kinds(report), ['pid-reused: container ghost']);
    const evidence = JSON.stringify(report.findings[0]?.evidence);
    assert.ok(evidence.includes('started at tick 42 ') && evidence.includes(`started at tick ${started} `));
    await mustRun('rm', ['-r', join(bareRoot, 'ghost')]);
  });

  it('finds two shims for one id', async () => {
    const id = await start('doubled');
    const { pid } = await shimOf(id);
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    // A program of the shim's name that is called as the shim was: what an interrupted start leaves looks the same.
    const program = join(lab.dir, 'containerd-shim-runc-v2');
    copyFileSync('/bin/bash', program);
    const second = spawn(program, ['-c', 'read', ...argv.slice(1)], { stdio: ['pipe', 'ignore', 'ignore'] });
    try {
      await eventually(() => findShims(processesNow()).filter((shim) => shim.id === id).length === 2, 'two of them');
      const report = await examine();
      const [found] = report.found('duplicate-shims');
      assert.ok(found, kinds(report).join());
      assert.ok(JSON.stringify(found.evidence).includes(`PID ${second.pid} `));
      assert.ok(JSON.stringify(found.evidence).includes(`PID ${pid} `));
    } finally {
      second.kill('SIGKILL');
    }
    await eventually(() => findShims(processesNow()).filter((shim) => shim.id === id).length === 1, 'one of them');
    assert.deepEqual(kinds(await examine()), []);
  });

  it('finds a shim whose container has ended while nobody was there to delete the task', async () => {
    const id = await start('unattended');
    const { pid, init } = await shimOf(id);
    await lab.killDockerd('SIGKILL');
    signal(init, 'SIGKILL');
    await eventually(
      async () => /STOPPED/.test((await lab.ctr(['-n', 'moby', 'tasks', 'list'])).stdout),
      'its task is stopped',
    );
    const report = await examine();
    assert.deepEqual(kinds(report), [`ended-task: shim ${pid} of moby/${id.slice(0, 12)}`]);
    assert.equal(report.findings[0]?.severity, 'leftover');
    await lab.startDockerd();
  });
});

const KILLED = 'the shim doctor, when containerd is killed';

describeWhere(IS_OWN_TREE, OWN_TREE_ALONE, KILLED, function () {
  this.timeout(300_000);
  let lab: Lab;
  before(async () => {
    lab = await startLab({ liveRestore: true });
  });
  // A second try after a failure in the middle would meet a machine without containerd.
  beforeEach(() => lab.ensureContainerd());
  after(() => lab?.stop());

  /** What is found of the lab, or of this file of it. */
  async function examine(file = `${lab.dir}/`): Promise<DoctorReport> {
    const doctor = createShimDoctor({
      sockets: async () => [
        { path: lab.containerdSocket, reason: 'the test says so', exists: existsSync(lab.containerdSocket) },
      ],
    });
    const report = await doctor.examine();
    const own = (one: string): boolean => one.includes(`${lab.dir}/`) || one.includes(file);
    return { ...report, findings: report.findings.filter((one) => own(JSON.stringify(one))) };
  }

  it('finds the orphaned container and the socket of a shim that was killed, and what is left once containerd has cleaned up', async () => {
    const id = await lab.mustDocker(['run', '--detach', '--network=none', lab.image, ...IDLE]);
    const other = await lab.mustDocker(['run', '--detach', '--network=none', lab.image, ...IDLE]);
    const init = Number(await lab.mustDocker(['inspect', '--format', '{{.State.Pid}}', id]));
    const shim = Number((await mustRun('ps', ['-o', 'ppid=', '-p', String(init)])).stdout.trim());
    const bundle = readlinkSync(`/proc/${shim}/cwd`);
    const { shimAddress } = await readBundleFiles({ folder: dirname(bundle), name: basename(bundle), reason: '' });
    const socket = shimAddress?.address.replace('unix://', '') ?? '';
    await lab.killContainerd('SIGKILL');
    await killAndWait([shim]);
    const parent = (await mustRun('ps', ['-o', 'ppid=', '-p', String(init)])).stdout.trim();
    assert.ok(existsSync(socket), 'the socket file stays');

    const report = await examine();
    assert.deepEqual(
      report.findings.map(({ kind, runtimeId }) => [kind, runtimeId]),
      [
        ['container-without-shim', id],
        ['socket-left-behind', id],
      ],
    );
    const [orphan, left] = report.findings;
    assert.ok(JSON.stringify(orphan?.evidence).includes(`parent ${parent} `), JSON.stringify(orphan));
    assert.ok(JSON.stringify(left?.evidence).includes(socket));
    assert.ok(
      report.gaps.some(({ what }) => what.includes(lab.containerdSocket)),
      'it says that containerd did not answer',
    );

    await lab.startContainerd();
    await eventually(() => !existsSync(bundle), 'containerd removes the bundle');
    // containerd 1.6 removes the container and forgets the socket file: the doctor says just what is there.
    let later = report.findings;
    await eventually(async () => {
      later = (await examine(socket)).findings;
      return later.length === (existsSync(socket) ? 1 : 0);
    }, 'nothing is left but perhaps the socket');
    assert.ok(
      later.every(({ kind, evidence }) => kind === 'socket-left-behind' && JSON.stringify(evidence).includes(socket)),
    );
    assert.equal(await lab.mustDocker(['inspect', '--format', '{{.State.Running}}', other]), 'true');
  });

  it('finds the shim that is left when containerd is killed in mid-create', async () => {
    // Whether a kill hits the moment is chance: a runtime that waits makes the moment long.
    const waiting = join(lab.dir, 'waiting-runc');
    writeFileSync(
      waiting,
      '#!/bin/sh\ncase " $* " in *" create "*) while :; do sleep 0.1; done;; esac\nexec runc "$@"\n',
      {
        mode: 0o755,
      },
    );
    const ctr = ['--address', lab.containerdSocket];
    await mustRun('ctr', [...ctr, 'images', 'import', join(lab.dir, 'images.tar')]);
    const id = `in-the-middle-${Date.now()}`;
    const create = spawn(
      'ctr',
      [...ctr, 'run', '--detach', '--runc-binary', waiting, `docker.io/${lab.image}`, id, ...IDLE],
      { stdio: 'ignore' },
    );
    const shims = (): number[] => findShims(processesNow()).flatMap((one) => (one.id === id ? [one.process.pid] : []));
    await eventually(() => shims().length === 1, 'the shim runs');
    const [pid] = shims();
    await eventually(
      async () => (await mustRun('pgrep', ['-f', waiting]).catch(() => ({ stdout: '' }))).stdout !== '',
      'the runtime is called',
    );
    await lab.killContainerd('SIGKILL');
    create.kill('SIGKILL');
    // The shim's call was containerd's: it is given up, and nobody is left who would end the shim.
    await eventually(async () => {
      const children = await run('ps', ['-o', 'pid=', '--ppid', String(pid)]);
      return children.stdout.trim() === '';
    }, 'the shim has ended the runtime it had called');
    const { findings, gaps } = await examine();
    assert.deepEqual(
      findings.map(({ kind, subject }) => `${kind}: ${subject}`),
      [`shim-without-child: shim ${pid} of default/${id}`],
    );
    assert.ok(gaps.length > 0);
    // The next containerd finds the shim by its bundle and ends it, but may leave the socket file: the doctor says what ps says.
    await lab.startContainerd();
    let later: string[] = [];
    await eventually(async () => {
      const left = (await examine()).findings.filter((one) => one.kind !== 'socket-left-behind');
      later = left.map(({ kind, subject }) => `${kind}: ${subject}`);
      return later.length === shims().length;
    }, 'what is left is told').catch((error: unknown) => {
      throw new Error(`${String(error)}: ${later.join()} and ${shims().join()}`);
    });
    await killAndWait(shims());
  });
});

describe('the shim doctor and Podman’s monitors', function () {
  this.timeout(300_000);
  let lab: Lab;
  let podman: PodmanLab;
  before(async () => {
    lab = await startLab();
    podman = await startPodman(lab);
  });
  after(async () => {
    await podman?.stop();
    await lab?.stop();
  });

  const killed = 'finds nothing while they are well, then the container whose monitor was killed';
  itWhere(IS_OWN_TREE, OWN_TREE_ALONE, killed, async () => {
    const id = await podmanContainer(podman, 'run', 'monitored');
    const other = await podmanContainer(podman, 'run', 'well');
    const doctor = createShimDoctor({ sockets: async () => [] });
    const own = async (): Promise<readonly Finding[]> =>
      (await doctor.examine()).findings.filter((one) => [id, other].includes(one.runtimeId ?? ''));
    assert.deepEqual(await own(), []);
    const conmon = Number(await podman.podman('inspect', '--format', '{{.State.ConmonPid}}', id));
    await killAndWait([conmon]);
    const found = await own();
    assert.deepEqual(
      found.map(({ kind, runtimeId }) => [kind, runtimeId]),
      [['container-without-conmon', id]],
    );
    const init = await podman.podman('inspect', '--format', '{{.State.Pid}}', id);
    assert.ok(JSON.stringify(found).includes(`PID ${init} `));
    assert.ok(readdirSync('/proc').includes(init));
  });

  it('finds a monitor that has lost its container', async () => {
    const id = await podmanContainer(podman, 'run', 'lost');
    const conmon = Number(await podman.podman('inspect', '--format', '{{.State.ConmonPid}}', id));
    const init = Number(await podman.podman('inspect', '--format', '{{.State.Pid}}', id));
    signal(conmon, 'SIGSTOP');
    try {
      signal(init, 'SIGKILL');
      await eventually(
        async () => /^Z/.test((await mustRun('ps', ['-o', 'stat=', '-p', String(init)])).stdout),
        'a zombie',
      );
      const { findings } = await createShimDoctor({ sockets: async () => [] }).examine();
      const own = findings.filter(({ runtimeId }) => runtimeId === id).map(({ kind }) => kind);
      assert.deepEqual(own.sort(), ['shim-stopped', 'zombie-init']);
    } finally {
      signal(conmon, 'SIGCONT');
    }
  });
});
