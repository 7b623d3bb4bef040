// `npm run package`: builds for production and makes the VSIX. `--check` also looks at what is in it (part of the test),
// and puts it aside.
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run } from './lib/run.mjs';

const LIMIT_BYTES = 1.5 * 1024 * 1024;
/** Everything a user needs, and nothing else. */
const ALLOWED = [
  /^extension\/(package(\.nls(\.ko)?)?\.json|readme\.md|changelog\.md|LICENSE(\.txt|\.md)?)$/i,
  /^extension\/dist\/[^/]+\.(js|css|ttf|svg|png)$/,
  /^extension\/l10n\/bundle\.l10n\.[a-z]+\.json$/,
  /^extension\/media\/.+\.(svg|png)$/,
  /^extension\/media\/sample-host\.json\.br$/,
  /^extension\/media\/walkthrough\/[^/]+\.md$/,
  /^(extension\.vsixmanifest|\[Content_Types\]\.xml)$/,
];
const REQUIRED = [
  'extension/package.json',
  'extension/package.nls.json',
  'extension/package.nls.ko.json',
  'extension/l10n/bundle.l10n.ko.json',
  'extension/dist/extension.js',
  'extension/dist/webview.js',
  'extension/media/sample-host.json.br',
  'extension/media/walkthrough/config.md',
  'extension/media/walkthrough/config.nls.ko.md',
];

const check = process.argv.includes('--check');
const { name, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const folder = check ? 'out' : '.';
const vsix = join(ROOT, folder, `${name}-${version}.vsix`);
mkdirSync(join(ROOT, folder), { recursive: true });
rmSync(vsix, { force: true });

await must('node', ['esbuild.mjs', '--production']);
await must('node', [
  join(ROOT, 'node_modules/@vscode/vsce/vsce'),
  ...[
    'package',
    '--no-dependencies',
    '--allow-missing-repository',
    '--no-update-package-json',
    '--no-rewrite-relative-links',
    '--out',
    vsix,
  ],
]);
const size = statSync(vsix).size;
console.log(`${vsix.slice(ROOT.length)}: ${(size / 1024).toFixed(0)} KiB`);

if (check) {
  const entries = entriesOf(vsix);
  const problems = [
    ...entries.filter((entry) => !ALLOWED.some((pattern) => pattern.test(entry))).map((entry) => `holds ${entry}`),
    ...REQUIRED.filter((entry) => !entries.includes(entry)).map((entry) => `lacks ${entry}`),
    ...(size > LIMIT_BYTES ? [`is larger than ${LIMIT_BYTES / 1024} KiB`] : []),
  ];
  for (const problem of problems) console.error(`the package ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}

async function must(program, args) {
  const { code } = await run(program, args);
  if (code !== 0) process.exit(1);
}

/** Names in a zip file, from its central directory: no tool for that is on every machine. */
function entriesOf(file) {
  const zip = readFileSync(file);
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const names = [];
  let offset = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const nameLength = zip.readUInt16LE(offset + 28);
    names.push(zip.toString('utf8', offset + 46, offset + 46 + nameLength));
    offset += 46 + nameLength + zip.readUInt16LE(offset + 30) + zip.readUInt16LE(offset + 32);
  }
  return names.filter((entry) => !entry.endsWith('/'));
}
