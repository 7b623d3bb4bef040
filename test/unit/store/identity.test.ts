import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Joiner, joinSightings } from '../../../src/store/identity';
import { hexId, layer, sighting } from '../../support/sightings';

const layers = [
  layer('engine', 'engine'),
  layer('containerd:moby', 'containerd', { containerdNamespace: 'moby' }),
  layer('containerd:k8s.io', 'containerd', { containerdNamespace: 'k8s.io' }),
  layer('shim', 'shim'),
  layer('runc', 'oci-runtime'),
  layer('kernel', 'kernel'),
];
const id = hexId('abc1');

describe('joining sightings', () => {
  it('makes one container of what all layers say of one random id', () => {
    const [container, ...rest] = joinSightings(
      [
        sighting('kernel', id, { initPid: 42, initStartTicks: 7 }),
        sighting('runc', id, { initPid: 42, initStartTicks: 7, state: 'running' }),
        sighting('shim', id, { initPid: 42, initStartTicks: 7, containerdNamespace: 'moby' }),
        sighting('containerd:moby', id, { containerdNamespace: 'moby', state: 'running', initPid: 42 }),
        sighting('engine', id, { containerdNamespace: 'moby', name: 'web', state: 'paused', image: 'busybox' }),
      ],
      layers,
    );
    assert.deepEqual(rest, []);
    assert.equal(container?.id, id);
    assert.equal(container?.name, 'web');
    assert.equal(container?.state, 'paused', 'the engine knows best what the user did');
    assert.deepEqual(container?.layers, ['engine', 'containerd:moby', 'shim', 'runc', 'kernel']);
    assert.deepEqual(container?.letGo, []);
  });

  it('keeps the same chosen id in two namespaces apart, and gives each its own init process', () => {
    const containers = joinSightings(
      [
        sighting('containerd:moby', 'web', { containerdNamespace: 'moby', initPid: 10, state: 'running' }),
        sighting('containerd:k8s.io', 'web', { containerdNamespace: 'k8s.io', initPid: 20, state: 'running' }),
        sighting('kernel', 'web', { initPid: 20, initStartTicks: 5 }),
        sighting('kernel', 'web', { initPid: 10, initStartTicks: 4 }),
      ],
      layers,
    );
    assert.deepEqual(containers.map((container) => container.id).sort(), ['k8s.io/web', 'moby/web']);
    for (const container of containers) {
      assert.equal(new Set(container.sightings.map((one) => one.initPid)).size, 1, container.id);
      assert.equal(container.sightings.length, 2);
    }
  });

  it('keeps the same chosen id in one namespace of two containerds apart, each with an id of its own', () => {
    const both = ['/a.sock', '/b.sock'].map((socket) => `containerd:${socket}:default`);
    const containers = joinSightings(
      [
        sighting(both[0] ?? '', 'web', { containerdNamespace: 'default', initPid: 10, state: 'running' }),
        // Created and not started: no process tells it from the other.
        sighting(both[1] ?? '', 'web', { containerdNamespace: 'default', state: 'created' }),
        sighting('shim', 'web', { containerdNamespace: 'default', initPid: 10, initStartTicks: 4 }),
        sighting('kernel', 'web', { initPid: 10, initStartTicks: 4 }),
      ],
      [...layers, ...both.map((name) => layer(name, 'containerd', { containerdNamespace: 'default' }))],
    );
    assert.deepEqual(
      containers.map(({ id, layers: known }) => [id, known]),
      [
        ['containerd:/a.sock:default/web', [both[0], 'shim', 'kernel']],
        ['containerd:/b.sock:default/web', [both[1]]],
      ],
    );
    assert.deepEqual(containers.map(({ state }) => state).sort(), ['created', 'running']);
  });

  it('gives bare containers of one chosen id in two state folders an id each', () => {
    const containers = joinSightings(
      [
        sighting('runc', 'web', { initPid: 10, initStartTicks: 4, bundle: '/one' }),
        sighting('runc', 'web', { initPid: 20, initStartTicks: 5, bundle: '/two' }),
        sighting('kernel', 'web', { initPid: 20, initStartTicks: 5 }),
      ],
      layers,
    );
    assert.deepEqual(
      containers.map(({ id, sightings }) => [id, sightings.length]),
      [
        ['/one:web', 1],
        ['/two:web', 2],
      ],
    );
  });

  it('does not take a reused PID for the same process', () => {
    const containers = joinSightings(
      [
        sighting('runc', 'web', { initPid: 10, initStartTicks: 4, bundle: '/b' }),
        sighting('kernel', 'web', { initPid: 10, initStartTicks: 99 }),
      ],
      layers,
    );
    assert.equal(containers.length, 2);
  });

  it('joins chosen ids by their bundle', () => {
    const containers = joinSightings(
      [sighting('runc', 'web', { bundle: '/b' }), sighting('shim', 'web', { bundle: '/b' })],
      layers,
    );
    assert.equal(containers.length, 1);
  });

  it('says which layers let go of an exited container, and why', () => {
    const [container] = joinSightings(
      [sighting('engine', id, { containerdNamespace: 'moby', state: 'exited' })],
      layers,
    );
    assert.deepEqual(
      container?.letGo.map((one) => one.layerId),
      ['containerd:moby', 'shim', 'runc', 'kernel'],
    );
    for (const { because } of container?.letGo ?? []) assert.match(because, /\.$/);
  });

  it('says so only of the containerd that its engine uses', () => {
    const another = [...layers, layer('containerd:other', 'containerd', { containerdNamespace: 'moby' })];
    const running = 'ee'.repeat(32);
    const containers = joinSightings(
      [
        sighting('engine', id, { containerdNamespace: 'moby', state: 'exited' }),
        sighting('engine', running, { containerdNamespace: 'moby', state: 'running' }),
        sighting('containerd:moby', running, { containerdNamespace: 'moby', state: 'running' }),
      ],
      another,
    );
    const ended = containers.find((one) => one.id === id);
    assert.deepEqual(
      ended?.letGo.map((one) => one.layerId),
      ['containerd:moby', 'shim', 'runc', 'kernel'],
    );
  });

  it('does not blame a layer that could not be asked', () => {
    const denied = layers.map((one) => (one.id === 'runc' ? layer('runc', 'oci-runtime', { status: 'failed' }) : one));
    const [container] = joinSightings(
      [sighting('engine', id, { containerdNamespace: 'moby', state: 'created' })],
      denied,
    );
    assert.ok(!container?.letGo.some((one) => one.layerId === 'runc'));
  });

  it('reads a Compose membership from the labels', () => {
    const labels = new Map([
      ['com.docker.compose.project', 'shop'],
      ['com.docker.compose.service', 'db'],
      ['com.docker.compose.project.config_files', '/a.yml,/b.yml'],
    ]);
    const [container] = joinSightings([sighting('engine', id, { labels })], layers);
    assert.deepEqual(container?.compose, { project: 'shop', service: 'db', configFiles: ['/a.yml', '/b.yml'] });
  });

  it('is not confused by hostile ids', () => {
    for (const hostile of ['__proto__', 'constructor', '', '../../etc', '\u202e']) {
      const containers = joinSightings([sighting('engine', hostile, { state: 'running' })], layers);
      assert.deepEqual(
        containers.map((container) => container.runtimeId),
        [hostile],
      );
    }
  });
});

describe('joining again and again', () => {
  const ids = ['a', 'b', 'c'].map((letter) => hexId(letter.repeat(4)));
  const all = ids.flatMap((one) => [
    sighting('engine', one, { containerdNamespace: 'moby', state: 'exited', name: one.slice(0, 4) }),
    sighting('engine', one, { containerdNamespace: 'moby', state: 'running', name: one.slice(0, 4) }),
    sighting('containerd:moby', one, { containerdNamespace: 'moby', state: 'running' }),
    sighting('containerd:k8s.io', one, { containerdNamespace: 'k8s.io' }),
    sighting('kernel', one, { initPid: 7, initStartTicks: 9 }),
  ]);

  it('comes to what joining once does, whatever came, went and changed before', () => {
    const moment = fc.record({ said: fc.subarray(all), asked: fc.subarray(layers, { minLength: 1 }) });
    fc.assert(
      fc.property(fc.array(moment, { minLength: 1, maxLength: 12 }), (moments) => {
        const joiner = new Joiner();
        for (const { said, asked } of moments) {
          assert.deepEqual(joiner.join(said, asked), joinSightings(said, asked));
        }
      }),
    );
  });

  it('gives the same object for whom nothing new is said, and another for whom there is', () => {
    const joiner = new Joiner();
    const first = ids.map((one) => sighting('engine', one, { state: 'running' }));
    const before = joiner.join(first, layers);
    const after = joiner.join([...first.slice(0, 2), sighting('engine', ids[2] ?? '', { state: 'paused' })], layers);
    assert.deepEqual(
      after.map((one, index) => one === before[index]),
      before.map(({ runtimeId }) => runtimeId !== ids[2]),
    );
  });
});
