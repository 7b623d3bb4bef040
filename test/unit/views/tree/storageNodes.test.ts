import assert from 'node:assert/strict';
import type { StorageReader } from '../../../../src/adapters/adapter';
import { known, unknown } from '../../../../src/model/fact';
import type { Inventory } from '../../../../src/model/inventory';
import type { Count, StoredNamespace } from '../../../../src/model/stored';
import { StorageStore } from '../../../../src/store/storageStore';
import { Elements, type Element } from '../../../../src/views/tree/elements';
import { TreeSource } from '../../../../src/views/tree/options';
import { layer } from '../../../support/sightings';

const NAMESPACE = 'containerd:/c.sock:k8s.io';
const LABEL = 'Snapshots, leases and images';

class FakeContainerd implements Pick<StorageReader, 'readNamespace'> {
  readonly asked: string[] = [];
  snapshots = 12;

  readNamespace(layerId: string): Promise<StoredNamespace> {
    this.asked.push(layerId);
    const count = (value: Count) => known('containerd', value, 'there', 'ctr');
    return Promise.resolve({
      snapshots: [
        { snapshotter: 'overlayfs', count: count({ count: this.snapshots }) },
        { snapshotter: 'native', count: count({ count: 0 }) },
        { snapshotter: 'far', count: unknown('It does not answer.', 'Try again.') },
      ],
      leases: count({ count: 1 }),
      images: count({ count: 10_000, atLeast: true }),
    });
  }
}

describe('what containerd stores, in the tree', () => {
  let containerd: FakeContainerd;
  let storage: StorageStore;
  let elements: Elements;

  beforeEach(() => {
    containerd = new FakeContainerd();
    storage = new StorageStore(containerd);
    elements = new Elements(
      () => assert.fail('nobody inspects here'),
      () => assert.fail('nobody examines here'),
    );
    draw();
  });

  it('is asked when the row is expanded, once, and said on the row from then on', async () => {
    const row = await storedRow();
    assert.equal(row?.node.description, 'not asked yet');
    assert.deepEqual(containerd.asked, []);
    assert.deepEqual(await below(row), [
      'Snapshots of overlayfs: 12',
      'Snapshots of far: not known: It does not answer.',
      'Leases: 1',
      'Images: at least 10,000',
    ]);
    draw();
    assert.equal((await storedRow())?.node.description, 'at least 12 · 1 · at least 10,000');
    await below(await storedRow());
    assert.deepEqual(containerd.asked, [NAMESPACE]);
  });

  it('is asked anew once somebody refreshes', async () => {
    await below(await storedRow());
    containerd.snapshots = 13;
    storage.forget();
    draw();
    assert.equal((await storedRow())?.node.description, 'not asked yet');
    assert.equal((await below(await storedRow()))[0], 'Snapshots of overlayfs: 13');
  });

  it('has no row where containerd does not answer, and none in a snapshot of a host', async () => {
    draw('failed');
    assert.equal(await storedRow(), undefined);
    draw('ok', false);
    assert.equal(await storedRow(), undefined);
  });

  function draw(status: 'ok' | 'failed' = 'ok', live = true): void {
    const shown = layer(NAMESPACE, 'containerd', {
      name: 'containerd · k8s.io',
      status,
      containerdNamespace: 'k8s.io',
    });
    const inventory: Inventory = {
      observedAt: '',
      // With nothing but failures there is a welcome in the place of rows.
      layers: [shown, layer('cri:/c.sock', 'cri')].map((one) => ({ ...one, containerIds: [] })),
      containers: [],
      processes: { observedAt: '', byPid: new Map(), childrenOf: () => [] },
    };
    const options = { grouping: 'layer', filter: [], pageSize: 200, shown: new Map<string, number>() } as const;
    elements.update(new TreeSource(inventory, options, undefined, live ? { storage } : {}), new Set());
  }

  async function storedRow(): Promise<Element | undefined> {
    const roots = await elements.children(undefined);
    const top = roots.find(({ node }) => node.label === 'containerd · k8s.io');
    assert.ok(top);
    return (await elements.children(top)).find(({ node }) => node.label === LABEL);
  }

  async function below(row: Element | undefined): Promise<string[]> {
    assert.ok(row);
    return (await elements.children(row)).map(({ node }) => `${node.label}: ${node.description ?? ''}`);
  }
});
