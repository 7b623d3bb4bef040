import assert from 'node:assert/strict';
import type { Inspection } from '../../../../src/model/inspection';
import type { Inventory } from '../../../../src/model/inventory';
import { Elements, type Element } from '../../../../src/views/tree/elements';
import { TreeSource, type TreeOptions } from '../../../../src/views/tree/options';
import { rootNodes, welcomeOf } from '../../../../src/views/tree/roots';
import { machine, PROCESSES, reportOf } from '../../../support/doctorShop';
import { BATCH, DB, shop, SHOP_ENGINE, shopInspection, WEB } from '../../../support/shop';
import { hexId, layer, sighting } from '../../../support/sightings';

const NOTHING: ReadonlySet<string> = new Set();
const examine = async () => reportOf(machine());

function source(inventory: Inventory, more: Partial<TreeOptions> = {}): TreeSource {
  return new TreeSource(inventory, { grouping: 'layer', filter: [], pageSize: 200, shown: new Map(), ...more });
}

/** Hands out all rows, as if everything were expanded. */
async function expandAll(elements: Elements, parent?: Element): Promise<Element[]> {
  const all: Element[] = [];
  for (const element of await elements.children(parent)) all.push(element, ...(await expandAll(elements, element)));
  return all;
}

describe('the rows of the tree', () => {
  let inspected: string[];
  let elements: Elements;

  beforeEach(() => {
    inspected = [];
    elements = new Elements(async (id) => {
      inspected.push(id);
      return shopInspection(id);
    }, examine);
  });

  it('have ids of their own, all over the tree, in both groupings', async () => {
    for (const grouping of ['layer', 'container'] as const) {
      elements.update(source(shop(), { grouping }), NOTHING);
      const ids = (await expandAll(elements)).map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length);
    }
  });

  it('keep their ids when containers change state, and say another thing', async () => {
    elements.update(source(shop()), NOTHING);
    const before = (await expandAll(elements)).map(({ id }) => id);
    const again = new Elements(
      async (id) => shopInspection(id),
      async () => reportOf(machine()),
    );
    again.update(source(shop()), NOTHING);
    assert.deepEqual(
      (await expandAll(again)).map(({ id }) => id),
      before,
    );
  });

  it('draws nothing anew when nothing is different', async () => {
    elements.update(source(shop()), NOTHING);
    await expandAll(elements);
    assert.deepEqual(elements.update(source(shop()), NOTHING), []);
  });

  it('inspects a container once, when it is expanded, and again after it has changed', async () => {
    elements.update(source(shop()), NOTHING);
    await elements.children(undefined);
    assert.deepEqual(inspected, []);
    await expandAll(elements);
    assert.deepEqual([...inspected].sort(), [WEB, DB, BATCH, 'default/shop-web'].sort());
    const dirty = elements.update(source(shop()), new Set([DB]));
    assert.ok(dirty !== 'everything');
    // One row in each layer that knows it.
    assert.equal(dirty.length, 5);
    for (const { node } of dirty) {
      assert.ok(node.subject.kind === 'container' && node.subject.containerId === DB);
    }
    await expandAll(elements);
    assert.equal(inspected.filter((id) => id === DB).length, 2);
    assert.equal(inspected.filter((id) => id === WEB).length, 1);
  });

  it('draws the row of a changed container anew, and no other', async () => {
    const id = hexId('dddd');
    const extra = (stateText: string): Inventory =>
      shop([sighting(SHOP_ENGINE, id, { name: 'extra', state: 'exited', stateText })]);
    elements.update(source(extra('Exited (0)')), NOTHING);
    await expandAll(elements);
    const dirty = elements.update(source(extra('Exited (1)')), NOTHING);
    assert.ok(dirty !== 'everything');
    assert.deepEqual(
      dirty.map(({ node }) => node.label),
      ['extra'],
    );
  });

  it('draws a layer anew when a container comes, and everything when a layer comes', async () => {
    elements.update(source(shop()), NOTHING);
    await expandAll(elements);
    const dirty = elements.update(
      source(shop([sighting(SHOP_ENGINE, hexId('dddd'), { name: 'new', state: 'created' })])),
      NOTHING,
    );
    assert.ok(dirty !== 'everything');
    assert.deepEqual(
      dirty.map(({ node }) => node.label),
      ['Docker Engine'],
    );
    assert.equal(elements.update(source(shop([], [])), NOTHING), 'everything');
  });

  it('become one row with the reason when a container cannot be inspected, and ask again later', async () => {
    let asked = 0;
    elements = new Elements(async (): Promise<Inspection> => {
      asked++;
      throw new Error('it went away');
    }, examine);
    elements.update(source(shop()), NOTHING);
    const found = await elements.find(WEB, SHOP_ENGINE);
    const [failure] = await elements.children(found?.element);
    assert.match(failure?.node.description ?? '', /it went away/);
    await elements.children(found?.element);
    assert.equal(asked, 2);
  });

  it('are found by container and layer, with their parents, in each layer', async () => {
    elements.update(source(shop()), NOTHING);
    for (const { id: layerId } of shop().layers.filter(({ containerIds }) => containerIds.includes(WEB))) {
      const found = await elements.find(WEB, layerId);
      assert.ok(found, layerId);
      assert.equal(found.shown.size, 0);
      let top: Element = found.element;
      while (top.parent) top = top.parent;
      assert.deepEqual(top.node.subject, { kind: 'layer', layerId });
    }
    assert.equal(await elements.find(BATCH, 'kernel'), undefined);
  });

  it('are found as links of a chain when grouped by container', async () => {
    elements.update(source(shop(), { grouping: 'container' }), NOTHING);
    const found = await elements.find(WEB, 'kernel');
    assert.deepEqual(found?.element.node.subject, { kind: 'container', containerId: WEB, layerId: 'kernel' });
    assert.deepEqual(found?.element.parent?.node.subject, { kind: 'container', containerId: WEB });
  });

  it('come in pages, and a row beyond the page is found with what must be shown', async () => {
    const many = Array.from({ length: 5000 }, (_, index) =>
      sighting(SHOP_ENGINE, hexId(`f${String(index).padStart(5, '0')}`), {
        name: `n${index}`,
        state: 'exited',
        createdAtMs: -index,
      }),
    );
    const inventory = shop(many);
    const shown = new Map<string, number>();
    elements.update(source(inventory, { shown }), NOTHING);
    const engine = (await elements.children(undefined)).find(({ node }) => node.label === 'Docker Engine');
    const rows = await elements.children(engine);
    // The page, the layer's own facts, and the row that shows more.
    assert.equal(rows.length, 202);
    const more = rows.at(-1)?.node;
    assert.equal(more?.label, 'Show 200 more');
    assert.deepEqual(more?.command?.argument, engine?.id);
    const last = many.at(-1)?.runtimeId ?? '';
    const found = await elements.find(last, SHOP_ENGINE);
    assert.equal(found?.element.node.label, 'n4999');
    for (const [list, count] of found?.shown ?? []) shown.set(list, count);
    elements.update(source(inventory, { shown }), NOTHING);
    assert.ok((await elements.children(engine)).some(({ node }) => node.label === 'n4999'));
  });

  it('show hostile names as text that does nothing', async () => {
    const name = '\u202egpj\u0000<b>$(zap)[x](command:y)\n';
    elements.update(source(shop([sighting(SHOP_ENGINE, hexId('eeee'), { name, state: 'exited' })])), NOTHING);
    const found = await elements.find(hexId('eeee'), SHOP_ENGINE);
    assert.equal(found?.element.node.label, '\\u{202e}gpj\\u{0}<b>$(zap)[x](command:y)\\u{a}');
  });

  it('never show the arguments or the environment of a container: they may be secrets', async () => {
    elements.update(source(shop()), NOTHING);
    const all = JSON.stringify(
      (await expandAll(elements)).map(({ node }) => [node.label, node.description, node.spoken]),
    );
    assert.ok(!all.includes('secret words'));
    assert.ok(!all.includes('hunter2'));
  });

  it('say in words what they are, for those who hear them', async () => {
    elements.update(source(shop()), NOTHING);
    const all = await expandAll(elements);
    const spoken = all.map(({ node }) => node.spoken);
    assert.ok(spoken.includes('Container shop-web, running, in Docker Engine, lab/busybox:1 · Up 3 minutes'));
    assert.ok(spoken.every((words) => words.length > 3));
  });
});

describe('what keeps the tree empty', () => {
  const host = (...layers: Parameters<typeof layer>[]): Inventory => {
    const reports = layers.map((one) => layer(...one));
    return {
      ...shop([], []),
      containers: [],
      layers: reports.map((report) => ({ ...report, containerIds: [] })),
    };
  };
  const problem = (code: 'absent' | 'denied' | 'refused' | 'deadline'): Partial<ReturnType<typeof layer>> => ({
    status: code === 'absent' ? 'absent' : 'failed',
    problem: { code, what: 'Asking', reason: 'No.' },
  });
  const kernel = ['kernel', 'kernel'] as const;

  it('is that nothing is installed', () => {
    assert.equal(welcomeOf(host([...kernel])), 'absent');
    assert.equal(welcomeOf(host([...kernel], ['e', 'engine', problem('absent')])), 'absent');
  });

  it('is that the user may not, whatever else is missing', () => {
    assert.equal(welcomeOf(host(['e', 'engine', problem('denied')], ['c', 'containerd', problem('absent')])), 'denied');
    assert.equal(
      welcomeOf(host(['e', 'engine', problem('refused')], ['c', 'containerd', problem('denied')])),
      'denied',
    );
  });

  it('is that nobody answers', () => {
    assert.equal(welcomeOf(host(['e', 'engine', problem('refused')])), 'refused');
    assert.equal(welcomeOf(host(['e', 'engine', problem('deadline')])), 'refused');
  });

  it('is nothing as soon as one daemon answers or one container is known', () => {
    assert.equal(welcomeOf(host(['e', 'engine'], ['c', 'containerd', problem('denied')])), undefined);
    assert.equal(welcomeOf({ ...host(['e', 'engine', problem('denied')]), containers: shop().containers }), undefined);
    assert.deepEqual(rootNodes(source(host(['e', 'engine', problem('denied')]))), []);
  });
});

describe('the rows of the shim doctor', () => {
  let elements: Elements;
  let examined: number;
  const doctor = async (): Promise<Element> => {
    const root = (await elements.children(undefined)).at(-1);
    assert.equal(root?.node.label, 'Shim Doctor');
    return root;
  };

  beforeEach(() => {
    examined = 0;
    elements = new Elements(
      async (id) => shopInspection(id),
      async () => {
        examined++;
        return reportOf(machine({ processes: PROCESSES.filter(({ pid }) => pid !== 101) }));
      },
    );
    elements.update(source(shop()), NOTHING);
  });

  it('are examined when they are opened, once, and again after a refresh', async () => {
    const root = await doctor();
    assert.equal(examined, 0);
    const rows = (await elements.children(root)).map(({ node }) => node.label);
    assert.deepEqual(rows, ['1 finding', 'A shim runs without a container', 'Looks odd and is right']);
    await elements.children(root);
    assert.deepEqual(elements.update(source(shop()), NOTHING), []);
    assert.equal(examined, 1);
    elements.forgetInspections();
    await elements.children(root);
    assert.equal(examined, 2);
  });

  it('are drawn anew when somebody else has examined', async () => {
    const root = await doctor();
    assert.deepEqual(elements.takeReport(reportOf(machine())), []);
    assert.deepEqual(
      (await elements.children(root)).map(({ node }) => node.label),
      ['Nothing is wrong', 'Looks odd and is right'],
    );
    assert.equal(examined, 0);
    assert.deepEqual(elements.takeReport(reportOf(machine())), [root]);
  });

  it('say why there is no report', async () => {
    elements = new Elements(
      async (id) => shopInspection(id),
      () => Promise.reject(new Error('no /proc')),
    );
    elements.update(source(shop()), NOTHING);
    const [failure] = await elements.children(await doctor());
    assert.match(failure?.node.description ?? '', /no \/proc/);
    assert.equal(failure?.node.label, 'Cannot be examined');
  });
});
