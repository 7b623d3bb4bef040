import { strict as assert } from 'node:assert';
import { isOutgrown, ROW_HEIGHT, windowFor } from '../../../media/components/treeWindow';

describe('the lines of a document that are drawn', () => {
  const rows = 10_000;

  it('hold what is in sight, and some more at both ends', () => {
    assert.deepEqual(windowFor({ scrollTop: 100 * ROW_HEIGHT, height: 10 * ROW_HEIGHT, rows }), {
      first: 80,
      last: 130,
    });
    assert.deepEqual(windowFor({ scrollTop: 0, height: 240, rows: 7 }), { first: 0, last: 7 });
  });

  it('stay when the room shrinks or grows by a scroll bar, wherever the edge is', () => {
    for (let height = 300; height < 300 + 2 * ROW_HEIGHT; height++) {
      for (const bar of [8, 10, 15]) {
        const drawn = windowFor({ scrollTop: 0, height, rows });
        assert.equal(isOutgrown(drawn, { scrollTop: 0, height: height - bar, rows }), false, `${height} - ${bar}`);
        const less = windowFor({ scrollTop: 0, height: height - bar, rows });
        assert.equal(isOutgrown(less, { scrollTop: 0, height, rows }), false, `${height - bar} + ${bar}`);
      }
    }
  });

  it('are drawn anew before a gap comes into sight, in both directions and after growing', () => {
    const drawn = windowFor({ scrollTop: 2_400, height: 240, rows });
    const reach = (scrollTop: number, height = 240): boolean => isOutgrown(drawn, { scrollTop, height, rows });
    assert.equal(reach(2_400 + 15 * ROW_HEIGHT), false);
    assert.equal(reach(2_400 + 16 * ROW_HEIGHT), true);
    assert.equal(reach(2_400 - 15 * ROW_HEIGHT), false);
    assert.equal(reach(2_400 - 16 * ROW_HEIGHT), true);
    assert.equal(reach(2_400, 240 + 16 * ROW_HEIGHT), true);
  });

  it('are enough at the ends, where nothing is beyond', () => {
    const all = windowFor({ scrollTop: 0, height: 240, rows: 12 });
    assert.equal(isOutgrown(all, { scrollTop: 48, height: 240, rows: 12 }), false);
  });
});
