import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeAny, runcOptionsOf } from '../../../../src/adapters/containerd/any';
import { eventOf, waitBefore } from '../../../../src/adapters/containerd/eventStream';
import { Envelope, EventSubject, ListedContainer, RuncOptions } from '../../../../src/adapters/containerd/messages';
import { METHODS } from '../../../../src/adapters/containerd/methods';
import { sightingOf } from '../../../../src/adapters/containerd/sightings';
import { runs } from '../../../support/runs';

const json = (typeUrl: string, value: unknown) => ({ typeUrl, value: Buffer.from(JSON.stringify(value)) });

describe('an Any of containerd', () => {
  it('is JSON for specs and for CRI’s metadata, and protobuf for runc’s options', () => {
    const spec = 'types.containerd.io/opencontainers/runtime-spec/1/Spec';
    const metadata = 'github.com/containerd/cri/pkg/store/container/Metadata';
    assert.deepEqual(decodeAny(json(spec, { ociVersion: '1.0.2' })).value, { ociVersion: '1.0.2' });
    assert.deepEqual(decodeAny(json(metadata, { Version: 'v1' })).value, { Version: 'v1' });
    const options = { typeUrl: RuncOptions.name, value: RuncOptions.encode({ root: '/r', systemdCgroup: true }) };
    assert.deepEqual(decodeAny(options).value, { root: '/r', systemdCgroup: true });
    assert.equal(runcOptionsOf(options)?.systemdCgroup, true);
  });

  it('that is unknown or broken is told by its type and size', () => {
    assert.deepEqual(decodeAny(json('some.other.Type', {})), { typeUrl: 'some.other.Type', bytes: 2 });
    const broken = { typeUrl: 'types.containerd.io/opencontainers/x', value: Buffer.from('{') };
    assert.deepEqual(decodeAny(broken), { typeUrl: broken.typeUrl, bytes: 1 });
  });

  it('never throws', () => {
    const types = ['types.containerd.io/opencontainers/x', RuncOptions.name, 'runtimeoptions.v1.Options', 'x'];
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.uint8Array(), (typeUrl, value) => {
        assert.equal(decodeAny({ typeUrl, value }).bytes, value.length);
      }),
      { numRuns: runs(5_000) },
    );
  });
});

describe('an event of containerd', () => {
  const envelope = (topic: string, subject: { id?: string; processId?: string; deletedProcessId?: string }) =>
    Envelope.decode(
      Envelope.encode({ namespace: 'moby', topic, event: { typeUrl: 'x', value: EventSubject.encode(subject) } }),
    );

  it('names its container', () => {
    assert.deepEqual(eventOf(envelope('/tasks/start', { id: 'a' })), {
      namespace: 'moby',
      topic: '/tasks/start',
      containerId: 'a',
    });
  });

  it('of a mere exec is left out, that of the container itself is not', () => {
    assert.equal(eventOf(envelope('/tasks/exit', { id: 'a', processId: 'exec' })), undefined);
    assert.equal(eventOf(envelope('/tasks/delete', { id: 'a', deletedProcessId: 'exec' })), undefined);
    assert.equal(eventOf(envelope('/tasks/exit', { id: 'a', processId: 'a' }))?.containerId, 'a');
    assert.equal(eventOf(envelope('/containers/create', { id: 'a', processId: 'image' }))?.containerId, 'a');
  });

  it('that cannot be read is still a hint', () => {
    const event = { typeUrl: 'x', value: Buffer.from([0x0a, 0xff]) };
    const broken = { timestamp: undefined, namespace: 'n', topic: '/tasks/oom', event };
    assert.deepEqual(eventOf(broken), { namespace: 'n', topic: '/tasks/oom' });
  });
});

describe('waiting before another connection', () => {
  it('grows to 2 s, then to 30 s, and never ends', () => {
    assert.deepEqual([0, 1, 2, 3, 29, 30, 1e6].map(waitBefore), [250, 500, 1_000, 2_000, 2_000, 30_000, 30_000]);
  });
});

describe('a container of containerd', () => {
  const none = { tasks: new Map(), withShim: new Set<string>(), pidsAreOurs: true };
  const container = (labels: Record<string, string> = {}, more = {}) =>
    ListedContainer.decode(ListedContainer.encode({ id: 'c', labels: new Map(Object.entries(labels)), ...more }));
  const task = (status: number) => ({
    ...none,
    tasks: new Map([['c', { ...TASK, status }]]),
  });

  it('has the state of its task', () => {
    const states = [1, 2, 3, 4, 5, 0].map((status) => sightingOf('l', 'n', container(), task(status)));
    assert.deepEqual(
      states.map(({ state }) => state),
      ['created', 'running', 'exited', 'paused', 'paused', 'unknown'],
    );
    assert.deepEqual(
      states.map(({ initPid }) => initPid),
      [77, 77, undefined, 77, 77, 77],
    );
  });

  it('without a task is created, unless its shim runs or nobody told of tasks', () => {
    assert.equal(sightingOf('l', 'n', container(), none).state, 'created');
    assert.equal(sightingOf('l', 'n', container(), { ...none, withShim: new Set(['c']) }).state, 'unknown');
    assert.equal(sightingOf('l', 'n', container(), { ...none, tasks: undefined }).state, 'unknown');
  });

  it('gives no PID that is counted in another PID namespace', () => {
    assert.equal(sightingOf('l', 'n', container(), { ...task(2), pidsAreOurs: false }).initPid, undefined);
  });

  it('is named by nerdctl’s or Kubernetes’ label', () => {
    assert.equal(sightingOf('l', 'n', container({ 'nerdctl/name': 'web' }), none).name, 'web');
    assert.equal(sightingOf('l', 'n', container(), none).name, undefined);
    const labels = {
      'io.cri-containerd.kind': 'container',
      'io.kubernetes.container.name': 'app',
      'io.kubernetes.pod.name': 'pod',
      'io.kubernetes.pod.namespace': 'ns',
    };
    const newer = sightingOf('l', 'n', container(labels, { sandbox: 's' }), none);
    assert.deepEqual([newer.name, newer.sandbox], ['app', { id: 's', name: 'ns/pod', isSandbox: false }]);
    const metadata = json('m', { Metadata: { SandboxID: 's' } });
    const extensions = new Map([['io.cri-containerd.container.metadata', metadata]]);
    assert.equal(sightingOf('l', 'n', container(labels, { extensions }), none).sandbox?.id, 's');
    const broken = new Map([['io.cri-containerd.container.metadata', { typeUrl: 'm', value: Buffer.from('{') }]]);
    assert.equal(sightingOf('l', 'n', container(labels, { extensions: broken }), none).sandbox, undefined);
  });
});

describe('the methods that are called', () => {
  it('only read', () => {
    const names = Object.values(METHODS).map(({ path }) => path.split('/').at(-1));
    const reading = ['Version', 'Server', 'Plugins', 'List', 'ListStream', 'ListResources', 'Get', 'Subscribe'];
    // Mounts reads with some snapshotters only: storage.ts says with which.
    const ofSnapshots = ['Stat', 'Usage', 'Mounts'];
    assert.deepEqual([...new Set(names)].sort(), [...reading, ...ofSnapshots].sort());
  });
});

const TASK = {
  containerId: '',
  id: 'c',
  pid: 77,
  status: 2,
  stdin: '',
  stdout: '',
  stderr: '',
  terminal: false,
  exitStatus: 0,
  exitedAt: undefined,
};
