// Bundles everything that runs:
//   dist/extension.js        the extension, from src/extension.ts
//   dist/<name>Worker.js     one per src/**/*Worker.ts, started as worker thread or process of its own
//   dist/relay.js            the relay, a process of its own, from src/relay/main.ts
//   dist/webview.{js,css}    the panels' page, from media/main.ts
//   out/test/vscode/index.js the tests that run inside VS Code (only with --tests)
//
// Flags: --production (minified, no source maps), --tests, --watch.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { collectPageTexts } from './scripts/lib/texts.mjs';

const root = fileURLToPath(new URL('.', import.meta.url));
const flags = new Set(process.argv.slice(2));
const production = flags.has('--production');

/** @type {esbuild.BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  logLevel: 'info',
  legalComments: 'none',
};

/** @type {esbuild.BuildOptions} */
const node = {
  ...common,
  platform: 'node',
  format: 'cjs',
  target: 'node18',
  external: ['vscode'],
  alias: {
    // Its main file is UMD, whose inner requires no bundler can follow.
    'jsonc-parser': 'jsonc-parser/lib/esm/main.js',
    ssh2: join(root, 'src/adapters/docker/noSsh2.ts'),
  },
  // Class names appear in logs and in error texts.
  keepNames: true,
};

/** @type {esbuild.BuildOptions[]} */
const bundles = [];
addBundle('src/extension.ts', {
  ...node,
  outfile: 'dist/extension.js',
  // The host gives the pages the translations of their texts.
  define: { PAGE_TEXTS: JSON.stringify(collectPageTexts()) },
});
for (const worker of filesUnder('src').filter((file) => file.endsWith('Worker.ts'))) {
  addBundle(worker, { ...node, outfile: `dist/${basename(worker, '.ts')}.js` });
}
addBundle('src/relay/main.ts', { ...node, outfile: 'dist/relay.js' });
addBundle('media/main.ts', {
  ...common,
  platform: 'browser',
  format: 'iife',
  target: 'es2022',
  outfile: 'dist/webview.js',
  // Fonts and pictures are files beside the style sheet: the panels' CSP allows no data: URLs.
  loader: { '.ttf': 'file', '.svg': 'file', '.png': 'file' },
  assetNames: '[name]',
});
if (flags.has('--tests')) {
  addBundle('test/vscode/index.ts', {
    ...node,
    minify: false,
    outfile: 'out/test/vscode/index.js',
    // Mocha loads its reporters and interfaces by path: it must stay a package on disk.
    external: [...node.external, 'mocha'],
    plugins: [importAllTests('test/vscode')],
  });
}

if (flags.has('--watch')) {
  for (const bundle of bundles) await (await esbuild.context(bundle)).watch();
} else {
  if (production) rmSync(join(root, 'dist'), { recursive: true, force: true });
  try {
    await Promise.all(bundles.map((bundle) => esbuild.build(bundle)));
  } catch {
    // esbuild has printed the errors with their places already.
    process.exitCode = 1;
  }
}

/** Plans one bundle; a source that does not exist (yet) is said, and left out. */
function addBundle(entry, options) {
  if (existsSync(join(root, entry))) bundles.push({ ...options, entryPoints: [entry] });
  else console.log(`esbuild: ${entry} does not exist, nothing built from it`);
}

/** Files below a folder of the repository, as paths relative to the repository's root. */
function filesUnder(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .sort();
}

/** Makes `import 'all-tests'` mean every *.test.ts below the folder: a hand-kept list would forget one. */
function importAllTests(folder) {
  return {
    name: 'import-all-tests',
    setup(build) {
      build.onResolve({ filter: /^all-tests$/ }, () => ({ path: 'all-tests', namespace: 'all-tests' }));
      build.onLoad({ filter: /.*/, namespace: 'all-tests' }, () => ({
        contents: filesUnder(folder)
          .filter((file) => file.endsWith('.test.ts'))
          .map((file) => `import ${JSON.stringify(`./${file}`)};`)
          .join('\n'),
        resolveDir: root,
      }));
    },
  };
}
