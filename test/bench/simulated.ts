import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createHost } from '../../src/hostAdapters';
import { ExplorerBuild } from '../faults/explorer';
import { nameShown } from './events';
import { raw } from '../support/rawRequest';
import { RecordedEngine, type Recording } from './recorded';
import { atMost, median, middle, quantile, rowsOf, timed, type Row } from './rows';

const EVENTS = 30;
/** Longer than a minute, which is how often the whole list is read while somebody looks. */
const WATCHED_MS = 65_000;

/** What more containers than this machine can run would cost, and what is asked of an engine: it counts for itself. */
export async function measureSimulated(recording: Recording, size: number, rounds: number): Promise<Row[]> {
  const served = await RecordedEngine.start(recording, size);
  const { engine } = served;
  const { store } = createHost({
    settings: () => ({
      dockerEndpoints: [`unix://${engine.socketPath}`],
      containerdAddresses: [],
      podmanEndpoints: [],
    }),
    env: process.env,
    workerFolder: join(process.cwd(), 'dist'),
  });
  try {
    const first = await timed(() => store.refresh('first look'));
    const list = await median(rounds, () => raw(engine.socketPath, '/containers/json?all=1'));
    const look = await median(rounds, () => store.refresh('asked by the user'));
    const attention = store.attend();
    while (!served.isFollowed) await pause(20);
    await pause(2_500);
    const asked = (): number => engine.requests.filter((request) => !request.includes('/events')).length;
    const before = asked();
    const times: number[] = [];
    for (let index = 0; index < EVENTS; index++) {
      const id = served.ids[(index * 7) % size] ?? '';
      const shown = nameShown(store, id, `renamed-${index}`);
      times.push(
        await timed(async () => {
          served.rename(id, `renamed-${index}`);
          await shown;
        }),
      );
      await pause(400);
    }
    await pause(2_000);
    const perEvent = (asked() - before) / EVENTS;
    const quiet = asked();
    await pause(WATCHED_MS);
    const lists = (asked() - quiet) / (WATCHED_MS / 60_000);
    attention.dispose();
    await pause(3_000);
    const hidden = engine.requests.length;
    for (const id of served.ids.slice(0, 50)) served.rename(id, `hidden-${id.slice(-4)}`);
    await pause(5_000);
    const row = rowsOf(size);
    const whileHidden = engine.requests.length - hidden;
    const p99 = quantile(times, 0.99);
    return [
      row('recorded engine: one raw list', list),
      row('recorded engine: the first full tree', first, { peer: 'one raw list', ratio: first / list }),
      row('recorded engine: the full tree again', look, { peer: 'one raw list', ratio: look / list }),
      row('recorded engine: an event is in the tree, median', middle(times), {
        goal: atMost(30, middle(times), '30 ms'),
      }),
      row('recorded engine: an event is in the tree, 99th percentile', p99, { goal: atMost(100, p99, '100 ms') }),
      row('recorded engine: requests for each event', perEvent, { unit: '', goal: atMost(1, perEvent, 'at most 1') }),
      row('recorded engine: requests while nothing happens', lists, {
        unit: '/min',
        goal: atMost(2, lists, 'one list and its ping'),
      }),
      row('recorded engine: requests while hidden, 50 events', whileHidden, {
        unit: '',
        goal: atMost(0, whileHidden, '0'),
      }),
      ...(await measureMemory(engine.socketPath, size)),
    ];
  } finally {
    store.dispose();
    await served.stop();
  }
}

/** In a process of its own, without VS Code. */
async function measureMemory(socketPath: string, size: number): Promise<Row[]> {
  const build = new ExplorerBuild();
  const explorer = build.start({ env: process.env, endpoint: `unix://${socketPath}` });
  try {
    await explorer.attend();
    await explorer.refresh();
    await explorer.refresh();
    const { heap, rss } = await explorer.gauges();
    const row = rowsOf(size);
    return [
      row('recorded engine: JavaScript heap of the explorer alone', heap / 2 ** 20, { unit: 'MiB' }),
      row('recorded engine: memory of the explorer and its threads, with Node', rss / 2 ** 20, { unit: 'MiB' }),
    ];
  } finally {
    await explorer.end();
    build.remove();
  }
}
