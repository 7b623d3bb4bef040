import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { LINES } from '../faults/lines';

describe('the table of faults', () => {
  it('names tests that exist', () => {
    for (const { id, test } of LINES) {
      if (test === undefined) continue;
      const [file = '', title] = test.split(': ');
      assert.ok(existsSync(file), `${id}: ${file}`);
      if (title !== undefined && !statSync(file).isDirectory()) {
        assert.ok(readFileSync(file, 'utf8').includes(title), `${id}: ${test}`);
      }
    }
  });

  it('says of a line that is not tried why', () => {
    for (const { id, test, note } of LINES) assert.ok(test ?? note, id);
    assert.equal(new Set(LINES.map(({ id }) => id)).size, LINES.length);
  });
});
