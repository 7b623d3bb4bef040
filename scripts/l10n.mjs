// `npm run l10n`: collects all texts into l10n/bundle.l10n.json, drops translations that nothing uses any more, and names
// what has none yet. `--check` writes nothing, and fails when anything is to do.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lib/run.mjs';
import { collectTexts } from './lib/texts.mjs';

const check = process.argv.includes('--check');
const texts = [...collectTexts().keys()].sort();
const english = Object.fromEntries(texts.map((text) => [text, text]));
const korean = read('bundle.l10n.ko.json');
const missing = texts.filter((text) => korean[text] === undefined);
const stale = Object.keys(korean).filter((text) => english[text] === undefined);

if (!check) {
  write('bundle.l10n.json', english);
  write(
    'bundle.l10n.ko.json',
    Object.fromEntries(texts.flatMap((text) => (text in korean ? [[text, korean[text]]] : []))),
  );
}
for (const text of missing) console.log(`no Korean: ${JSON.stringify(text)}`);
for (const text of stale) console.log(`${check ? 'nothing says' : 'dropped'}: ${JSON.stringify(text)}`);
console.log(`${texts.length} texts, ${texts.length - missing.length} in Korean`);
if (missing.length > 0 || (check && stale.length > 0)) process.exitCode = 1;

function read(name) {
  return JSON.parse(readFileSync(join(ROOT, 'l10n', name), 'utf8'));
}

function write(name, bundle) {
  writeFileSync(join(ROOT, 'l10n', name), `${JSON.stringify(bundle, null, 2)}\n`);
}
