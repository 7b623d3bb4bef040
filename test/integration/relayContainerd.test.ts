// The relay between clients of containerd and a real containerd: nothing may be different but the recording.
import assert from 'node:assert/strict';
import * as path from 'node:path';
import { CallRecorder } from '../../src/adapters/recording/recorder';
import { concerns } from '../../src/model/apiCalls/recorded';
import type { RecordedCall } from '../../src/model/recording/recordedCall';
import { memberAt } from '../../src/util/records';
import { startLab, type Lab } from '../lab/lab';
import { removePod, runPod } from '../lab/pods';
import { run, type Output } from '../lab/run';
import { readRpcs, startByteLog, type ByteLog } from '../support/byteLog';
import { eventually } from '../support/fakeAdapter';
import { makeRelayLab, runs, type RelayLab } from '../support/relayLab';

const IMAGE = 'docker.io/lab/busybox:1';

describe('the relay before a real containerd', function () {
  this.timeout(300_000);
  let lab: Lab;
  let relayLab: RelayLab;
  let recorder: CallRecorder;
  let log: ByteLog;

  before(async () => {
    lab = await startLab();
    relayLab = makeRelayLab(lab.dir);
    recorder = new CallRecorder({
      socketFolders: [path.join(relayLab.folder, 's')],
      name: 'testc',
      recordings: relayLab.recordings,
      builtFolder: relayLab.built,
      protocol: 'grpc',
      engineSocket: async () => lab.containerdSocket,
    });
    log = await startByteLog(path.join(relayLab.folder, 'log.sock'), await recorder.start());
    await ctr(lab.containerdSocket, ['images', 'import', path.join(lab.dir, 'images.tar')]);
    assert.equal((await ctr(lab.containerdSocket, [...runArgs('target'), 'sleep', '36000'])).code, 0);
  });

  after(async () => {
    const pid = recorder.relayPid!;
    await log.stop();
    recorder.dispose();
    await eventually(() => !runs(pid), 'no relay is left');
    await lab.stop();
    relayLab.remove();
  });

  function ctr(socket: string, args: readonly string[], input?: string): Promise<Output> {
    const command = lab.command('ctr', ['--address', socket, '--namespace', 'relayed', ...args]);
    return run(...command, input === undefined ? {} : { input });
  }

  function runArgs(id: string, ...options: readonly string[]): string[] {
    const cgroup = `${lab.cgroupParent}/relayed/${id}`;
    const how = options.includes('--rm') ? options : [...options, '--detach'];
    return ['run', ...how, '--cgroup', cgroup, '--runc-root', path.join(lab.dir, 'ctr-runc'), IMAGE, id];
  }

  const SCENARIOS: readonly (readonly [what: string, args: () => readonly string[], input?: string])[] = [
    ['version', () => ['version']],
    ['namespaces', () => ['namespaces', 'list', '--quiet']],
    ['images', () => ['images', 'list']],
    ['content', () => ['content', 'list', '--quiet']],
    ['import', () => ['images', 'import', path.join(lab.dir, 'images.tar')]],
    ['tasks', () => ['tasks', 'list']],
    ['a record', () => ['containers', 'info', 'target']],
    ['no record', () => ['containers', 'info', 'no-such-container']],
    ['run', () => [...runArgs('short', '--rm'), 'sh', '-c', 'echo out; echo err >&2; exit 7']],
    ['a program that is not there', () => [...runArgs('none', '--rm'), 'no-such-program']],
    ['exec', () => ['tasks', 'exec', '--exec-id', 'e1', 'target', 'sh', '-c', 'echo out; echo err >&2; exit 5']],
    ['exec with input', () => ['tasks', 'exec', '--exec-id', 'e2', 'target', 'cat'], 'x'.repeat(1024 * 1024)],
    ['processes', () => ['tasks', 'ps', 'target']],
    ['an id that is taken', () => [...runArgs('target'), 'true']],
    ['snapshots', () => ['snapshots', 'list']],
    ['leases', () => ['leases', 'list', '--quiet']],
    ['a signal to none', () => ['tasks', 'kill', '--signal', 'SIGTERM', 'no-such-task']],
  ];

  it('changes nothing in what commands print and how they end, and records their calls as another reader does', async () => {
    for (const [what, args, input] of SCENARIOS) {
      const direct = await ctr(lab.containerdSocket, args(), input);
      const relayed = await ctr(log.socket, args(), input);
      assert.deepEqual(comparable(relayed, log.socket), comparable(direct, lab.containerdSocket), what);
    }
    assert.equal((await ctr(log.socket, [...runArgs('short', '--rm'), 'sh', '-c', 'exit 7'])).code, 7);
    for (const [verb, state] of [
      ['pause', 'PAUSED'],
      ['resume', 'RUNNING'],
    ] as const) {
      assert.deepEqual(await ctr(log.socket, ['tasks', verb, 'target']), { code: 0, stdout: '', stderr: '' });
      const listed = (await ctr(lab.containerdSocket, ['tasks', 'list'])).stdout;
      assert.match(listed, new RegExp(`^target +\\d+ +${state}`, 'm'));
    }
    const witnessed = (await Promise.all(log.connections.map(readRpcs))).flat();
    assert.ok(witnessed.length > SCENARIOS.length, `${witnessed.length} calls went by`);
    await eventually(async () => (await calls()).length >= witnessed.length, 'the calls are written');
    const recorded = await calls();
    assert.deepEqual(
      recorded.map(({ path: target, grpc, request }) => line(target, grpc?.namespace, request?.bytes ?? 0)).sort(),
      witnessed.map((one) => line(one.path, one.namespace, one.bytes)).sort(),
    );
    assert.deepEqual(
      (await recorder.entries()).filter(({ kind }) => kind === 'gap'),
      [],
    );
  });

  it('records how a container came to be: its record with the spec, its task, and that it was started', async () => {
    await ctr(log.socket, [...runArgs('made', '--env', 'A=1'), 'sleep', '36000']);
    const own = async (): Promise<RecordedCall[]> =>
      (await calls()).filter((call) => call.containerId === 'made' && call.grpc?.status === 0);
    await eventually(async () => (await own()).some(({ path: target }) => target.endsWith('Tasks/Start')), 'written');
    const made = await own();
    const names = made.map(({ path: target }) => target.split('.').at(-1));
    const inOrder = ['Containers/Create', 'Tasks/Create', 'Tasks/Start'];
    assert.deepEqual(
      names.filter((name) => inOrder.includes(name!)),
      inOrder,
    );
    const create = made.find(({ path: target }) => target.endsWith('Containers/Create'))!;
    const spec = memberAt(create.request?.value, 'container', 'spec', 'value');
    assert.deepEqual(memberAt(spec, 'process', 'args'), ['sleep', '36000']);
    assert.ok((memberAt(spec, 'process', 'env') as string[]).includes('A=1'));
    const pid = memberAt(made.find(({ path: target }) => target.endsWith('Tasks/Create'))!.response?.value, 'pid');
    const listed = (await ctr(lab.containerdSocket, ['tasks', 'list'])).stdout;
    assert.match(listed, new RegExp(`^made +${String(pid)} +RUNNING`, 'm'));
    const other = { containerdNamespace: 'default', layerId: 'containerd:/x:default' };
    const twin = { runtimeId: 'made', sightings: [other as never] };
    assert.ok(!concerns(create, twin), 'a container of the same id in another namespace is another');
  });

  it('records pods made over CRI', async () => {
    const pod = await runPod({ ...lab, containerdSocket: log.socket }, 'relayed-pod', ['web']);
    const id = pod.containers.get('web')!;
    const own = async (): Promise<RecordedCall[]> => (await calls()).filter((call) => call.containerId === id);
    await eventually(async () => (await own()).length >= 2, 'the calls are written');
    assert.deepEqual(
      (await own()).map(({ path: target, grpc }) => [target.split('/').at(-1), grpc?.status]),
      [
        ['CreateContainer', 0],
        ['StartContainer', 0],
      ],
    );
    const [create] = await own();
    assert.equal(memberAt(create!.request?.value, 'podSandboxId'), pod.sandboxId);
    assert.equal(memberAt(create!.request?.value, 'config', 'metadata', 'name'), 'web');
    await removePod(lab, pod);
  });

  async function calls(): Promise<RecordedCall[]> {
    return (await recorder.entries()).filter((entry) => entry.kind === 'call');
  }
});

function line(target: string, namespace: string | undefined, bytes: number): string {
  return `${target} (${namespace ?? ''}) ${bytes} bytes`;
}

/** What differs by nature: the address in an error's text, how long something took, and what a second run finds done. */
function comparable({ code, stdout, stderr }: Output, socket: string): unknown {
  const same = (text: string): string =>
    text
      .replaceAll(socket, '<socket>')
      .replace(/elapsed: [\d.]+ ?s/g, 'elapsed')
      .replace(/\d+(?:\.\d+)? ?m?s\b/g, '<time>')
      .replace(/^time="[^"]*"/gm, 'time');
  return { code, stdout: same(stdout), stderr: same(stderr) };
}
