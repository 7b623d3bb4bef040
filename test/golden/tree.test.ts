import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Elements } from '../../src/views/tree/elements';
import { parseFilter } from '../../src/views/tree/filter';
import { TreeSource, type TreeOptions } from '../../src/views/tree/options';
import { machine, reportOf } from '../support/doctorShop';
import { renderTree } from '../support/renderTree';
import { shop, shopInspection } from '../support/shop';

/** Compares with a stored text; `CRE_UPDATE_GOLDEN=1` stores what is drawn now, to be read before it is committed. */
function golden(name: string, drawn: string): void {
  const file = join(__dirname, 'trees', `${name}.txt`);
  if (process.env['CRE_UPDATE_GOLDEN']) writeFileSync(file, drawn);
  assert.equal(drawn, readFileSync(file, 'utf8'));
}

async function draw(options: Partial<TreeOptions>): Promise<string> {
  const elements = new Elements(
    async (id) => shopInspection(id),
    async () => reportOf(machine()),
  );
  const all: TreeOptions = { grouping: 'layer', filter: [], pageSize: 200, shown: new Map(), ...options };
  elements.update(new TreeSource(shop(), all), new Set());
  // The hour is the reader's zone's.
  return (await renderTree(elements)).replace(/examined at \S+/g, 'examined at …');
}

describe('the whole tree as text', () => {
  it('by layer', async () => golden('by-layer', await draw({})));
  it('by container', async () => golden('by-container', await draw({ grouping: 'container' })));
  it('filtered', async () => golden('filtered', await draw({ filter: parseFilter('label:tier=db') })));
  it('in pages of one', async () => golden('paged', await draw({ pageSize: 1, filter: parseFilter('shop') })));
});
