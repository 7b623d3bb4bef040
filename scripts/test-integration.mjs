// `npm run test:integration -- --generation sid --grep "words of a title"`: all other words are mocha's.
import { join } from 'node:path';
import { filesOf, prepareGeneration, takeGeneration } from './lib/generation.mjs';
import { ROOT, run } from './lib/run.mjs';

// The daemons are in sbin, which is not on everybody's PATH.
process.env.PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

const { generation, rest } = takeGeneration(process.argv.slice(2));
const missing = await prepareGeneration(generation);
if (missing) {
  console.error(missing);
  process.exit(1);
}
// Whoever looks for a title may mean any test; without one a generation runs what `npm test` runs on it.
const files = rest.some((word) => /^(?:-g|--grep|-f|--fgrep)(?:=|$)/.test(word)) ? '' : filesOf(generation);
const mocha = join(ROOT, 'node_modules/mocha/bin/mocha.js');
const { code } = await run('node', [mocha, '--config', 'test/integration.mocharc.cjs', ...rest], {
  deadlineMs: 60 * 60_000,
  env: { CRE_TEST_FILES: files, ...process.env, CRE_GENERATION: generation },
});
process.exit(code);
