// `npm run test:vscode -- --generation sid --grep "words of a title"`: builds, then runs the tests inside a real VS Code.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepareGeneration, takeGeneration } from './lib/generation.mjs';
import { ROOT, run } from './lib/run.mjs';
import { runVscodeSuite } from './lib/vscodeSuite.mjs';

const { generation, rest } = takeGeneration(process.argv.slice(2));
const { values } = parseArgs({ args: rest, options: { grep: { type: 'string', short: 'g' } } });
const missing = await prepareGeneration(generation);
if (missing) {
  console.error(missing);
  process.exit(1);
}
process.env.CRE_GENERATION = generation;
const built = await run('node', ['esbuild.mjs', '--tests']);
const passed =
  built.code === 0 &&
  (await runVscodeSuite({
    resultFile: process.env.CRE_TEST_RESULTS || join(ROOT, 'out/results/vscode.json'),
    ...(values.grep ? { grep: values.grep } : {}),
  }));
process.exit(passed ? 0 : 1);
