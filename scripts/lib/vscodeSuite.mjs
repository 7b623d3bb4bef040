// Runs the tests of test/vscode inside a real VS Code, on a lab with all samples.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { startLabProcess } from './lab.mjs';
import { ROOT } from './run.mjs';

/** Longer than a window may take: one whose renderer hangs is ended by then, and the part's deadline leaves time for another. */
const SECOND_TRY_WITHIN_MS = 13 * 60_000;

const TESTS = join(ROOT, 'test/vscode');

/**
 * @param {{ resultFile: string, grep?: string, env?: Record<string, string> }} options
 *   `grep` chooses tests by title, `env` is added to the extension host's environment.
 * @returns {Promise<boolean>} whether all tests have passed
 */
export async function runVscodeSuite({ resultFile, grep, env = {} }) {
  const merged = { passed: 0, failed: [], pending: [], retried: [], openHandles: [], notRun: [] };
  const runIn = async (window, windowEnv) => {
    const choice = { CRE_WINDOW: window, CRE_GREP: grep ?? '' };
    const all = { ...windowEnv, ...choice, ...env };
    const first = await runWindowTwice(all, `${resultFile}.${window}`);
    const results = grep ? first : await trySuitesAgain(first, all, `${resultFile}.${window}.again`);
    merged.passed += results.passed;
    for (const list of ['failed', 'pending', 'retried']) merged[list].push(...results[list]);
  };
  // A window is of one kind for all its life, so tests that need another one are marked in their titles.
  if (hasTestsMarked('@no-engine', grep)) {
    if (runsContainers()) merged.notRun.push('the window without an engine (containers run on this machine)');
    else await runIn('no-engine', { DOCKER_HOST: '', DOCKER_CONFIG: '/nonexistent', CONTAINERD_ADDRESS: '' });
  }
  await withLab({}, async (labEnv) => {
    await runIn('trusted', labEnv);
    if (hasTestsMarked('@restricted', grep)) await runIn('restricted', labEnv);
    if (hasTestsMarked('@korean', grep)) await runIn('korean', labEnv);
  });
  if (hasTestsMarked('@every-runtime', grep)) {
    await withLab({ everyRuntime: true }, (labEnv) => runIn('every-runtime', labEnv));
  }
  mkdirSync(dirname(resultFile), { recursive: true });
  writeFileSync(resultFile, JSON.stringify(merged, null, 2));
  return merged.failed.length === 0;
}

/** Runs `work` on a lab of its own, which ends with it, also when we are told to end. */
async function withLab(options, work) {
  const lab = await startLabProcess(options);
  const stopLab = () => void lab.stop();
  process.on('SIGTERM', stopLab).on('SIGINT', stopLab);
  try {
    await work({ ...lab.env, CRE_LAB: JSON.stringify(lab.lab) });
  } finally {
    process.off('SIGTERM', stopLab).off('SIGINT', stopLab);
    await lab.stop();
  }
}

/** A window without results, because a browser crashed or hung or a machine was busy, gets a second try, and is named. */
async function runWindowTwice(env, resultFile) {
  const started = Date.now();
  const first = await runWindow(env, resultFile);
  if (first.ranTests || Date.now() - started > SECOND_TRY_WITHIN_MS) return first;
  const second = await runWindow(env, resultFile);
  return { ...second, retried: [...second.retried, `the window (${env.CRE_WINDOW})`] };
}

/** One or two suites with a failure run once more, in a new window: the first one may be in any state. */
async function trySuitesAgain(first, env, resultFile) {
  const suites = [...new Set(first.failed.map(({ suite }) => suite))];
  if (suites.length === 0 || suites.length > 2 || suites.includes(undefined)) return first;
  console.log(`once more, in a new window: ${suites.join(', ')}`);
  const grep = suites.map((title) => `^${title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`).join('|');
  const second = await runWindow({ ...env, CRE_GREP: grep }, resultFile);
  if (second.failed.length > 0 || second.passed === 0) return first;
  const named = first.failed.map(({ title, message }) => `${title}, in a new window: ${message.split('\n')[0]}`);
  return {
    ...first,
    failed: [],
    passed: first.passed + first.failed.length,
    retried: [...first.retried, ...named],
  };
}

async function runWindow(env, resultFile) {
  mkdirSync(dirname(resultFile), { recursive: true });
  rmSync(resultFile, { force: true });
  let failure;
  try {
    await runTests({
      vscodeExecutablePath: process.env.VSCODE_EXECUTABLE || join(ROOT, 'scripts/vscode-launcher.mjs'),
      extensionDevelopmentPath: ROOT,
      extensionTestsPath: join(ROOT, 'out/test/vscode/index'),
      extensionTestsEnv: { ...env, CRE_TEST_RESULTS: resultFile },
    });
  } catch (error) {
    failure = error;
  }
  const ranTests = existsSync(resultFile);
  const results = ranTests
    ? JSON.parse(readFileSync(resultFile, 'utf8'))
    : { passed: 0, failed: [], pending: [], retried: [] };
  if (failure && results.failed.length === 0) {
    const message = ranTests ? failure.message : `ended without results: ${failure.message}`;
    results.failed.push({ title: `the window (${env.CRE_WINDOW})`, message });
  }
  return { ...results, ranTests };
}

/** Whether a test file has tests for this kind of window; with `grep`, whether those could be meant. */
function hasTestsMarked(marker, grep) {
  return readdirSync(TESTS, { recursive: true })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(join(TESTS, name), 'utf8'))
    .some((text) => text.includes(marker) && (!grep || new RegExp(grep).test(text)));
}

/** Whether a shim or a monitor runs: then no window on this machine is without containers. */
function runsContainers() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      try {
        return /containerd-shim|^conmon/.test(readFileSync(`/proc/${pid}/comm`, 'utf8'));
      } catch {
        return false;
      }
    });
}
