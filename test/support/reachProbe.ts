/*
 * A program that looks at the host as whatever user runs it, and prints what it sees as JSON: for tests of what other
 * users than root are shown. It is bundled into one file, because such users cannot read the project.
 *
 * Arguments are the ids of containers; CRE_READ=1 reads each through a reader container first, as the command does.
 */
import { createHost } from '../../src/hostAdapters';
import { RuntimeError, type Problem } from '../../src/model/problem';
import { toPublicInventory } from '../../src/publicApi';
import { FileJournal } from './fileJournal';

const host = createHost({
  settings: () => ({ dockerEndpoints: [], containerdAddresses: [], podmanEndpoints: [] }),
  env: process.env,
  workerFolder: '/nonexistent',
  ...(process.env.CRE_JOURNAL ? { readerJournal: new FileJournal(process.env.CRE_JOURNAL) } : {}),
});

async function main(): Promise<void> {
  const inventory = await host.store.refresh('first look');
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
