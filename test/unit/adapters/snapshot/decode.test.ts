import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { decodeSnapshot, LARGEST_BYTES } from '../../../../src/adapters/snapshot/decode';
import { encodeSnapshot } from '../../../../src/adapters/snapshot/encode';
import { readSnapshot } from '../../../../src/adapters/snapshot/readSnapshot';
import { RuntimeError, type Problem } from '../../../../src/model/problem';
import { shopSnapshot } from '../../../support/snapshots';
import { buildWorker } from '../../../support/workers';

const WHAT = 'Opening the snapshot x.json';

function refusal(bytes: Uint8Array | string): Problem {
  try {
    decodeSnapshot(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, WHAT);
  } catch (error) {
    assert.ok(error instanceof RuntimeError, String(error));
    assert.equal(error.problem.what, WHAT);
    assert.ok(error.problem.remedy, 'it says what to do');
    return error.problem;
  }
  assert.fail('it was taken');
}

type Editable = Record<string, never> & { [key: string]: Editable };

/** The shop's snapshot with one thing changed. */
function changed(change: (snapshot: Editable) => void): string {
  const snapshot = JSON.parse(JSON.stringify(shopSnapshot())) as Editable;
  change(snapshot);
  return JSON.stringify(snapshot);
}

describe('reading a snapshot file', () => {
  it('reads what was written, plain and packed', () => {
    const snapshot = shopSnapshot();
    for (const packed of ['none', 'gzip', 'brotli'] as const) {
      assert.deepEqual(decodeSnapshot(encodeSnapshot(snapshot, packed), WHAT), JSON.parse(JSON.stringify(snapshot)));
    }
  });

  it('says what a file is that is none', () => {
    assert.match(refusal('').reason, /not valid JSON/);
    assert.match(refusal('{"a": 1').reason, /not valid JSON/);
    assert.match(refusal('plain words').reason, /neither JSON nor packed/);
    assert.match(refusal('[]').reason, /no snapshot: its member "format"/);
    assert.match(refusal('{"format": "other"}').reason, /no snapshot/);
    assert.match(refusal(Buffer.from([0x1f, 0x8b, 1, 2, 3])).reason, /cannot be unpacked/);
    assert.match(refusal(Buffer.from([0x22, 0xff, 0xfe, 0x22])).reason, /neither JSON nor packed/);
    assert.match(refusal(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22])).reason, /not valid JSON in UTF-8/);
  });

  it('tells of a newer version, and how to read it', () => {
    const problem = refusal(changed((it) => Object.assign(it, { schemaVersion: 2, news: true })));
    assert.equal(problem.code, 'unsupported');
    assert.match(problem.reason, /version 2 .* up to 1/);
    assert.match(problem.remedy ?? '', /Update the extension/);
  });

  it('names the place and the reason of what is not as it must be', () => {
    const cases: readonly [RegExp, (it: Editable) => void][] = [
      [/^\$\.takenAt: .* must be a text/, (it) => Object.assign(it, { takenAt: 5 })],
      [/^\$\.takenAt: It is no time/, (it) => Object.assign(it, { takenAt: 'yesterday' })],
      [
        /^\$\.inventory\.layers\[1\]\.kind: It must be one of: client/,
        (it) => set(it, ['inventory', 'layers', 1, 'kind'], 'x'),
      ],
      [
        /^\$\.containers: It is missing and must be an array/,
        (it) => delete (it as Record<string, unknown>)['containers'],
      ],
      [/^\$\.containers\[0\]\.more: A snapshot has no such member/, (it) => set(it, ['containers', 0, 'more'], 1)],
      [
        /^\$\.containers\[0\]\.container\.labels\["a b"\]: It is a number and must be a text/,
        (it) => set(it, ['containers', 0, 'container', 'labels', 'a b'], 1),
      ],
      [
        /^\$\.containers\[1\]\.container\.id: Another container has this id/,
        (it) => set(it, ['containers', 1, 'container', 'id'], at(it, ['containers', 0, 'container', 'id'])),
      ],
      [
        /^\$\.containers\[0\]\.container\.layers\[0\]: There is no layer of this id/,
        (it) => set(it, ['containers', 0, 'container', 'layers', 0], 'nowhere'),
      ],
      [
        /^\$\.inventory\.layers\[1\]\.containerIds\[0\]: There is no container/,
        (it) => set(it, ['inventory', 'layers', 1, 'containerIds', 0], 'nobody'),
      ],
      [
        /^\$\.containers\[0\]\.inspected\.facts\.initPid\.value: It must be a whole number/,
        (it) => set(it, ['containers', 0, 'inspected', 'facts', 'initPid', 'value'], 1.5),
      ],
    ];
    for (const [expected, change] of cases) assert.match(refusal(changed(change)).reason, expected);
  });

  it('keeps __proto__ a plain member, and no object without one becomes an array of code', () => {
    const text = changed(() => undefined).replace('"labels":{', '"labels":{"__proto__":"own",');
    const { containers } = decodeSnapshot(Buffer.from(text), WHAT);
    assert.ok(containers.some(({ container }) => Object.hasOwn(container.labels, '__proto__')));
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    assert.match(
      refusal(text.replace('"takenBy"', '"__proto__":{"polluted":1},"takenBy"')).reason,
      /^\$\.__proto__: A snapshot has no such member/,
    );
  });

  it('refuses what is too large, too deep or too many before it is built', () => {
    assert.equal(refusal(Buffer.alloc(LARGEST_BYTES + 1, 0x20)).code, 'too-large');
    assert.match(refusal(gzipSync(Buffer.alloc(LARGEST_BYTES + 1, 0x20))).reason, /Unpacked it is over 64 MiB/);
    assert.match(refusal('['.repeat(100_000)).reason, /nested more than 100/);
    assert.match(refusal(`[${'[],'.repeat(2_500_000)}0]`).reason, /more than 4000000 values/);
  });

  it('does the same in a thread of its own', async () => {
    const worker = buildWorker('src/adapters/snapshot/snapshotWorker.ts');
    try {
      const snapshot = shopSnapshot();
      const read = await readSnapshot(encodeSnapshot(snapshot, 'gzip'), 'x.json', worker.file);
      assert.deepEqual(read, JSON.parse(JSON.stringify(snapshot)));
      await assert.rejects(readSnapshot(Buffer.from('['.repeat(1000)), 'x.json', worker.file), /nested more than 100/);
      await assert.rejects(readSnapshot(gzipSync(Buffer.alloc(LARGEST_BYTES + 1)), 'x.json', worker.file), /64 MiB/);
    } finally {
      worker.remove();
    }
  });
});

function at(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((current, key) => (current as Record<string | number, unknown>)[key], value);
}

function set(value: unknown, path: readonly (string | number)[], to: unknown): void {
  const last = path.at(-1) ?? '';
  (at(value, path.slice(0, -1)) as Record<string | number, unknown>)[last] = to;
}
