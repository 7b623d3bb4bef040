import assert from 'node:assert/strict';
import { known, isKnown, unknown } from '../../../src/model/fact';
import type { Sighting } from '../../../src/model/container';
import { Inspector } from '../../../src/store/inspector';
import { LiveStore } from '../../../src/store/liveStore';
import { SpecMemory } from '../../../src/store/specMemory';
import type { InventoryChange } from '../../../src/store/store';
import { eventually, FakeAdapter, noProcesses } from '../../support/fakeAdapter';
import { hexId, layer, sighting } from '../../support/sightings';

const id = hexId('abc1');
const other = hexId('def2');

function engineWith(...sightings: Sighting[]): FakeAdapter {
  return new FakeAdapter('engine', () => ({ layers: [layer('engine', 'engine')], sightings }));
}

function storeOf(...adapters: FakeAdapter[]): LiveStore {
  return new LiveStore({
    adapters,
    inspector: new Inspector([adapters], new SpecMemory(), () => []),
    readProcesses: async () => noProcesses,
  });
}

describe('the live store', () => {
  let store: LiveStore;
  afterEach(() => store.dispose());

  it('asks nobody before it is asked', async () => {
    const engine = engineWith();
    store = storeOf(engine);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(engine.looks, 0);
    assert.equal(engine.watchers, 0);
  });

  it('looks once for all who ask at the same time, and tells what changed', async () => {
    const engine = engineWith(sighting('engine', id, { state: 'running' }));
    store = storeOf(engine);
    const changes: InventoryChange[] = [];
    store.onDidChange((change) => changes.push(change));
    await Promise.all([
      store.refresh('first look'),
      store.refresh('focus'),
      store.refresh('event'),
      store.refresh('event'),
    ]);
    assert.equal(engine.looks, 2, 'one look, and one for all who came while it ran');
    assert.deepEqual(
      changes.map((change) => change.containerIds),
      [[id]],
      'the second look saw nothing new',
    );
  });

  it('follows hints while attended, gathers them, and stops with the last attendant', async () => {
    const engine = engineWith(sighting('engine', id, { state: 'running' }));
    store = storeOf(engine);
    const attention = [store.attend(), store.attend()];
    await store.inventory();
    assert.equal(engine.watchers, 1);
    engine.report = () => ({
      layers: [layer('engine', 'engine')],
      sightings: [sighting('engine', other, { state: 'running' })],
    });
    for (let count = 0; count < 500; count++) engine.hint();
    await eventually(() => store.current?.containers[0]?.id === other, 'the hint leads to a look');
    assert.ok(engine.looks <= 3, `500 hints cost ${engine.looks - 1} looks`);
    attention[0]?.dispose();
    assert.equal(engine.watchers, 1);
    attention[1]?.dispose();
    assert.equal(engine.watchers, 0);
    const looks = engine.looks;
    engine.hint();
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.equal(engine.looks, looks, 'hidden costs no look');
  });

  it('tells of a container that was updated, though no list shows what changed', async () => {
    const engine = engineWith(sighting('engine', id, { state: 'running' }));
    store = storeOf(engine);
    const attention = store.attend();
    await store.inventory();
    const changes: InventoryChange[] = [];
    store.onDidChange((change) => changes.push(change));
    engine.hint({ runtimeId: id, event: 'start' });
    await eventually(() => engine.looks >= 2, 'the hint leads to a look');
    assert.equal(changes.length, 0, 'it looks the same');
    engine.hint({ runtimeId: id, event: 'update' });
    await eventually(() => changes.length > 0, 'the change is told');
    assert.deepEqual(
      changes.map(({ containerIds }) => containerIds),
      [[id]],
    );
    attention.dispose();
  });

  it('asks of an event only the layer that told it, and the others when they have settled', async () => {
    const engine = engineWith(sighting('engine', id, { state: 'running' }));
    const kernel = new FakeAdapter('kernel', () => ({ layers: [layer('kernel', 'kernel')], sightings: [] }));
    store = storeOf(engine, kernel);
    const attention = store.attend();
    await store.inventory();
    const unchanged = store.current?.containers[0];
    engine.report = () => ({
      layers: [layer('engine', 'engine')],
      sightings: [sighting('engine', id, { state: 'running' }), sighting('engine', other, { state: 'running' })],
    });
    const told = new Promise<{ ids: readonly string[]; asked: number }>((resolve) => {
      const subscription = store.onDidChange(({ containerIds }) => {
        subscription.dispose();
        resolve({ ids: containerIds, asked: kernel.looks });
      });
    });
    engine.hint({ runtimeId: other, event: 'start' });
    assert.deepEqual(await told, { ids: [other], asked: 1 }, 'the kernel was not asked for it');
    assert.equal(store.current?.containers.length, 2);
    assert.notEqual(unchanged, undefined);
    const again = new Promise<InventoryChange>((resolve) => store.onDidChange(resolve));
    const { containerIds, reason } = await again;
    assert.deepEqual([containerIds, reason, kernel.looks], [[other], 'event', 2], 'a little later, with all layers');
    attention.dispose();
  });

  it('looks once more after the last event, since shims end after their engine has told so', async () => {
    const engine = engineWith(sighting('engine', id, { state: 'running' }));
    store = storeOf(engine);
    const attention = store.attend();
    await store.inventory();
    engine.hint();
    await eventually(() => engine.looks === 2, 'the hint leads to a look');
    // What changes now is told by nobody.
    engine.report = () => ({ layers: [layer('engine', 'engine')], sightings: [] });
    await eventually(() => store.current?.containers.length === 0, 'the end of the shim is seen');
    assert.equal(engine.looks, 3);
    attention.dispose();
  });

  it('draws the tree without a layer that hangs, and with it when it answers', async function () {
    this.timeout(60_000);
    const engine = engineWith(sighting('engine', id, { state: 'running' }));
    let answer: (() => void) | undefined;
    const slow = new FakeAdapter('containerd', async () => {
      await new Promise<void>((resolve) => (answer = resolve));
      return {
        layers: [layer('containerd', 'containerd')],
        sightings: [sighting('containerd', id, { state: 'running' })],
      };
    });
    store = storeOf(engine, slow);
    const inventory = await store.refresh('first look');
    assert.deepEqual(inventory.containers[0]?.layers, ['engine']);
    answer?.();
    await eventually(() => store.current?.containers[0]?.layers.length === 2, 'the late layer is drawn');
    assert.equal(slow.looks, 1, 'a layer that hangs is not asked again meanwhile');
  });

  it('shows an adapter that breaks its promise as a failed layer, and the others as they are', async () => {
    const engine = engineWith(sighting('engine', id, { state: 'running' }));
    const broken = new FakeAdapter('broken', () => Promise.reject(new Error('boom')));
    store = storeOf(engine, broken);
    const inventory = await store.refresh('first look');
    assert.equal(inventory.containers.length, 1);
    const failed = inventory.layers.find((one) => one.status === 'failed');
    assert.match(failed?.problem?.reason ?? '', /boom/);
  });

  it('takes the most direct answer and remembers why a better one is missing', async () => {
    const engine = engineWith(sighting('engine', id, { state: 'running' }));
    engine.findings = () => ({ initPid: known('docker-api', 42, 'inspect', 'docker inspect') });
    const kernel = new FakeAdapter('kernel', () => ({ layers: [], sightings: [] }));
    kernel.findings = () => ({ initPid: unknown('not allowed', 'be root', 'procfs') });
    store = storeOf(engine, kernel);
    const { facts } = await store.inspect(id.slice(0, 12));
    assert.ok(isKnown(facts.initPid));
    assert.equal(facts.initPid.value, 42);
    assert.deepEqual(
      facts.initPid.better?.map((fact) => fact.unavailable),
      ['not allowed'],
    );
    assert.ok(!isKnown(facts.bundlePath));
    assert.equal(store.peek(id)?.id, id);
  });

  it('remembers the config.json of a container that has stopped, and marks it', async () => {
    const engine = engineWith(sighting('engine', id, { state: 'running' }));
    engine.findings = () => ({
      ociConfig: known('bundle', { hostname: 'abc' }, '/b/config.json', 'cat /b/config.json'),
    });
    store = storeOf(engine);
    await store.inspect(id);
    engine.report = () => ({
      layers: [layer('engine', 'engine')],
      sightings: [sighting('engine', id, { state: 'exited' })],
    });
    engine.findings = () => ({ ociConfig: unknown('The bundle is gone.', 'Start it.', 'bundle') });
    await store.refresh('event');
    const { facts } = await store.inspect(id);
    assert.ok(isKnown(facts.ociConfig));
    assert.deepEqual(facts.ociConfig.value, { hostname: 'abc' });
    assert.equal(facts.ociConfig.route, 'memory');
    assert.match(facts.ociConfig.note ?? '', /exited/);
  });

  it('says plainly that it does not know an id', async () => {
    store = storeOf(engineWith());
    await assert.rejects(store.inspect('nobody'), /No layer that could be asked knows/);
  });

  it('ends the wait of a caller who cancels, not the look of the others', async () => {
    let answer: (() => void) | undefined;
    const engine = new FakeAdapter('engine', async () => {
      await new Promise<void>((resolve) => (answer = resolve));
      return { layers: [layer('engine', 'engine')], sightings: [sighting('engine', id)] };
    });
    store = storeOf(engine);
    const controller = new AbortController();
    const cancelled = store.refresh('asked by the user', controller.signal);
    controller.abort();
    await assert.rejects(cancelled, /cancelled/);
    answer?.();
    await eventually(() => store.current !== undefined, 'the look goes on for others');
  });
});
