import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RuntimeError } from '../../../src/model/problem';
import { exactInteger, parseJsonExact } from '../../../src/util/json';
import { runs } from '../../support/runs';

describe('parseJsonExact', () => {
  it('keeps every digit of integers that a number cannot hold', () => {
    const text = '{"limit": 9223372036854771712, "list": [-9223372036854775808,1], "safe": 9007199254740991}';
    const expected = { limit: '9223372036854771712', list: ['-9223372036854775808', 1], safe: 9007199254740991 };
    assert.deepEqual(parseJsonExact(text), expected);
  });

  it('leaves digits in strings and keys alone', () => {
    const text = '{"9223372036854771712": "a \\" 9223372036854771712", "b\\\\": 9223372036854771712}';
    const expected = { '9223372036854771712': 'a " 9223372036854771712', 'b\\': '9223372036854771712' };
    assert.deepEqual(parseJsonExact(text), expected);
  });

  it('keeps a number that would become infinite as its text', () => {
    assert.deepEqual(parseJsonExact('[1e999, 1.5e3, 0.50000000000000000000]'), ['1e999', 1500, 0.5]);
  });

  it('takes __proto__ for a key like any other', () => {
    const value = parseJsonExact('{"__proto__": {"polluted": true}}') as object;
    assert.deepEqual(Object.keys(value), ['__proto__']);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });

  it('refuses what is not JSON without quoting it, and what is nested too deep', () => {
    const problemOf = (text: string): RuntimeError['problem'] => {
      try {
        parseJsonExact(text, 'Reading it');
      } catch (error) {
        assert.ok(error instanceof RuntimeError);
        return error.problem;
      }
      return assert.fail(`${text} should be refused`);
    };
    for (const text of ['', '{', '{"a":01}', '[1,]', 'password: hunter2', '--1', '1-1', '12345678901234567x']) {
      assert.equal(problemOf(text).code, 'malformed', text);
      assert.ok(!problemOf(text).reason.includes('hunter2'));
    }
    assert.equal(problemOf('['.repeat(100_000)).code, 'too-large');
  });

  it('agrees with JSON.parse on everything JSON.parse keeps', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.boolean(), (text, indented) => {
        const written = indented ? JSON.stringify(JSON.parse(text), null, 2) : text;
        const expected: unknown = JSON.parse(written);
        const hasInexact = /\d{16}|\d[eE][+-]?\d/.test(written);
        if (!hasInexact) assert.deepEqual(parseJsonExact(written), expected);
        else parseJsonExact(written);
      }),
      { numRuns: runs(5_000) },
    );
  });

  it('never throws anything but its own error', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:\\-+.eE0123456789 tn') }), (text) => {
        try {
          parseJsonExact(text);
        } catch (error) {
          assert.ok(error instanceof RuntimeError);
          assert.throws(() => JSON.parse(text), SyntaxError, 'JSON.parse refuses it too');
        }
      }),
      { numRuns: runs(5_000) },
    );
  });
});

describe('exactInteger', () => {
  it('is a number as long as that is exact', () => {
    assert.deepEqual(['0', '-5', '9007199254740993'].map(exactInteger), [0, -5, '9007199254740993']);
  });
});
