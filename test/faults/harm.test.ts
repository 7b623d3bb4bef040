import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startLab, type Lab } from '../lab/lab';
import { signal } from '../lab/processes';
import { eventually } from '../support/fakeAdapter';
import { raw } from '../support/rawRequest';
import { socketsOf } from '../support/sockets';
import { isLong, keepOutcome, times } from './bar';
import { ExplorerBuild, type Explorer } from './explorer';
import { Proxy } from './proxy';

describe('faults A: do no harm', function () {
  this.timeout(1_800_000);
  let build: ExplorerBuild;
  let lab: Lab;
  let explorer: Explorer | undefined;
  let proxy: Proxy | undefined;

  before(async () => {
    build = new ExplorerBuild();
    lab = await startLab();
    for (let index = 0; index < 5; index++)
      await lab.mustDocker(['run', '-d', '--network=none', lab.image, 'sleep', '36000']);
  });
  afterEach(async () => {
    const how = await explorer?.end();
    const ran = explorer !== undefined;
    explorer = undefined;
    await proxy?.stop();
    proxy = undefined;
    if (ran) assert.equal(how, 'code 0', 'it leaves nothing open');
  });
  after(async () => {
    await lab?.stop();
    build?.remove();
  });

  const start = async (endpoint?: string): Promise<Explorer> => {
    explorer = build.start({ env: lab.env, ...(endpoint ? { endpoint } : {}) });
    await explorer.attend();
    await explorer.refresh();
    return explorer;
  };

  /** Makes and removes volumes, which every reader of events is told of; milliseconds of each. */
  async function churnVolumes(count: number): Promise<number[]> {
    const took: number[] = [];
    for (let index = 0; index < count; index++) {
      const begin = performance.now();
      const name = `churn-${Math.random().toString(36).slice(2)}`;
      await raw(lab.dockerSocket, '/volumes/create', 'POST', { Name: name });
      await raw(lab.dockerSocket, `/volumes/${name}`, 'DELETE');
      took.push(performance.now() - begin);
    }
    return took.sort((a, b) => a - b);
  }

  if (isLong) {
    it('A1, A2: our main thread is blocked, then the whole process stopped, while the engine has much to tell', async () => {
      const count = 2_500;
      const at = (sorted: readonly number[], part: number): number => sorted[Math.floor(sorted.length * part)] ?? 0;
      const without = await churnVolumes(count);
      const one = await start();
      const blocking = one.block(600_000).catch(() => undefined);
      const blocked = await churnVolumes(count);
      process.kill(one.pid, 'SIGKILL');
      await blocking;
      await one.end();
      const two = await start();
      signal(two.pid, 'SIGSTOP');
      const stopped = await churnVolumes(count);
      signal(two.pid, 'SIGCONT');
      await eventually(async () => (await two.tree()).length === 5, 'the tree is right');
      const words = [0.5, 0.99].map((part) =>
        [without, blocked, stopped].map((sorted) => at(sorted, part).toFixed(1)).join(' / '),
      );
      const measured = `making and removing a volume, ms, without us / with our main thread blocked / with our process stopped: median ${words[0]}, 99th percentile ${words[1]}`;
      keepOutcome({ id: 'A1', tries: 1, measured });
      keepOutcome({ id: 'A2', tries: 1, measured: 'see A1; the tree is right after SIGCONT' });
      assert.ok(at(blocked, 0.5) <= at(without, 0.5) * 1.1 + 1, measured);
      assert.ok(at(blocked, 0.99) <= at(without, 0.99) * 1.1 + 1, measured);
    });
  }

  it('A4: nobody looks', async () => {
    const tries = times(2, 3);
    proxy = await Proxy.start(join(lab.dir, 'a4.sock'), lab.dockerSocket);
    const one = await start(`unix://${proxy.path}`);
    await one.leave();
    const before = await quiet(() => socketsOf(lab.dockerdPid));
    for (let index = 0; index < tries; index++) {
      await one.attend();
      await one.inspectAll();
      await eventually(() => (proxy?.asked ?? []).some((line) => line.includes('/events')), 'events are read');
      await one.leave();
      await eventually(() => proxy?.open === 0, 'no connection is left');
      const after = await quiet(() => socketsOf(lab.dockerdPid));
      assert.ok(after <= before, `dockerd has ${after} sockets, and had ${before}`);
      proxy.asked.length = 0;
      await lab.mustDocker(['run', '--rm', '--network=none', lab.image, 'true']);
      await pause(times(3_000, 300_000));
      assert.deepEqual(proxy.asked, []);
    }
    keepOutcome({
      id: 'A4',
      tries,
      measured: 'hidden: 0 requests, 0 connections, 0 sockets more in dockerd than before',
    });
  });

  it('A5: every request reads', async () => {
    proxy = await Proxy.start(join(lab.dir, 'a5.sock'), lab.dockerSocket);
    const one = await start(`unix://${proxy.path}`);
    await lab.mustDocker(['run', '--rm', '--network=none', lab.image, 'true']);
    await one.inspectAll();
    await one.refresh();
    const kinds = new Set(
      proxy.asked.map((line) => line.replace(/[0-9a-f]{64}|sha256:[0-9a-f]+/g, '…').replace(/\?.*/, '')),
    );
    assert.ok(kinds.size >= 6, [...kinds].join('\n'));
    for (const kind of kinds) assert.match(kind, /^(GET|HEAD) /);
    keepOutcome({ id: 'A5', tries: proxy.asked.length, measured: `GET and HEAD alone, of ${kinds.size} kinds` });
  });
});

/** A count that has not changed for a second. */
async function quiet(count: () => number): Promise<number> {
  for (let [last, since] = [count(), Date.now()]; ;) {
    await pause(50);
    const now = count();
    if (now === last && Date.now() - since > 1_000) return now;
    if (now !== last) [last, since] = [now, Date.now()];
  }
}
