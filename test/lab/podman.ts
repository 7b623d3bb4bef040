// A private Podman below a lab's folder: its service, its storage and its containers end with the lab.
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Daemon } from './daemon';
import { BUSYBOX_IMAGE, PAUSE_IMAGE, writeImageArchive } from './images';
import type { Lab } from './lab';
import { mustRun, run, type Output } from './run';

export interface PodmanLab {
  readonly socketPath: string;
  /** Runs the podman command line on it; throws when it fails. Returns the trimmed output. */
  podman(...args: readonly string[]): Promise<string>;
  /** Ends its service with this signal; resolves when it has ended. Containers run on. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts the service again; resolves when it answers. */
  start(): Promise<void>;
  /** Removes its containers and ends its service. */
  stop(): Promise<void>;
}

/** What a machine without a network plugin needs to run a container. */
const RUNNABLE = ['--network=none'];
const CONTAINERS_CONF = '[containers]\ndefault_ulimits = ["nofile=512:1024", "nproc=512:1024"]\n';

/** Root's Podman. */
export async function startPodman(lab: Lab): Promise<PodmanLab> {
  const dir = join(lab.dir, 'podman');
  mkdirSync(dir);
  return start({
    dir,
    inside: join(lab.insideDir, 'podman'),
    socketPath: join(dir, 'podman.sock'),
    command: (args) => lab.command('podman', args),
    // Not the lab's environment: Podman would look for registries' secrets in the folder that DOCKER_CONFIG names.
    env: { ...process.env },
  });
}

/** The user whose rootless Podman is run. He is on every Debian. */
export const ROOTLESS_USER = 'nobody';

/** Why no rootless Podman can be run here; undefined when one can. */
export function whyNotRootless(): string | undefined {
  const { status, stderr } = spawnSync('setpriv', [...AS_USER, 'unshare', '--user', '--map-root-user', 'true'], {
    encoding: 'utf8',
  });
  return status === 0 ? undefined : `an ordinary user may not make a user namespace: ${stderr ?? 'no setpriv'}`;
}

const AS_USER = [`--reuid=${ROOTLESS_USER}`, `--regid=nogroup`, '--clear-groups'];

/**
 * The Podman of an ordinary user, with its socket where users have it: `podman/podman.sock` in XDG_RUNTIME_DIR. It is the
 * one that this machine has, whatever generation the lab is of.
 */
export async function startRootlessPodman(lab: Lab): Promise<PodmanLab & { readonly runtimeDir: string }> {
  // A way through for him to his own folder; what else is in the lab stays root's.
  chmodSync(lab.dir, 0o711);
  const dir = join(lab.dir, 'rootless');
  const runtimeDir = join(dir, 'runtime');
  const { uid, gid } = userIds();
  for (const folder of [dir, runtimeDir, join(runtimeDir, 'podman'), join(dir, 'home')]) {
    mkdirSync(folder, { mode: 0o700 });
    chownSync(folder, uid, gid);
  }
  const podman = await start({
    dir,
    inside: dir,
    socketPath: join(runtimeDir, 'podman/podman.sock'),
    command: (args) => ['setpriv', [...AS_USER, 'podman', ...args]],
    env: { PATH: process.env.PATH, HOME: join(dir, 'home'), XDG_RUNTIME_DIR: runtimeDir },
  });
  return { ...podman, runtimeDir };
}

function userIds(): { uid: number; gid: number } {
  const id = (flag: string): number =>
    Number(spawnSync('id', [flag, ROOTLESS_USER], { encoding: 'utf8' }).stdout.trim());
  return { uid: id('-u'), gid: id('-g') };
}

interface Place {
  /** The folder as this process names it, and as Podman does. */
  readonly dir: string;
  readonly inside: string;
  /** As this process names it; below `dir`. */
  readonly socketPath: string;
  /** The program and its words that run podman with these. */
  readonly command: (args: readonly string[]) => readonly [program: string, args: readonly string[]];
  readonly env: NodeJS.ProcessEnv;
}

async function start({ dir, inside, socketPath, command, env: callerEnv }: Place): Promise<PodmanLab> {
  writeFileSync(join(dir, 'containers.conf'), CONTAINERS_CONF);
  const env = { ...callerEnv, CONTAINERS_CONF: join(inside, 'containers.conf') };
  const global = [
    ...['--root', join(inside, 'root'), '--runroot', join(inside, 'run'), '--tmpdir', join(inside, 'tmp')],
    // Storage on top of any file system, also where overlay is not to be had.
    ...['--storage-driver', 'vfs', '--cgroup-manager', 'cgroupfs', '--runtime', 'runc', '--events-backend', 'file'],
  ];
  const cli = (...args: readonly string[]): Promise<Output> => mustRun(...command([...global, ...args]), { env });
  const insideSocket = join(inside, relative(dir, socketPath));
  const [program, args] = command([...global, 'system', 'service', '--time=0', `unix://${insideSocket}`]);
  const service = new Daemon({
    name: 'podman',
    program,
    args,
    env,
    logFile: join(dir, 'service.log'),
    answers: async () =>
      (await run('curl', ['--silent', '--fail', '--max-time', '5', '--unix-socket', socketPath, 'http://d/_ping']))
        .code === 0,
  });
  const archiveFolder = join(dir, 'archive');
  mkdirSync(archiveFolder);
  const archive = await writeImageArchive(archiveFolder);
  await cli('load', '--quiet', '--input', join(inside, relative(dir, archive)));
  await service.start();
  return {
    socketPath,
    podman: async (...args) => (await cli(...args)).stdout.trim(),
    kill: (signal) => service.kill(signal),
    start: () => service.start(),
    stop: async () => {
      await cli('pod', 'rm', '--all', '--force', '--time', '0');
      await cli('rm', '--all', '--force', '--time', '0');
      await service.kill('SIGTERM');
    },
  };
}

/** A pod with its infra container, which runs the lab's pause image, and an idle container for each name. */
export async function podmanPod(lab: PodmanLab, name: string, containerNames: readonly string[]): Promise<string> {
  const id = await lab.podman('pod', 'create', '--name', name, '--network=none', '--infra-image', PAUSE_IMAGE);
  for (const container of containerNames) {
    await lab.podman('run', '--detach', '--pod', name, '--name', container, `localhost/${BUSYBOX_IMAGE}`, ...IDLE);
  }
  return id;
}

const IDLE = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done'];

/** Starts or creates an idle container; returns its id. */
export async function podmanContainer(
  lab: PodmanLab,
  verb: 'run' | 'create',
  name: string,
  options: readonly string[] = [],
  command: readonly string[] = IDLE,
): Promise<string> {
  const detach = verb === 'run' ? ['--detach'] : [];
  const network = options.some((option) => option.startsWith('--network=')) ? [] : RUNNABLE;
  return lab.podman(verb, ...detach, '--name', name, ...network, ...options, `localhost/${BUSYBOX_IMAGE}`, ...command);
}
