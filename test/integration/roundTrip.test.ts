// A host on the lab, exported to the bytes of a file and opened elsewhere: everything that views show must be the same.
import assert from 'node:assert/strict';
import { decodeSnapshot } from '../../src/adapters/snapshot/decode';
import { encodeSnapshot } from '../../src/adapters/snapshot/encode';
import { createHost, type Host } from '../../src/hostAdapters';
import { Births } from '../../src/store/births';
import { ContainerSources } from '../../src/store/containerSources';
import { Hosts } from '../../src/store/hosts';
import { SnapshotStore } from '../../src/store/snapshotStore';
import { takeSnapshot } from '../../src/store/takeSnapshot';
import { startEveryRuntime, type EveryRuntime } from '../lab/everyRuntime';
import { startLab, type Lab } from '../lab/lab';
import { samplesFor, startSample } from '../lab/samples';
import { NO_MACHINE, UNREACHABLE } from '../support/noMachine';
import { asRecord } from '../../src/util/records';
import { standing, type StandingHost } from '../support/standingHost';
import { shownOf, type Shown } from '../support/shownOf';

const SAMPLES: readonly string[] = ['memory', 'cap-drop', 'secrets', 'paused', 'exited-7', 'created', 'process-tree'];

describe('a host that is exported and opened elsewhere', function () {
  this.timeout(240_000);
  let lab: Lab;
  let all: EveryRuntime;
  let host: Host;
  let live: StandingHost;
  let here: Shown;

  before(async () => {
    lab = await startLab();
    all = await startEveryRuntime(lab);
    for (const sample of samplesFor(lab).filter(({ name }) => SAMPLES.includes(name))) await startSample(lab, sample);
    host = createHost({
      settings: () => ({ dockerEndpoints: [], containerdAddresses: [], podmanEndpoints: [all.podman.socketPath] }),
      env: all.env,
      workerFolder: lab.dir,
    });
    const made = new Set(all.made.map(({ id }) => id));
    // Other labs of this machine come and go.
    live = standing(host, ({ id, layers }) => made.has(id) || layers.some((layer) => layer.includes(lab.dir)));
    // Keeps what it reads: both exports are of one and the same moment.
    await takeSnapshot(live.snapshotSources, request(true));
    const hosts = new Hosts(live.store);
    here = await shownOf({
      hosts,
      sources: new ContainerSources(hosts, live.sources, new Births()),
      inventory: live.inventory,
    });
  });

  after(async () => {
    host?.store.dispose();
    await all?.stop();
    await lab?.stop();
  });

  it('is worth comparing: every runtime and every page is in it', () => {
    const text = [...here.keys()].join('\n');
    for (const { runtimeId } of all.made) assert.ok(text.includes(runtimeId), runtimeId);
    assert.ok(here.size > 1000, `${here.size} things are shown`);
  });

  for (const withSecrets of [true, false]) {
    it(`shows the same everywhere, with secrets ${withSecrets ? 'kept' : 'left out'}`, async () => {
      const snapshot = await takeSnapshot(live.snapshotSources, request(withSecrets));
      const there = await openedElsewhere(encodeSnapshot(snapshot, 'gzip'));
      assert.deepEqual(differences(here, there, withSecrets ? (text) => text : withoutSizes), []);
    });
  }
});

function request(withSecrets: boolean): Parameters<typeof takeSnapshot>[1] {
  return { host: { name: 'lab' }, takenBy: 'a test', withSecrets };
}

/** What another machine shows of the file. */
async function openedElsewhere(bytes: Uint8Array): Promise<Shown> {
  const snapshot = new SnapshotStore('other', decodeSnapshot(bytes, 'Opening'), '/elsewhere/lab.gz');
  const hosts = new Hosts(NO_MACHINE);
  hosts.add(snapshot);
  const sources = new ContainerSources(hosts, UNREACHABLE, new Births());
  return shownOf({ hosts, sources, inventory: snapshot.current, snapshot });
}

/** The first of what is shown on one side alone, or otherwise: enough to see why. */
function differences(here: Shown, there: Shown, simplify: (text: string) => string): string[] {
  const pairs = [...new Set([...here.keys(), ...there.keys()])].map((place) => {
    const of = (shown: Shown): string => simplify(inOneOrder(place, shown.get(place) ?? 'nothing'));
    return { place, a: of(here), b: of(there) };
  });
  const found = pairs.filter(({ a, b }) => a !== b);
  return found.slice(0, 20).map(({ place, a, b }) => {
    let at = 0;
    while (at < a.length && a[at] === b[at]) at++;
    const around = (text: string): string => text.slice(Math.max(0, at - 120), at + 120);
    return `${place}\n  here:  ${around(a)}\n  there: ${around(b)}`;
  });
}

/** A masked value is longer or shorter than the secret in whose place it stands, and pages tell the size of the whole. */
function withoutSizes(text: string): string {
  return text.replace(/[\d.]+ (?:KiB|bytes|characters) of JSON/g, '… of JSON');
}

/** A document has its members as they were read: JSON means the same in any order. */
function inOneOrder(place: string, text: string): string {
  if (!place.endsWith('.json')) return text;
  const { text: content, language } = asRecord(JSON.parse(text)) ?? {};
  return language === 'json' ? JSON.stringify(sorted(JSON.parse(String(content)))) : text;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  const record = asRecord(value);
  if (!record) return value;
  return Object.fromEntries(
    Object.keys(record)
      .sort()
      .map((key) => [key, sorted(record[key])]),
  );
}
