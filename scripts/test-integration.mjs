// `npm run test:integration -- --generation sid --grep "words of a title"`: all other words are mocha's.
import { join } from 'node:path';
import { prepareGeneration, takeGeneration } from './lib/generation.mjs';
import { ROOT, run } from './lib/run.mjs';

// The daemons are in sbin, which is not on everybody's PATH.
process.env.PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

const { generation, rest } = takeGeneration(process.argv.slice(2));
const missing = await prepareGeneration(generation);
if (missing) {
  console.error(missing);
  process.exit(1);
}
const mocha = join(ROOT, 'node_modules/mocha/bin/mocha.js');
const { code } = await run('node', [mocha, '--config', 'test/integration.mocharc.cjs', ...rest], {
  deadlineMs: 60 * 60_000,
  env: { ...process.env, CRE_GENERATION: generation },
});
process.exit(code);
