#!/usr/bin/env node
// Stands in for the `code` executable where there is no desktop VS Code: understands the same
// --extensionDevelopmentPath=, --extensionTestsPath= and folder arguments, serves a real VS Code, opens it in
// Chromium, and ends with the exit code of the tests. @vscode/test-electron can launch either.
//
// Environment: CRE_WINDOW=restricted opens the folder untrusted, CRE_WINDOW=korean shows it in Korean.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format } from 'node:util';
import { openBrowser, remotePath, workbenchUrl } from './lib/browser.mjs';
import { collectProblems, startDriverBridge } from './lib/driverBridge.mjs';
import { witnessHangs } from './lib/hangWitness.mjs';
import { ROOT } from './lib/run.mjs';
import { startServer } from './lib/servedVscode.mjs';
import { makeTempFolder, removeTempFolder } from './lib/tempFolder.mjs';
import { writeUserSettings } from './lib/userSettings.mjs';

/** A hung run must end before whoever started it loses patience: it can say more. */
const DEADLINE_MS = Number(process.env.CRE_VSCODE_DEADLINE_MS) || 12 * 60_000;

const cleanups = [];
/** What the workbench has logged: only of interest when something went wrong. */
const workbenchLog = [];
let finishing;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => finish(1));
try {
  await finish(await main());
} catch (error) {
  console.error(error.stack ?? error);
  await finish(1);
}

async function main() {
  const options = parse(process.argv.slice(2));
  const temp = makeTempFolder();
  cleanups.push(() => removeTempFolder(temp));
  const folder = options.folder ?? join(temp, 'workspace');
  mkdirSync(folder, { recursive: true });
  const restricted = process.env.CRE_WINDOW === 'restricted';
  const dataDir = join(temp, 'data');
  writeUserSettings(dataDir);

  const state = { page: undefined, problems: [] };
  const bridge = await startDriverBridge(temp, () => state);
  cleanups.push(() => bridge.close());
  const server = await startServer({
    dataDir,
    env: { ...process.env, CRE_DRIVER: bridge.socketPath },
    // Without it a built VS Code ignores the development part of the address.
    args: ['--enable-smoke-test-driver', ...(restricted ? [] : ['--disable-workspace-trust'])],
  });
  cleanups.push(() => server.stop());
  const browser = await openBrowser();
  cleanups.push(() => browser.close());

  const korean = process.env.CRE_WINDOW === 'korean';
  const page = await browser.newPage({
    viewport: { width: 1400, height: 900 },
    ...(korean ? { locale: 'ko-KR' } : {}),
  });
  // What a language pack sets before the workbench starts; its own texts would have to be downloaded, and stay English.
  if (korean) {
    await page.addInitScript(() =>
      Object.defineProperty(globalThis, '_VSCODE_NLS_LANGUAGE', { get: () => 'ko', set() {} }),
    );
  }
  state.page = page;
  state.problems = collectProblems(page);
  const exited = new Promise((resolve) => page.exposeFunction('codeAutomationExit', resolve));
  await page.exposeFunction('codeAutomationLog', (type, args) => workbenchLog.push(`${type}: ${format(...args)}`));
  page.on('crash', () => finish(1));

  const payload = [['extensionDevelopmentPath', remotePath(options.developmentPath)]];
  if (options.testsPath) payload.push(['extensionTestsPath', remotePath(options.testsPath)]);
  await page.goto(workbenchUrl({ port: server.port, folder, payload }), { timeout: 120_000 });

  const witness = await witnessHangs(page, (report) => console.error(report));
  cleanups.push(() => witness.stop());

  const deadline = new Promise((resolve) => setTimeout(resolve, DEADLINE_MS, 'deadline').unref());
  const code = await Promise.race([exited, deadline]);
  if (code !== 'deadline') {
    // Failed tests have said so themselves; when none was run, the log says why.
    if (Number(code) !== 0 && !existsSync(process.env.CRE_TEST_RESULTS ?? '')) {
      console.error(`The end of the workbench's log:\n${workbenchLog.slice(-15).join('\n')}`);
    }
    return Number(code);
  }
  const picture = join(ROOT, 'out/screenshots/deadline.png');
  mkdirSync(dirname(picture), { recursive: true });
  await page.screenshot({ path: picture, timeout: 20_000 }).catch(() => undefined);
  console.error(`The tests were not done within ${DEADLINE_MS / 1000} s; ${picture} shows the window then.`);
  console.error(state.problems.map(({ source, kind, text }) => `${source} ${kind}: ${text}`).join('\n'));
  console.error(workbenchLog.slice(-50).join('\n'));
  console.error(server.log());
  return 1;
}

function parse(args) {
  const value = (name) => args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1);
  const developmentPath = value('--extensionDevelopmentPath');
  if (!developmentPath) throw new Error('--extensionDevelopmentPath=… is missing');
  return {
    developmentPath,
    testsPath: value('--extensionTestsPath'),
    folder: args.find((arg) => !arg.startsWith('-')),
  };
}

/** Ends everything in reverse order, then the process; a second call waits for the first. */
function finish(code) {
  finishing ??= (async () => {
    for (const cleanup of cleanups.reverse()) {
      try {
        await cleanup();
      } catch (error) {
        console.error(error);
      }
    }
    process.exit(code);
  })();
  return finishing;
}
