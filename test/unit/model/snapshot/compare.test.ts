import assert from 'node:assert/strict';
import { compareSnapshots } from '../../../../src/model/snapshot/compare';
import type { Snapshot, SnapshotContainer } from '../../../../src/model/snapshot/snapshot';
import { shopSnapshot } from '../../../support/snapshots';

const withContainers = (snapshot: Snapshot, containers: readonly SnapshotContainer[]): Snapshot => ({
  ...snapshot,
  containers,
});

describe('comparing two snapshots', () => {
  it('finds no difference between a host and itself, nor between one with secrets and one without', () => {
    const { containers, layers, unchanged, before, after } = compareSnapshots(
      shopSnapshot({ withSecrets: true }),
      shopSnapshot(),
    );
    assert.deepEqual(containers, []);
    assert.deepEqual(layers, []);
    assert.equal(unchanged, 4);
    assert.equal(before, after);
    assert.ok(!before.includes('hunter2'));
  });

  it('says what came, what went and what is different', () => {
    const first = shopSnapshot();
    const [web, db, ...others] = first.containers;
    assert.ok(web && db);
    const paused: SnapshotContainer = { ...web, container: { ...web.container, state: 'paused' } };
    const born: SnapshotContainer = { ...db, container: { ...db.container, id: 'f'.repeat(64), name: 'newcomer' } };
    const { containers, unchanged } = compareSnapshots(first, withContainers(first, [paused, born, ...others]));
    assert.deepEqual(
      containers.map(({ name, change, differences }) => [name, change, differences]),
      [
        ['newcomer', 'came', []],
        ['shop-db', 'went', []],
        ['shop-web', 'changed', [{ path: 'state', before: '"running"', after: '"paused"' }]],
      ],
    );
    assert.equal(unchanged, 2);
    const [newcomer, gone] = containers;
    assert.equal(newcomer?.before, '');
    assert.equal(gone?.after, '');
    assert.match(newcomer?.after ?? '', /"name": "newcomer"/);
  });

  it('takes one that was made anew under its old name as the same, and shows the other id', () => {
    const first = shopSnapshot();
    const [web, ...others] = first.containers;
    assert.ok(web);
    const anew: SnapshotContainer = { ...web, container: { ...web.container, id: 'e'.repeat(64) } };
    const { containers } = compareSnapshots(first, withContainers(first, [...others, anew]));
    assert.equal(containers.length, 1);
    assert.equal(containers[0]?.change, 'changed');
    assert.deepEqual(
      containers[0]?.differences.map(({ path }) => path),
      ['id'],
    );
  });

  it('shows differences of layers', () => {
    const first = shopSnapshot();
    const layers = first.inventory.layers.map((layer) =>
      layer.kind === 'engine' ? { ...layer, version: '29.0.0' } : layer,
    );
    const second = { ...first, inventory: { ...first.inventory, layers } };
    assert.deepEqual(compareSnapshots(first, second).layers, [
      { path: 'engine:unix:///run/docker.sock.version', before: '"28.5.2"', after: '"29.0.0"' },
    ]);
  });
});
