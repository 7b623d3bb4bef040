/*
 * A program that looks at the host as whatever user runs it, and prints what it sees as JSON: for tests of what other
 * users than root are shown. It is bundled into one file, because such users cannot read the project.
 *
 * Arguments are the ids of containers; CRE_READ=1 reads each through a reader container first, as the command does;
 * CRE_ALLOW=1 has allowed every program; CRE_AWAIT is the endpoint of an engine to wait for; CRE_LOOKS is how often to look
 * again; CRE_EXPAND=1 connects the hosts beside this machine; CRE_ALL=1 reads all else that views can ask for.
 */
import { createFarHosts } from '../../src/farHostAdapters';
import { createHost } from '../../src/hostAdapters';
import type { Inventory } from '../../src/model/inventory';
import { RuntimeError, type Problem } from '../../src/model/problem';
import { toPublicInventory } from '../../src/publicApi';
import { FileJournal } from './fileJournal';
import type { OtherSeen } from './unprivileged';

const common = {
  env: process.env,
  workerFolder: '/nonexistent',
  isProgramAllowed: () => process.env.CRE_ALLOW === '1',
};
const host = createHost({
  ...common,
  settings: () => ({ dockerEndpoints: [], containerdAddresses: [], podmanEndpoints: [] }),
  ...(process.env.CRE_JOURNAL ? { readerJournal: new FileJournal(process.env.CRE_JOURNAL) } : {}),
});

function isThere({ layers }: Inventory, endpoint: string | undefined): boolean {
  return endpoint === undefined || layers.some((layer) => layer.kind === 'engine' && layer.endpoint === endpoint);
}

const far = createFarHosts({
  ...common,
  settings: () => ({ dockerEndpoints: [], addedHosts: [], hiddenHosts: [] }),
  machineId: host.machineId,
  elsewhere: host.elsewhere,
});

async function lookAtOthers(): Promise<OtherSeen[]> {
  await far.update();
  return Promise.all(
    far.all.map(async (other) => {
      const { containers } = process.env.CRE_EXPAND === '1' ? await other.inventory() : { containers: [] };
      const { name, endpoint, why } = other.about;
      return { name, endpoint, why, state: other.connection.state, containers: containers.map((one) => one.runtimeId) };
    }),
  );
}

async function main(): Promise<void> {
  let inventory = await host.store.refresh('first look');
  const end = Date.now() + 60_000;
  // A layer that is late is there when it answers, and no look waits for it.
  while (!isThere(inventory, process.env.CRE_AWAIT) && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    inventory = host.store.current ?? inventory;
  }
  for (let looks = Number(process.env.CRE_LOOKS ?? 0); looks > 0; looks--)
    inventory = await host.store.refresh('asked by the user');
  const inspections = [];
  const problems: Problem[] = [];
  for (const id of process.argv.slice(2)) {
    if (process.env.CRE_READ === '1') {
      await host
        .readThroughContainer(id)
        .catch((error: unknown) => problems.push(RuntimeError.from(error, 'reading').problem));
    }
    const inspection = await host.store.inspect(id);
    inspections.push(inspection);
    if (process.env.CRE_ALL === '1') await Promise.all([host.readKernel(inspection), host.observe(inspection)]);
  }
  if (process.env.CRE_ALL === '1') await host.examinations.examine();
  const others = await lookAtOthers();
  process.stdout.write(JSON.stringify({ inventory: toPublicInventory(inventory), inspections, problems, others }));
  far.dispose();
  host.store.dispose();
}

void main();
