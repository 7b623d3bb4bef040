import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createHost } from '../../src/hostAdapters';
import type { LiveStore } from '../../src/store/liveStore';
import { mapPooled } from '../../src/util/pool';
import type { Lab } from '../lab/lab';
import { raw } from '../support/rawRequest';
import { atMost, median, middle, quantile, rowsOf, type Row } from './rows';

const execute = promisify(execFile);

const SINGLE_EVENTS = 30;
const STORM_MS = 5_000;
const STORM_PER_SECOND = 200;
/** How long the common container extension waits after an event before it lists, by a command line. */
const DEBOUNCE_OF_OTHERS_MS = 500;

/** How soon an event is in the tree, alone and in a storm, beside what a listing command line takes. */
export async function measureEvents(lab: Lab, size: number): Promise<Row[]> {
  const { env, dockerSocket } = lab;
  let refreshes = 0;
  const { store } = createHost({
    settings: () => ({ dockerEndpoints: [], containerdAddresses: [], podmanEndpoints: [] }),
    env,
    workerFolder: join(process.cwd(), 'dist'),
    onLook: () => refreshes++,
  });
  const attention = store.attend();
  try {
    await store.refresh('first look');
    // The streams connect, and each connection is a reason to look.
    await pause(1_500);
    // Those of the lab's engine: others of this machine cannot be renamed there.
    const ids = (await lab.mustDocker(['ps', '--quiet', '--no-trunc'])).split('\n').slice(0, 50);
    const single = await measureSingle(store, dockerSocket, ids);
    refreshes = 0;
    const storm = await measureStorm(store, dockerSocket, ids);
    const refreshesPerSecond = (refreshes * 1_000) / storm.tookMs;
    const cli = await median(5, () => execute('docker', ['ps', '--all', '--no-trunc'], { env }));
    const row = rowsOf(size);
    return [
      row('docker ps --all', cli),
      row('the list of others, who run that half a second after each event', cli + DEBOUNCE_OF_OTHERS_MS),
      row('an event is in the tree, median', middle(single), {
        peer: 'the list of others',
        ratio: middle(single) / (cli + DEBOUNCE_OF_OTHERS_MS),
        goal: atMost(30, middle(single), '30 ms'),
      }),
      row('an event is in the tree, 99th percentile', quantile(single, 0.99), {
        goal: atMost(
          100,
          quantile(single, 0.99),
          '100 ms',
          'The slowest of 30 events: one that came while all layers were looked at, which happens once a second at most.',
        ),
      }),
      row('storm: events sent', storm.perSecond, {
        unit: '/s',
        goal: { text: '200 /s', met: storm.perSecond >= 190, why: 'The engine renames no faster here.' },
      }),
      row('storm: refreshes', refreshesPerSecond, { unit: '/s', goal: atMost(4, refreshesPerSecond, 'at most 4 /s') }),
      row('storm: the tree is exact after its end', storm.exactAfterMs, {
        goal: atMost(2_000, storm.exactAfterMs, '2 s'),
      }),
    ];
  } finally {
    attention.dispose();
    store.dispose();
  }
}

async function measureSingle(store: LiveStore, socket: string, ids: readonly string[]): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < SINGLE_EVENTS; index++) {
    const id = ids[index % ids.length] ?? '';
    const name = `single-${ids.length}-${Date.now()}-${index}`;
    const shown = nameShown(store, id, name);
    await raw(socket, `/containers/${id}/rename?name=${name}`, 'POST');
    const begin = performance.now();
    await shown;
    times.push(performance.now() - begin);
    // Apart from each other, as people's events are.
    await pause(400);
  }
  return times;
}

async function measureStorm(
  store: LiveStore,
  socket: string,
  ids: readonly string[],
): Promise<{ perSecond: number; exactAfterMs: number; tookMs: number }> {
  const begin = performance.now();
  let sent = 0;
  const names = new Map<string, string>();
  while (performance.now() - begin < STORM_MS) {
    const due = Math.floor(((performance.now() - begin) / 1_000) * STORM_PER_SECOND) - sent;
    const batch = ids.slice(0, Math.max(1, Math.min(due, ids.length)));
    await mapPooled(batch, 8, async (id) => {
      const name = `storm-${Math.round(begin)}-${sent++}`;
      names.set(id, name);
      await raw(socket, `/containers/${id}/rename?name=${name}`, 'POST');
    });
    if (due <= 0) await pause(5);
  }
  const end = performance.now();
  await Promise.all([...names].map(([id, name]) => nameShown(store, id, name)));
  const now = performance.now();
  return { perSecond: (sent * 1_000) / (end - begin), exactAfterMs: now - end, tookMs: now - begin };
}

/** Settles once the tree shows a container under a name. */
export function nameShown(store: LiveStore, id: string, name: string): Promise<void> {
  const isShown = (): boolean => store.current?.containers.find((one) => one.runtimeId === id)?.name === name;
  if (isShown()) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const patience = setTimeout(() => {
      subscription.dispose();
      reject(new Error(`${id} was never shown as ${name}`));
    }, 60_000);
    const subscription = store.onDidChange(() => {
      if (!isShown()) return;
      clearTimeout(patience);
      subscription.dispose();
      resolve();
    });
  });
}
