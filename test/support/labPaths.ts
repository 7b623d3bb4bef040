import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Lab } from '../lab/lab';

/**
 * A path of a lab as the explorer reaches it, as the path that the tests know. Where the lab's daemons live in a file tree
 * of their own, what is theirs must have been reached through the root of a process that lives there.
 */
export function asOutside(lab: Lab, reached: string): string {
  if (lab.insideDir === lab.dir) return reached;
  const [, pid, inside] = /^\/proc\/(\d+)\/root(\/.*)$/.exec(reached) ?? [];
  // What was started with a path of outside (both trees have the lab's folder under it) needs no such way.
  if (pid === undefined || inside === undefined) return reached;
  const mounts = readFileSync(`/proc/${pid}/mountinfo`, 'utf8');
  assert.ok(mounts.includes(`/${basename(lab.dir)} ${lab.insideDir} `), `PID ${pid} lives in the lab's file tree`);
  return inside.startsWith(`${lab.insideDir}/`) ? lab.dir + inside.slice(lab.insideDir.length) : inside;
}

/** Where the shim of a bundle listens: containerd 2 writes bootstrap.json, older ones the address alone. */
export function shimAddressIn(bundle: string): string {
  if (!existsSync(join(bundle, 'bootstrap.json'))) return readFileSync(join(bundle, 'address'), 'utf8');
  return (JSON.parse(readFileSync(join(bundle, 'bootstrap.json'), 'utf8')) as { address: string }).address;
}
