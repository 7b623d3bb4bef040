import assert from 'node:assert/strict';
import type { Inspection } from '../../../src/model/inspection';
import type { FoundHost } from '../../../src/store/farHost';
import { FarHosts } from '../../../src/store/farHosts';
import { Births } from '../../../src/store/births';
import { ContainerSources } from '../../../src/store/containerSources';
import { Hosts } from '../../../src/store/hosts';
import type { InventoryChange, RuntimeStore } from '../../../src/store/store';
import { Emitter } from '../../../src/util/emitter';
import { Elements, type Element } from '../../../src/views/tree/elements';
import { TreeSource } from '../../../src/views/tree/options';
import { NO_MACHINE, UNREACHABLE } from '../../support/noMachine';
import { shop, shopInspection, WEB } from '../../support/shop';

/** A far machine that notes what is asked of it. */
class Machine {
  built = 0;
  attended = 0;
  disposed = 0;
  inspection = (id: string): Inspection => shopInspection(id);
  readonly changes = new Emitter<InventoryChange>();

  found(key: string, added?: string): FoundHost {
    const about = { key, name: `name-${key}`, endpoint: 'tcp://far:2375', why: 'A test says so.' };
    return { about: added === undefined ? about : { ...about, added }, build: () => this.build() };
  }

  private build(): ReturnType<FoundHost['build']> {
    this.built++;
    const inventory = shop();
    let current: typeof inventory | undefined;
    const look = async (): Promise<typeof inventory> => (current ??= inventory);
    const inspections = new Map([[WEB, this.inspection(WEB)]]);
    const store: RuntimeStore = {
      get current() {
        return current;
      },
      onDidChange: this.changes.event,
      inventory: look,
      refresh: look,
      complete: look,
      inspect: (id) => Promise.resolve(inspections.get(id) ?? this.inspection(id)),
      peek: (id) => inspections.get(id),
      earlier: () => undefined,
      attend: () => {
        this.attended++;
        return { dispose: () => void this.attended-- };
      },
      dispose: () => void this.disposed++,
    };
    return { store, observe: () => Promise.resolve({ observations: [], missing: [] }) };
  }
}

function hostsOf(machine: Machine, keys = ['k1']): { hosts: Hosts; far: FarHosts; keys: string[] } {
  const far = new FarHosts(() => Promise.resolve(keys.map((key) => machine.found(key))));
  return { hosts: new Hosts(NO_MACHINE, undefined, far), far, keys };
}

describe('live hosts beside this machine', () => {
  it('are names until somebody asks: nothing is built, also while somebody looks at the tree', async () => {
    const machine = new Machine();
    const { hosts } = hostsOf(machine);
    await hosts.ready();
    const attention = hosts.attend();
    const [host] = hosts.others;
    assert.deepEqual([host?.connection.state, machine.built, machine.attended], ['none', 0, 0]);
    await host?.inventory();
    assert.deepEqual([host?.connection.state, machine.built, machine.attended], ['connected', 1, 1]);
    attention.dispose();
    assert.equal(machine.attended, 0, 'hidden, it costs nothing');
  });

  it('are told apart by the ids of their containers, in all that they answer', async () => {
    const machine = new Machine();
    const { hosts, far } = hostsOf(machine, ['k1', 'k2']);
    await hosts.ready();
    for (const host of hosts.others) await host.inventory();
    for (const key of ['k1', 'k2']) {
      const id = `@${key}/${WEB}`;
      const inventory = hosts.inventoryOf(id);
      assert.ok(inventory);
      assert.ok(inventory.containers.every((one) => one.id.startsWith(`@${key}/`)));
      const ids = new Set(inventory.containers.map((one) => one.id));
      for (const layer of inventory.layers) for (const one of layer.containerIds) assert.ok(ids.has(one));
      const inspection = await hosts.inspect(id);
      assert.equal(inspection.id, id);
      assert.equal(hosts.peek(id), hosts.peek(id), 'the same object, so that what was made of it stays valid');
    }
    const heard: string[][] = [];
    hosts.onDidChange(({ containerIds }) => heard.push([...containerIds]));
    machine.changes.fire({ inventory: shop(), reason: 'event', containerIds: [WEB], layersChanged: false });
    assert.deepEqual(heard, [[`@k1/${WEB}`], [`@k2/${WEB}`]]);
    far.dispose();
  });

  it('build the calls of a container when somebody looks at them, and not before', async () => {
    const machine = new Machine();
    let built = 0;
    machine.inspection = (id) => {
      const { apiCalls, ...rest } = shopInspection(id);
      return {
        ...rest,
        get apiCalls() {
          built++;
          return apiCalls;
        },
      };
    };
    const { hosts } = hostsOf(machine);
    await hosts.ready();
    const inspection = await hosts.inspect(`@k1/${WEB}`);
    assert.equal(built, 0);
    assert.ok(inspection.apiCalls.length > 0);
    assert.equal(built, 1);
  });

  it('never ask this machine about their containers', async () => {
    const { hosts } = hostsOf(new Machine());
    await hosts.ready();
    const sources = new ContainerSources(hosts, UNREACHABLE, new Births());
    const inspection = await hosts.inspect(`@k1/${WEB}`);
    assert.ok((await sources.lineage(inspection, false)).length > 0);
    assert.deepEqual(await sources.seen(inspection), { recorded: [], observations: [], missing: [] });
    const usage = await sources.usage(inspection.id, new AbortController().signal);
    assert.ok('reason' in usage && usage.reason.includes('tcp://far:2375'));
  });

  it('keep their connection while they stay, and end it when they go or the user says so', async () => {
    const machine = new Machine();
    const { hosts, far, keys } = hostsOf(machine, ['k1', 'k2']);
    await hosts.ready();
    for (const host of hosts.others) await host.inventory();
    let listed = 0;
    hosts.onDidChangeHosts(() => listed++);
    await far.update();
    assert.deepEqual([machine.built, machine.disposed, listed], [2, 0, 0]);
    keys.pop();
    await far.update();
    assert.deepEqual([machine.disposed, listed], [1, 1]);
    await assert.rejects(hosts.inspect(`@k2/${WEB}`), /host is removed or hidden/);
    far.disconnect('k1');
    assert.deepEqual([machine.disposed, hosts.others[0]?.connection.state], [2, 'none']);
    await hosts.inspect(`@k1/${WEB}`);
    assert.equal(machine.built, 3);
  });

  it('have a row that connects when it is expanded, and the same rows below it as this machine', async () => {
    const machine = new Machine();
    const { hosts } = hostsOf(machine);
    await hosts.ready();
    const inventory = { ...shop(), containers: [], layers: [] };
    const options = { grouping: 'layer' as const, filter: [], pageSize: 100, shown: new Map<string, number>() };
    const elements = new Elements(
      (id) => hosts.inspect(id),
      () => Promise.reject(new Error('nobody examines here')),
    );
    const draw = (): unknown =>
      elements.update(new TreeSource(inventory, options, undefined, { others: hosts.others }), new Set());
    draw();
    const [row] = await elements.children(undefined);
    assert.ok(row);
    assert.match(row.node.description ?? '', /tcp:\/\/far:2375 · not connected/);
    assert.equal(machine.built, 0);
    const below = await elements.children(row);
    assert.equal(machine.built, 1);
    assert.deepEqual(
      below.map(({ node }) => node.subject.kind),
      shop().layers.map(() => 'layer'),
    );
    assert.deepEqual(draw(), [row], 'the row says now that it is connected');
    assert.match(row.node.description ?? '', /\d containers$/);
    assert.deepEqual(row.node.context, ['farHost', 'foundHost', 'dialledHost']);
    const ids = (await Promise.all((await elements.children(row)).map((layer: Element) => elements.children(layer))))
      .flat()
      .flatMap(({ node }) => (node.subject.kind === 'container' ? node.subject.containerId : []));
    assert.ok(ids.length > 0 && ids.every((id) => id.startsWith('@k1/')));
  });
});
