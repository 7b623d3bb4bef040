import assert from 'node:assert/strict';
import fc from 'fast-check';
import { known, unknown } from '../../../../src/model/fact';
import type { ContainerFacts } from '../../../../src/model/inspection';
import { aspectOf, type Comparable } from '../../../../src/model/compare/aspects';
import { differencesOf } from '../../../../src/model/compare/differences';
import { isExpected } from '../../../../src/model/compare/expected';
import { markHidden } from '../../../../src/model/compare/hidden';
import { buildLineage } from '../../../../src/model/lineage/buildLineage';
import { maskPayload, MASK } from '../../../../src/model/secrets';
import { factsOf, readingsOf } from '../lineage/recorded';

const plain = (value: unknown): Comparable => ({ raw: value, shown: value });
const masked = (value: unknown): Comparable => ({ raw: value, shown: maskPayload(value).value });
const paths = (left: unknown, right: unknown): string[] =>
  differencesOf(plain(left), plain(right)).map(({ path }) => path.join('.'));

describe('what differs between two values', () => {
  it('is told at the deepest place, and nothing else', () => {
    assert.deepEqual(paths({ a: 1, b: { c: [1, 2], d: 'x' } }, { a: 1, b: { c: [1, 3], d: 'x' }, e: true }), [
      'b.c.1',
      'e',
    ]);
    const [first, second] = differencesOf(plain({ a: { b: 1 } }), plain({ a: { c: 'x' } }));
    assert.deepEqual(first, { path: ['a', 'b'], left: '1', hidden: false });
    assert.deepEqual(second, { path: ['a', 'c'], right: 'x', hidden: false });
  });

  it('does not depend on the order of capabilities, variables, mounts and namespaces', () => {
    const spec = (order: 1 | -1): unknown => ({
      process: { env: ['A=1', 'B=2'].slice()[order === 1 ? 'valueOf' : 'reverse'](), capabilities: {} },
      mounts: [{ destination: '/a' }, { destination: '/b' }].sort(
        (a, b) => order * (a.destination < b.destination ? -1 : 1),
      ),
      linux: {
        namespaces: [{ type: 'pid' }, { type: 'ipc' }].sort((a, b) => order * (a.type < b.type ? -1 : 1)),
        maskedPaths: order === 1 ? ['/x', '/y'] : ['/y', '/x'],
      },
    });
    assert.deepEqual(paths(spec(1), spec(-1)), []);
    assert.deepEqual(paths({ CapAdd: ['A', 'B'] }, { CapAdd: ['B', 'C'] }), ['CapAdd.A', 'CapAdd.C']);
    assert.deepEqual(paths({ Env: ['A=1'] }, { Env: ['A=2'] }), ['Env.A']);
  });

  it('depends on the order of arguments', () => {
    assert.deepEqual(paths({ args: ['a', 'b'] }, { args: ['b', 'a'] }), ['args.0', 'args.1']);
  });

  it('is told of a masked secret without showing it', () => {
    const spec = (secret: string): unknown => ({ process: { env: [`DB_PASSWORD=${secret}`, 'MODE=x'] } });
    const found = differencesOf(masked(spec('hunter22')), masked(spec('correct-horse')));
    assert.deepEqual(found, [
      {
        path: ['process', 'env', 'DB_PASSWORD'],
        left: `DB_PASSWORD=${MASK}`,
        right: `DB_PASSWORD=${MASK}`,
        hidden: true,
      },
    ]);
    assert.deepEqual(differencesOf(masked(spec('same')), masked(spec('same'))), []);
  });

  it('is nothing for equal values, and something for others, whatever they are', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        assert.deepEqual(differencesOf(plain(a), plain(a)), []);
        const same = JSON.stringify(a) === JSON.stringify(b);
        const found = differencesOf(plain(a), plain(b));
        if (same) assert.deepEqual(found, []);
      }),
    );
  });

  it('ends also for what is deep, and for names such as __proto__', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 500; level++) deep = { a: deep };
    assert.equal(differencesOf(plain(deep), plain({ a: 2 })).length, 1);
    const a: unknown = JSON.parse('{"__proto__": {"x": 1}, "constructor": 1}');
    const b: unknown = JSON.parse('{"__proto__": {"x": 2}, "constructor": 1}');
    assert.deepEqual(paths(a, b), ['__proto__.x']);
  });
});

describe('a document that is compared', () => {
  it('marks the secrets that are others on the other side, and only those', () => {
    const left = {
      process: { env: ['DB_PASSWORD=hunter22', 'API_KEY=same', 'MODE=x'], args: ['run', '--token', 'a'] },
    };
    const right = { process: { env: ['API_KEY=same', 'DB_PASSWORD=other', 'MODE=y'], args: ['run', '--token', 'b'] } };
    const one = markHidden(masked(left), masked(right), 'one value');
    const another = markHidden(masked(right), masked(left), 'another value');
    assert.deepEqual(one, {
      process: {
        env: [`DB_PASSWORD=${MASK} (one value)`, `API_KEY=${MASK}`, 'MODE=x'],
        args: ['run', '--token', `${MASK} (one value)`],
      },
    });
    assert.deepEqual(another, {
      process: {
        env: [`API_KEY=${MASK}`, `DB_PASSWORD=${MASK} (another value)`, 'MODE=y'],
        args: ['run', '--token', `${MASK} (another value)`],
      },
    });
    assert.doesNotMatch(JSON.stringify([one, another]), /hunter22|other"/);
  });
});

describe('the aspects of a container', () => {
  const subject = (name: string): Parameters<typeof aspectOf>[1] => ({
    facts: factsOf(name),
    lineage: buildLineage(factsOf(name), { readings: readingsOf(name), reveal: true }),
  });

  it('are of equal containers equal, and of others not', () => {
    for (const aspect of ['lineage', 'config', 'environment', 'engine'] as const) {
      const [one, other] = [
        aspectOf(aspect, subject('web-plain'), false),
        aspectOf(aspect, subject('db-limited'), false),
      ];
      assert.ok('value' in one && 'value' in other, aspect);
      assert.deepEqual(differencesOf(one.value, one.value), []);
      if (aspect !== 'environment') assert.ok(differencesOf(one.value, other.value).length > 0, aspect);
    }
  });

  it('tell of the lineage the setting and the column', () => {
    const [one, other] = [
      aspectOf('lineage', subject('web-plain'), false),
      aspectOf('lineage', subject('db-limited'), false),
    ];
    assert.ok('value' in one && 'value' in other);
    const kernel = differencesOf(one.value, other.value).find(
      ({ path }) => path.join('.') === 'Memory.Memory limit.kernel',
    );
    assert.equal(kernel?.left, 'no limit');
    assert.match(kernel?.right ?? '', /MiB/);
  });

  it('say why nothing is known', () => {
    const nothing = { ociConfig: unknown('why', 'remedy'), engineRecord: unknown('why', 'remedy') };
    const facts = nothing as unknown as ContainerFacts;
    for (const aspect of ['config', 'environment', 'engine'] as const) {
      assert.deepEqual(aspectOf(aspect, { facts, lineage: [] }, false), nothing.ociConfig);
    }
  });

  it('mask variables by their names', () => {
    const spec = { process: { env: ['DB_PASSWORD=hunter22', 'EMPTY=', 'ODD'] } };
    const facts = { ociConfig: known('bundle', spec, 's', 'h') } as unknown as ContainerFacts;
    const environment = aspectOf('environment', { facts, lineage: [] }, false);
    assert.ok('value' in environment);
    assert.deepEqual(environment.value.shown, { DB_PASSWORD: MASK, EMPTY: '', ODD: '' });
  });
});

describe('what differs by nature', () => {
  it('is what names this very container', () => {
    assert.ok(isExpected('engine', ['Id']));
    assert.ok(isExpected('engine', ['State', 'StartedAt']));
    assert.ok(isExpected('config', ['mounts', '/etc/hosts', 'source']));
    assert.ok(isExpected('lineage', ['Files', '/etc/hosts', '']));
    assert.ok(!isExpected('engine', ['HostConfig', 'Memory']));
    assert.ok(!isExpected('config', ['linux', 'resources', 'memory', 'limit']));
    assert.ok(!isExpected('lineage', ['Memory', 'Memory limit', '']));
  });
});
