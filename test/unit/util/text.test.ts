import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { shellLine, visible } from '../../../src/util/text';

describe('showing hostile text', () => {
  it('makes control characters, bidi overrides and lone surrogates visible', () => {
    assert.equal(visible('a\u001b[31mb\u202ec\u0000d\ud800'), 'a\\u{1b}[31mb\\u{202e}c\\u{0}d\\u{d800}');
  });

  it('leaves ordinary text of any language alone', () => {
    for (const text of ['web-1', 'größe', '컨테이너', '🐳', '<b>']) assert.equal(visible(text), text);
  });

  it('cuts long text and says how long it is', () => {
    assert.equal(visible('x'.repeat(20), 5), 'xxxxx… (20 characters)');
  });
});

describe('quoting for a shell', () => {
  it('hands every word over untouched', () => {
    const word = fc
      .string({ unit: 'binary', maxLength: 40 })
      .filter((text) => !text.includes('\0') && !/[\ud800-\udfff]/u.test(text));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
        const line = shellLine(['printf', '%s\\0', ...words]);
        const printed = execFileSync('/bin/sh', ['-c', line], {
          encoding: 'utf8',
          env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
        });
        assert.deepEqual(printed.split('\0').slice(0, -1), words);
      }),
      { numRuns: 60 },
    );
  });
});
