import assert from 'node:assert/strict';
import { buildLineage } from '../../../../src/model/lineage/buildLineage';
import type { Inspection } from '../../../../src/model/inspection';
import { valueOf } from '../../../../src/model/fact';
import { cgroupNodes } from '../../../../src/views/tree/cgroupNodes';
import { placeLineageParts } from '../../../../src/views/hovers/lineageParts';
import { factsOf, readingsOf } from '../../model/lineage/recorded';
import { Elements, type Element } from '../../../../src/views/tree/elements';
import { TreeSource } from '../../../../src/views/tree/options';
import { hoverExplanations } from '../../../../src/views/hovers/explanations';
import { looksLikeSpec, parseDocument, placeAt } from '../../../../src/views/hovers/jsonPath';
import { treeHover, type HoverContext } from '../../../../src/views/hovers/treeHovers';
import type { HoverPart } from '../../../../src/views/hovers/hoverParts';
import { machine, reportOf } from '../../../support/doctorShop';
import { AT, shop, shopInspection, WEB } from '../../../support/shop';

const CONTEXT: HoverContext = {
  inventory: shop(),
  peek: (id) => shopInspection(id),
  explain: hoverExplanations,
  lineage: (id) => buildLineage(shopInspection(id).facts),
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

describe('lineage in hovers', () => {
  const rows = buildLineage(factsOf('db-limited'), { readings: readingsOf('db-limited') });
  const pairs = (parts: readonly HoverPart[]): Record<string, string> =>
    Object.fromEntries(parts.flatMap((part) => (part.kind === 'pair' ? [[part.label, part.value]] : [])));

  it('tells of a field of config.json who asked for what, where it is written, and what is in force', () => {
    const said = pairs(placeLineageParts(rows, ['linux', 'resources', 'memory', 'limit']));
    assert.match(said.Requested ?? '', /^64 MiB .*\(HostConfig\.Memory, by the request\)$/);
    assert.match(said['OCI spec'] ?? '', /\(linux\.resources\.memory\.limit\)$/);
    assert.match(said.Kernel ?? '', /^64 MiB .*, written 67108864 \(.*memory\.max\)$/);
    assert.match(said.Verdict ?? '', /^in force\. /);
  });

  it('tells of a branch the verdicts below it', () => {
    const said = pairs(placeLineageParts(rows, ['linux', 'resources', 'cpu']));
    assert.equal(said['CPU quota'], 'in force');
  });

  it('says nothing of a place that has no lineage', () => {
    assert.deepEqual(placeLineageParts(rows, ['ociVersion']), []);
  });

  it('shows no secret', () => {
    const secret = 'hunter2-hunter2';
    const found = buildLineage(shopInspection().facts, { reveal: true });
    const said = JSON.stringify(placeLineageParts(found, ['process', 'env', '0']));
    assert.match(said, /DB_PASSWORD/);
    assert.ok(!said.includes(secret));
  });

  it('explains a cgroup file in the tree, with its setting', () => {
    const report = valueOf(factsOf('db-limited').cgroups);
    assert.ok(report);
    const inspection: Inspection = { ...shopInspection(), facts: factsOf('db-limited') };
    const nodes = cgroupNodes('top', WEB, inspection).flatMap(({ children }) =>
      children?.when === 'now' ? children.make() : [],
    );
    const node = nodes.find(({ subject }) => subject.kind === 'fact' && subject.reading?.file === 'memory.max');
    assert.ok(node);
    const parts = treeHover(node, { ...CONTEXT, lineage: () => rows });
    assert.match(pairs(parts).Verdict ?? '', /^in force/);
    assert.ok(parts.some((part) => part.kind === 'text' && /memory/.test(part.text)));
    assert.ok(parts.some((part) => part.kind === 'command' && /^cat .*memory\.max$/.test(part.text)));
  });
});
