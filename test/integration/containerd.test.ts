import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Hint, Report, RuntimeAdapter } from '../../src/adapters/adapter';
import { createContainerdAdapter } from '../../src/adapters/containerd/adapter';
import { Empty, ListedContainer } from '../../src/adapters/containerd/messages';
import { findContainerdSockets } from '../../src/adapters/containerd/sockets';
import { withChannel } from '../../src/adapters/grpc/channel';
import { bytes, message, MessageType, text } from '../../src/adapters/grpc/message';
import type { Sighting } from '../../src/model/container';
import { isKnown } from '../../src/model/fact';
import { joinSightings } from '../../src/store/identity';
import { memberAt } from '../../src/util/records';
import { CTR_IMAGE, runWithCtr } from '../lab/ctr';
import { startLab, type Lab } from '../lab/lab';
import { mustRun } from '../lab/run';
import { removePod, runPod } from '../lab/pods';
import { eventually } from '../support/fakeAdapter';
import { asOutside } from '../support/labPaths';
import { processesNow } from '../support/processTable';
import { buildWorker } from '../support/workers';

describe('containerd', () => {
  let lab: Lab;
  let worker: ReturnType<typeof buildWorker> | undefined;
  let adapter: RuntimeAdapter;
  const look = (): Promise<Report> => adapter.look({ processes: processesNow() });
  const layerIdOf = (namespace: string): string => `containerd:${lab.containerdSocket}:${namespace}`;
  const inNamespace = ({ sightings }: Report, namespace: string): Sighting[] =>
    sightings.filter(({ layerId }) => layerId === layerIdOf(namespace));

  before(async () => {
    worker = buildWorker('src/adapters/containerd/containerdEventsWorker.ts');
    adapter = createContainerdAdapter({
      sockets: (processes) => findContainerdSockets(processes, { addresses: [lab.containerdSocket], env: {} }),
      workerFile: worker.file,
    });
    lab = await startLab();
    const run = ['run', '--detach', '--network=none'];
    await lab.mustDocker([...run, '--name=runs', '--memory=32m', lab.image, 'sleep', '36000']);
    await lab.mustDocker([...run, '--name=paused', lab.image, 'sleep', '36000']);
    await lab.mustDocker(['pause', 'paused']);
    await lab.mustDocker(['create', '--name=created', '--network=none', lab.image, 'sleep', '36000']);
    await lab.mustDocker(['run', '--name=ended', '--network=none', lab.image, 'true']);
    for (const namespace of ['alpha', 'beta']) await runWithCtr(lab, namespace, 'same');
  });
  after(async () => {
    adapter?.dispose();
    worker?.remove();
    await lab?.stop();
  });

  it('has one layer per namespace, each with what ctr lists', async () => {
    const report = await look();
    const namespaces = (await ctr('namespaces', 'list', '-q')).sort();
    assert.deepEqual(report.layers.map(({ containerdNamespace }) => containerdNamespace).sort(), namespaces);
    for (const layer of report.layers) {
      assert.equal(layer.status, 'ok', layer.id);
      const namespace = layer.containerdNamespace ?? '';
      const shown = inNamespace(report, namespace);
      assert.deepEqual(ids(shown), (await ctr('-n', namespace, 'containers', 'list', '-q')).sort());
      const words = { running: 'RUNNING', paused: 'PAUSED', created: 'CREATED', exited: 'STOPPED' } as const;
      const tasks = shown
        .filter(({ stateText }) => stateText !== 'no task')
        .map(({ runtimeId, initPid, state }) => `${runtimeId} ${initPid} ${words[state as keyof typeof words]}`);
      const listed = (await ctr('-n', namespace, 'tasks', 'list')).slice(1).map((line) => line.split(/\s+/).join(' '));
      assert.deepEqual(tasks.sort(), listed.sort(), namespace);
    }
    const version = /Server:\s+Version:\s+(\S+)/.exec((await lab.ctr(['version'])).stdout)?.[1];
    assert.ok(version);
    assert.ok(report.layers.every((layer) => layer.version === version));
  });

  it('holds of Docker’s containers only those that have been started and have not ended', async () => {
    const running = (await lab.mustDocker(['ps', '--quiet', '--no-trunc'])).split('\n').sort();
    assert.equal(running.length, 2);
    assert.deepEqual(ids(inNamespace(await look(), 'moby')), running);
  });

  it('keeps containers of one id in two namespaces apart', async () => {
    const report = await look();
    const both = joinSightings(report.sightings, report.layers).filter(({ runtimeId }) => runtimeId === 'same');
    assert.deepEqual(both.map(({ id }) => id).sort(), ['alpha/same', 'beta/same']);
    const pids = new Set(both.map(({ sightings }) => sightings[0]?.initPid));
    assert.equal(pids.size, 2);
    for (const container of both) {
      const found = await adapter.inspect({ container, processes: processesNow(), found: {} });
      const namespace = container.sightings[0]?.containerdNamespace ?? '';
      const [, line = ''] = await ctr('-n', namespace, 'tasks', 'list');
      assert.ok(isKnown(found.initPid));
      assert.equal(found.initPid.value, Number(line.split(/\s+/)[1]));
    }
  });

  it('tells of a container what ctr tells', async () => {
    const report = await look();
    const id = await lab.mustDocker(['inspect', '--format', '{{.Id}}', 'runs']);
    const container = joinSightings(report.sightings, report.layers).find(({ runtimeId }) => runtimeId === id);
    assert.ok(container);
    const found = await adapter.inspect({ container, processes: processesNow(), found: {} });
    const told: unknown = JSON.parse((await lab.ctr(['-n', 'moby', 'containers', 'info', id])).stdout);
    assert.ok(isKnown(found.ociConfig) && isKnown(found.containerdRecord) && isKnown(found.runtime));
    assert.deepEqual(found.ociConfig.value, memberAt(told, 'Spec'));
    const record = memberAt(found.containerdRecord.value, 'container');
    assert.deepEqual(memberAt(record, 'labels'), memberAt(told, 'Labels'));
    assert.equal(memberAt(record, 'runtime', 'name'), memberAt(told, 'Runtime', 'Name'));
    assert.equal(Date.parse(String(memberAt(record, 'createdAt'))), Date.parse(String(memberAt(told, 'CreatedAt'))));
    assert.equal(found.runtime.value.root, join(lab.insideDir, 'docker/exec/runtime-runc'));
    assert.equal(memberAt(found.containerdRecord.value, 'task', 'status'), 'running');
    for (const fact of [found.ociConfig, found.containerdRecord, found.initPid]) {
      assert.ok(isKnown(fact));
      const [program = '', ...words] = fact.how.split(' ');
      await mustRun(program, words, { env: lab.env });
    }
  });

  it('shows a pod’s containers with their sandbox', async () => {
    const pod = await runPod(lab, 'shop', ['web', 'db']);
    try {
      const shown = inNamespace(await look(), 'k8s.io');
      assert.deepEqual(ids(shown), [pod.sandboxId, ...pod.containers.values()].sort());
      for (const { runtimeId, sandbox } of shown) {
        assert.deepEqual(sandbox, { id: pod.sandboxId, name: 'lab/shop', isSandbox: runtimeId === pod.sandboxId });
      }
    } finally {
      await removePod(lab, pod);
    }
  });

  it('lists 400 containers whose specs are over the usual message limit together', async () => {
    const spec = { typeUrl: 'types.containerd.io/opencontainers/runtime-spec/1/Spec', value: hugeSpec() };
    await withChannel(lab.containerdSocket, undefined, async (channel) => {
      for (let index = 0; index < 400; index++) {
        const container = { id: `many-${index}`, runtime: { name: 'io.containerd.runc.v2' }, spec };
        const options = { timeoutMs: 30_000, metadata: { 'containerd-namespace': 'many' } };
        await channel.unary(CREATE, { container }, options);
      }
    });
    const shown = inNamespace(await look(), 'many');
    assert.equal(shown.length, 400);
    assert.deepEqual(ids(shown), (await ctr('-n', 'many', 'containers', 'list', '-q')).sort());
    assert.ok(shown.every(({ state }) => state === 'created'));
  });

  it('says that a frozen containerd does not answer, keeps its layers, and holds nothing open', async () => {
    const before = await look();
    const open = openHandles();
    await lab.killContainerd('SIGSTOP');
    try {
      const frozen = await look();
      assert.deepEqual(frozen.layers.map(({ id }) => id).sort(), before.layers.map(({ id }) => id).sort());
      assert.ok(frozen.layers.every(({ status, problem }) => status === 'failed' && problem?.code === 'deadline'));
    } finally {
      await lab.killContainerd('SIGCONT');
    }
    await eventually(() => openHandles() <= open, 'the connection is closed');
    assert.ok((await look()).layers.every(({ status }) => status === 'ok'));
  });

  it('tells of changes, and finds containerd again after it was killed', async () => {
    const hints: Hint[] = [];
    const watching = adapter.watch((hint) => hints.push(hint));
    const heard = (wanted: Partial<Hint>): boolean =>
      hints.some((hint) => Object.entries(wanted).every(([key, value]) => hint[key as keyof Hint] === value));
    try {
      const socketLayer = `containerd:${lab.containerdSocket}`;
      await eventually(() => heard({ layerId: socketLayer, kind: 'connected' }), 'connected');
      await ctr('-n', 'alpha', 'containers', 'create', CTR_IMAGE, 'first');
      const first = { kind: 'changed', layerId: layerIdOf('alpha'), runtimeId: 'first' } as const;
      await eventually(() => heard({ ...first, event: '/containers/create' }), 'the new container');
      assert.ok(!heard({ kind: 'lost' }));

      hints.length = 0;
      await lab.killContainerd('SIGKILL');
      await eventually(() => heard({ layerId: socketLayer, kind: 'lost' }), 'lost');
      const dead = await look();
      assert.ok(dead.layers.every(({ status, problem }) => status === 'failed' && problem?.code === 'refused'));
      await lab.startContainerd();
      await eventually(() => heard({ layerId: socketLayer, kind: 'connected' }), 'connected again');
      await ctr('-n', 'beta', 'containers', 'create', CTR_IMAGE, 'second');
      await eventually(() => heard({ layerId: layerIdOf('beta'), runtimeId: 'second' }), 'events after the restart');
      assert.ok((await look()).layers.every(({ status }) => status === 'ok'));
    } finally {
      watching.dispose();
    }
    hints.length = 0;
    await ctr('-n', 'alpha', 'containers', 'create', CTR_IMAGE, 'third');
    assert.ok(ids(inNamespace(await look(), 'alpha')).includes('third'));
    assert.deepEqual(hints, [], 'nothing is told once nobody watches');
  });

  it('finds the lab’s socket by the processes that use it', async () => {
    const found = await findContainerdSockets(processesNow(), { env: {} });
    const own = found.find(({ path }) => isSameFile(path, lab.containerdSocket));
    assert.equal(own && asOutside(lab, own.path), lab.containerdSocket);
    assert.match(own?.reason ?? '', /named by the shim|named by dockerd/);
  });

  async function ctr(...words: string[]): Promise<string[]> {
    const output = await lab.mustRun('ctr', ['--address', lab.containerdSocket, ...words]);
    return output.stdout.split('\n').filter(Boolean);
  }
});

function isSameFile(one: string, other: string): boolean {
  const [a, b] = [one, other].map((file) => statSync(file, { throwIfNoEntry: false }));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

function ids(sightings: readonly Sighting[]): string[] {
  return sightings.map(({ runtimeId }) => runtimeId).sort();
}

// The product only reads: what makes containers without starting them is the tests' own.
const CREATE = {
  path: '/containerd.services.containers.v1.Containers/Create',
  request: new MessageType('containerd.services.containers.v1.CreateContainerRequest', {
    container: message(
      1,
      new MessageType('containerd.services.containers.v1.Container', {
        id: text(1),
        runtime: message(4, new MessageType('Runtime', { name: text(1) })),
        spec: message(5, new MessageType('Any', { typeUrl: text(1), value: bytes(2) })),
      }),
    ),
  }),
  response: new MessageType('containerd.services.containers.v1.CreateContainerResponse', {
    container: message(1, ListedContainer),
    nothing: message(99, Empty),
  }),
};

function hugeSpec(): Buffer {
  return Buffer.from(JSON.stringify({ ociVersion: '1.0.2', annotations: { padding: 'x'.repeat(15_000) } }));
}

function openHandles(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'PipeWrap').length;
}
