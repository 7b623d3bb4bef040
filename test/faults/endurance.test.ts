import assert from 'node:assert/strict';
import { join } from 'node:path';
import { startLab, type Lab } from '../lab/lab';
import { eventually } from '../support/fakeAdapter';
import { raw } from '../support/rawRequest';
import { keepOutcome, times } from './bar';
import { ExplorerBuild, type Explorer } from './explorer';
import { Proxy } from './proxy';

describe('faults F: endurance', function () {
  this.timeout(1_800_000);
  let build: ExplorerBuild;
  let lab: Lab;
  let explorer: Explorer;
  let proxy: Proxy;
  const ids: string[] = [];

  before(async () => {
    build = new ExplorerBuild();
    lab = await startLab();
    for (let index = 0; index < 10; index++) {
      ids.push(await lab.mustDocker(['run', '-d', '--network=none', lab.image, 'sleep', '36000']));
    }
    proxy = await Proxy.start(join(lab.dir, 'f.sock'), lab.dockerSocket);
    explorer = build.start({ env: lab.env, endpoint: `unix://${proxy.path}` });
    await explorer.attend();
    await explorer.refresh();
  });
  after(async () => {
    const how = await explorer?.end();
    await proxy?.stop();
    await lab?.stop();
    build?.remove();
    assert.equal(how, 'code 0', 'it leaves nothing open');
  });

  let renamed = 0;
  /** Renames containers, so many times: each an event. */
  async function rename(count: number): Promise<void> {
    await Promise.all(
      ids.map(async (id) => {
        for (let index = 0; index < count / ids.length; index++)
          await raw(lab.dockerSocket, `/containers/${id}/rename?name=name-${renamed++}`, 'POST');
      }),
    );
  }

  async function equalsList(): Promise<number> {
    const begin = performance.now();
    let [shown, listed] = ['', ''];
    await eventually(async () => {
      shown = (await explorer.tree()).join('\n');
      const format = '{{.ID}} {{.Names}} {{.State}}';
      listed = (await lab.mustDocker(['ps', '-a', '--no-trunc', '--format', format])).split('\n').sort().join('\n');
      return shown === listed;
    }, 'the tree equals docker ps --all').catch(() => assert.equal(shown, listed));
    return performance.now() - begin;
  }

  it('F2: a storm of events', async () => {
    const count = times(2_000, 12_000);
    await explorer.gauges();
    const begin = performance.now();
    await rename(count);
    const seconds = (performance.now() - begin) / 1_000;
    const took = await equalsList();
    const looks = (await explorer.gauges()).looks / (seconds + took / 1_000);
    const measured = `${Math.round(count / seconds)} events a second, ${looks.toFixed(1)} looks a second; exact ${(took / 1_000).toFixed(2)} s after the last`;
    keepOutcome({ id: 'F2', tries: count, measured });
    // Four, and some more for the pause after the last event and for connections: the table has the figure.
    assert.ok(looks <= 8, measured);
  });

  it('F1: events for long, with streams that end', async () => {
    const rounds = times(3, 24);
    const events = times(150, 3_600);
    const settle = async (): Promise<void> => {
      await rename(events);
      for (const socket of proxy.connections) socket.destroy();
      await explorer.inspectAll();
      await equalsList();
    };
    // Caches and pools fill once.
    await settle();
    await settle();
    const first = await explorer.gauges();
    for (let round = 0; round < rounds; round++) await settle();
    let last = await explorer.gauges();
    // Connections that were just cut take their time to go.
    await eventually(async () => {
      last = await explorer.gauges();
      return last.descriptors <= first.descriptors && last.resources.length <= first.resources.length;
    }, 'descriptors and timers are those of the start').catch((error: unknown) => {
      throw new Error(`${String(error)}: ${JSON.stringify({ first, last })}`);
    });
    const growth = ((last.heap / first.heap - 1) * 100).toFixed(1);
    const measured = `${rounds * events} events, ${rounds} broken streams: heap after collection ${growth} % more; descriptors and timers as at the start`;
    keepOutcome({ id: 'F1', tries: rounds * events, measured });
    assert.ok(last.heap < first.heap * 1.3, measured);
  });
});
