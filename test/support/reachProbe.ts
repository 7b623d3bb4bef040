/*
 * A program that looks at the host as whatever user runs it, and prints what it sees as JSON: for tests of what other
 * users than root are shown. It is bundled into one file, because such users cannot read the project.
 */
import { createHost } from '../../src/hostAdapters';
import { toPublicInventory } from '../../src/publicApi';

const host = createHost({
  settings: () => ({ dockerEndpoints: [], containerdAddresses: [], podmanEndpoints: [] }),
  env: process.env,
  workerFolder: '/nonexistent',
});

async function main(): Promise<void> {
  const inventory = await host.store.refresh('first look');
  const inspections = [];
  for (const id of process.argv.slice(2)) inspections.push(await host.store.inspect(id));
  process.stdout.write(JSON.stringify({ inventory: toPublicInventory(inventory), inspections }));
  host.store.dispose();
}

void main();
