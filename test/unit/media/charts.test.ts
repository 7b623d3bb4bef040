import assert from 'node:assert/strict';
import { KEPT_POINTS, sparkPoints } from '../../../media/components/points';
import { rateOf, shownRate } from '../../../media/pages/rates';

describe('live charts', () => {
  it('draws the newest point at the right edge, zero at the bottom, and never outside', () => {
    const points = Array.from({ length: 90 }, (_, index) => ({ atMs: index * 2000, value: index % 7 }));
    const drawn = sparkPoints(points, 240, 44, undefined);
    assert.equal(drawn.length, KEPT_POINTS);
    assert.equal(drawn[drawn.length - 1]?.[0], 240);
    for (const [x, y] of drawn) assert.ok(x >= -0.001 && x <= 240 && y >= 0 && y <= 44, `${x},${y}`);
    assert.deepEqual(sparkPoints([{ atMs: 0, value: 0 }], 240, 44, 10), [[240, 43]]);
    assert.deepEqual(sparkPoints([], 240, 44, undefined), []);
  });

  it('turns counters of CPU time into CPUs in use', () => {
    const half = rateOf(
      [
        { atMs: 0, value: 0 },
        { atMs: 2000, value: 1_000_000 },
      ],
      'µs',
    );
    assert.deepEqual(half, [{ atMs: 2000, value: 0.5 }]);
    assert.deepEqual(
      rateOf(
        [
          { atMs: 0, value: 0 },
          { atMs: 1000, value: 2e9 },
        ],
        'ns',
      ),
      [{ atMs: 1000, value: 2 }],
    );
    assert.equal(shownRate(0.5), '50 % of a CPU now');
    assert.equal(shownRate(0.012), '1.2 % of a CPU now');
  });

  it('draws nothing across a gap, a reset counter or a clock that stands still', () => {
    const point = (atMs: number, value: number): { atMs: number; value: number } => ({ atMs, value });
    assert.deepEqual(rateOf([point(0, 0), point(60_000, 10)], 'µs'), []);
    assert.deepEqual(rateOf([point(0, 10), point(2000, 5)], 'µs'), []);
    assert.deepEqual(rateOf([point(5, 10), point(5, 20)], 'µs'), []);
  });
});
