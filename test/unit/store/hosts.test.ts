import assert from 'node:assert/strict';
import { Hosts } from '../../../src/store/hosts';
import { SnapshotStore } from '../../../src/store/snapshotStore';
import type { RuntimeStore } from '../../../src/store/store';
import { Births } from '../../../src/store/births';
import { ContainerSources } from '../../../src/store/containerSources';
import { Emitter } from '../../../src/util/emitter';
import { UNREACHABLE } from '../../support/noMachine';
import { shop, shopInspection, WEB } from '../../support/shop';
import { shopSnapshot } from '../../support/snapshots';

/** This machine, standing still: the same shop as in the snapshot, so that only ids tell them apart. */
function machine(): RuntimeStore {
  const inventory = shop();
  return {
    current: inventory,
    onDidChange: new Emitter<never>().event,
    inventory: () => Promise.resolve(inventory),
    refresh: () => Promise.resolve(inventory),
    complete: () => Promise.resolve(inventory),
    inspect: (id) => Promise.resolve(shopInspection(id)),
    peek: () => undefined,
    earlier: () => undefined,
    attend: () => ({ dispose: () => undefined }),
    dispose: () => undefined,
  };
}

describe('several hosts', () => {
  it('are told apart by the ids of their containers', async () => {
    const hosts = new Hosts(machine());
    const snapshot = new SnapshotStore('k1', shopSnapshot(), '/somewhere/x.json');
    hosts.add(snapshot);
    const ids = snapshot.current.containers.map(({ id }) => id);
    assert.ok(ids.every((id) => id.startsWith('@k1/')));
    assert.ok(ids.includes(`@k1/${WEB}`));
    assert.equal(hosts.current, hosts.live.current, 'without an id it is this machine');
    assert.equal(hosts.inventoryOf(WEB), hosts.live.current);
    assert.equal(hosts.inventoryOf(`@k1/${WEB}`), snapshot.current);
    assert.equal(hosts.snapshotOf(WEB), undefined);
    assert.equal((await hosts.inspect(`@k1/${WEB}`)).id, `@k1/${WEB}`);
    assert.equal((await hosts.inspect(WEB)).id, WEB);
    // Layers hold the same ids as the containers.
    for (const { containerIds } of snapshot.current.layers) for (const id of containerIds) assert.ok(ids.includes(id));
  });

  it('say why a container of a snapshot cannot be inspected: when it was taken, and when it is closed', async () => {
    const hosts = new Hosts(machine());
    hosts.add(new SnapshotStore('k1', shopSnapshot(), '/somewhere/x.json'));
    const uninspected = hosts.snapshots[0]?.current.containers[1]?.id ?? '';
    await assert.rejects(hosts.inspect(uninspected), /not inspected when the snapshot was taken/);
    await assert.rejects(hosts.inspect('@k1/nobody'), /no container of this id/);
    let told = 0;
    hosts.onDidChangeHosts(() => told++);
    assert.ok(hosts.close('k1'));
    assert.ok(!hosts.close('k1'));
    assert.equal(told, 1);
    assert.equal(hosts.peek(`@k1/${WEB}`), undefined);
    await assert.rejects(hosts.inspect(`@k1/${WEB}`), /snapshot is closed/);
  });

  it('opens once what was open before, whoever asks first', async () => {
    let restored = 0;
    const hosts = new Hosts(machine(), async (self) => {
      restored++;
      self.add(new SnapshotStore('k1', shopSnapshot(), 'x'));
    });
    assert.equal(hosts.snapshots.length, 0);
    const [inspection] = await Promise.all([hosts.inspect(`@k1/${WEB}`), hosts.inventory()]);
    assert.equal(inspection.id, `@k1/${WEB}`);
    assert.equal(restored, 1);
  });

  it('never ask this machine about a container of a snapshot', async () => {
    const hosts = new Hosts(machine());
    hosts.add(new SnapshotStore('k1', shopSnapshot(), 'x'));
    const sources = new ContainerSources(hosts, UNREACHABLE, new Births());
    const inspection = await hosts.inspect(`@k1/${WEB}`);
    assert.ok((await sources.lineage(inspection, false)).length > 0);
    assert.deepEqual(await sources.seen(inspection), { recorded: [], observations: [], missing: [] });
    await sources.birth(inspection.id, inspection, false);
    const usage = await sources.usage(inspection.id, new AbortController().signal);
    assert.ok('reason' in usage && /snapshot/.test(usage.reason));
    await assert.rejects(sources.seen(await hosts.inspect(WEB)), /this machine was asked/);
  });
});
