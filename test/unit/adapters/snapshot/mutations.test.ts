import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { decodeSnapshot, LARGEST_BYTES } from '../../../../src/adapters/snapshot/decode';
import { COMMANDS } from '../../../../src/contributions';
import { RuntimeError } from '../../../../src/model/problem';
import { compareSnapshots } from '../../../../src/model/snapshot/compare';
import type { Snapshot } from '../../../../src/model/snapshot/snapshot';
import { Births } from '../../../../src/store/births';
import { ContainerSources } from '../../../../src/store/containerSources';
import { Hosts } from '../../../../src/store/hosts';
import { SnapshotStore } from '../../../../src/store/snapshotStore';
import { asArray, asRecord, asString } from '../../../../src/util/records';
import type { Grouping } from '../../../../src/views/tree/grouping';
import { CANARY, mutated } from '../../../support/mutations';
import { NO_MACHINE, UNREACHABLE } from '../../../support/noMachine';
import { shownOf } from '../../../support/shownOf';

/** `npm run mutations` makes 10,000 of them; `CRE_SEED=n` begins elsewhere, such as at one that found something. */
const COUNT = Number(process.env['CRE_MUTATIONS'] ?? 200);
const FIRST = Number(process.env['CRE_SEED'] ?? 1);
/** The slowest of them takes some hundred milliseconds; a hang takes for ever. */
const LONGEST_MS = 20_000;

/** No file may make the explorer grow by more than so many times the largest file that it opens. */
const MOST_MEMORY_BYTES = 8 * LARGEST_BYTES;

const KNOWN_COMMANDS: ReadonlySet<string> = new Set(Object.values(COMMANDS));

const SAMPLE = brotliDecompressSync(readFileSync(join(__dirname, '../../../../media/sample-host.json.br')));

/** Of the sample host one container of Docker, one of Podman and one of a pod: small enough for thousands of copies. */
function smallHost(): Snapshot {
  const snapshot = decodeSnapshot(SAMPLE, 'Opening the sample host');
  const wanted = ['secrets', 'podman-0', 'web'];
  const containers = wanted.flatMap((name) => snapshot.containers.find((one) => one.container.name === name) ?? []);
  assert.equal(containers.length, wanted.length);
  const ids = new Set(containers.map(({ container }) => container.id));
  const layers = snapshot.inventory.layers.map((layer) => ({
    ...layer,
    containerIds: layer.containerIds.filter((id) => ids.has(id)),
  }));
  return { ...snapshot, containers, inventory: { ...snapshot.inventory, layers } };
}

describe('mutated snapshot files', function () {
  this.timeout(COUNT * 2_000);

  it(`(${COUNT}) are refused with a reason or shown, and nothing in them becomes a command, a link or code`, async () => {
    const whole = smallHost();
    const json = JSON.stringify(whole);
    const host = decodeSnapshot(Buffer.from(json), 'Opening');
    let refused = 0;
    let shown = 0;
    const before = peakBytes();
    const reasons = new Map<string, number>();
    for (let seed = FIRST; seed < FIRST + COUNT; seed++) {
      const began = Date.now();
      try {
        const snapshot = decodeSnapshot(mutated(json, seed), 'Opening the snapshot x.json');
        // Both groupings show the same rows in another order: the second now and then.
        await draw(snapshot, seed % 10 === 0 ? ['layer', 'container'] : ['layer']);
        // Every tenth: it is a comparison of two whole hosts.
        if (seed % 10 === 0) compareSnapshots(host, snapshot);
        shown++;
      } catch (error) {
        if (!(error instanceof RuntimeError)) throw new Error(`mutation ${seed} breaks a view`, { cause: error });
        const { reason, remedy } = error.problem;
        assert.ok(remedy, `mutation ${seed}: no remedy`);
        assert.ok(reason.length < 2_000, `mutation ${seed}: its reason has ${reason.length} characters`);
        const kind = /not valid JSON|nested|no snapshot|version/.exec(reason)?.[0] ?? 'schema';
        reasons.set(kind, (reasons.get(kind) ?? 0) + 1);
        refused++;
      }
      const took = Date.now() - began;
      assert.ok(took < LONGEST_MS, `mutation ${seed} took ${took} ms`);
    }
    assert.equal(({} as { polluted?: unknown }).polluted, undefined, 'no prototype was changed');
    assert.ok(refused > 0 && shown > 0, `${refused} refused, ${shown} shown`);
    const counts = [...reasons].map(([kind, count]) => `${kind} ${count}`).join(', ');
    const grown = peakBytes() - before;
    console.log(
      `      ${refused} refused (${counts}), ${shown} shown; memory grew by ${Math.ceil(grown / 2 ** 20)} MiB`,
    );
    assert.ok(grown < MOST_MEMORY_BYTES, `memory grew by ${grown} bytes`);
  });
});

/** The most memory that this process ever had, as the kernel noted it: no peak between two looks is missed. */
function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}

/** Draws everything that views make of a host, and looks at what could do more than be read. */
async function draw(snapshot: Snapshot, groupings: readonly Grouping[]): Promise<void> {
  const store = new SnapshotStore('fuzz', snapshot, 'x.json');
  const hosts = new Hosts(NO_MACHINE);
  hosts.add(store);
  const sources = new ContainerSources(hosts, UNREACHABLE, new Births());
  const shown = await shownOf({ hosts, sources, inventory: store.current, snapshot: store }, groupings);
  for (const [where, text] of shown) inspectShown(where, JSON.parse(text));
  hosts.dispose();
}

/** What is shown may say anything; what acts (commands, links, icons) may hold nothing of the file. */
function inspectShown(where: string, value: unknown): void {
  for (const member of asArray(value)) inspectShown(where, member);
  const record = asRecord(value);
  if (!record) return;
  if (/^(?:layer|container) hover /.test(where)) {
    if (record.kind === 'action') assert.ok(KNOWN_COMMANDS.has(asString(record.command) ?? ''), where);
    if (record.kind === 'link') assert.ok(!(asString(record.url) ?? '').includes(CANARY), where);
    return;
  }
  if (/^(?:layer|container) /.test(where)) {
    assert.match(asString(asRecord(record.icon)?.id) ?? '', /^[a-z-]+$/, where);
    const command = asRecord(record.command);
    if (command) assert.ok(KNOWN_COMMANDS.has(asString(command.id) ?? ''), where);
    for (const context of asArray(record.context)) assert.ok(!String(context).includes(CANARY), where);
    // Texts of the tree show what cannot be seen.
    for (const text of [record.label, record.description]) {
      // eslint-disable-next-line no-control-regex -- finding control characters is what this is for
      assert.doesNotMatch(asString(text) ?? '', /[\u0000-\u001f\u202a-\u202e]/, where);
    }
    return;
  }
  for (const link of asArray(record.references)) {
    const url = asString(asRecord(link)?.url) ?? '';
    assert.ok(url.startsWith('https://') && !url.includes(CANARY), `${where}: ${url}`);
  }
}
