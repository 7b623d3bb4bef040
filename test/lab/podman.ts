// A private Podman below a lab's folder: its service, its storage and its containers end with the lab.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon } from './daemon';
import { BUSYBOX_IMAGE, writeImageArchive } from './images';
import type { Lab } from './lab';
import { run, type Output } from './run';

export interface PodmanLab {
  readonly socketPath: string;
  /** Runs the podman command line on it; throws when it fails. Returns the trimmed output. */
  podman(...args: readonly string[]): Promise<string>;
  /** Removes its containers and ends its service. */
  stop(): Promise<void>;
}

/** What a machine without CAP_SYS_RESOURCE and without a network plugin needs to run a container. */
const RUNNABLE = ['--network=none', '--ulimit=nofile=512:1024', '--ulimit=nproc=512:1024'];

export async function startPodman(lab: Lab): Promise<PodmanLab> {
  const dir = join(lab.dir, 'podman');
  mkdirSync(dir);
  const socketPath = join(dir, 'podman.sock');
  const inside = join(lab.insideDir, 'podman');
  const global = [
    ...['--root', join(inside, 'root'), '--runroot', join(inside, 'run'), '--tmpdir', join(inside, 'tmp')],
    // Storage on top of any file system, also where overlay is not to be had.
    ...['--storage-driver', 'vfs', '--cgroup-manager', 'cgroupfs', '--runtime', 'runc', '--events-backend', 'file'],
  ];
  // Not the lab's environment: Podman would look for registries' secrets in the folder that DOCKER_CONFIG names.
  const cli = (...args: readonly string[]): Promise<Output> =>
    lab.mustRun('podman', [...global, ...args], { env: process.env });
  const [program, args] = lab.command('podman', [
    ...global,
    ...['system', 'service', '--time=0', `unix://${join(inside, 'podman.sock')}`],
  ]);
  const service = new Daemon({
    name: 'podman',
    program,
    args,
    logFile: join(dir, 'service.log'),
    answers: async () =>
      (await run('curl', ['--silent', '--fail', '--max-time', '5', '--unix-socket', socketPath, 'http://d/_ping']))
        .code === 0,
  });
  const archiveFolder = join(dir, 'archive');
  mkdirSync(archiveFolder);
  await cli('load', '--quiet', '--input', await writeImageArchive(archiveFolder));
  await service.start();
  return {
    socketPath,
    podman: async (...args) => (await cli(...args)).stdout.trim(),
    stop: async () => {
      await cli('rm', '--all', '--force', '--time', '0');
      await service.kill('SIGTERM');
    },
  };
}

/** Starts or creates an idle container; returns its id. */
export async function podmanContainer(
  lab: PodmanLab,
  verb: 'run' | 'create',
  name: string,
  options: readonly string[] = [],
  command: readonly string[] = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done'],
): Promise<string> {
  const detach = verb === 'run' ? ['--detach'] : [];
  return lab.podman(verb, ...detach, '--name', name, ...RUNNABLE, ...options, `localhost/${BUSYBOX_IMAGE}`, ...command);
}
