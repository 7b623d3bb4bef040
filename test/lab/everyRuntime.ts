// Containers of every runtime at once: Docker, ctr (one id in two namespaces), CRI pods, Podman, and runc by hand.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runWithCtr } from './ctr';
import type { Lab } from './lab';
import { podmanContainer, startPodman, type PodmanLab } from './podman';
import { removePod, runPod, type Pod } from './pods';

/** A container as it was made: who shows it, under which id, and which layers must know it. All of it is JSON. */
export interface Made {
  /** As the explorer names it. */
  readonly id: string;
  readonly runtimeId: string;
  /** The kinds of the layers that know it, top to bottom. */
  readonly kinds: readonly string[];
  /** Its init process, as its own engine tells. */
  readonly pid: number;
  /** Its name, where its engine gives it one. */
  readonly name?: string;
}

export interface EveryRuntime {
  readonly made: readonly Made[];
  readonly pods: readonly Pod[];
  readonly podman: PodmanLab;
  /** What leads clients to all of it. */
  readonly env: NodeJS.ProcessEnv;
  /** Removes what the lab itself would not. */
  stop(): Promise<void>;
}

/** Makes 5 Docker containers, 3 by ctr in two namespaces, 2 pods of 2 containers each, 3 of Podman and one by runc. */
export async function startEveryRuntime(lab: Lab): Promise<EveryRuntime> {
  const podman = await startPodman(lab);
  const pods: Pod[] = [];
  const made: Made[] = [];
  const bareRoot = join(lab.dir, 'bare-state');
  // With ids that other labs of this machine give too, all would be shown with longer ones.
  const tag = basename(lab.dir);
  const [same, other, byHand] = ['same', 'other', 'by-hand'].map((id) => `${id}-${tag}`) as [string, string, string];
  const stop = async (): Promise<void> => {
    for (const pod of pods) await removePod(lab, pod);
    await lab.mustRun('runc', ['--root', join(bareRoot, 'runc'), 'delete', '--force', byHand]).catch(() => undefined);
    await podman.stop();
  };
  try {
    for (let index = 0; index < 5; index++) made.push(await makeDocker(lab, `docker-${index}`));
    made.push(await makeCtr(lab, 'alpha', same));
    made.push(await makeCtr(lab, 'beta', same));
    made.push(await makeCtr(lab, 'beta', other));
    for (const name of ['one', 'two']) {
      const pod = await runPod(lab, name, ['web', 'db']);
      pods.push(pod);
      made.push(...(await containersOf(lab, pod)));
    }
    for (let index = 0; index < 3; index++) made.push(await makePodman(podman, `podman-${index}`));
    made.push(await makeBare(lab, bareRoot, byHand));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    made,
    pods,
    podman,
    // A person who calls runc by hand and gives it a folder of its own says so through nothing but XDG_RUNTIME_DIR.
    env: { ...lab.env, XDG_RUNTIME_DIR: bareRoot, CONTAINER_HOST: `unix://${podman.socketPath}` },
    stop,
  };
}

async function makeDocker(lab: Lab, name: string): Promise<Made> {
  const id = await lab.mustDocker(['run', '--detach', '--network=none', `--name=${name}`, lab.image, 'sleep', '36000']);
  const pid = Number(await lab.mustDocker(['inspect', '--format', '{{.State.Pid}}', id]));
  return { id, runtimeId: id, pid, name, kinds: ['engine', 'containerd', 'shim', 'oci-runtime', 'kernel'] };
}

async function makeCtr(lab: Lab, namespace: string, id: string): Promise<Made> {
  return {
    id: `${namespace}/${id}`,
    runtimeId: id,
    pid: await runWithCtr(lab, namespace, id),
    kinds: ['containerd', 'shim', 'oci-runtime', 'kernel'],
  };
}

async function containersOf(lab: Lab, pod: Pod): Promise<Made[]> {
  const tasks = (await lab.ctr(['-n', 'k8s.io', 'tasks', 'list'])).stdout.split('\n');
  const kinds = ['cri', 'containerd', 'shim', 'oci-runtime', 'kernel'];
  return [pod.sandboxId, ...pod.containers.values()].map((id) => {
    const pid = Number(tasks.find((line) => line.startsWith(id))?.split(/\s+/)[1]);
    return { id, runtimeId: id, pid, kinds };
  });
}

async function makePodman(podman: PodmanLab, name: string): Promise<Made> {
  const id = await podmanContainer(podman, 'run', name);
  const pid = Number(await podman.podman('inspect', '--format', '{{.State.Pid}}', id));
  return { id, runtimeId: id, pid, name, kinds: ['engine', 'shim', 'oci-runtime', 'kernel'] };
}

/** A container that nobody but runc knows. */
async function makeBare(lab: Lab, bareRoot: string, id: string): Promise<Made> {
  const bundle = join(lab.dir, 'bare-bundle');
  mkdirSync(join(bundle, 'rootfs'), { recursive: true });
  mkdirSync(bareRoot, { recursive: true });
  const container = await lab.mustDocker(['create', '--name=for-export', lab.image]);
  await lab.mustRun('sh', ['-c', 'docker export "$0" | tar -x -C "$1"', container, join(bundle, 'rootfs')], {
    env: lab.env,
  });
  await lab.mustDocker(['rm', container]);
  await lab.mustRun('runc', ['spec', '--bundle', bundle]);
  const file = join(bundle, 'config.json');
  const spec = JSON.parse(readFileSync(file, 'utf8')) as {
    process: Record<string, unknown>;
    linux: Record<string, unknown>;
    hostname: string;
  };
  spec.process.terminal = false;
  spec.process.args = ['sleep', '36000'];
  spec.process.rlimits = [];
  spec.linux.cgroupsPath = `${lab.cgroupParent}/bare/${id}`;
  spec.hostname = 'bare';
  writeFileSync(file, JSON.stringify(spec));
  // A container inherits runc's output: with a pipe the command would not end before the container does.
  await lab.mustRun('sh', [
    '-c',
    'exec runc --root "$0" run --detach --bundle "$1" "$2" >/dev/null 2>&1',
    join(bareRoot, 'runc'),
    bundle,
    id,
  ]);
  const state = JSON.parse((await lab.mustRun('runc', ['--root', join(bareRoot, 'runc'), 'state', id])).stdout) as {
    pid: number;
  };
  return { id, runtimeId: id, pid: state.pid, kinds: ['oci-runtime', 'kernel'] };
}
