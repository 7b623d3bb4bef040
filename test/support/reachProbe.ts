/*
 * A program that looks at the host as whatever user runs it, and prints what it sees as JSON: for tests of what other
 * users than root are shown. It is bundled into one file, because such users cannot read the project.
 *
 * Arguments are the ids of containers; CRE_READ=1 reads each through a reader container first, as the command does;
 * CRE_ALLOW=1 has allowed every program; CRE_AWAIT is the endpoint of an engine to wait for.
 */
import { createHost } from '../../src/hostAdapters';
import type { Inventory } from '../../src/model/inventory';
import { RuntimeError, type Problem } from '../../src/model/problem';
import { toPublicInventory } from '../../src/publicApi';
import { FileJournal } from './fileJournal';

const host = createHost({
  settings: () => ({ dockerEndpoints: [], containerdAddresses: [], podmanEndpoints: [] }),
  env: process.env,
  workerFolder: '/nonexistent',
  isProgramAllowed: () => process.env.CRE_ALLOW === '1',
  ...(process.env.CRE_JOURNAL ? { readerJournal: new FileJournal(process.env.CRE_JOURNAL) } : {}),
});

function isThere({ layers }: Inventory, endpoint: string | undefined): boolean {
  return endpoint === undefined || layers.some((layer) => layer.kind === 'engine' && layer.endpoint === endpoint);
}

async function main(): Promise<void> {
  let inventory = await host.store.refresh('first look');
  const end = Date.now() + 60_000;
  // A layer that is late is there when it answers, and no look waits for it.
  while (!isThere(inventory, process.env.CRE_AWAIT) && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    inventory = host.store.current ?? inventory;
  }
  const inspections = [];
  const problems: Problem[] = [];
  for (const id of process.argv.slice(2)) {
    if (process.env.CRE_READ === '1') {
      await host
        .readThroughContainer(id)
        .catch((error: unknown) => problems.push(RuntimeError.from(error, 'reading').problem));
    }
    inspections.push(await host.store.inspect(id));
  }
  process.stdout.write(JSON.stringify({ inventory: toPublicInventory(inventory), inspections, problems }));
  host.store.dispose();
}

void main();
