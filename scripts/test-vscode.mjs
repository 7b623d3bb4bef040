// `npm run test:vscode -- --grep "words of a title"`: builds, then runs the tests inside a real VS Code.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, run } from './lib/run.mjs';
import { runVscodeSuite } from './lib/vscodeSuite.mjs';

const { values } = parseArgs({ options: { grep: { type: 'string', short: 'g' } } });
const built = await run('node', ['esbuild.mjs', '--tests']);
const passed =
  built.code === 0 &&
  (await runVscodeSuite({
    resultFile: process.env.CRE_TEST_RESULTS || join(ROOT, 'out/results/vscode.json'),
    ...(values.grep ? { grep: values.grep } : {}),
  }));
process.exit(passed ? 0 : 1);
