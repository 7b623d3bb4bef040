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
const { code } = await run('node', [mocha, '--config', 'test/faults.mocharc.cjs', ...rest], {
  deadlineMs: 8 * 3_600_000,
  env,
});
if (words.includes('--write')) {
  await run('node', [join(ROOT, 'node_modules/tsx/dist/cli.mjs'), 'test/faults/write.ts']);
  await run('node', [join(ROOT, 'node_modules/prettier/bin/prettier.cjs'), '--write', 'docs/faults.md'], {
    quiet: true,
  });
}
process.exit(code);
