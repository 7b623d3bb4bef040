import assert from 'node:assert/strict';
import { bestOf, known, refusals, unknown, type UnknownFact } from '../../../src/model/fact';

describe('the ladder of sources', () => {
  const byKernel = known('procfs', 1, '/proc/1', 'cat');
  const byEngine = known('docker-api', 2, 'inspect', 'docker inspect');

  it('prefers the more direct route, in whatever order the answers come', () => {
    assert.equal(bestOf([byEngine, byKernel]), byKernel);
    assert.equal(bestOf([undefined, byKernel, byEngine]), byKernel);
  });

  it('keeps the refusals of more direct routes, and only those', () => {
    const denied = unknown('denied', 'be root', 'bundle');
    const late = unknown('nothing to derive', '', 'derived');
    assert.deepEqual(bestOf([byEngine, late, denied]), { ...byEngine, better: [denied] });
  });

  it('answers with the most direct refusal when nothing is known, and keeps the others behind it', () => {
    const denied = unknown('denied', 'be root', 'procfs');
    const none = unknown('x', 'y', 'derived');
    assert.deepEqual(bestOf([none, denied]), { ...denied, further: [none] });
    assert.deepEqual(bestOf([denied, denied]), denied, 'what says the same is said once');
    // Stages are joined in steps: what an earlier step kept is not lost.
    const joined = bestOf([bestOf([none, denied]), unknown('z', 'w', 'memory')]);
    assert.deepEqual(
      refusals(joined as UnknownFact).map(({ unavailable }) => unavailable),
      ['denied', 'x', 'z'],
    );
    assert.equal(bestOf([]), undefined);
  });
});
