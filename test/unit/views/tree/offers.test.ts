import assert from 'node:assert/strict';
import { COMMANDS } from '../../../../src/contributions';
import type { Inventory } from '../../../../src/model/inventory';
import { known, unknown } from '../../../../src/model/fact';
import { Elements, type Element } from '../../../../src/views/tree/elements';
import { TreeSource } from '../../../../src/views/tree/options';
import { machine, reportOf } from '../../../support/doctorShop';
import { shop, shopInspection, WEB } from '../../../support/shop';
import { hexId, layer, sighting } from '../../../support/sightings';

/** All rows of an inventory, as if everything were expanded. */
async function rowsOf(inventory: Inventory, facts: Parameters<typeof shopInspection>[1] = {}): Promise<Element[]> {
  const elements = new Elements(
    async (id) => shopInspection(id, facts),
    async () => reportOf(machine()),
  );
  const options = { grouping: 'layer', filter: [], pageSize: 200, shown: new Map() } as const;
  elements.update(new TreeSource(inventory, options), new Set());
  const all = async (parent?: Element): Promise<Element[]> => {
    const rows: Element[] = [];
    for (const row of await elements.children(parent)) rows.push(row, ...(await all(row)));
    return rows;
  };
  return all();
}

describe('what the tree offers', () => {
  const denied = unknown('Reading config.json: This user may not (EACCES).', 'Be root.', 'bundle');
  const offer = unknown('The engine can hand it over.', 'Run the command.', 'reader-container');
  const ofReader = (rows: readonly Element[]): Element[] =>
    rows.filter(({ node }) => node.command?.id === COMMANDS.readThroughContainer);

  it('a reader container, where config.json is only reconstructed and an engine could hand it over', async () => {
    const derived = { ...known('derived', { ociVersion: '1.0' }, 'record', 'docker inspect'), better: [denied, offer] };
    const [row] = ofReader(await rowsOf(shop(), { ociConfig: derived }));
    assert.equal(row?.node.label, 'Read it through a reader container…');
    assert.equal(row.node.command?.argument, WEB);
  });

  it('a reader container also where nothing at all is known', async () => {
    assert.ok(ofReader(await rowsOf(shop(), { ociConfig: { ...denied, further: [offer] } })).length > 0);
  });

  it('no reader container where the file itself was read, or no engine could hand it over', async () => {
    const read = known('bundle', { ociVersion: '1.0' }, '/run/config.json', 'sudo cat');
    assert.deepEqual(ofReader(await rowsOf(shop(), { ociConfig: read })), []);
    assert.deepEqual(ofReader(await rowsOf(shop(), { ociConfig: denied })), []);
  });

  it('to allow ssh for an engine that waits for it, even where there is nothing else to show', async () => {
    const endpoint = 'ssh://far';
    const problem = { code: 'denied', what: 'Connecting', reason: 'Not allowed yet.' } as const;
    const awaits = { argv: ['ssh', '--', 'far', 'docker', 'system', 'dial-stdio'], fingerprint: 'f' };
    const engine = layer(`engine:${endpoint}`, 'engine', { endpoint, status: 'failed', problem, awaits });
    const rows = await rowsOf({ ...shop([], [engine]), containers: [] });
    const row = rows.find(({ node }) => node.command?.id === COMMANDS.connectOverSsh);
    assert.deepEqual(row?.node.command?.argument, { layerId: `engine:${endpoint}` });
    assert.match(row.node.description ?? '', /^ssh -- far docker system dial-stdio$/);
  });
});

describe('the container in which this window runs', () => {
  it('is marked in every layer', async () => {
    const id = hexId('0e');
    const own = [sighting('engine:unix:///var/run/docker.sock', id), { ...sighting('kernel', id), own: true }];
    const rows = await rowsOf(shop(own));
    const marked = rows.filter(({ node }) => node.description?.startsWith('this window runs in it'));
    assert.ok(marked.length >= 1);
    assert.ok(marked.every(({ node }) => node.subject.kind === 'container' && node.subject.containerId === id));
  });
});
