import assert from 'node:assert/strict';
import { findContainer, type Inventory } from '../../../src/model/inventory';
import { joinSightings } from '../../../src/store/identity';
import { hexId, layer, sighting } from '../../support/sightings';

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
