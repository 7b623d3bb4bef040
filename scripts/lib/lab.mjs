// The lab (test/lab) for scripts: it lives in a process of its own, which ends with this one.
import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ROOT } from './run.mjs';

const START_DEADLINE_MS = 5 * 60_000;

/**
 * Starts a lab with all samples, or with containers of every runtime.
 * @returns {Promise<{ env: Record<string, string>, lab: object, stop: () => Promise<void> }>}
 *   `env` leads clients to it, `lab` are its paths and PIDs
 */
export async function startLabProcess({ everyRuntime = false } = {}) {
  const tsx = createRequire(import.meta.url).resolve('tsx/cjs');
  const child = fork(join(ROOT, 'test/lab/main.ts'), everyRuntime ? ['--every-runtime'] : [], {
    cwd: ROOT,
    execArgv: ['--require', tsx],
    // Its own group: a Ctrl-C meant for us must not end the lab under those who still use it.
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  let timer;
  const ready = await Promise.race([
    new Promise((resolve) => child.once('message', resolve)),
    exited.then(() => undefined),
    new Promise((resolve) => (timer = setTimeout(resolve, START_DEADLINE_MS))),
  ]);
  clearTimeout(timer);
  if (!ready) {
    await stop();
    throw new Error('the lab did not start');
  }
  return { ...ready, stop };
}
