import assert from 'node:assert/strict';
import { findContainer, isWithoutEngine, type Inventory } from '../../../src/model/inventory';
import { joinSightings } from '../../../src/store/identity';
import { hexId, layer, sighting } from '../../support/sightings';

describe('a container that no engine knows', () => {
  const layersWith = (status: 'ok' | 'failed') =>
    [
      layer('engine', 'engine', { status }),
      layer('containerd:/c.sock:one', 'containerd', { containerdNamespace: 'one' }),
      layer('shim', 'shim'),
      layer('runc', 'oci-runtime'),
      layer('kernel', 'kernel'),
    ].map((one) => ({ ...one, containerIds: [] }));
  const lone = (status: 'ok' | 'failed', ...known: string[]): boolean => {
    const sightings = known.map((id) =>
      sighting(id, hexId('a'), id.includes(':') ? { containerdNamespace: 'one' } : {}),
    );
    const [container] = joinSightings(sightings, layersWith(status));
    assert.ok(container);
    return isWithoutEngine(container, layersWith(status));
  };

  it('is one that a runtime keeps, and neither a daemon nor a shim', () => {
    assert.ok(lone('ok', 'runc', 'kernel'));
    assert.ok(!lone('ok', 'kernel'), 'only its processes are there');
    assert.ok(!lone('ok', 'shim', 'runc', 'kernel'));
    assert.ok(!lone('ok', 'containerd:/c.sock:one', 'runc'));
    assert.ok(!lone('failed', 'runc', 'kernel'), 'it may be of the engine that does not answer');
  });
});

describe('a container that is asked for by id or name', () => {
  const layers = [
    layer('containerd:/c.sock:one', 'containerd', { containerdNamespace: 'one' }),
    layer('containerd:/c.sock:two', 'containerd', { containerdNamespace: 'two' }),
    layer('runc', 'oci-runtime'),
  ];
  const of = (id: string, runtimeId: string): Parameters<typeof joinSightings>[0][number] =>
    sighting(id, runtimeId, id === 'runc' ? { bundle: '/b' } : { containerdNamespace: id.slice(-3) });
  const found = (wanted: string): string | undefined => findContainer(inventory, wanted)?.id;
  const containers = joinSightings(
    [
      of('containerd:/c.sock:one', 'web'),
      of('containerd:/c.sock:two', 'web'),
      of('runc', 'web'),
      of('containerd:/c.sock:one', 'db'),
      { ...of('containerd:/c.sock:one', hexId('abcdef012345')), name: 'shop' },
      of('containerd:/c.sock:two', 'shop'),
    ],
    layers,
  );
  const inventory: Inventory = {
    observedAt: '',
    layers: [],
    containers,
    processes: { observedAt: '', byPid: new Map(), childrenOf: () => [] },
  };

  it('is the one of that id before all that only their runtimes call so', () => {
    assert.equal(found('one/web'), 'one/web');
    assert.equal(found('two/web'), 'two/web');
    // Of runc alone: its id is what the other two are called in their namespaces.
    assert.equal(found('web'), 'web');
    assert.equal(found('db'), 'one/db');
    assert.equal(found('shop'), 'two/shop');
    assert.equal(found('abcdef012345'), hexId('abcdef012345'));
    assert.equal(found('abcdef01234'), undefined);
  });

  it('is none where several might be meant', () => {
    const several = { ...inventory, containers: containers.filter(({ id }) => id !== 'web') };
    assert.equal(findContainer(several, 'web'), undefined);
  });
});
