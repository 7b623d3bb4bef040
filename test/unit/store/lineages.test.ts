import assert from 'node:assert/strict';
import type { Inspection } from '../../../src/model/inspection';
import type { LineageRow } from '../../../src/model/lineage/row';
import { unknown } from '../../../src/model/fact';
import { Lineages } from '../../../src/store/lineages';
import { shopInspection, WEB } from '../../support/shop';

const row = (setting: string): LineageRow => ({
  setting,
  group: 'Memory',
  requested: unknown('-', '-'),
  specified: unknown('-', '-'),
  enforced: unknown('-', '-'),
  verdict: 'unset',
  why: '',
});

/** Lineages over a store whose inspections a test decides. Rows are named by which inspection they were built from. */
function lineages(): {
  lineages: Lineages;
  inspect: () => Inspection;
  builds: string[];
  hold: () => () => void;
  at: { now: number };
} {
  let current: Inspection | undefined;
  let count = 0;
  let gate: Promise<void> = Promise.resolve();
  const numbers = new Map<Inspection, number>();
  const builds: string[] = [];
  const at = { now: 0 };
  const inspect = (): Inspection => {
    current = { ...shopInspection(WEB) };
    numbers.set(current, ++count);
    return current;
  };
  return {
    inspect,
    builds,
    at,
    hold: () => {
      let open = (): void => undefined;
      gate = new Promise((resolve) => (open = resolve));
      return () => open();
    },
    lineages: new Lineages(
      { peek: () => current, inspect: () => Promise.resolve(inspect()) },
      async (inspection) => {
        await gate;
        builds.push(`built ${numbers.get(inspection)}`);
        return [row(`built ${numbers.get(inspection)}`)];
      },
      (inspection) => [row(`sketched ${numbers.get(inspection)}`)],
      () => at.now,
    ),
  };
}

const names = (rows: readonly LineageRow[] | undefined): string | undefined => rows?.[0]?.setting;

describe('the lineages that hovers ask for', () => {
  it('know nothing of a container that was never inspected, and ask nobody', () => {
    const { lineages: all, builds } = lineages();
    assert.equal(all.peek(WEB), undefined);
    assert.deepEqual(builds, []);
  });

  it('answer at once from an inspection, and have the rest for the next question', async () => {
    const { lineages: all, inspect } = lineages();
    inspect();
    assert.equal(names(all.peek(WEB)), 'sketched 1');
    assert.equal(names(await all.of(WEB)), 'built 1');
    assert.equal(names(all.peek(WEB)), 'built 1');
  });

  it('inspect a container when nothing is known, once for all who ask', async () => {
    const { lineages: all, builds } = lineages();
    const answers = await Promise.all([all.of(WEB), all.of(WEB), all.of(WEB)]);
    assert.deepEqual(answers.map(names), ['built 1', 'built 1', 'built 1']);
    assert.deepEqual(builds, ['built 1']);
  });

  it('follow a newer inspection, and time', async () => {
    const { lineages: all, inspect, at } = lineages();
    assert.equal(names(await all.of(WEB)), 'built 1');
    assert.equal(names(await all.of(WEB)), 'built 1');
    inspect();
    assert.equal(names(all.peek(WEB)), 'sketched 2');
    assert.equal(names(await all.of(WEB)), 'built 2');
    at.now = 60_000;
    assert.equal(names(await all.of(WEB)), 'built 3');
  });

  it('give what they have when the newer one does not come', async () => {
    const { lineages: all, at, hold } = lineages();
    assert.equal(names(await all.of(WEB)), 'built 1');
    at.now = 60_000;
    const open = hold();
    assert.equal(names(await all.of(WEB)), 'built 1');
    open();
  });

  it('keep the last thirty alone', async () => {
    const { lineages: all, builds } = lineages();
    for (let number = 0; number < 40; number++) await all.of(`container ${number}`);
    const before = builds.length;
    await all.of('container 0');
    assert.ok(builds.length > before, 'the oldest was forgotten');
  });
});
