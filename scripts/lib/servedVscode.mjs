// A real VS Code without a download of its own: the npm package code-server carries the whole workbench and its
// server, and a browser shows it. It needs Node 24, which comes from npm too. Installed once, outside the repository.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { envForNestedNpm, run } from './run.mjs';

const CODE_SERVER = '4.139.1';
const NODE = '24.22.3';
/** Package that holds the Node binary and the headers that native modules are built with. */
const NODE_PACKAGE = `node-linux-${process.arch}`;

const INSTALL_DEADLINE_MS = 10 * 60_000;
const READY_DEADLINE_MS = 120_000;

/**
 * Installs the served VS Code where it is not yet, which takes one to two minutes.
 * @returns {Promise<string>} the folder it is in
 */
export async function installServedVscode() {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'container-runtime-explorer');
  const folder = join(cache, `served-vscode-${CODE_SERVER}-node-${NODE}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  for (let attempt = 1; ; attempt++) {
    // The folder gets its name only when it is complete: an interrupted install is never taken for a whole one.
    const partial = mkdtempSync(`${folder}.partial-`);
    try {
      await installInto(partial);
      if (!existsSync(folder)) renameSync(partial, folder);
      return folder;
    } catch (error) {
      console.log(`served VS Code: attempt ${attempt} failed: ${error.message}`);
      if (attempt === 3) throw error;
      await sleep(5_000 * attempt);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  }
}

async function installInto(folder) {
  console.log('served VS Code: installing, once');
  const manifest = {
    name: 'served-vscode',
    private: true,
    // Only code-server's own script builds what the server needs; npm runs no other.
    allowScripts: { 'code-server': true, argon2: true },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  const nodeFolder = join(folder, 'node_modules', NODE_PACKAGE);
  const env = {
    ...envForNestedNpm(),
    PATH: `${join(nodeFolder, 'bin')}${delimiter}${process.env.PATH}`,
    npm_config_nodedir: nodeFolder,
  };
  // Node first: code-server's scripts must run under it.
  for (const name of [`${NODE_PACKAGE}@${NODE}`, `code-server@${CODE_SERVER}`]) {
    const args = ['install', '--no-audit', '--no-fund', name];
    const options = { cwd: folder, env, quiet: true, deadlineMs: INSTALL_DEADLINE_MS };
    const { code, output, timedOut } = await run('npm', args, options);
    if (code !== 0) throw new Error(`npm install ${name}: ${timedOut ? 'too slow; ' : ''}${output.slice(-2_000)}`);
  }
  if (!existsSync(serverMain(folder))) throw new Error('code-server holds no VS Code server');
}

/**
 * Starts the server on a free port of the loopback address and waits until it serves the workbench.
 *
 * @param {{ dataDir: string, env?: NodeJS.ProcessEnv, args?: string[] }} options
 * @returns {Promise<{ port: number, log: () => string, stop: () => Promise<void> }>}
 */
export async function startServer({ dataDir, env = process.env, args = [] }) {
  const folder = await installServedVscode();
  // Between finding a free port and taking it another process may be quicker: then another port is tried.
  for (let attempt = 1; ; attempt++) {
    const server = launch(folder, await freePort(), dataDir, env, args);
    try {
      await server.ready();
      return server;
    } catch (error) {
      await server.stop();
      if (attempt === 3) throw error;
      console.log(`served VS Code: attempt ${attempt} failed: ${error.message}`);
    }
  }
}

function launch(folder, port, dataDir, env, args) {
  const child = spawn(
    join(folder, 'node_modules', NODE_PACKAGE, 'bin/node'),
    [
      serverMain(folder),
      ...['--host', '127.0.0.1', '--port', String(port), '--without-connection-token'],
      ...['--accept-server-license-terms', '--disable-telemetry', '--server-data-dir', dataDir],
      ...args,
    ],
    { env: envForServer(env), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let log = '';
  let ended = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (log = (log + text).slice(-20_000)));
  }
  const exited = new Promise((resolve) => {
    child.on('error', (error) => resolve((log += error.message)));
    child.on('exit', resolve);
  }).then(() => (ended = true));

  return {
    port,
    log: () => log,
    async ready() {
      const deadline = Date.now() + READY_DEADLINE_MS;
      while (!(await serves(port))) {
        if (ended) throw new Error(`the server ended early:\n${log}`);
        if (Date.now() > deadline) throw new Error(`the server did not answer:\n${log}`);
        await sleep(100);
      }
    },
    // Extension hosts end by themselves when their server has gone.
    async stop() {
      child.kill('SIGTERM');
      await Promise.race([exited, sleep(5_000, undefined, { ref: false })]);
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** A server started from within a VS Code, or from npm, must not take itself for a part of it. */
function envForServer(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(VSCODE_|npm_|ELECTRON_)/.test(name)));
}

function serverMain(folder) {
  return join(folder, 'node_modules/code-server/lib/vscode/out/server-main.js');
}

async function serves(port) {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(10_000) });
    return response.ok && (await response.text()).includes('workbench');
  } catch {
    return false;
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
