// `npm start`: the extension, running, from a bare clone. Uses the machine's own container engine where one answers,
// else (as root on Debian) a lab with samples, else the sample host that comes with the extension; opens desktop VS Code where it is installed, else serves one.
// `npm start -- --check` proves that all this works, says so in one line, and ends.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { get } from 'node:http';
import { delimiter, join } from 'node:path';
import { ensureNpmPackages, ensureSystemPackages } from './lib/packages.mjs';
import { ROOT, run } from './lib/run.mjs';

const check = process.argv.includes('--check');
const cleanups = [];
let finishing;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => finish(0));

try {
  await main();
} catch (error) {
  console.error(check ? `npm start does not work: ${error.message}` : error.message);
  await finish(1);
}

async function main() {
  await ensureNpmPackages();
  const { code, output } = await run('node', ['esbuild.mjs'], { quiet: true });
  if (code !== 0) throw new Error(`the build failed:\n${output}`);
  const engine = await chooseEngine();

  const desktop = check ? undefined : findOnPath('code');
  if (desktop) {
    console.log(`Opening VS Code on ${engine.what}. Ctrl-C ends.`);
    const child = spawn(desktop, ['--new-window', '--wait', `--extensionDevelopmentPath=${ROOT}`], {
      env: { ...process.env, ...engine.env },
      stdio: 'inherit',
    });
    child.on('exit', (exitCode) => finish(exitCode ?? 0));
    return;
  }

  const { url, page } = await serve(engine.env);
  if (check) {
    const rows = await countRows(page, url, engine.row);
    console.log(`npm start works: ${url} shows ${rows} rows of ${engine.what}`);
    await finish(0);
    return;
  }
  console.log(`\nThe explorer shows ${engine.what}. Open this address in a browser:\n\n  ${url}\n\nCtrl-C ends.`);
  setInterval(() => undefined, 60_000);
}

/** The machine's own engine first; nothing is started beside it. */
async function chooseEngine() {
  const chosen = process.env.DOCKER_HOST;
  if (chosen && !chosen.startsWith('unix://')) return { what: `the engine at ${chosen}`, env: {} };
  const own = chosen?.slice('unix://'.length) ?? '/var/run/docker.sock';
  if (await answers(own)) return { what: `the engine at ${own}`, env: {} };
  const missing = await ensureSystemPackages();
  if (process.platform !== 'linux' || process.getuid() !== 0 || missing.length > 0) {
    console.log(
      `No engine answers at ${own}, and no lab can be started here (${missing[0] ?? 'it needs root on Linux'}): opening the sample host.`,
    );
    const what = 'the sample host that comes with the extension, beside whatever is here';
    return { what, env: { CONTAINER_RUNTIME_EXPLORER_SAMPLE: '1' }, row: '[aria-label^="Host "]' };
  }
  console.log('No engine answers here: starting a lab with samples.');
  // Not at the top: these stand on npm packages.
  const { startLabProcess } = await import('./lib/lab.mjs');
  const lab = await startLabProcess();
  cleanups.push(() => lab.stop());
  return { what: 'a lab with samples', env: lab.env };
}

/** Serves VS Code with the extension; returns its address and, for the check, a page of a browser. */
async function serve(env) {
  const { makeTempFolder, removeTempFolder } = await import('./lib/tempFolder.mjs');
  const { startServer } = await import('./lib/servedVscode.mjs');
  const { writeUserSettings } = await import('./lib/userSettings.mjs');
  const { openBrowser, remotePath, workbenchUrl } = await import('./lib/browser.mjs');

  const temp = makeTempFolder();
  cleanups.push(() => removeTempFolder(temp));
  const folder = join(temp, 'workspace');
  await mkdir(folder);
  writeUserSettings(join(temp, 'data'));
  const server = await startServer({
    dataDir: join(temp, 'data'),
    env: { ...process.env, ...env },
    // Without it a built VS Code ignores the development part of the address.
    args: ['--enable-smoke-test-driver', '--disable-workspace-trust'],
  });
  cleanups.push(() => server.stop());
  const payload = [['extensionDevelopmentPath', remotePath(ROOT.replace(/\/$/, ''))]];
  const url = workbenchUrl({ port: server.port, folder, payload });
  if (!check) return { url };

  const response = await fetch(url, { signal: AbortSignal.timeout(60_000) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  const browser = await openBrowser();
  cleanups.push(() => browser.close());
  return { url, page: await browser.newPage({ viewport: { width: 1400, height: 900 } }) };
}

/** Opens the explorer's view as a user would and waits for its first row, or for the one that must be there. */
async function countRows(page, url, row = '') {
  await page.goto(url, { timeout: 120_000 });
  const icon = page.locator('.activitybar [aria-label^="Container Runtime"]').first();
  await icon.click({ timeout: 120_000 });
  const rows = page.locator('.sidebar .monaco-list-row');
  try {
    await page.locator(`.sidebar .monaco-list-row${row}`).first().waitFor({ timeout: 120_000 });
  } catch (error) {
    await page.screenshot({ path: join(ROOT, 'out/screenshots/start-check.png') }).catch(() => undefined);
    throw error;
  }
  return rows.count();
}

function answers(socketPath) {
  return new Promise((resolve) => {
    const request = get({ socketPath, path: '/_ping', agent: false, timeout: 3_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

function findOnPath(program) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find(existsSync);
}

function finish(code) {
  finishing ??= (async () => {
    for (const cleanup of cleanups.reverse()) {
      try {
        await cleanup();
      } catch (error) {
        console.error(error.message);
      }
    }
    process.exit(code);
  })();
  return finishing;
}
