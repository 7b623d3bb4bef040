// The lab: a private containerd and dockerd in a folder of their own, for tests that want the real thing.
// It never touches an engine of the machine, and stop() leaves nothing behind. Needs root on Linux.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Daemon, type DaemonOptions } from './daemon';
import { openFileTree, type FileTree } from './fileTree';
import { currentGeneration, type Generation } from './generations';
import { BUSYBOX_IMAGE, PAUSE_IMAGE, writeImageArchive } from './images';
import { identify } from './processes';
import { ensureRootfs } from './rootfs';
import { mustRun, run, type Output, type RunOptions } from './run';
import { removeTraces, sweepDeadLabs, writeRecord, type LabRecord } from './traces';

export interface LabOptions {
  /** Containers outlive a restart of dockerd. Off by default, as in Docker itself. */
  readonly liveRestore?: boolean;
  /** dockerd keeps images and root file systems in containerd (Docker 24 or newer), instead of by a storage driver of its own. */
  readonly imageStore?: boolean;
  /** The one of this run (CRE_GENERATION) when absent. */
  readonly generation?: Generation;
}

export interface Lab {
  readonly generation: Generation;
  /** The daemons' own versions. */
  readonly versions: { readonly docker: string; readonly containerd: string };
  /** Everything the lab owns lies below. */
  readonly dir: string;
  /** The same folder as the lab's daemons name it: another one where they run in a file tree of their own. */
  readonly insideDir: string;
  /** Paths of the sockets (no `unix://` before them). */
  readonly dockerSocket: string;
  readonly containerdSocket: string;
  /** containerd's `state` folder, which holds the bundles. */
  readonly containerdState: string;
  /** dockerd's `--exec-root`, which holds runc's state. */
  readonly dockerExecRoot: string;
  /** Cgroup below which Docker's containers are; put others below it too, and they are cleaned up with the lab. */
  readonly cgroupParent: string;
  /** The image all samples run: static busybox with all its applets. Docker and CRI have it under the same name. */
  readonly image: string;
  readonly dockerdPid: number;
  readonly containerdPid: number;

  /** What a client process needs in its environment to talk to the lab. */
  readonly env: NodeJS.ProcessEnv;

  /** Runs the docker command line on the lab; a failing command is an ordinary answer. */
  docker(args: readonly string[], options?: RunOptions): Promise<Output>;
  /** Like `docker`, but throws when it fails. Returns the trimmed output. */
  mustDocker(args: readonly string[], options?: RunOptions): Promise<string>;
  /** Runs `ctr` on the lab's containerd. */
  ctr(args: readonly string[], options?: RunOptions): Promise<Output>;
  /** The command line that runs a program of the lab's generation in the lab's file tree. */
  command: FileTree['command'];
  /** Runs such a program, and throws when it fails. Paths below `dir` are the same in there. */
  mustRun(program: string, args: readonly string[], options?: RunOptions): Promise<Output>;

  /** Ends (SIGTERM by default) and starts dockerd again; resolves when it answers. */
  restartDockerd(signal?: NodeJS.Signals): Promise<void>;
  restartContainerd(signal?: NodeJS.Signals): Promise<void>;
  /** Sends a signal; with one that ends the daemon, resolves when it has ended. SIGSTOP and SIGCONT work too. */
  killDockerd(signal: NodeJS.Signals): Promise<void>;
  killContainerd(signal: NodeJS.Signals): Promise<void>;
  startDockerd(): Promise<void>;
  startContainerd(): Promise<void>;
  /** Starts containerd when it does not run: for the start of a test that may be a second try. */
  ensureContainerd(): Promise<void>;

  /** Ends all and removes every trace. May be called twice. */
  stop(): Promise<void>;
}

/** Starts a lab; labs that earlier, killed runs have left behind are removed first. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  // What another run has left must not fail this one.
  await sweepDeadLabs().catch((error: unknown) => console.warn('a dead lab could not be removed:', error));
  try {
    return await startOnce(options);
  } catch (error) {
    // A daemon that fails to start is seldom, and never what a test is about.
    console.warn(`the lab is started anew: ${error instanceof Error ? error.message : String(error)}`);
    return startOnce(options);
  }
}

async function startOnce(options: LabOptions): Promise<Lab> {
  const generation = options.generation ?? currentGeneration();
  // Before there is anything to clean up: it takes a minute the first time.
  if (generation.suite !== undefined) await ensureRootfs(generation.suite);
  const dir = mkdtempSync(join(tmpdir(), 'cre-lab-'));
  const owner = identify(process.pid);
  if (!owner) throw new Error('a lab needs /proc');
  const record: LabRecord = { owner, dir, cgroupParent: `/${basename(dir)}` };
  writeRecord(record);
  try {
    return await startDaemons(record, options, generation);
  } catch (error) {
    await removeTraces(record);
    throw error;
  }
}

async function startDaemons(record: LabRecord, options: LabOptions, generation: Generation): Promise<Lab> {
  const { dir, cgroupParent } = record;
  const dockerSocket = join(dir, 'docker.sock');
  const containerdSocket = join(dir, 'containerd.sock');
  const containerdState = join(dir, 'containerd/state');
  const dockerExecRoot = join(dir, 'docker/exec');
  const dockerConfig = join(dir, 'docker-config');
  mkdirSync(dockerConfig);

  const { insideDir, command, binFolder } = await openFileTree(generation, dir);
  const inside = (path: string): string => join(insideDir, path);
  const versionOf = async (program: string): Promise<string> =>
    / v?(\d+\.\d\S*?),?\s/.exec((await mustRun(...command(program, ['--version']))).stdout)?.[1] ?? '';
  const versions = { docker: await versionOf('dockerd'), containerd: await versionOf('containerd') };
  writeFileSync(join(dir, 'containerd.toml'), containerdConfig(insideDir, versions.containerd));
  writeFileSync(join(dir, 'dockerd.json'), dockerdConfig(insideDir, versions.docker, options));

  const ctr: Lab['ctr'] = (args, runOptions) =>
    run(...command('ctr', ['--address', containerdSocket, ...args]), runOptions);
  const daemon = (
    program: string,
    args: readonly string[],
    more: Pick<DaemonOptions, 'answers' | 'staleFiles'>,
  ): Daemon => {
    const [entry, words] = command(program, args);
    return new Daemon({ name: program, program: entry, args: words, logFile: join(dir, `${program}.log`), ...more });
  };
  const containerd = daemon('containerd', ['--config', inside('containerd.toml')], {
    answers: async () => (await ctr(['version'], { timeoutMs: 5_000 })).code === 0,
  });
  const dockerdArgs = [
    ...['--config-file', inside('dockerd.json')],
    ...['--host', `unix://${inside('docker.sock')}`],
    ...['--containerd', inside('containerd.sock')],
    ...['--data-root', inside('docker/data')],
    ...['--exec-root', inside('docker/exec')],
    ...['--pidfile', inside('dockerd.pid')],
    // No network of its own: it would need iptables rules and a bridge on the machine.
    ...['--bridge=none', '--iptables=false', '--userland-proxy=false'],
    ...['--cgroup-parent', `${cgroupParent}/docker`],
    ...(options.liveRestore ? ['--live-restore'] : []),
  ];
  const dockerd = daemon('dockerd', dockerdArgs, {
    // A killed dockerd leaves it, and the next refuses to start when another process has got that PID.
    staleFiles: [join(dir, 'dockerd.pid')],
    answers: () => answersPing(dockerSocket),
  });

  const env = clientEnv({ dockerSocket, containerdSocket, dockerConfig, binFolder });
  const docker: Lab['docker'] = (args, runOptions) => run(...command('docker', args), { env, ...runOptions });

  const lab: Lab = {
    generation,
    versions,
    dir,
    insideDir,
    dockerSocket,
    containerdSocket,
    containerdState,
    dockerExecRoot,
    cgroupParent,
    image: BUSYBOX_IMAGE,
    env,
    get dockerdPid() {
      return dockerd.pid;
    },
    get containerdPid() {
      return containerd.pid;
    },
    docker,
    mustDocker: async (args, runOptions) =>
      (await mustRun(...command('docker', args), { env, ...runOptions })).stdout.trim(),
    ctr,
    command,
    mustRun: (program, args, runOptions) => mustRun(...command(program, args), { env, ...runOptions }),
    killDockerd: (signal) => dockerd.kill(signal),
    killContainerd: (signal) => containerd.kill(signal),
    startDockerd: () => dockerd.start(),
    startContainerd: () => containerd.start(),
    ensureContainerd: async () => {
      if (!containerd.isRunning) await containerd.start();
    },
    async restartDockerd(signal) {
      await dockerd.kill(signal);
      await dockerd.start();
    },
    async restartContainerd(signal) {
      await containerd.kill(signal);
      await containerd.start();
    },
    stop: () => removeTraces(record),
  };

  const archive = writeImageArchive(dir);
  // Awaited below; a failure in between must not count as unhandled.
  archive.catch(() => undefined);
  await containerd.start();
  await dockerd.start();
  await lab.mustDocker(['load', '--input', await archive]);
  const images = ['images', 'import', await archive];
  await lab.mustRun('ctr', ['--address', containerdSocket, '--namespace', 'k8s.io', ...images]);
  return lab;
}

/** Format 3 came with containerd 2.0, and with it other names of plugins; earlier ones read format 2. */
function containerdConfig(dir: string, version: string): string {
  const isNew = parseInt(version, 10) >= 2;
  const runtime = isNew ? 'io.containerd.cri.v1.runtime' : 'io.containerd.grpc.v1.cri';
  const pauseImage = isNew
    ? `[plugins."io.containerd.cri.v1.images".pinned_images]\n  sandbox = "${PAUSE_IMAGE}"`
    : `[plugins."${runtime}"]\n  sandbox_image = "${PAUSE_IMAGE}"`;
  return `version = ${isNew ? 3 : 2}
root = "${dir}/containerd/root"
state = "${dir}/containerd/state"

[grpc]
  address = "${dir}/containerd.sock"

[ttrpc]
  address = "${dir}/containerd.sock.ttrpc"

[plugins."io.containerd.internal.v1.opt"]
  path = "${dir}/containerd/opt"

${pauseImage}

${isNew ? `[plugins."${runtime}"]` : ''}
  # Machines without CAP_SYS_RESOURCE, such as a CI's, cannot lower a process's oom_score_adj.
  restrict_oom_score_adj = true

# Made when it is not there: not on the machine, and a root of another suite is read-only.
[plugins."${runtime}".cni]
  conf_dir = "${dir}/cni"

[plugins."${runtime}".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."${runtime}".containerd.runtimes.runc.options]
  Root = "${dir}/containerd/runc"
`;
}

/** Docker before 23 writes a key, of no use to the lab, to /etc/docker unless told another place; later ones have none. */
function dockerdConfig(dir: string, version: string, { imageStore = false }: LabOptions): string {
  return JSON.stringify({
    ...(parseInt(version, 10) < 23 ? { 'deprecated-key-path': join(dir, 'docker/key.json') } : {}),
    ...(imageStore ? { features: { 'containerd-snapshotter': true } } : {}),
  });
}

/** The caller's environment without what would lead a Docker client elsewhere, and with the lab's endpoints. */
function clientEnv(paths: {
  dockerSocket: string;
  containerdSocket: string;
  dockerConfig: string;
  binFolder: string | undefined;
}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(DOCKER|CONTAINERD|COMPOSE)_/.test(name));
  return {
    ...Object.fromEntries(inherited),
    ...(paths.binFolder ? { PATH: `${paths.binFolder}:${process.env.PATH ?? ''}` } : {}),
    DOCKER_HOST: `unix://${paths.dockerSocket}`,
    DOCKER_CONFIG: paths.dockerConfig,
    CONTAINERD_ADDRESS: paths.containerdSocket,
  };
}

function answersPing(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ socketPath, path: '/_ping', agent: false, timeout: 5_000 }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode === 200));
      response.on('error', () => resolve(false));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}
