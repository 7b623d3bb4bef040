// What containerd stores, against ctr, the containers' mounts as the kernel has them, and what was written.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { RuntimeAdapter, StorageReader } from '../../src/adapters/adapter';
import { createContainerdAdapter } from '../../src/adapters/containerd/adapter';
import { namespaceLayerId } from '../../src/adapters/containerd/look';
import { findContainerdSockets } from '../../src/adapters/containerd/sockets';
import { withChannel } from '../../src/adapters/grpc/channel';
import { message, MessageType, text } from '../../src/adapters/grpc/message';
import type { Container } from '../../src/model/container';
import { isKnown, type Fact } from '../../src/model/fact';
import type { StoredContainer } from '../../src/model/stored';
import { joinSightings } from '../../src/store/identity';
import { costs } from '../../src/util/costs';
import { asString, memberAt } from '../../src/util/records';
import { runWithCtr } from '../lab/ctr';
import { currentGeneration } from '../lab/generations';
import { startLab, type Lab } from '../lab/lab';
import { removePod, runPod } from '../lab/pods';
import { itWhere } from '../support/itWhere';
import { processesNow } from '../support/processTable';

describe('what containerd stores', () => {
  let lab: Lab;
  let adapter: RuntimeAdapter & StorageReader;
  let pid: number;

  before(async () => {
    lab = await startLab();
    adapter = adapterOf(lab);
    pid = await runWithCtr(lab, 'alpha', 'writes');
    await runWithCtr(lab, 'beta', 'writes');
  });
  after(async () => {
    adapter?.dispose();
    await lab?.stop();
  });

  it('is told of a container as ctr tells it, each fact with a command that shows the same', async () => {
    const stored = await storedOf('alpha', 'writes');
    const own = await info('alpha', 'writes');
    const snapshot = must(stored.snapshot);
    assert.deepEqual(snapshot.kind, String(memberAt(own, 'Kind')).toLowerCase());
    assert.equal(snapshot.parent, memberAt(own, 'Parent'));
    assert.equal(Date.parse(snapshot.createdAt ?? ''), Date.parse(asString(memberAt(own, 'Created')) ?? ''));
    const parents: string[] = [];
    for (let next = asString(memberAt(own, 'Parent')); next;) {
      parents.push(next);
      next = asString(memberAt(await info('alpha', next), 'Parent'));
    }
    assert.ok(parents.length > 0);
    assert.deepEqual(must(stored.parents), parents);
    const { bytes, inodes } = must(stored.usage);
    assert.equal(`${bytes} ${inodes}`, await usage('alpha', 'writes'));
    const [command = ''] = await snapshots('alpha', 'mounts', '/mnt', 'writes');
    const [mount] = must(stored.mounts);
    assert.equal(command, `mount -t ${mount?.type} ${mount?.source} /mnt -o ${mount?.options.join(',')}`);
    for (const fact of Object.values(stored) as Fact<unknown>[]) {
      assert.ok(isKnown(fact));
      assert.match(fact.source, /^containerd containerd\.services\.\S+ on unix:\/\//);
      const [program = '', ...words] = fact.how.split(' ');
      await lab.mustRun(program, words);
    }
  });

  it('names the folder that the kernel has mounted for the container', async () => {
    const root = readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
      .split('\n')
      .find((line) => line.split(' ')[4] === '/');
    const [mount] = must((await storedOf('alpha', 'writes')).mounts);
    const upper = mount?.options.find((option) => option.startsWith('upperdir='));
    assert.ok(upper);
    assert.ok(root?.split(/[ ,]/).includes(upper), root);
  });

  it('counts what the container has written, and that of no other container', async () => {
    const [before, other] = [await storedOf('alpha', 'writes'), await storedOf('beta', 'writes')];
    const exec = ['--namespace', 'alpha', 'tasks', 'exec', '--exec-id', 'write', 'writes'];
    await ctr(...exec, 'sh', '-c', 'mkdir /new && head -c 300000 /dev/zero > /new/file');
    const after = await storedOf('alpha', 'writes');
    assert.equal(Number(must(after.usage).inodes) - Number(must(before.usage).inodes), 2);
    const grown = Number(must(after.usage).bytes) - Number(must(before.usage).bytes);
    assert.ok(grown >= 300_000 && grown < 400_000, String(grown));
    assert.deepEqual(must((await storedOf('beta', 'writes')).usage), must(other.usage));
  });

  it('knows which leases hold a container’s snapshot', async () => {
    assert.deepEqual(must((await storedOf('alpha', 'writes')).leases), []);
    for (const id of ['holds', 'holds-not']) await ctr('--namespace', 'alpha', 'leases', 'create', '--id', id);
    const { snapshotter } = must((await storedOf('alpha', 'writes')).snapshot);
    await withChannel(lab.containerdSocket, undefined, async (channel) => {
      const resource = { id: 'writes', type: `snapshots/${snapshotter}` };
      const options = { timeoutMs: 10_000, metadata: { 'containerd-namespace': 'alpha' } };
      await channel.unary(ADD_RESOURCE, { id: 'holds', resource }, options);
    });
    const listed = await ctr('--namespace', 'alpha', 'leases', 'list', '-q');
    assert.deepEqual(listed.sort(), ['holds', 'holds-not']);
    assert.deepEqual(
      must((await storedOf('alpha', 'writes')).leases).map(({ id }) => id),
      ['holds'],
    );
    assert.deepEqual(must((await storedOf('beta', 'writes')).leases), []);
  });

  it('is told of a pod’s containers by the keys that CRI gave them', async () => {
    const pod = await runPod(lab, 'shop', ['web']);
    try {
      for (const id of [pod.sandboxId, ...pod.containers.values()]) {
        const stored = await storedOf('k8s.io', id);
        const record: unknown = JSON.parse((await lab.ctr(['-n', 'k8s.io', 'containers', 'info', id])).stdout);
        assert.equal(must(stored.snapshot).key, memberAt(record, 'SnapshotKey'));
        assert.equal(must(stored.snapshot).snapshotter, memberAt(record, 'Snapshotter'));
      }
    } finally {
      await removePod(lab, pod);
    }
  });

  it('says of a container on a storage driver of Docker that no snapshot is its own', async () => {
    const id = await lab.mustDocker(['run', '--detach', '--network=none', lab.image, 'sleep', '36000']);
    const driver = await lab.mustDocker(['info', '--format', '{{.Driver}}']);
    const listed = await snapshots('moby', 'list');
    const { snapshot } = await storedOf('moby', id);
    const has = listed.some((line) => line.startsWith(`${id} `));
    assert.equal(isKnown(snapshot), has, driver);
    if (isKnown(snapshot)) assert.equal(snapshot.value.key, id);
    else assert.match(snapshot.unavailable, /storage drivers/);
  });

  it('counts a namespace’s snapshots, leases and images as ctr lists them', async () => {
    for (const namespace of await ctr('namespaces', 'list', '-q')) {
      const stored = await adapter.readNamespace(namespaceLayerId(lab.containerdSocket, namespace));
      for (const { snapshotter, count } of stored.snapshots) {
        const lines = await ctr('--namespace', namespace, 'snapshots', '--snapshotter', snapshotter, 'list');
        assert.equal(must(count).count, lines.length - 1, `${namespace} ${snapshotter}`);
      }
      assert.ok(stored.snapshots.length > 0);
      const listed = async (what: string): Promise<number> =>
        (await ctr('--namespace', namespace, what, 'list', '-q')).length;
      assert.equal(must(stored.leases).count, await listed('leases'), namespace);
      assert.equal(must(stored.images).count, await listed('images'), namespace);
    }
  });

  it('is asked by no look and no inspection, and asking changes nothing', async () => {
    const asked = (): number =>
      costs
        .read()
        .questions.filter(({ question }) => /\.(?:snapshots|leases|images)\./.test(question))
        .reduce((sum, { count }) => sum + count, 0);
    const seen = async (): Promise<string[]> => [
      ...(await snapshots('alpha', 'list')),
      ...(await ctr('--namespace', 'alpha', 'leases', 'list')),
      ...(await ctr('--namespace', 'alpha', 'images', 'list')),
    ];
    const [before, state] = [asked(), await seen()];
    const container = await find('alpha', 'writes');
    await adapter.inspect({ container, processes: processesNow(), found: {} });
    assert.equal(asked(), before);
    await storedOf('alpha', 'writes');
    assert.ok(asked() > before);
    assert.deepEqual(await seen(), state);
  });

  it('is not known, with the reason, of a containerd that does not answer', async () => {
    const container = await find('alpha', 'writes');
    await lab.killContainerd('SIGSTOP');
    try {
      const stored = await adapter.readStored(container);
      for (const fact of Object.values(stored ?? {}) as Fact<unknown>[]) {
        assert.ok(!isKnown(fact));
        assert.match(fact.unavailable, /No answer within/);
      }
      const { leases } = await adapter.readNamespace(namespaceLayerId(lab.containerdSocket, 'alpha'));
      assert.ok(!isKnown(leases));
    } finally {
      await lab.killContainerd('SIGCONT');
    }
  });

  async function find(namespace: string, id: string): Promise<Container> {
    const { sightings, layers } = await adapter.look({ processes: processesNow() });
    const found = joinSightings(sightings, layers).find(({ sightings: own }) =>
      own.some((one) => one.runtimeId === id && one.containerdNamespace === namespace),
    );
    assert.ok(found, `${namespace}/${id}`);
    return found;
  }

  async function storedOf(namespace: string, id: string): Promise<StoredContainer> {
    const stored = await adapter.readStored(await find(namespace, id));
    assert.ok(stored);
    return stored;
  }

  async function ctr(...words: string[]): Promise<string[]> {
    const { stdout } = await lab.mustRun('ctr', ['--address', lab.containerdSocket, ...words]);
    return stdout.split('\n').filter(Boolean);
  }

  function snapshots(namespace: string, ...words: string[]): Promise<string[]> {
    return ctr('--namespace', namespace, 'snapshots', ...words);
  }

  async function info(namespace: string, key: string): Promise<unknown> {
    return JSON.parse((await snapshots(namespace, 'info', key)).join('\n'));
  }

  /** "4096 1": bytes and inodes. */
  async function usage(namespace: string, key: string): Promise<string> {
    const line = (await snapshots(namespace, 'usage', '-b', key)).find((text) => text.startsWith(`${key} `));
    return line?.split(/\s+/).slice(1, 3).join(' ') ?? '';
  }
});

describe('what containerd stores for a Docker that keeps its images there', () => {
  const CAN = currentGeneration().suite !== undefined;
  const title = 'is told of its containers, whose records name no snapshot: by their id, with the lease that holds it';
  itWhere(CAN, 'Docker 24 or newer has an image store in containerd', title, async () => {
    const lab = await startLab({ imageStore: true });
    const adapter = adapterOf(lab);
    try {
      const id = await lab.mustDocker(['run', '--detach', '--network=none', lab.image, 'sleep', '36000']);
      const record: unknown = JSON.parse((await lab.ctr(['-n', 'moby', 'containers', 'info', id])).stdout);
      assert.equal(memberAt(record, 'SnapshotKey'), '');
      const { sightings, layers } = await adapter.look({ processes: processesNow() });
      const container = joinSightings(sightings, layers).find(({ runtimeId }) => runtimeId === id);
      assert.ok(container);
      const stored = await adapter.readStored(container);
      assert.ok(stored);
      const { key, snapshotter } = must(stored.snapshot);
      assert.equal(key, id);
      assert.equal(snapshotter, await lab.mustDocker(['info', '--format', '{{.Driver}}']));
      const leases = (await lab.ctr(['-n', 'moby', 'leases', 'list', '-q'])).stdout.split('\n').filter(Boolean);
      assert.ok(leases.includes(id), leases.join(' '));
      assert.ok(must(stored.leases).some((lease) => lease.id === id));
    } finally {
      adapter.dispose();
      await lab.stop();
    }
  });
});

describe('two containerds on one machine', () => {
  const labs: Lab[] = [];
  let adapter: RuntimeAdapter & StorageReader;

  before(async () => {
    labs.push(await startLab(), await startLab());
    adapter = adapterOf(...labs);
  });
  after(async () => {
    adapter?.dispose();
    for (const lab of labs) await lab.stop();
  });

  it('each with a container of the same id in the same namespace: two containers, each with its own facts', async () => {
    const pids = new Map<string, number>();
    for (const lab of labs) {
      pids.set(namespaceLayerId(lab.containerdSocket, 'default'), await runWithCtr(lab, 'default', 'same'));
    }
    const { sightings, layers } = await adapter.look({ processes: processesNow() });
    const same = joinSightings(sightings, layers).filter(({ runtimeId }) => runtimeId === 'same');
    assert.deepEqual(same.map(({ id }) => id).sort(), [...pids.keys()].map((layer) => `${layer}/same`).sort());
    for (const container of same) {
      const { initPid } = await adapter.inspect({ container, processes: processesNow(), found: {} });
      assert.ok(initPid);
      assert.equal(must(initPid), pids.get(container.layers[0] ?? ''), container.id);
    }
  });
});

function adapterOf(...labs: readonly Lab[]): RuntimeAdapter & StorageReader {
  const addresses = labs.map(({ containerdSocket }) => containerdSocket);
  return createContainerdAdapter({
    sockets: (processes) => findContainerdSockets(processes, { addresses, env: {} }),
  });
}

function must<T>(fact: Fact<T>): T {
  assert.ok(isKnown(fact), isKnown(fact) ? '' : fact.unavailable);
  return fact.value;
}

// The product only reads: what puts a snapshot into a lease is the tests' own.
const ADD_RESOURCE = {
  path: '/containerd.services.leases.v1.Leases/AddResource',
  request: new MessageType('containerd.services.leases.v1.AddResourceRequest', {
    id: text(1),
    resource: message(2, new MessageType('containerd.services.leases.v1.Resource', { id: text(1), type: text(2) })),
  }),
  response: new MessageType('google.protobuf.Empty', {}),
};
