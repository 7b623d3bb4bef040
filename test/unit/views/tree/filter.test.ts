import assert from 'node:assert/strict';
import fc from 'fast-check';
import { filterProblem, matches, parseFilter } from '../../../../src/views/tree/filter';
import { BATCH, DB, shop, WEB } from '../../../support/shop';

/** The ids of the containers that a filter lets through. */
function through(text: string): string[] {
  const filter = parseFilter(text);
  return shop()
    .containers.filter((container) => matches(container, filter))
    .map(({ id }) => id);
}

describe('the filter', () => {
  it('finds words in names, images, Compose projects and at the beginning of ids', () => {
    assert.deepEqual(through('SHOP-W'), [WEB, 'default/shop-web']);
    assert.deepEqual(through('lab/other'), ['default/shop-web']);
    assert.deepEqual(through('cccc'), [BATCH]);
    assert.deepEqual(through('shop'), [WEB, DB, 'default/shop-web']);
  });

  it('finds names, images, states and labels by their keys, and demands all', () => {
    assert.deepEqual(through('name:batch'), [BATCH]);
    assert.deepEqual(through('image:busybox state:exited'), [BATCH]);
    assert.deepEqual(through('state:run'), [WEB, DB]);
    assert.deepEqual(through('label:tier'), [WEB, DB]);
    assert.deepEqual(through('label:tier=db'), [DB]);
    assert.deepEqual(through('label:tier=d'), []);
    assert.deepEqual(through('label:tier=db name:web'), []);
  });

  it('takes values in quotes, and an image with its tag as a word', () => {
    assert.deepEqual(parseFilter('name:"a b" nginx:1.27'), [
      { kind: 'name', text: 'a b' },
      { kind: 'text', text: 'nginx:1.27' },
    ]);
    assert.deepEqual(through('lab/busybox:1 batch'), [BATCH]);
  });

  it('says when no state begins so', () => {
    assert.equal(filterProblem(parseFilter('state:runing'))?.state, 'runing');
    assert.equal(filterProblem(parseFilter('state:running name:x')), undefined);
  });

  it('lets everything through when empty', () => {
    assert.equal(through('   ').length, shop().containers.length);
  });

  it('takes any text', () => {
    fc.assert(fc.property(fc.string(), (text) => through(text).length <= shop().containers.length));
  });
});
