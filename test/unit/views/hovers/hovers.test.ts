import assert from 'node:assert/strict';
import { Elements, type Element } from '../../../../src/views/tree/elements';
import { TreeSource } from '../../../../src/views/tree/options';
import { hoverExplanations } from '../../../../src/views/hovers/explanations';
import { looksLikeSpec, parseDocument, placeAt } from '../../../../src/views/hovers/jsonPath';
import { treeHover, type HoverContext } from '../../../../src/views/hovers/treeHovers';
import type { HoverPart } from '../../../../src/views/hovers/hoverParts';
import { machine, reportOf } from '../../../support/doctorShop';
import { AT, shop, shopInspection } from '../../../support/shop';

const CONTEXT: HoverContext = {
  inventory: shop(),
  peek: (id) => shopInspection(id),
  explain: hoverExplanations,
};

async function everyRow(): Promise<Element[]> {
  const elements = new Elements(
    async (id) => shopInspection(id),
    async () => reportOf(machine()),
  );
  elements.update(
    new TreeSource(shop(), { grouping: 'layer', filter: [], pageSize: 200, shown: new Map() }),
    new Set(),
  );
  const walk = async (parent?: Element): Promise<Element[]> => {
    const all: Element[] = [];
    for (const element of await elements.children(parent)) all.push(element, ...(await walk(element)));
    return all;
  };
  return walk();
}

function words(parts: readonly HoverPart[]): string {
  return JSON.stringify(parts);
}

describe('hovers over rows', () => {
  let rows: Element[];
  before(async () => {
    rows = await everyRow();
  });
  const hover = (label: string): HoverPart[] => {
    const found = rows.find(({ node }) => node.label === label);
    assert.ok(found, `there is a row ${label}`);
    return treeHover(found.node, CONTEXT);
  };

  it('begin with what they are about, whatever the row', () => {
    for (const { node } of rows) {
      const [first] = treeHover(node, CONTEXT);
      assert.equal(first?.kind, 'title', node.id);
      assert.ok(first.text.length > 0, node.id);
    }
  });

  it('explain every layer: more than its name', () => {
    for (const { node } of rows.filter(({ node: { subject } }) => subject.kind === 'layer')) {
      assert.ok(
        treeHover(node, CONTEXT).some((part) => part.kind === 'text' && part.text.length > 20),
        node.label,
      );
    }
  });

  it('say of a fact its source, its command and its time', () => {
    const parts = hover('Bundle');
    assert.ok(parts.some((part) => part.kind === 'pair' && part.value === '/proc/100/cwd'));
    assert.ok(parts.some((part) => part.kind === 'pair' && part.value === AT));
    assert.ok(parts.some((part) => part.kind === 'command' && part.text === 'readlink /proc/100/cwd'));
  });

  it('say of an unknown fact why, and what would help', () => {
    const parts = hover('OCI runtime');
    assert.ok(parts.some((part) => part.kind === 'pair' && part.value === 'Nobody tells.'));
    assert.ok(parts.some((part) => part.kind === 'pair' && part.value === 'Run as root.'));
  });

  it('say of a container which layers know it, and of one that ended who let go and why', () => {
    assert.match(words(hover('shop-web')), /Docker Engine → containerd · moby → Shims → runc → Linux kernel/);
    assert.match(words(hover('batch')), /Not in Shims/);
  });

  it('say of a failed layer the reason and the remedy', () => {
    assert.match(words(hover('CRI-O')), /Nobody listens.*systemctl start crio/);
  });

  it('explain namespaces', () => {
    assert.ok(hover('net').some((part) => part.kind === 'text' && part.text.length > 20));
  });
});

describe('hovers over config.json', () => {
  const text = JSON.stringify(
    {
      ociVersion: '1.2.0',
      process: { args: ['sh', '-c'], noNewPrivileges: true },
      linux: { resources: { memory: { limit: 67108864 } }, namespaces: [{ type: 'pid' }] },
    },
    undefined,
    2,
  );
  const root = parseDocument(text);
  const at = (part: string, more = 0): ReturnType<typeof placeAt> => placeAt(root, text.indexOf(part) + more);

  it('find the path of a value and of its key', () => {
    assert.deepEqual(at('67108864', 2)?.path, ['linux', 'resources', 'memory', 'limit']);
    assert.deepEqual(at('"limit"', 2)?.path, ['linux', 'resources', 'memory', 'limit']);
    assert.equal(at('"limit"', 2)?.value, 67108864);
  });

  it('find elements of lists and their members', () => {
    assert.deepEqual(at('"-c"', 1)?.path, ['process', 'args', '1']);
    assert.deepEqual(at('"type"', 1)?.path, ['linux', 'namespaces', '0', 'type']);
    assert.deepEqual(at('"args"', 1)?.path, ['process', 'args']);
    assert.deepEqual(at('"args"', 1)?.value, ['sh', '-c']);
  });

  it('light up the key of an object, not the whole object', () => {
    const place = at('"resources"', 1);
    assert.equal(text.slice(place?.start, place?.end), '"resources"');
  });

  it('find nothing between values, and nothing in what is no JSON', () => {
    assert.equal(placeAt(root, 0), undefined);
    assert.equal(placeAt(parseDocument(''), 0), undefined);
    assert.equal(placeAt(parseDocument('no json'), 3), undefined);
  });

  it('have something to say of every key of this spec', () => {
    for (const key of [
      'ociVersion',
      'process',
      'args',
      'noNewPrivileges',
      'linux',
      'resources',
      'memory',
      'limit',
      'type',
    ]) {
      const place = at(`"${key}"`, 1);
      assert.ok(place, key);
      assert.ok(hoverExplanations.specPath(place.path, place.value)?.meaning, key);
    }
  });

  it('know a spec from another config.json', () => {
    assert.ok(looksLikeSpec(root));
    assert.ok(!looksLikeSpec(parseDocument('{"auths": {}}')));
    assert.ok(!looksLikeSpec(parseDocument('[]')));
    assert.ok(!looksLikeSpec(parseDocument('')));
  });
});
