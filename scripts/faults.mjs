// `npm run faults [-- --long] [-- --write]`: the fault suite alone; `--write` keeps what it found in docs/faults.md.
import { join } from 'node:path';
import { ensureSystemPackages } from './lib/packages.mjs';
import { ROOT, run } from './lib/run.mjs';

process.env.PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

const words = process.argv.slice(2);
const own = new Set(['--long', '--write']);
const env = { ...process.env, CRE_FAULTS: words.includes('--long') ? 'long' : '' };
const missing = await ensureSystemPackages();
if (missing.length > 0) {
  console.error(missing.join('\n'));
  process.exit(1);
}
const mocha = join(ROOT, 'node_modules/mocha/bin/mocha.js');
const rest = words.filter((word) => !own.has(word));
const suites = ['test/faults.mocharc.cjs'];
// Random cases for every parser, ten times as many as in npm test, and 10,000 mutated snapshot files.
if (words.includes('--long')) suites.unshift('test/unit.mocharc.cjs');
let code = 0;
for (const suite of suites) {
  const ended = await run('node', [mocha, '--config', suite, ...rest], {
    deadlineMs: 8 * 3_600_000,
    env: { ...env, ...(words.includes('--long') ? { CRE_MUTATIONS: '10000' } : {}) },
  });
  code ||= ended.code;
}
if (words.includes('--write')) {
  await run('node', [join(ROOT, 'node_modules/tsx/dist/cli.mjs'), 'test/faults/write.ts']);
  await run('node', [join(ROOT, 'node_modules/prettier/bin/prettier.cjs'), '--write', 'docs/faults.md'], {
    quiet: true,
  });
}
process.exit(code);
