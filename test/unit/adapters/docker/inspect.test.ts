import assert from 'node:assert/strict';
import fc from 'fast-check';
import { inspectWith } from '../../../../src/adapters/docker/inspect';
import { createDockerTopAdapter } from '../../../../src/adapters/docker/top';
import type { DockerClient } from '../../../../src/adapters/docker/client';
import type { Container } from '../../../../src/model/container';
import { isKnown, known, valueOf, type Fact } from '../../../../src/model/fact';
import type { Findings } from '../../../../src/model/inspection';
import type { RuntimeError } from '../../../../src/model/problem';
import { noProcesses } from '../../../support/fakeAdapter';
import { FakeEngine, json, never, text } from '../../../support/fakeEngine';
import { runs } from '../../../support/runs';

const ID = 'c'.repeat(64);
const IMAGE = `sha256:${'d'.repeat(64)}`;
const CONTAINER: Container = {
  id: ID,
  runtimeId: ID,
  state: 'running',
  labels: new Map(),
  layers: ['engine:x'],
  sightings: [],
  letGo: [],
};
const RECORD = { Id: ID, Image: IMAGE, State: { Status: 'running', Pid: 42 }, HostConfig: { Runtime: 'runc' } };
const INFO = { CgroupDriver: 'systemd', DefaultRuntime: 'runc', Runtimes: { runc: { path: '/usr/bin/runc' } } };

function reason(fact: Fact<unknown> | undefined): string {
  assert.ok(fact && !isKnown(fact), 'it should not be known');
  assert.ok(fact.remedy);
  return fact.unavailable;
}

describe('the facts of one container from a Docker engine', () => {
  let engine: FakeEngine;
  let client: DockerClient;

  beforeEach(async () => {
    engine = await FakeEngine.start();
    engine
      .on(`/containers/${ID}/json`, json(RECORD))
      .on(`/images/${encodeURIComponent(IMAGE)}/json`, json({ Id: IMAGE }));
    engine.on('/events', text('{"Action":"start"}\n', 'application/json'));
    client = engine.client();
  });
  afterEach(async () => {
    client.dispose();
    await engine.stop();
  });

  const inspect = (info: unknown = INFO): Promise<Findings> =>
    inspectWith(client, { info, version: '20.10.24' }, CONTAINER);

  it('are all there when the engine answers', async () => {
    const found = await inspect();
    assert.deepEqual(valueOf(found.engineRecord), RECORD);
    assert.deepEqual(valueOf(found.engineImage), { Id: IMAGE });
    assert.deepEqual(valueOf(found.engineEvents), [{ Action: 'start' }]);
    assert.equal(valueOf(found.initPid), 42);
    assert.deepEqual(valueOf(found.runtime), { binary: '/usr/bin/runc', cgroupDriver: 'systemd' });
    assert.equal(valueOf(found.engine)?.apiVersion, '1.41');
    for (const fact of Object.values(found)) assert.ok(isKnown<unknown>(fact) && fact.route === 'docker-api');
  });

  it('takes the end of the past from the engine’s own clock', async () => {
    engine.on('/info', json({ SystemTime: '2031-02-03T04:05:06.789123456Z' }));
    await inspect();
    const asked = engine.requests.find((request) => request.includes('/events')) ?? '';
    assert.match(asked, new RegExp(`until=${Date.parse('2031-02-03T04:05:06.789Z') / 1_000}&`));
  });

  it('fail each for itself', async () => {
    engine.on(`/images/${encodeURIComponent(IMAGE)}/json`, json({ message: 'No such image' }, 404));
    engine.on('/events', json({ message: 'no' }, 403));
    const found = await inspect();
    assert.match(reason(found.engineImage), /No such image/);
    assert.match(reason(found.engineEvents), /proxy.*events/);
    assert.equal(valueOf(found.initPid), 42);
  });

  it('do not wait for events that do not end', async () => {
    engine.on('/events', never);
    assert.match(reason((await inspect()).engineEvents), /No answer within 3 s/);
  });

  it('are unknown when the record is, with the reason', async () => {
    engine.on(`/containers/${ID}/json`, json({ message: `No such container: ${ID}` }, 404));
    const found = await inspect();
    for (const name of ['engineRecord', 'engineImage', 'engineEvents', 'initPid', 'runtime'] as const)
      assert.match(reason(found[name]), /No such container/);
    assert.ok(isKnown(found.engine), 'the engine itself is known');
  });

  it('are unknown when no engine answers at all', async () => {
    await engine.stop();
    const found = await inspect();
    for (const name of ['engineRecord', 'engine'] as const) assert.match(reason(found[name]), /ENOENT/);
  });

  it('say why there is no init process', async () => {
    const reasons: readonly (readonly [object, RegExp])[] = [
      [{ Status: 'created', Pid: 0 }, /never been started/],
      [{ Status: 'exited', Pid: 0, ExitCode: 137 }, /exited \(exit code 137\)/],
      [{ Status: 'running', Pid: '42' }, /names no PID/],
    ];
    for (const [state, expected] of reasons) {
      engine.on(`/containers/${ID}/json`, json({ ...RECORD, State: state }));
      assert.match(reason((await inspect()).initPid), expected);
    }
  });

  it('name the runtime by the engine’s default where the record does not', async () => {
    engine.on(`/containers/${ID}/json`, json({ ...RECORD, HostConfig: {} }));
    assert.equal(valueOf((await inspect()).runtime)?.binary, '/usr/bin/runc');
    assert.match(reason((await inspect({})).runtime), /names no runtime/);
    engine.on(`/containers/${ID}/json`, json({ ...RECORD, HostConfig: { Runtime: 'io.containerd.kata.v2' } }));
    assert.equal(valueOf((await inspect()).runtime)?.runtimeName, 'io.containerd.kata.v2');
  });

  it('are given up when the asker goes away', async () => {
    engine.on(`/containers/${ID}/json`, never);
    const controller = new AbortController();
    const work = inspectWith(client, { info: INFO, version: '1' }, CONTAINER, controller.signal);
    setTimeout(() => controller.abort(), 50);
    await assert.rejects(work, (error: RuntimeError) => error.problem.code === 'cancelled');
  });

  it('are read without an error whatever the record holds', async () => {
    const part = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom('Pid', 'Status', 'Runtime', 'Image'), fc.jsonValue()),
    );
    await fc.assert(
      fc.asyncProperty(part, part, part, async (State, HostConfig, Config) => {
        engine.on(`/containers/${ID}/json`, json({ Image: IMAGE, State, HostConfig, Config }));
        const found = await inspect();
        for (const fact of Object.values(found) as Fact<unknown>[])
          assert.ok(isKnown(fact) ? fact.how : fact.unavailable && fact.remedy);
      }),
      { numRuns: runs(300) },
    );
  });
});

describe('the facts that only ps on the engine’s machine can tell', () => {
  const TOP = `/containers/${ID}/top`;
  let engine: FakeEngine;
  let client: DockerClient;

  beforeEach(async () => {
    engine = await FakeEngine.start();
    client = engine.client();
  });
  afterEach(async () => {
    client.dispose();
    await engine.stop();
  });

  const found: Findings = { initPid: known('docker-api', 42, 'test', 'test') };
  const ask = (container: Container = CONTAINER, before: Findings = found): Promise<Findings> =>
    createDockerTopAdapter({ clientOf: () => client }).inspect({ container, processes: noProcesses, found: before });

  const FULL = {
    Titles: ['PID', 'PPID', 'PIDNS', 'NETNS', 'MNTNS', 'IPCNS', 'UTSNS', 'USERNS', 'CGROUPNS', 'CGROUP', 'COMMAND'],
    Processes: [
      ['43', '42', '5', '6', '7', '8', '9', '10', '11', '0::/docker/c', 'sleep 1'],
      [
        '42',
        '40',
        '5',
        '6',
        '7',
        '8',
        '9',
        '10',
        '11',
        '12:cpu,cpuacct:/docker/c,1:name=systemd:/docker/c,0::/docker/c',
        'sh -c x y',
      ],
      ['50', '40', '5', '6', '7', '8', '9', '10', '11', '0::/docker/c', 'sh'],
    ],
  };

  it('are read from all columns of procps', async () => {
    engine.on(TOP, json(FULL));
    const told = await ask();
    assert.equal(valueOf(told.shimPid), 40);
    assert.deepEqual(valueOf(told.cgroupPaths), {
      'cpu,cpuacct': '/docker/c',
      'name=systemd': '/docker/c',
      '': '/docker/c',
    });
    assert.deepEqual(valueOf(told.namespaces), { pid: 5, net: 6, mnt: 7, ipc: 8, uts: 9, user: 10, cgroup: 11 });
    assert.deepEqual(valueOf(told.processes), [
      { hostPid: 43, parentPid: 42, role: 'child', command: 'sleep 1' },
      { hostPid: 42, parentPid: 40, role: 'init', command: 'sh -c x y' },
      { hostPid: 50, parentPid: 40, role: 'exec', command: 'sh' },
    ]);
  });

  it('are read from the few columns of busybox, after the full ones were refused', async () => {
    engine.on(TOP, (request, response) =>
      request.url?.includes('cgroup')
        ? json({ message: 'ps: bad -o argument' }, 500)(request, response)
        : json({ Titles: ['PID', 'PPID', 'COMMAND'], Processes: [['42', '40', 'sh']] })(request, response),
    );
    const told = await ask();
    assert.equal(valueOf(told.shimPid), 40);
    assert.equal(told.cgroupPaths, undefined);
    assert.equal(engine.asked(TOP), 3);
  });

  it('are asked once only when the refusal is not about columns', async () => {
    engine.on(TOP, json({ message: 'is not running' }, 404));
    assert.match(reason((await ask()).shimPid), /is not running/);
    assert.equal(engine.asked(TOP), 1);
  });

  it('are not guessed when init is not among the processes', async () => {
    engine.on(TOP, json({ ...FULL, Processes: FULL.Processes.slice(0, 1) }));
    const told = await ask();
    for (const name of ['shimPid', 'cgroupPaths', 'namespaces', 'processes'] as const) reason(told[name]);
    engine.on(TOP, json(FULL));
    reason((await ask(CONTAINER, {})).shimPid);
  });

  it('hold no path that may have been cut', async () => {
    const [, init = []] = FULL.Processes;
    const cut = init.map((cell) => (cell.startsWith('12:') ? `0::/${'x'.repeat(4_096)}`.slice(0, 4_096) : cell));
    engine.on(TOP, json({ ...FULL, Processes: [cut] }));
    const told = await ask();
    assert.equal(told.cgroupPaths, undefined);
    assert.equal(valueOf(told.shimPid), 40);
  });

  it('are not asked when known, when nothing runs, and of Podman, which would tell other PIDs', async () => {
    const all = known('procfs', 1, 'x', 'x');
    const everything = {
      ...found,
      shimPid: all,
      cgroupPaths: all,
      namespaces: all,
      processes: all,
    } as unknown as Findings;
    assert.deepEqual(await ask(CONTAINER, everything), {});
    assert.deepEqual(await ask({ ...CONTAINER, state: 'exited' }), {});
    engine.on('/_ping', (_, response) => {
      response.setHeader('Server', 'Libpod/4.3.1 (linux)');
      response.end('OK');
    });
    await client.ping();
    assert.deepEqual(await ask(), {});
    assert.equal(engine.asked(TOP), 0);
  });

  it('are read without an error whatever comes', async () => {
    const cell = fc.oneof(fc.constantFrom('42', '40', '0::/x', '-', '12:a,b:/c,0::/d', 'PID'), fc.string());
    const table = fc.record({
      Titles: fc.oneof(fc.jsonValue(), fc.array(fc.oneof(fc.constantFrom(...FULL.Titles), fc.string()))),
      Processes: fc.oneof(fc.jsonValue(), fc.array(fc.oneof(fc.jsonValue(), fc.array(cell)))),
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(table, fc.jsonValue()), async (answer) => {
        engine.on(TOP, json(answer));
        for (const fact of Object.values(await ask()) as Fact<unknown>[])
          assert.ok(isKnown(fact) ? fact.how : fact.unavailable && fact.remedy);
      }),
      { numRuns: runs(300) },
    );
  });
});
