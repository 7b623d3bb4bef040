import assert from 'node:assert/strict';
import { decodeSnapshot } from '../../src/adapters/snapshot/decode';
import { encodeSnapshot } from '../../src/adapters/snapshot/encode';
import { createHost, type Host } from '../../src/hostAdapters';
import { compareSnapshots } from '../../src/model/snapshot/compare';
import type { Inventory } from '../../src/model/inventory';
import type { Snapshot } from '../../src/model/snapshot/snapshot';
import { snapshotSchema } from '../../src/model/snapshot/snapshotSchema';
import { pruneWith } from '../../src/util/schema';
import { Births } from '../../src/store/births';
import { ContainerSources, type LiveSources } from '../../src/store/containerSources';
import { Hosts } from '../../src/store/hosts';
import { SnapshotStore } from '../../src/store/snapshotStore';
import { takeSnapshot } from '../../src/store/takeSnapshot';
import { startEveryRuntime, type EveryRuntime } from '../lab/everyRuntime';
import { startLab, type Lab } from '../lab/lab';
import { samplesFor, startSample } from '../lab/samples';
import { shownOf } from '../support/shownOf';

/** Samples with something that only they have: secrets, hostile labels, an end, limits. */
const SAMPLES = ['secrets', 'memory', 'exited-7', 'privileged', 'process-tree'];

/** What the sample `secrets` has in its variables; the last is a password in a URL. */
const SECRETS = ['correct-horse-battery-staple', 'lab_0123456789abcdef0123456789abcdef', 'hunter2hunter2'];

describe('a snapshot of a host with every runtime', () => {
  let lab: Lab;
  let all: EveryRuntime;
  let host: Host;
  let hosts: Hosts;
  let sources: ContainerSources;
  let taken: Snapshot;

  before(async () => {
    lab = await startLab();
    all = await startEveryRuntime(lab);
    for (const sample of samplesFor(lab)) if (SAMPLES.includes(sample.name)) await startSample(lab, sample);
    host = createHost({
      settings: () => ({ dockerEndpoints: [], containerdAddresses: [], podmanEndpoints: [all.podman.socketPath] }),
      env: all.env,
      workerFolder: lab.dir,
    });
    hosts = new Hosts(host.store);
    const { observe, readKernel, rereadUsage } = host;
    const live: LiveSources = {
      // The same reading for the snapshot and for the page beside it: a second one has other microseconds.
      observe: remembered(observe),
      readKernel: remembered(readKernel),
      rereadUsage,
      recorded: () => [],
    };
    sources = new ContainerSources(hosts, live, new Births());
    taken = await take();
  });

  after(async () => {
    hosts?.dispose();
    host?.store.dispose();
    await all?.stop();
    await lab?.stop();
  });

  /** The look that the newest snapshot was made from: the store looks again whenever something happens. */
  let look: Inventory | undefined;

  const take = (withSecrets = false): Promise<Snapshot> =>
    takeSnapshot(
      {
        store: {
          refresh: async (reason, signal) => (look = ownPart(await host.store.refresh(reason, signal))),
          inspect: (id, signal) => host.store.inspect(id, signal),
          attend: () => host.store.attend(),
        },
        readKernel: (inspection) => sources.kernel(inspection),
        seen: (inspection) => sources.seen(inspection),
      },
      { host: { name: 'lab' }, takenBy: 'a test', withSecrets },
    );

  /** Without the containers of other tests on this machine, which come and go. */
  const ownPart = (inventory: Inventory): Inventory => {
    const containers = inventory.containers.filter(
      ({ id, name }) => all.made.some((one) => one.id === id) || name === 'newcomer' || SAMPLES.includes(name ?? ''),
    );
    const ids = new Set(containers.map(({ id }) => id));
    const layers = inventory.layers.map((layer) => ({
      ...layer,
      containerIds: layer.containerIds.filter((id) => ids.has(id)),
    }));
    return { ...inventory, containers, layers };
  };

  it('holds every container with its inspection, and opens again as it was written, plain and packed', () => {
    assert.ok(all.made.every(({ id }) => taken.containers.some(({ container }) => container.id === id)));
    assert.deepEqual(
      taken.containers.filter(({ inspected }) => !inspected).map(({ container, problem }) => [container.id, problem]),
      [],
    );
    for (const packed of ['none', 'gzip', 'brotli'] as const) {
      const read = decodeSnapshot(encodeSnapshot(taken, packed), 'Opening the snapshot of a test');
      assert.deepEqual(read, JSON.parse(JSON.stringify(pruneWith(snapshotSchema, taken))));
    }
  });

  it('shows the same as the live host, in every row, hover, page and document', async () => {
    // With its secrets: without them sizes differ, and views mask them anyway.
    const fresh = await take(true);
    assert.ok(look);
    const live = await shownOf({ hosts, sources, inventory: look });
    const snapshot = new SnapshotStore('test', decodeSnapshot(encodeSnapshot(fresh, 'brotli'), 'Opening'), 'memory');
    hosts.add(snapshot);
    const offline = await shownOf({ hosts, sources, inventory: snapshot.current, snapshot });
    assert.ok(live.size > 2_000, `${live.size} things are shown`);
    for (const [where, value] of live) assert.equal(offline.get(where), value, where);
    assert.deepEqual([...offline.keys()].sort(), [...live.keys()].sort());
    console.log(`      ${live.size} rows, hovers, pages and documents are equal`);
  });

  it('leaves secrets out and lists where they stood, unless it is told to keep them', async () => {
    const kept = JSON.stringify(await take(true));
    const masked = JSON.stringify(taken);
    for (const secret of SECRETS) {
      assert.ok(kept.includes(secret), `${secret} was read`);
      assert.ok(!masked.includes(secret), `${secret} is left out`);
    }
    assert.ok(taken.secrets.redacted && taken.secrets.count > 0);
    assert.ok(
      taken.secrets.paths.some((path) => /Env\[\d+\]$/.test(path)),
      taken.secrets.paths.join('\n'),
    );
  });

  it('says what came, went and changed since', async () => {
    const same = compareSnapshots(taken, await take());
    assert.deepEqual(
      same.containers.map(({ name, change, differences }) => [name, change, differences]),
      [],
    );
    await lab.mustDocker(['update', '--memory=48m', '--memory-swap=96m', 'memory']);
    await lab.mustDocker(['rm', '--force', 'process-tree']);
    await lab.mustDocker(['run', '--detach', '--network=none', '--name=newcomer', lab.image, 'sleep', '36000']);
    const { containers, unchanged } = compareSnapshots(taken, await take());
    assert.deepEqual(
      containers.map(({ name, change }) => `${name} ${change}`),
      ['memory changed', 'newcomer came', 'process-tree went'],
    );
    assert.equal(unchanged, taken.containers.length - 2);
    const paths = containers[0]?.differences.map(({ path }) => path) ?? [];
    assert.ok(
      paths.some((path) => /^limits\.memory\.(?:limit_in_bytes|max)$/.test(path)),
      paths.join(),
    );
    assert.ok(paths.includes('requested.HostConfig.Memory'), paths.join());
  });
});

function remembered<A extends { readonly id: string }, R>(read: (input: A) => Promise<R>): (input: A) => Promise<R> {
  const known = new Map<string, Promise<R>>();
  return (input) => {
    const answer = known.get(input.id) ?? read(input);
    known.set(input.id, answer);
    return answer;
  };
}
