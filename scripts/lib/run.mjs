// Runs commands in process groups of their own, so that nothing they start outlives them.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Runs a command to its end, without standard input, its output passed on.
 * After `deadlineMs` the whole group is asked to end, and 20 s later killed. What a command has left running in its
 * group is killed in any case: it would hold the output open, and a CI would wait for it.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ deadlineMs?: number, env?: NodeJS.ProcessEnv, cwd?: string, quiet?: boolean }} options
 *   `quiet` collects the output instead of passing it on.
 * @returns {Promise<{ code: number, timedOut: boolean, output: string }>}
 */
export function run(program, args, { deadlineMs = 12 * 60_000, env = process.env, cwd = ROOT, quiet = false } = {}) {
  return new Promise((resolve) => {
    const stdio = quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'];
    const child = spawn(program, args, { cwd, env, stdio, detached: true });
    let output = '';
    let timedOut = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => (output += text));
    }
    const timers = [
      setTimeout(() => {
        timedOut = true;
        killGroup(child.pid, 'SIGTERM');
        timers.push(setTimeout(() => killGroup(child.pid, 'SIGKILL'), 20_000));
      }, deadlineMs),
    ];
    const passOn = (signal) => killGroup(child.pid, signal);
    process.on('SIGINT', passOn).on('SIGTERM', passOn);
    const finish = (code) => {
      timers.forEach(clearTimeout);
      process.off('SIGINT', passOn).off('SIGTERM', passOn);
      killGroup(child.pid, 'SIGKILL');
      resolve({ code, timedOut, output });
    };
    child.on('error', (error) => {
      output += error.message;
      if (!quiet) console.error(error.message);
      finish(127);
    });
    child.on('exit', (code, signal) => {
      if (!quiet) return finish(code ?? (signal ? 128 : 1));
      killGroup(child.pid, 'SIGKILL');
      child.once('close', () => finish(code ?? 128));
    });
  });
}

/** Signals a whole process group; one that is gone is no error. */
export function killGroup(leader, signal) {
  if (!leader) return;
  try {
    process.kill(-leader, signal);
  } catch {
    // The group has ended.
  }
}

/**
 * The environment for a nested npm: what the outer npm has set for itself (which package, which script) would
 * mislead it; how to reach the registry stays.
 */
export function envForNestedNpm() {
  const keep = /^npm_config_(registry|cafile|proxy|https_proxy|noproxy|userconfig|cache)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) || keep.test(name)));
}
