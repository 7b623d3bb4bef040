import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Gatherer, Pace } from '../../../src/util/pace';

describe('a pace', () => {
  it('allows a few at once, then so many a second', () => {
    let now = 0;
    const pace = new Pace(2, 3, () => now);
    const begun: number[] = [];
    while (begun.length < 9) {
      now += pace.wait();
      pace.take();
      begun.push(now);
    }
    assert.deepEqual(begun, [0, 0, 0, 500, 1_000, 1_500, 2_000, 2_500, 3_000]);
  });

  it('never allows more than that over any time, whoever waits and whoever does not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(2_000), fc.boolean()), { maxLength: 200 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        (steps, perSecond, atOnce) => {
          let now = 0;
          const pace = new Pace(perSecond, atOnce, () => now);
          let allowed = 0;
          for (const [rest, waits] of steps) {
            now += rest;
            if (waits) now += pace.wait();
            else if (pace.wait() > 0) continue;
            pace.take();
            allowed++;
          }
          assert.ok(allowed <= atOnce + (now * perSecond) / 1_000 + 1e-6);
        },
      ),
    );
  });

  it('makes those wait the longer who may, when one did not', () => {
    let now = 0;
    const pace = new Pace(1, 1, () => now);
    pace.take();
    pace.take();
    assert.equal(pace.wait(), 2_000);
    now += 2_000;
    assert.equal(pace.wait(), 0);
  });
});

describe('a gatherer', () => {
  it('runs once for all who ask meanwhile, and again for who asks later', async () => {
    let runs = 0;
    let done: (() => void) | undefined;
    const gatherer = new Gatherer(
      () => {
        runs++;
        done?.();
      },
      { moment: 1, gap: 20 },
    );
    const run = async (): Promise<void> => {
      const ran = new Promise<void>((resolve) => (done = resolve));
      for (let count = 0; count < 100; count++) gatherer.ask();
      await ran;
    };
    await run();
    assert.equal(runs, 1);
    await run();
    assert.equal(runs, 2);
  });
});
