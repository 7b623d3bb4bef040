import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Hint, Report } from '../../src/adapters/adapter';
import { createDockerAdapter, type DockerAdapter } from '../../src/adapters/docker/adapter';
import { findDockerEndpoints } from '../../src/adapters/docker/endpoints';
import { createDockerTopAdapter } from '../../src/adapters/docker/top';
import type { Container } from '../../src/model/container';
import { isKnown, valueOf } from '../../src/model/fact';
import type { Findings } from '../../src/model/inspection';
import { joinSightings } from '../../src/store/identity';
import type { Disposable } from '../../src/util/disposables';
import { startLab, type Lab } from '../lab/lab';
import { killAndWait, signal } from '../lab/processes';
import { eventually, noProcesses } from '../support/fakeAdapter';
import { socketsOf } from '../support/sockets';
import { buildWorker } from '../support/workers';

describe('a Docker Engine in trouble', () => {
  const worker = buildWorker('src/adapters/docker/eventsWorker.ts');
  let lab: Lab;
  let adapter: DockerAdapter;
  let hints: Hint[];
  let watching: Disposable | undefined;

  before(async () => {
    lab = await startLab({ liveRestore: true });
    for (const name of ['one', 'two', 'three']) await start(name);
  });
  beforeEach(() => {
    adapter = createDockerAdapter({
      endpoints: () => findDockerEndpoints({ env: lab.env, home: lab.dir, settings: [] }),
      workerFile: worker.file,
    });
    hints = [];
  });
  afterEach(() => {
    watching?.dispose();
    adapter.dispose();
  });
  after(async () => {
    worker.remove();
    await lab?.stop();
  });

  const look = (): Promise<Report> => adapter.look({ processes: noProcesses });
  const start = (name: string): Promise<string> =>
    lab.mustDocker(['run', '--detach', '--network=none', '--name', name, lab.image, 'sleep', '36000']);
  const heard = (kind: Hint['kind'], event?: string, id?: string): boolean =>
    hints.some((hint) => hint.kind === kind && hint.event === event && (id === undefined || hint.runtimeId === id));

  async function containerOf(name: string): Promise<Container> {
    const { sightings, layers } = await look();
    const container = joinSightings(sightings, layers).find((one) => one.name === name);
    assert.ok(container, name);
    return container;
  }

  const inspect = (container: Container): Promise<Findings> =>
    adapter.inspect({ container, processes: noProcesses, found: {} });

  /** Looks and watches, until the stream of events is connected. */
  async function watch(): Promise<void> {
    watching = adapter.watch((hint) => hints.push(hint));
    await look();
    await eventually(() => heard('connected'), 'the stream is connected');
  }

  /** The list is what docker ps --all lists. */
  async function expectList(): Promise<void> {
    let shown: string[] = [];
    let listed: string[] = [];
    await eventually(async () => {
      const { sightings } = await look();
      shown = sightings.map(({ runtimeId, name, state }) => `${runtimeId} ${name} ${state}`).sort();
      const { code, stdout } = await lab.docker([
        'ps',
        '--all',
        '--no-trunc',
        '--format',
        '{{.ID}} {{.Names}} {{.State}}',
      ]);
      listed = stdout.trim().split('\n').sort();
      return code === 0 && shown.join('\n') === listed.join('\n');
    }, 'the list equals docker ps --all').catch(() => assert.deepEqual(shown, listed));
  }

  it('hints at what happens to containers, and not at what the explorer itself does', async () => {
    await watch();
    const id = await start('short');
    await eventually(() => heard('changed', 'create', id) && heard('changed', 'start', id), 'its start is heard');
    const container = await containerOf('short');
    const found = await inspect(container);
    const top = createDockerTopAdapter({ clientOf: (layerIds) => adapter.clientOf(layerIds) });
    assert.ok(isKnown((await top.inspect({ container, processes: noProcesses, found })).shimPid));
    await lab.mustDocker(['pause', id]);
    await lab.mustDocker(['unpause', id]);
    await lab.mustDocker(['rename', id, 'renamed']);
    await lab.mustDocker(['rm', '--force', id]);
    await eventually(() => heard('changed', 'destroy', id), 'its end is heard');
    for (const event of ['pause', 'unpause', 'rename', 'kill', 'die']) assert.ok(heard('changed', event, id), event);
    assert.ok(!hints.some(({ event }) => event?.startsWith('top')), 'asking for top is not told as a change');
    await expectList();
  });

  it('is connected again after it was killed, and shows what happened meanwhile without any event', async () => {
    await start('victim');
    await watch();
    const pid = valueOf((await inspect(await containerOf('victim'))).initPid) ?? 0;
    await lab.killDockerd('SIGKILL');
    await eventually(() => heard('lost'), 'the loss is told');
    const failed = await look();
    assert.equal(failed.layers[1]?.status, 'failed');
    assert.match(failed.layers[1]?.problem?.reason ?? '', /nobody listens on it \(ECONNREFUSED\)/);
    await killAndWait([pid]);
    hints = [];
    await lab.startDockerd();
    await eventually(() => heard('connected'), 'it is connected again');
    await expectList();
    assert.equal((await containerOf('victim')).state, 'exited');
    assert.equal((await look()).layers[1]?.status, 'ok');
    await lab.mustDocker(['rm', '--force', 'victim']);
  });

  it('is told to be absent or ended by name after an orderly end, and is there again after its start', async () => {
    await watch();
    await lab.killDockerd('SIGTERM');
    await eventually(() => heard('lost'), 'the loss is told');
    assert.match((await look()).layers[1]?.problem?.reason ?? '', /ENOENT|ECONNREFUSED/);
    hints = [];
    await lab.startDockerd();
    await eventually(() => heard('connected'), 'it is connected again');
    await expectList();
  });

  it('holds at most two connections while it is stopped, and is right again after', async () => {
    const before = socketsOf('self');
    const containers = await Promise.all(['one', 'two', 'three'].map((name) => containerOf(name)));
    signal(lab.dockerdPid, 'SIGSTOP');
    try {
      await eventually(() => stateOf(lab.dockerdPid) === 'T', 'it is stopped');
      // What was answered a moment ago counts as a sign of life for a second.
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      const work = Promise.all([look(), ...containers.map((container) => inspect(container))]);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      assert.ok(socketsOf('self') - before <= 2, `${socketsOf('self') - before} connections`);
      const [report, ...findings] = await work;
      assert.equal(report.layers[1]?.problem?.code, 'deadline');
      for (const { engineRecord } of findings) {
        assert.ok(engineRecord && !isKnown(engineRecord));
        assert.match(engineRecord.unavailable, /No answer within 3 s/);
      }
      await eventually(() => socketsOf('self') <= before, 'none is held after the deadline');
    } finally {
      signal(lab.dockerdPid, 'SIGCONT');
    }
    await expectList();
    assert.equal((await look()).layers[1]?.status, 'ok');
  });

  it('shows its containers though containerd is stopped', async () => {
    signal(lab.containerdPid, 'SIGSTOP');
    try {
      await eventually(() => stateOf(lab.containerdPid) === 'T', 'it is stopped');
      const { layers, sightings } = await look();
      assert.equal(layers[1]?.status, 'partly');
      assert.match(layers[1]?.problem?.remedy ?? '', /containerd/);
      assert.deepEqual(sightings.map(({ name, state }) => `${name} ${state}`).sort(), [
        'one running',
        'three running',
        'two running',
      ]);
    } finally {
      signal(lab.containerdPid, 'SIGCONT');
    }
  });

  it('leaves a container alone whose shim is stuck, and still tells of the others', async () => {
    const stuck = await containerOf('one');
    const other = await containerOf('two');
    const pid = valueOf((await inspect(stuck)).initPid) ?? 0;
    const shim = parentOf(pid);
    signal(shim, 'SIGSTOP');
    // Every engine keeps a container locked while it waits for its shim to freeze it.
    const hanging = lab.docker(['pause', 'one'], { timeoutMs: 120_000 });
    try {
      let record: Findings['engineRecord'];
      await eventually(async () => {
        record = (await inspect(stuck)).engineRecord;
        return record !== undefined && !isKnown(record);
      }, 'the engine does not answer for it');
      const again = (await inspect(stuck)).engineRecord;
      assert.ok(again && !isKnown(again));
      assert.match(again.unavailable, /not asked again yet/);
      assert.ok(isKnown((await inspect(other)).engineRecord), 'the other one is told of');
      assert.equal((await look()).sightings.length, 3, 'and all are listed');
    } finally {
      signal(shim, 'SIGCONT');
      await hanging;
    }
  });
});

function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

const stateOf = (pid: number): string | undefined => statFields(pid)[0];
const parentOf = (pid: number): number => Number(statFields(pid)[1]);
