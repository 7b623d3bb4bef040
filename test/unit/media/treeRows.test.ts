import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ancestorsOf, findMatches, flatten, pathId } from '../../../media/components/treeRows';

const document = { process: { args: ['sh', '-c'], user: { uid: 0 } }, hostname: 'web', linux: {} };

describe('the lines of a document’s tree', () => {
  it('shows only what is open, with places among siblings', () => {
    const closed = flatten(document, new Set());
    assert.deepEqual(
      closed.map(({ key, depth, members, position, siblings }) => [key, depth, members, position, siblings]),
      [
        ['process', 0, 2, 1, 3],
        ['hostname', 0, undefined, 2, 3],
        ['linux', 0, 0, 3, 3],
      ],
    );
    const open = flatten(document, new Set([pathId(['process']), pathId(['process', 'args'])]));
    assert.deepEqual(
      open.map(({ path }) => path.join('.')),
      ['process', 'process.args', 'process.args.0', 'process.args.1', 'process.user', 'hostname', 'linux'],
    );
  });

  it('finds keys and values, wherever they are, whether open or not', () => {
    assert.deepEqual(findMatches(document, 'UID'), [['process', 'user', 'uid']]);
    assert.deepEqual(findMatches(document, 'web'), [['hostname']]);
    assert.deepEqual(findMatches(document, ''), []);
    assert.deepEqual(ancestorsOf(['process', 'user', 'uid']), [pathId(['process']), pathId(['process', 'user'])]);
  });

  it('takes 10,000 members and a depth of 2,000', () => {
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key${index}`, index]));
    assert.equal(flatten({ wide }, new Set([pathId(['wide'])])).length, 10_001);
    let deep: unknown = 'needle';
    for (let level = 0; level < 2000; level++) deep = [deep];
    assert.equal(findMatches(deep, 'needle')[0]?.length, 2000);
  });

  it('finds every match that a plain walk finds, and each path leads to its value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.string({ minLength: 1, maxLength: 2 }), (value, text) => {
        const found = findMatches(value, text);
        for (const path of found) {
          let current: unknown = value;
          for (const key of path) current = (current as Record<string, unknown>)[key];
          const key = path[path.length - 1] ?? '';
          const isSingle = typeof current !== 'object' || current === null;
          assert.ok(
            key.toLowerCase().includes(text.toLowerCase()) ||
              (isSingle && String(current).toLowerCase().includes(text.toLowerCase())),
          );
        }
      }),
      { numRuns: 1000 },
    );
  });
});
