import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { pasteLine } from '../../../../src/model/apiCalls/paste';

/** What a shell makes of a line: its words, in JSON. */
function wordsIn(shell: string, line: string): unknown {
  const program = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))';
  const script = `${pasteLine([process.execPath, '-e', program, '--'])} ${line}`;
  return JSON.parse(execFileSync(shell, ['-c', script], { encoding: 'utf8' }));
}

describe('pasting words into a shell', () => {
  const words = [
    ...['', ' ', "'", '"', '\\', '$(exit 3)', '`exit 3`', '\n', 'ends\n', '\r\n', '\t', '\u001b[201~\nexit 3\n'],
    ...['\u202e', '漢字 😀', '%s\\033', '!!', '#', '~', '*', '-x', '--', '\u007f\u009b', "a'\u0007'b", '\ufeff'],
  ];

  for (const shell of ['sh', 'bash']) {
    it(`gives ${shell} the same words back`, () => {
      assert.deepEqual(wordsIn(shell, pasteLine(words)), words);
    });

    it(`gives ${shell} any words back, without zero bytes`, () => {
      // Many words for each shell: starting one takes its time.
      const samples = fc.sample(fc.string({ unit: 'binary', maxLength: 40 }), { numRuns: 500, seed: 7 });
      const expected = samples.map((word) => word.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\ufffd'));
      assert.deepEqual(wordsIn(shell, pasteLine(samples)), expected);
    });
  }
});
