// Containers of containerd without Docker.
import { join } from 'node:path';
import type { Lab } from './lab';

export const CTR_IMAGE = 'docker.io/lab/busybox:1';

/** Runs a container that sleeps by ctr, with everything it makes inside the lab; gives the PID of its init. */
export async function runWithCtr(lab: Lab, namespace: string, id: string): Promise<number> {
  const ctr = ['--address', lab.containerdSocket, '--namespace', namespace];
  await lab.mustRun('ctr', [...ctr, 'images', 'import', join(lab.dir, 'images.tar')]);
  const cgroup = `${lab.cgroupParent}/${namespace}/${id}`;
  const places = ['--cgroup', cgroup, '--runc-root', join(lab.dir, 'ctr-runc')];
  await lab.mustRun('ctr', [...ctr, 'run', '--detach', ...places, CTR_IMAGE, id, 'sleep', '36000']);
  const { stdout } = await lab.mustRun('ctr', [...ctr, 'tasks', 'list']);
  const line = stdout.split('\n').find((text) => text.startsWith(`${id} `));
  return Number(line?.split(/\s+/)[1]);
}
