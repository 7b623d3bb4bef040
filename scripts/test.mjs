// `npm test`: everything, from a bare clone. `npm test -- lint unit` runs only the parts named; `integration` means it on
// every generation of the stack.
// It imports nothing but Node and scripts/lib: the packages may not be there yet.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { filesOf, prepareGeneration } from './lib/generation.mjs';
import { ensureNpmPackages, ensureSystemPackages } from './lib/packages.mjs';
import { ROOT, run } from './lib/run.mjs';
import { installServedVscode } from './lib/servedVscode.mjs';

// Generous: a busy CI may be several times slower, and a part that hangs is still ended.
const DEADLINE_MS = 40 * 60_000;

/** More failures than a few are no accident. */
const MOST_FILES_AGAIN = 2;

// The daemons are in sbin, which is not on everybody's PATH.
process.env.PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

const INTEGRATION = ['node', bin('mocha/bin/mocha.js'), '--config', 'test/integration.mocharc.cjs'];

/** Each part is a command; `mocha` parts write their results and `inFiles` ones take CRE_TEST_FILES, `lab` parts need daemons on this machine,
 * of a `generation` that may have to be made first; `onlyByName` ones are no part of `npm test` without names. */
const PARTS = [
  { name: 'build', command: ['node', 'esbuild.mjs', '--tests'] },
  { name: 'types', command: ['node', bin('typescript/bin/tsc'), '-p', 'tsconfig.json'] },
  { name: 'types of the webview', command: ['node', bin('typescript/bin/tsc'), '-p', 'media/tsconfig.json'] },
  { name: 'lint', command: ['node', bin('eslint/bin/eslint.js'), '.', '--max-warnings=0'] },
  { name: 'format', command: ['node', bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.'] },
  { name: 'unit', mocha: true, command: ['node', bin('mocha/bin/mocha.js'), '--config', 'test/unit.mocharc.cjs'] },
  {
    name: 'integration',
    mocha: true,
    inFiles: true,
    lab: true,
    command: INTEGRATION,
  },
  {
    name: 'integration on sid',
    group: 'integration',
    mocha: true,
    inFiles: true,
    lab: true,
    generation: 'sid',
    env: { CRE_TEST_FILES: filesOf('sid') },
    command: INTEGRATION,
  },
  {
    name: 'integration on trixie',
    onlyByName: true,
    mocha: true,
    inFiles: true,
    lab: true,
    generation: 'trixie',
    env: { CRE_TEST_FILES: filesOf('trixie') },
    command: INTEGRATION,
  },
  {
    name: 'integration on sid with cgroup v2 alone',
    group: 'integration',
    mocha: true,
    inFiles: true,
    lab: true,
    generation: 'sid-unified',
    env: { CRE_TEST_FILES: filesOf('sid-unified') },
    command: INTEGRATION,
  },
  {
    name: 'faults',
    mocha: true,
    inFiles: true,
    lab: true,
    command: ['node', bin('mocha/bin/mocha.js'), '--config', 'test/faults.mocharc.cjs'],
  },
  { name: 'vscode', mocha: true, lab: true, command: ['node', 'scripts/test-vscode.mjs'] },
  { name: 'package', command: ['node', 'scripts/package.mjs', '--check'] },
];

let interrupted = false;
process.on('SIGINT', () => (interrupted = true)).on('SIGTERM', () => (interrupted = true));

const totals = { passed: 0, failed: 0 };
const failures = [];
const couldNotRun = [];
const retried = [];

async function main() {
  const chosen = process.argv.slice(2);
  const parts = PARTS.filter(
    ({ name, group, onlyByName }) =>
      (chosen.length === 0 && !onlyByName) || chosen.includes(name) || chosen.includes(group),
  );
  if (parts.length === 0) throw new Error(`no such part; there are: ${PARTS.map(({ name }) => name).join(', ')}`);

  await ensureNpmPackages();
  const missing = parts.some(({ lab }) => lab) ? await whatTheLabMisses() : [];
  // Before the clock of its part runs: it is slow the first time. A failure shows in the part.
  if (parts.some(({ name }) => name === 'vscode') && missing.length === 0) {
    await installServedVscode().catch((error) => console.log(error.message));
  }
  for (const part of parts) {
    if (interrupted) fail(`${part.name}: interrupted`);
    else if (part.lab && missing.length > 0) notRun(part, missing.join('; '));
    else await runOn(part);
  }
  report();
}

/** Why tests on real daemons cannot run here; empty when they can. */
async function whatTheLabMisses() {
  const missing = await ensureSystemPackages();
  if (process.platform === 'linux' && process.getuid() !== 0) missing.push('the lab needs root');
  return missing;
}

/** Runs a part on its generation. One that cannot be made here, for want of network or space, is named as not run. */
async function runOn(part) {
  const missing = part.generation && (await prepareGeneration(part.generation));
  if (missing) couldNotRun.push(`${part.name} (${missing})`);
  else await runPart(part);
}

async function runPart(part) {
  console.log(`\n── ${part.name}`);
  const resultFile = join(ROOT, `out/results/${part.name.replaceAll(' ', '-')}.json`);
  mkdirSync(join(ROOT, 'out/results'), { recursive: true });
  rmSync(resultFile, { force: true });

  const started = Date.now();
  const [program, ...args] = part.command;
  const own = { CRE_TEST_RESULTS: part.mocha ? resultFile : '', CRE_GENERATION: part.generation ?? '' };
  const env = { ...process.env, ...part.env, ...own };
  let { code, timedOut } = await run(program, args, { deadlineMs: DEADLINE_MS, env });
  if (part.lab) await sweepLabs();
  const results = part.mocha ? readResults(resultFile) : { passed: 0, failed: [], retried: [] };
  if (part.inFiles && code !== 0 && !timedOut) code = await tryFilesAgain(part, env, resultFile, results, code);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);

  totals.passed += results.passed;
  totals.failed += results.failed.length;
  retried.push(...results.retried.map((title) => `${part.name}: ${title}`));
  couldNotRun.push(...(results.notRun ?? []).map((what) => `${part.name}: ${what}`));
  failures.push(...results.failed.map(({ title, message }) => `${part.name}: ${title}: ${firstLine(message)}`));

  const reason = timedOut ? `not done within ${DEADLINE_MS / 60_000} minutes` : `ended with code ${code}`;
  if (code !== 0 && results.failed.length === 0) fail(`${part.name}: ${reason}`);
  else if (part.mocha && code === 0 && results.passed === 0) fail(`${part.name}: ran no test`);
  else if (!part.mocha) totals.passed++;
  console.log(`── ${part.name}: ${code === 0 ? 'ok' : reason}, ${seconds} s`);
}

/**
 * Runs the files of a few failed tests once more, each on a lab of its own: after a failure in the middle of what a file
 * does to its daemons, a second try within it would meet the wreck of the first. What passes then is named as such.
 */
async function tryFilesAgain(part, env, resultFile, results, code) {
  const files = [...new Set(results.failed.map(({ file }) => file && basename(file, '.test.ts')))];
  if (files.length === 0 || files.length > MOST_FILES_AGAIN || files.includes(undefined)) return code;
  console.log(`\n── ${part.name}: once more ${files.join(', ')}`);
  const [program, ...args] = part.command;
  const again = await run(program, args, {
    deadlineMs: DEADLINE_MS,
    env: { ...env, CRE_TEST_FILES: files.join(','), CRE_TEST_RESULTS: `${resultFile}.again` },
  });
  await sweepLabs();
  if (again.code !== 0) return code;
  results.retried.push(
    ...results.failed.map(({ title, message }) => `${title}, with its whole file: ${firstLine(message)}`),
  );
  results.passed += results.failed.length;
  results.failed = [];
  return 0;
}

async function sweepLabs() {
  await run('node', [bin('tsx/dist/cli.mjs'), 'test/lab/main.ts', '--sweep'], { deadlineMs: 120_000 });
}

function readResults(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: [], retried: [] };
  }
}

/** A developer's machine may lack what a part needs; a CI that cannot run a part has not tested. */
function notRun(part, why) {
  couldNotRun.push(`${part.name} (${why})`);
  if (process.env.CI) fail(`${part.name}: could not run`);
}

function fail(what) {
  totals.failed++;
  failures.push(what);
}

function report() {
  console.log('');
  list(retried, 'passed only on a second try');
  list(couldNotRun, 'could not run here');
  list(failures, 'failed');
  console.log(`${totals.passed} passed, ${totals.failed} failed`);
  process.exitCode = totals.failed > 0 ? 1 : 0;
}

function list(entries, title) {
  if (entries.length > 0)
    console.log(`${entries.length} ${title}:\n${entries.map((entry) => `  ${entry}`).join('\n')}`);
}

function firstLine(text) {
  return String(text).split('\n')[0];
}

function bin(path) {
  return join(ROOT, 'node_modules', path);
}

await main();
