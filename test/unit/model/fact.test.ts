import assert from 'node:assert/strict';
import { bestOf, known, unknown } from '../../../src/model/fact';

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

  it('answers with the most direct refusal when nothing is known', () => {
    const denied = unknown('denied', 'be root', 'procfs');
    assert.equal(bestOf([unknown('x', 'y', 'derived'), denied]), denied);
    assert.equal(bestOf([]), undefined);
  });
});
