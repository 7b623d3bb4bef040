import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHost, type Host } from '../../src/hostAdapters';
import { createPublicApi, type PublicInventory } from '../../src/publicApi';
import { isKnown } from '../../src/model/fact';
import { startLab, type Lab } from '../lab/lab';
import { podmanContainer, startPodman, type PodmanLab } from '../lab/podman';
import { removePod, runPod, type Pod } from '../lab/pods';
import { mustRun } from '../lab/run';
import { printed } from '../support/groundTruth';

/** A container as the test made it: who shows it, under which id, and which layers must know it. */
interface Made {
  readonly id: string;
  readonly runtimeId: string;
  readonly kinds: readonly string[];
  readonly pid: number;
}

describe('every runtime of the stack at once', () => {
  let lab: Lab;
  let podman: PodmanLab;
  let host: Host;
  const pods: Pod[] = [];
  const made: Made[] = [];
  const bareRoot = (): string => join(lab.dir, 'bare-state');

  before(async () => {
    lab = await startLab();
    podman = await startPodman(lab);
    for (let index = 0; index < 5; index++) await makeDocker(`docker-${index}`);
    await makeCtr('alpha', 'same-id');
    await makeCtr('beta', 'same-id');
    await makeCtr('beta', 'other-id');
    for (const name of ['one', 'two']) await makePod(name);
    for (let index = 0; index < 3; index++) await makePodman(`podman-${index}`);
    await makeBare('by-hand');
    host = createHost({
      settings: () => ({ dockerEndpoints: [], containerdAddresses: [], podmanEndpoints: [podman.socketPath] }),
      // A person who calls runc by hand and gives it a folder of its own says so through nothing but this variable.
      env: { ...lab.env, XDG_RUNTIME_DIR: bareRoot() },
      workerFolder: lab.dir,
    });
  });

  after(async () => {
    host?.store.dispose();
    for (const pod of pods) await removePod(lab, pod);
    if (lab)
      await mustRun('runc', ['--root', join(bareRoot(), 'runc'), 'delete', '--force', 'by-hand']).catch(
        () => undefined,
      );
    await podman?.stop();
    await lab?.stop();
  });

  const inventory = async (): Promise<PublicInventory> => createPublicApi(host.store).inventory();

  it('shows each container once, under exactly the layers that know it', async () => {
    const { containers, layers } = await inventory();
    const kindOf = (id: string): string => layers.find((layer) => layer.id === id)?.kind ?? '?';
    const shown = containers
      // Other engines of this machine may have containers too.
      .filter(({ id }) => made.some((one) => one.id === id || one.runtimeId === id))
      .map(({ id, layers: ids }) => `${id}: ${ids.map(kindOf).join(' ')}`);
    assert.deepEqual(shown.sort(), made.map(({ id, kinds }) => `${id}: ${kinds.join(' ')}`).sort());
    for (const layer of layers) assert.equal(layer.status, 'ok', `${layer.name}: ${JSON.stringify(layer.problem)}`);
  });

  it('gives each the init process and the namespaces that the kernel shows', async () => {
    for (const { id, pid } of made) {
      const { facts } = await host.store.inspect(id);
      assert.ok(isKnown(facts.initPid), `${id}: init`);
      assert.equal(facts.initPid.value, pid, `${id}: init`);
      assert.ok(isKnown(facts.namespaces), id);
      assert.equal(
        `mnt:[${facts.namespaces.value.mnt}]`,
        (await printed('readlink', `/proc/${pid}/ns/mnt`)).trim(),
        id,
      );
      assert.ok(isKnown(facts.cgroupPaths), id);
      const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n');
      assert.equal(
        Object.keys(facts.cgroupPaths.value).length,
        new Set(lines.map((line) => line.split(':')[1])).size,
        id,
      );
    }
  });

  it('finds the config.json of each on disk', async () => {
    for (const { id, runtimeId } of made) {
      const { facts } = await host.store.inspect(id);
      assert.ok(
        isKnown(facts.ociConfig) && facts.ociConfig.route === 'bundle',
        `${id}: ${JSON.stringify(facts.ociConfig).slice(0, 300)}`,
      );
      assert.ok(isKnown(facts.bundlePath), id);
      const text = readFileSync(join(facts.bundlePath.value, 'config.json'), 'utf8');
      const { hostname } = JSON.parse(text) as { hostname?: string };
      assert.equal((facts.ociConfig.value as { hostname?: string }).hostname, hostname);
      assert.ok(facts.bundlePath.value.includes(runtimeId) || id === 'by-hand', facts.bundlePath.value);
    }
  });

  it('shows one shim for all containers of a pod, and conmon for those of Podman', async () => {
    for (const pod of pods) {
      const shims = new Set<number>();
      for (const id of [pod.sandboxId, ...pod.containers.values()]) {
        const { facts } = await host.store.inspect(id);
        assert.ok(isKnown(facts.shim), id);
        assert.equal(facts.shim.value.kind, 'containerd-shim');
        assert.equal(facts.shim.value.serves.length, 3);
        shims.add(facts.shim.value.pid);
      }
      assert.equal(shims.size, 1);
    }
    for (const { id, kinds } of made.filter((one) => one.kinds.length === 4 && one.kinds[0] === 'engine')) {
      const { facts } = await host.store.inspect(id);
      assert.ok(isKnown(facts.shim), `${id} ${kinds.join()}`);
      assert.equal(facts.shim.value.kind, 'conmon');
    }
  });

  it('tells the calls that made each, from the party that made it', async () => {
    const firstParty = async (id: string): Promise<string> => {
      const { apiCalls } = await host.store.inspect(id);
      return `${apiCalls[0]?.from} → ${apiCalls[0]?.to}`;
    };
    const [docker] = made;
    const ctr = made.find(({ id }) => id === 'alpha/same-id');
    const podmanOne = made.find(({ kinds }) => kinds.length === 4 && kinds[0] === 'engine');
    assert.equal(await firstParty(docker?.id ?? ''), 'client → dockerd');
    assert.equal(await firstParty(ctr?.id ?? ''), 'client → containerd');
    assert.equal(await firstParty(podmanOne?.id ?? ''), 'client → podman');
    assert.equal(await firstParty(pods[0]?.sandboxId ?? ''), 'kubelet → cri');
    assert.equal(await firstParty('by-hand'), 'client → runc');
  });

  async function makeDocker(name: string): Promise<void> {
    const id = await lab.mustDocker([
      'run',
      '--detach',
      '--network=none',
      `--name=${name}`,
      lab.image,
      'sleep',
      '36000',
    ]);
    const pid = Number(await lab.mustDocker(['inspect', '--format', '{{.State.Pid}}', id]));
    made.push({ id, runtimeId: id, pid, kinds: ['engine', 'containerd', 'shim', 'oci-runtime', 'kernel'] });
  }

  async function makeCtr(namespace: string, id: string): Promise<void> {
    const ctr = ['--address', lab.containerdSocket, '--namespace', namespace];
    await mustRun('ctr', [...ctr, 'images', 'import', join(lab.dir, 'images.tar')]);
    const cgroup = `${lab.cgroupParent}/${namespace}/${id}`;
    const state = join(lab.dir, 'ctr-runc');
    await mustRun('ctr', [
      ...ctr,
      'run',
      '--detach',
      '--cgroup',
      cgroup,
      '--runc-root',
      state,
      'docker.io/lab/busybox:1',
      id,
      'sleep',
      '36000',
    ]);
    const line = (await mustRun('ctr', [...ctr, 'tasks', 'list'])).stdout
      .split('\n')
      .find((text) => text.startsWith(`${id} `));
    made.push({
      id: `${namespace}/${id}`,
      runtimeId: id,
      pid: Number(line?.split(/\s+/)[1]),
      kinds: ['containerd', 'shim', 'oci-runtime', 'kernel'],
    });
  }

  async function makePod(name: string): Promise<void> {
    const pod = await runPod(lab, name, ['web', 'db']);
    pods.push(pod);
    const tasks = (await lab.ctr(['-n', 'k8s.io', 'tasks', 'list'])).stdout.split('\n');
    for (const id of [pod.sandboxId, ...pod.containers.values()]) {
      const pid = Number(tasks.find((line) => line.startsWith(id))?.split(/\s+/)[1]);
      made.push({ id, runtimeId: id, pid, kinds: ['cri', 'containerd', 'shim', 'oci-runtime', 'kernel'] });
    }
  }

  async function makePodman(name: string): Promise<void> {
    const id = await podmanContainer(podman, 'run', name);
    const pid = Number(await podman.podman('inspect', '--format', '{{.State.Pid}}', id));
    made.push({ id, runtimeId: id, pid, kinds: ['engine', 'shim', 'oci-runtime', 'kernel'] });
  }

  /** A container that nobody but runc knows. */
  async function makeBare(id: string): Promise<void> {
    const bundle = join(lab.dir, 'bare-bundle');
    mkdirSync(join(bundle, 'rootfs'), { recursive: true });
    mkdirSync(bareRoot(), { recursive: true });
    const container = await lab.mustDocker(['create', '--name=for-export', lab.image]);
    await mustRun('sh', ['-c', 'docker export "$0" | tar -x -C "$1"', container, join(bundle, 'rootfs')], {
      env: lab.env,
    });
    await lab.mustDocker(['rm', container]);
    await mustRun('runc', ['spec', '--bundle', bundle]);
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
    await mustRun('sh', [
      '-c',
      'exec runc --root "$0" run --detach --bundle "$1" "$2" >/dev/null 2>&1',
      join(bareRoot(), 'runc'),
      bundle,
      id,
    ]);
    const state = JSON.parse((await mustRun('runc', ['--root', join(bareRoot(), 'runc'), 'state', id])).stdout) as {
      pid: number;
    };
    made.push({ id, runtimeId: id, pid: state.pid, kinds: ['oci-runtime', 'kernel'] });
  }
});
