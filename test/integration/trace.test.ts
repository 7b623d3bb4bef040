// The birth of containers on real daemons: every observation is compared with what ctr, docker and /proc say of the same run.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { findDockerEndpoints } from '../../src/adapters/docker/endpoints';
import { readProcessTable } from '../../src/adapters/kernel/procTable';
import { Tracer } from '../../src/adapters/trace/tracer';
import { RuntimeError } from '../../src/model/problem';
import { buildBirth } from '../../src/model/trace/buildBirth';
import type { Birth } from '../../src/model/trace/birth';
import type { ContainerdEvent, DockerEvent, ProcessSeen } from '../../src/model/trace/observation';
import type { Trace } from '../../src/model/trace/trace';
import { memberAt } from '../../src/util/records';
import { startLab, type Lab } from '../lab/lab';
import type { Output } from '../lab/run';
import { eventually } from '../support/fakeAdapter';
import { buildWorker } from '../support/workers';

/** A program that follows events by itself, line by line. */
class Witness {
  readonly lines: string[] = [];
  private readonly child: ChildProcess;

  constructor(program: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let rest = '';
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      this.lines.push(...parts);
    });
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('close', resolve));
    this.child.kill();
    await gone;
  }
}

describe('tracing the birth of a container', function () {
  this.timeout(180_000);
  let lab: Lab;
  let worker: ReturnType<typeof buildWorker>;
  let tracer: Tracer;
  let runtimeLog: string;

  before(async () => {
    lab = await startLab();
    worker = buildWorker(path.join(__dirname, '../../src/adapters/trace/traceWorker.ts'));
    tracer = new Tracer({
      endpoints: () => findDockerEndpoints({ env: lab.env, home: lab.dir, settings: [`unix://${lab.dockerSocket}`] }),
      containerdSockets: async () => [{ path: lab.containerdSocket, reason: 'the lab', exists: true }],
      readProcesses: () => readProcessTable(),
      workerFile: worker.file,
    });
    // A runtime that notes how it is called, and when, before it becomes runc: the truth about what the shim runs. It takes
    // its time, since a busy machine may not look at /proc within the few milliseconds that runc itself lives.
    runtimeLog = path.join(lab.dir, 'runtime-calls');
    const wrapper = path.join(lab.dir, 'noting-runc');
    writeFileSync(
      wrapper,
      `#!/bin/sh\n{ printf '%s' "$$ $(date +%s%N)"; for word; do printf '\\t%s' "$word"; done; echo; } >> ${runtimeLog}\nsleep 0.2\nexec runc "$@"\n`,
    );
    chmodSync(wrapper, 0o755);
    const config = path.join(lab.dir, 'dockerd.json');
    const before = JSON.parse(readFileSync(config, 'utf8')) as object;
    writeFileSync(config, JSON.stringify({ ...before, runtimes: { noting: { path: wrapper } } }));
    process.kill(lab.dockerdPid, 'SIGHUP');
    await eventually(
      async () => (await lab.mustDocker(['info', '--format', '{{json .Runtimes}}'])).includes('noting'),
      'the engine knows the noting runtime',
    );
  });

  after(async () => {
    tracer.dispose();
    worker.remove();
    await lab.stop();
  });

  /** Traces what a command starts, with ctr and docker as witnesses. */
  async function traced(
    run: () => Promise<Output>,
  ): Promise<{ trace: Trace; live: Trace[]; output: Output; ctr: string[]; docker: string[] }> {
    const ctr = new Witness('ctr', ['--address', lab.containerdSocket, 'events'], lab.env);
    const docker = new Witness('docker', ['events', '--format', '{{json .}}'], lab.env);
    const live: Trace[] = [];
    const following = tracer.onDidChange((trace) => live.push(trace));
    try {
      // Both witnesses listen once they have told of a container that is none of the test's.
      const probe = await lab.mustDocker(['create', '--network=none', lab.image, 'true']);
      await eventually(() => docker.lines.some((line) => line.includes(probe)), 'docker events listens');
      await eventually(async () => {
        await lab.ctr([
          '--namespace',
          'probe',
          'containers',
          'create',
          '--snapshotter',
          'native',
          'no-such-image',
          `p${Date.now()}`,
        ]);
        await lab.ctr(['namespaces', 'create', `probe-${Date.now()}`]);
        return ctr.lines.some((line) => line.includes('/namespaces/create'));
      }, 'ctr events listens');
      await lab.mustDocker(['rm', probe]);
      let output: Promise<Output> | undefined;
      const trace = await tracer.next(() => void (output = run()), new AbortController().signal);
      assert.ok(output);
      const finished = await output;
      const last = trace.observations.filter((one) => one.source === 'containerd-events').at(-1);
      await eventually(
        () =>
          ctr.lines.some((line) => last !== undefined && line.includes(last.topic) && line.includes(trace.containerId)),
        'ctr has told of the last event as well',
      );
      return { trace, live, output: finished, ctr: ctr.lines, docker: docker.lines };
    } finally {
      following.dispose();
      await Promise.all([ctr.stop(), docker.stop()]);
    }
  }

  const birthOf = (trace: Trace, asker: 'dockerd' | 'client' = 'dockerd'): Birth =>
    buildBirth({
      containerId: trace.containerId,
      asker,
      observations: trace.observations,
      recorded: [],
      reveal: false,
    });

  const containerdEvents = (trace: Trace): ContainerdEvent[] =>
    trace.observations.filter((one): one is ContainerdEvent => one.source === 'containerd-events');
  const dockerEvents = (trace: Trace): DockerEvent[] =>
    trace.observations.filter((one): one is DockerEvent => one.source === 'docker-events');
  const processes = (trace: Trace): ProcessSeen[] =>
    trace.observations.filter((one): one is ProcessSeen => one.source === 'procfs');

  /** `2026-11-28 20:03:08.527281442 +0000 UTC moby /containers/create {…}` */
  function told(lines: readonly string[], topic: string, id: string): { us: number; payload: unknown } {
    const line = lines.find((one) => one.includes(` ${topic} `) && one.includes(id));
    const [, day, second, fraction = '', payload = ''] =
      /^(\S+) (\d\d:\d\d:\d\d)(?:\.(\d+))? \+0000 UTC \S+ \S+ (.*)$/.exec(line ?? '') ?? [];
    assert.ok(day, `ctr told of ${topic}`);
    const us = Date.parse(`${day}T${second}Z`) * 1000 + Number(fraction.padEnd(9, '0').slice(0, 6));
    return { us, payload: JSON.parse(payload) };
  }

  /** Start ticks by another route than ours, of a process that still runs. */
  function ticksOf(pid: number): number {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  }

  it('sees the same events at the same times as ctr events and docker events, and the processes of the same run', async () => {
    const { trace, live, output, ctr, docker } = await traced(() =>
      lab.docker([
        'run',
        '--detach',
        '--runtime',
        'noting',
        '--network=none',
        '--name',
        'born',
        lab.image,
        'sleep',
        '600',
      ]),
    );
    const id = output.stdout.trim();
    assert.equal(trace.containerId, id);
    assert.equal(trace.live, false);
    assert.ok(live.length >= 3 && live[0]!.live, 'it was told of live');
    assert.ok(live[0]!.observations.length < trace.observations.length);

    for (const topic of ['/containers/create', '/tasks/create', '/tasks/start']) {
      const own = containerdEvents(trace).find((event) => event.topic === topic);
      const theirs = told(ctr, topic, id);
      assert.equal(own?.atUs, theirs.us, topic);
      if (topic !== '/containers/create') assert.deepEqual(own?.payload, theirs.payload);
      else assert.equal(memberAt(own?.payload, 'runtime', 'name'), memberAt(theirs.payload, 'runtime', 'name'));
    }
    for (const action of ['create', 'start']) {
      const own = dockerEvents(trace).find((event) => event.type === 'container' && event.action === action);
      const line = docker.find((one) => one.includes(id) && one.includes(`"Action":"${action}"`)) ?? '';
      assert.equal(own?.atUs, Number(/"timeNano":(\d+)/.exec(line)![1]!.slice(0, -3)), action);
    }

    const pid = Number(await lab.mustDocker(['inspect', '--format', '{{.State.Pid}}', id]));
    const init = processes(trace).find(({ role }) => role === 'init');
    assert.deepEqual([init?.pid, init?.startTicks], [pid, ticksOf(pid)]);
    const shimPid = Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ')[1]);
    const shim = processes(trace).find(({ role }) => role === 'shim');
    assert.deepEqual([shim?.pid, shim?.startTicks], [shimPid, ticksOf(shimPid)]);
    assert.deepEqual(init?.argv, ['sleep', '600']);

    // The runtime's command lines are those that it noted itself, and its start was before it noted them.
    const noted = readFileSync(runtimeLog, 'utf8')
      .split('\n')
      .filter((line) => line.includes(id))
      .map((line) => line.split('\t'));
    for (const verb of ['create', 'start']) {
      const words = noted.find((line) => line.includes(verb))!;
      const seen = processes(trace).find((one) => one.role === 'runtime' && one.verb === verb);
      assert.ok(seen, `runc ${verb} was seen`);
      const [notedPid, notedNs] = words[0]!.split(' ');
      assert.equal(seen.pid, Number(notedPid));
      assert.deepEqual(seen.argv.slice(-words.length + 1), words.slice(1));
      assert.ok(seen.atUs <= Number(BigInt(notedNs!) / 1000n), 'it began before it noted the time');
      assert.ok(Number(BigInt(notedNs!) / 1000n) - seen.atUs < 2_000_000, 'and not long before');
    }

    const birth = birthOf(trace);
    assert.equal(birth.status, 'running');
    assert.equal(birth.name, 'born');
    const order = [
      'create',
      'event-container-create',
      'start',
      'containers-create',
      'shim',
      'runtime-create',
      'init',
      'tasks-create',
      'runtime-start',
      'tasks-start',
      'event-start',
    ];
    assert.deepEqual(
      birth.steps.map((step) => step.id).filter((one) => order.includes(one)),
      order,
    );
    const parts = birth.times.filter((time) => time.id !== 'all');
    const sum = parts.reduce((total, { us }) => total + us, 0);
    const all = birth.times.find((time) => time.id === 'all')!;
    // A part is never less than nothing: where two moments are nearer than their clocks can tell, the sum is the larger.
    const precision = parts.reduce((total, { precisionUs }) => total + precisionUs, birth.times.length);
    assert.ok(sum - all.us <= precision && all.us - sum <= birth.times.length, `${sum} µs in parts, ${all.us} in all`);
  });

  it('follows a start that fails, and says why when the engine has said so', async () => {
    const { trace, output, ctr } = await traced(() =>
      lab.docker(['run', '--network=none', '--name', 'unborn', lab.image, 'no-such-program']),
    );
    assert.equal(output.code, 127);
    const id = await lab.mustDocker(['inspect', '--format', '{{.Id}}', 'unborn']);
    assert.equal(trace.containerId, id);
    assert.equal(
      containerdEvents(trace).find(({ topic }) => topic === '/containers/delete')?.atUs,
      told(ctr, '/containers/delete', id).us,
    );
    const silent = birthOf(trace);
    assert.equal(silent.status, 'failed');
    assert.match(silent.failure ?? '', /events do not say why/);
    const engineError = await lab.mustDocker(['inspect', '--format', '{{.State.Error}}', id]);
    const spoken = buildBirth({
      containerId: id,
      asker: 'dockerd',
      observations: trace.observations,
      recorded: [],
      reveal: false,
      engineError,
    });
    assert.match(spoken.failure ?? '', /no-such-program/);
    assert.ok(!spoken.steps.some((step) => step.id === 'tasks-start'));
  });

  it('follows a container that no engine knows, made by ctr', async () => {
    const { trace, output } = await traced(() =>
      lab.ctr([
        '--namespace',
        'k8s.io',
        'run',
        '--detach',
        '--null-io',
        `docker.io/${lab.image}`,
        'by-ctr',
        'sleep',
        '600',
      ]),
    );
    assert.equal(output.code, 0, output.stderr);
    try {
      assert.deepEqual([trace.containerId, trace.containerdNamespace], ['by-ctr', 'k8s.io']);
      const birth = birthOf(trace, 'client');
      assert.equal(birth.status, 'running');
      const topics = birth.steps.filter((step) => step.source === 'containerd-events').map((step) => step.label);
      assert.deepEqual(topics, ['/snapshot/prepare', '/containers/create', '/tasks/create', '/tasks/start']);
      assert.ok(!birth.lanes.includes('dockerd'));
    } finally {
      await lab.ctr(['--namespace', 'k8s.io', 'tasks', 'delete', '--force', 'by-ctr']);
    }
  });

  it('ignores containers that are only created, and waits for one that starts', async () => {
    const { trace } = await traced(async () => {
      await lab.mustDocker(['create', '--network=none', '--name', 'idle', lab.image, 'true']);
      return lab.docker(['run', '--detach', '--network=none', '--name', 'active', lab.image, 'sleep', '600']);
    });
    assert.equal(trace.containerId, await lab.mustDocker(['inspect', '--format', '{{.Id}}', 'active']));
  });

  it('ends at once when it is cancelled, and leaves no thread', async () => {
    const controller = new AbortController();
    await assert.rejects(
      tracer.next(() => controller.abort(), controller.signal),
      (error) => error instanceof RuntimeError && error.problem.code === 'cancelled',
    );
    assert.ok(existsSync(worker.file));
  });
});
