// Makes media/sample-host.json.br: a lab with containers of every runtime and some samples, as a snapshot. Called by
// scripts/sample-host.mjs.
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { encodeSnapshot } from '../../src/adapters/snapshot/encode';
import { createHost } from '../../src/hostAdapters';
import { isKnown } from '../../src/model/fact';
import type { Snapshot } from '../../src/model/snapshot/snapshot';
import { takeSnapshot } from '../../src/store/takeSnapshot';
import { startEveryRuntime } from './everyRuntime';
import { startLab } from './lab';
import { samplesFor, startSample } from './samples';

const FILE = join(__dirname, '../../media/sample-host.json.br');
/** One of each kind of thing that there is to see. */
const SAMPLES: readonly string[] = [
  ...['memory', 'cpus', 'pids-limit', 'cap-drop', 'privileged', 'read-only', 'user', 'healthy', 'secrets'],
  ...['paused', 'exited-7', 'oom-killed', 'created', 'with-exec', 'process-tree', 'shop-db-1', 'shop-web-1'],
];

async function main(): Promise<void> {
  const lab = await startLab();
  let stop: () => Promise<void> = () => Promise.resolve();
  try {
    const all = await startEveryRuntime(lab);
    stop = () => all.stop();
    const wanted = samplesFor(lab).filter(({ name }) => SAMPLES.includes(name));
    for (const sample of wanted) await startSample(lab, sample);
    const host = createHost({
      settings: () => ({
        dockerEndpoints: [`unix://${lab.dockerSocket}`],
        containerdAddresses: [lab.containerdSocket],
        podmanEndpoints: [all.podman.socketPath],
      }),
      // Nothing of whoever makes it: no home, and no clusters.
      env: { ...withoutKubeconfig(all.env), HOME: join(lab.dir, 'home') },
      workerFolder: lab.dir,
    });
    const snapshot = await takeSnapshot(
      {
        store: host.store,
        readKernel: (inspection) => host.readKernel(inspection),
        seen: async (inspection) => ({ ...(await host.observe(inspection)), recorded: [] }),
      },
      {
        host: { name: 'Sample host', description: describe(lab.versions) },
        takenBy: 'scripts/sample-host.mjs',
        withSecrets: false,
      },
    );
    host.store.dispose();
    const ids = (await lab.mustDocker(['ps', '--all', '--quiet', '--no-trunc'])).split('\n');
    const own = onlyOf(snapshot, new Set([...ids, ...all.made.map(({ id }) => id)]));
    const anonymous = JSON.parse(withoutHostname(JSON.stringify(own))) as Snapshot;
    const bytes = encodeSnapshot(anonymous, 'brotli');
    writeFileSync(FILE, bytes);
    console.log(`${FILE}: ${bytes.length} bytes, ${snapshot.containers.length} containers`);
    check(own, basename(lab.dir));
  } finally {
    await stop();
    await lab.stop();
  }
}

/** Whatever else ran on the machine is none of the sample. */
function onlyOf(snapshot: Snapshot, ids: ReadonlySet<string>): Snapshot {
  const containers = snapshot.containers.filter(({ container }) => ids.has(container.id));
  const layers = snapshot.inventory.layers.map((layer) => ({
    ...layer,
    containerIds: layer.containerIds.filter((id) => ids.has(id)),
  }));
  return { ...snapshot, containers, inventory: { ...snapshot.inventory, layers } };
}

function describe({ docker, containerd }: { readonly docker: string; readonly containerd: string }): string {
  return `A real host of the explorer's own tests, with Docker ${docker}, containerd ${containerd}, CRI, Podman and runc alone, captured as it ran.`;
}

function withoutKubeconfig({ KUBECONFIG: _, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return env;
}

/** A sample with gaps would teach the wrong thing. */
function check({ containers, inventory }: Snapshot, lab: string): void {
  const others = JSON.stringify([containers, inventory])
    .match(/cre-lab-\w+/g)
    ?.filter((name) => name !== lab && name !== 'cre-lab-holder');
  if (others?.length) throw new Error(`another lab ran meanwhile, and is in it: ${others[0]}. Make it again.`);
  const problems = containers.flatMap(({ problem }) => problem ?? []);
  const broken = inventory.layers.filter(({ status }) => status !== 'ok' && status !== 'absent');
  if (problems.length > 0 || broken.length > 0) throw new Error(JSON.stringify([problems, broken], undefined, 1));
  const unknown = containers.filter(({ inspected }) => !inspected || !isKnown(inspected.facts.ociConfig));
  const names = unknown.map(({ container }) => container.name ?? container.id);
  if (names.some((name) => !/exited|created|oom/.test(name))) throw new Error(`no config.json of ${names.join(', ')}`);
}

/** The name of the machine on which it was made tells nobody anything. */
function withoutHostname(text: string): string {
  const name = hostname();
  return name === ''
    ? text
    : text.replaceAll(new RegExp(`(?<![\\w.-])${escaped(name)}(?![\\w.-])`, 'g'), 'sample-host');
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
