// The lab: a private containerd and dockerd in a folder of their own, for tests that want the real thing.
// It never touches an engine of the machine, and stop() leaves nothing behind. Needs root on Linux.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Daemon } from './daemon';
import { BUSYBOX_IMAGE, PAUSE_IMAGE, writeImageArchive } from './images';
import { identify } from './processes';
import { mustRun, run, type Output, type RunOptions } from './run';
import { removeTraces, sweepDeadLabs, writeRecord, type LabRecord } from './traces';

export interface LabOptions {
  /** Containers outlive a restart of dockerd. Off by default, as in Docker itself. */
  readonly liveRestore?: boolean;
}

export interface Lab {
  /** Everything the lab owns lies below. */
  readonly dir: string;
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

  /** Ends (SIGTERM by default) and starts dockerd again; resolves when it answers. */
  restartDockerd(signal?: NodeJS.Signals): Promise<void>;
  restartContainerd(signal?: NodeJS.Signals): Promise<void>;
  /** Sends a signal; with one that ends the daemon, resolves when it has ended. SIGSTOP and SIGCONT work too. */
  killDockerd(signal: NodeJS.Signals): Promise<void>;
  killContainerd(signal: NodeJS.Signals): Promise<void>;
  startDockerd(): Promise<void>;
  startContainerd(): Promise<void>;

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
  const dir = mkdtempSync(join(tmpdir(), 'cre-lab-'));
  const owner = identify(process.pid);
  if (!owner) throw new Error('a lab needs /proc');
  const record: LabRecord = { owner, dir, cgroupParent: `/${basename(dir)}` };
  writeRecord(record);
  try {
    return await startDaemons(record, options);
  } catch (error) {
    await removeTraces(record);
    throw error;
  }
}

async function startDaemons(record: LabRecord, options: LabOptions): Promise<Lab> {
  const { dir, cgroupParent } = record;
  const dockerSocket = join(dir, 'docker.sock');
  const containerdSocket = join(dir, 'containerd.sock');
  const containerdState = join(dir, 'containerd/state');
  const dockerExecRoot = join(dir, 'docker/exec');
  const dockerConfig = join(dir, 'docker-config');
  const pidFile = join(dir, 'dockerd.pid');
  mkdirSync(dockerConfig);
  writeFileSync(join(dir, 'containerd.toml'), containerdConfig(dir));
  writeFileSync(join(dir, 'dockerd.json'), await dockerdConfig(dir));

  const ctr: Lab['ctr'] = (args, runOptions) => run('ctr', ['--address', containerdSocket, ...args], runOptions);
  const containerd = new Daemon({
    program: 'containerd',
    args: ['--config', join(dir, 'containerd.toml')],
    logFile: join(dir, 'containerd.log'),
    answers: async () => (await ctr(['version'], { timeoutMs: 5_000 })).code === 0,
  });
  const dockerd = new Daemon({
    program: 'dockerd',
    args: [
      ...['--config-file', join(dir, 'dockerd.json')],
      ...['--host', `unix://${dockerSocket}`],
      ...['--containerd', containerdSocket],
      ...['--data-root', join(dir, 'docker/data')],
      ...['--exec-root', dockerExecRoot],
      ...['--pidfile', pidFile],
      // No network of its own: it would need iptables rules and a bridge on the machine.
      ...['--bridge=none', '--iptables=false', '--userland-proxy=false'],
      ...['--cgroup-parent', `${cgroupParent}/docker`],
      ...(options.liveRestore ? ['--live-restore'] : []),
    ],
    logFile: join(dir, 'dockerd.log'),
    // A killed dockerd leaves it, and the next refuses to start when another process has got that PID.
    staleFiles: [pidFile],
    answers: () => answersPing(dockerSocket),
  });

  const env = clientEnv({ dockerSocket, containerdSocket, dockerConfig });
  const docker: Lab['docker'] = (args, runOptions) => run('docker', args, { env, ...runOptions });

  const lab: Lab = {
    dir,
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
    mustDocker: async (args, runOptions) => (await mustRun('docker', args, { env, ...runOptions })).stdout.trim(),
    ctr,
    killDockerd: (signal) => dockerd.kill(signal),
    killContainerd: (signal) => containerd.kill(signal),
    startDockerd: () => dockerd.start(),
    startContainerd: () => containerd.start(),
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
  await mustRun('ctr', ['--address', containerdSocket, '--namespace', 'k8s.io', 'images', 'import', await archive]);
  return lab;
}

/** Configuration format 2 is read by containerd 1.3 and later, 2.x included. */
function containerdConfig(dir: string): string {
  return `version = 2
root = "${dir}/containerd/root"
state = "${dir}/containerd/state"

[grpc]
  address = "${dir}/containerd.sock"

[ttrpc]
  address = "${dir}/containerd.sock.ttrpc"

[plugins."io.containerd.internal.v1.opt"]
  path = "${dir}/containerd/opt"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  # Machines without CAP_SYS_RESOURCE, such as a CI's, cannot lower a process's oom_score_adj.
  restrict_oom_score_adj = true

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  Root = "${dir}/containerd/runc"
`;
}

/** Docker before 23 writes a key, of no use to the lab, to /etc/docker unless told another place; later ones have none. */
async function dockerdConfig(dir: string): Promise<string> {
  const { stdout } = await mustRun('dockerd', ['--version']);
  const major = Number(/version (\d+)/.exec(stdout)?.[1] ?? Infinity);
  return JSON.stringify(major < 23 ? { 'deprecated-key-path': join(dir, 'docker/key.json') } : {});
}

/** The caller's environment without what would lead a Docker client elsewhere, and with the lab's endpoints. */
function clientEnv(paths: { dockerSocket: string; containerdSocket: string; dockerConfig: string }): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(DOCKER|CONTAINERD|COMPOSE)_/.test(name));
  return {
    ...Object.fromEntries(inherited),
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
