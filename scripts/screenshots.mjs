// `npm run screenshots`: runs the tests that take pictures, and copies those that the documents show to docs/images/.
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run } from './lib/run.mjs';
import { runVscodeSuite } from './lib/vscodeSuite.mjs';

const { code } = await run('node', ['esbuild.mjs', '--tests']);
if (code !== 0) process.exit(1);
const passed = await runVscodeSuite({ resultFile: join(ROOT, 'out/results/screenshots.json'), grep: 'screenshots' });

mkdirSync(join(ROOT, 'docs/images'), { recursive: true });
let missing = 0;
for (const name of new Set([...shownIn('README.md'), ...shownIn('docs/pictures.md')])) {
  const picture = join(ROOT, 'out/screenshots', name);
  if (existsSync(picture)) {
    copyFileSync(picture, join(ROOT, 'docs/images', name));
    console.log(`docs/images/${name}`);
  } else {
    console.error(`The documents show docs/images/${name}, but no test takes out/screenshots/${name}`);
    missing++;
  }
}
process.exit(passed && missing === 0 ? 0 : 1);

function shownIn(document) {
  const path = join(ROOT, document);
  if (!existsSync(path)) return [];
  return [...new Set([...readFileSync(path, 'utf8').matchAll(/images\/([\w.-]+\.png)/g)].map(([, name]) => name))];
}
