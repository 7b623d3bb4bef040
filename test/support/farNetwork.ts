// A network of its own on this machine, with one cable to it: what listens there is on no address of ours.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import type { Disposable } from '../../src/util/disposables';

export interface FarNetwork extends Disposable {
  /** Of the far end, IPv4. */
  readonly address: string;
  /** Words before those of a program that is to run there; it stays the same process. */
  readonly enter: readonly string[];
}

const PREFIX = 'cre-far-';

/** Makes a network namespace and a pair of veth devices into it; both go with it. Needs root and iproute2. */
export function makeFarNetwork(): FarNetwork {
  removeLeftovers();
  const { pid } = process;
  const name = `${PREFIX}${pid}`;
  const [near, far] = [`cre${pid}a`, `cre${pid}b`];
  // Of the range for measurements between networks (RFC 2544), in which nothing of ours lives; four addresses a process.
  const base = `198.18.${(pid >> 6) & 255}.`;
  const first = (pid & 63) * 4;
  const address = `${base}${first + 2}`;
  try {
    ip('netns', 'add', name);
    ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', name);
    ip('addr', 'add', `${base}${first + 1}/30`, 'dev', near);
    ip('link', 'set', near, 'up');
    ip('-netns', name, 'addr', 'add', `${address}/30`, 'dev', far);
    ip('-netns', name, 'link', 'set', far, 'up');
  } catch (error) {
    remove(name);
    throw error;
  }
  return { address, enter: ['ip', 'netns', 'exec', name], dispose: () => remove(name) };
}

function removeLeftovers(): void {
  const folder = '/run/netns';
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const pid = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined;
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) remove(name);
  }
}

function remove(name: string): void {
  if (existsSync(`/run/netns/${name}`)) ip('netns', 'delete', name);
}

function ip(...words: readonly string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'inherit'] });
}
