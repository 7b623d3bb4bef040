import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { createHost, type Host } from '../../src/hostAdapters';
import type { Container } from '../../src/model/container';
import type { Inventory } from '../../src/model/inventory';
import type { Layer } from '../../src/model/layer';
import type { Disposable } from '../../src/util/disposables';
import { startEveryRuntime, type EveryRuntime } from '../lab/everyRuntime';
import { startLab, type Lab } from '../lab/lab';
import { eventually } from '../support/fakeAdapter';
import { buildWorkers, HOST_WORKERS } from '../support/workers';

/** A daemon that can be killed, and the layers that it alone answers for. */
interface Killable {
  readonly name: string;
  readonly isOf: (layer: Layer) => boolean;
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
}

describe('daemons that are killed while others run', () => {
  const workers = buildWorkers(HOST_WORKERS);
  let lab: Lab;
  let all: EveryRuntime;
  let host: Host;
  let looks: string[];
  let attention: Disposable | undefined;

  before(async () => {
    lab = await startLab({ liveRestore: true });
    all = await startEveryRuntime(lab);
    host = createHost({
      settings: () => ({ dockerEndpoints: [], containerdAddresses: [], podmanEndpoints: [] }),
      env: all.env,
      workerFolder: workers.folder,
      onLook: (reason) => looks.push(reason),
    });
  });
  beforeEach(() => (looks = []));
  afterEach(() => attention?.dispose());
  after(async () => {
    host?.store.dispose();
    workers.remove();
    await all?.stop();
    await lab?.stop();
  });

  const ofPodman = ({ id }: Layer): boolean => id.startsWith('engine:podman:');
  const killables: readonly Killable[] = [
    {
      name: 'dockerd',
      isOf: (layer) => layer.kind === 'engine' && !ofPodman(layer),
      kill: () => lab.killDockerd('SIGKILL'),
      start: () => lab.startDockerd(),
    },
    {
      name: 'containerd',
      isOf: ({ kind }) => kind === 'containerd' || kind === 'cri',
      kill: () => lab.killContainerd('SIGKILL'),
      start: () => lab.startContainerd(),
    },
    { name: 'podman', isOf: ofPodman, kill: () => all.podman.kill('SIGKILL'), start: () => all.podman.start() },
  ];

  /** Whether it is one of ours: other labs on this machine make containers with the same ids. */
  const isMade = ({ id, sightings }: Container): boolean =>
    all.made.some((made) => made.id === id && sightings.some(({ initPid }) => initPid === made.pid));

  /** What a tree shows of the lab's layers but those of a daemon, and of the lab's containers there; a line each. */
  function shownBeside({ layers, containers }: Inventory, isOf: Killable['isOf']): string[] {
    const made = containers.filter(isMade);
    return layers
      .filter(({ id, endpoint }) => endpoint?.includes(lab.dir) ?? made.some((one) => one.layers.includes(id)))
      .filter((layer) => !isOf(layer))
      .map(({ id, status }) => {
        const held = made.filter((container) => container.layers.includes(id)).map((container) => container.id);
        return `${id} ${status}: ${held.sort().join(' ')}`;
      })
      .sort();
  }

  const everything = (inventory: Inventory): string => shownBeside(inventory, () => false).join('\n');
  const statuses = (isOf: Killable['isOf']): string[] =>
    (host.store.current as Inventory).layers
      .filter((layer) => layer.endpoint?.includes(lab.dir) && isOf(layer))
      .map(({ status }) => status);

  /** Whether each container is under as many layers as know it, and each of its daemons is well. */
  function isWhole(): boolean {
    const shown = (host.store.current as Inventory).containers.filter(isMade);
    const wanted = all.made.map(({ id, kinds }) => `${id} ${kinds.length}`);
    const isComplete = wanted.every((line) => shown.some(({ id, layers }) => `${id} ${layers.length}` === line));
    return isComplete && statuses(() => true).every((status) => status === 'ok');
  }

  /** Waits until no look has been made for longer than any that a hint leads to is put off. */
  async function quiet(): Promise<void> {
    for (let seen = -1; seen !== looks.length;) {
      seen = looks.length;
      await pause(3_000);
    }
  }

  for (const name of ['dockerd', 'containerd', 'podman']) {
    it(`leaves all but ${name} alone when that is killed, and heals when it is back`, async () => {
      const { isOf, kill, start } = killables.find((one) => one.name === name) as Killable;
      attention = host.store.attend();
      await host.store.refresh('asked by the user');
      // A layer that answers late is drawn late, and who watches is connected soon after the first look.
      await eventually(() => isWhole() && looks.includes('reconnected'), 'all is shown, and the streams are connected');
      await quiet();
      const before = host.store.current as Inventory;
      const beside = shownBeside(before, isOf);
      assert.ok(beside.length > 3, beside.join('\n'));
      const flickers: string[] = [];
      const watching = host.store.onDidChange(({ inventory }) => {
        const now = shownBeside(inventory, isOf);
        flickers.push(...now.filter((line) => !beside.includes(line)));
        flickers.push(...beside.filter((line) => !now.includes(line)).map((line) => `not: ${line}`));
        const there = inventory.containers.filter(isMade).length;
        if (there < all.made.length) flickers.push(`${there} of ${all.made.length} containers`);
      });
      looks = [];
      try {
        await kill();
        await eventually(() => statuses(isOf).every((status) => status === 'failed'), `${name} is shown as failed`);
        // Nothing that is under way may be what finds it again.
        await quiet();
      } finally {
        await start();
      }
      await eventually(() => everything(host.store.current as Inventory) === everything(before), 'it is whole again')
        // What differs says more.
        .catch(() => assert.equal(everything(host.store.current as Inventory), everything(before)));
      watching.dispose();
      assert.deepEqual([...new Set(flickers)], []);
      assert.deepEqual(
        looks.filter((reason) => reason !== 'event' && reason !== 'reconnected'),
        [],
        'events alone have led there',
      );
    });
  }
});
