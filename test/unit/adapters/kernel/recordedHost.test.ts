import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createKernelAdapter, type KernelAdapter } from '../../../../src/adapters/kernel/adapter';
import type { Container } from '../../../../src/model/container';
import { isKnown, valueOf, type Fact, type KnownFact } from '../../../../src/model/fact';
import type { FactName, Findings, ContainerFacts } from '../../../../src/model/inspection';
import type { ProcessTable } from '../../../../src/model/process';
import { joinSightings } from '../../../../src/store/identity';
import { recordedHost, type FakeProc } from '../../../support/fakeProc';

type Known = KnownFact<unknown>;

const LIMITED = '2fc28ec2fd9e936d4b29134ee880339eba715da7f6ac746434486f6b871e2e42';
const WITH_EXECS = '864f035287910ffd9dcc5eeea9f29cae0141bfccd8a58f4c6906e8fd4a0d6317';
const POD = 'dbd599ac2d323a2b5390df8341ef27d969ca7d084c192413ce72ebf94087bd0a';
const PODMAN_LIMITED = '80cd95fb36b718a1f08dae49d232184eead267439701cd55a921439873a3e9a4';
const PODMAN_EXEC = '179073e551f2d4545f81a2be9e49c8bddcf692e79f4965df02d91d3152db08dc';

describe('a recorded host with systemd and cgroup v2', () => {
  let proc: FakeProc;
  let adapter: KernelAdapter;
  let processes: ProcessTable;
  let containers: ReadonlyMap<string, Container>;

  before(async () => {
    proc = recordedHost();
    adapter = createKernelAdapter({ procRoot: proc.root });
    processes = await adapter.processTable();
    const { layers, sightings } = await adapter.look({ processes });
    containers = new Map(joinSightings(sightings, layers).map((container) => [container.runtimeId, container]));
  });
  after(() => proc.remove());

  const inspect = async (id: string): Promise<Findings> => {
    const container = containers.get(id);
    assert.ok(container, id);
    return adapter.inspect({ container, processes, found: {} });
  };
  const fact = async <K extends FactName>(id: string, name: K): Promise<Extract<ContainerFacts[K], Known>> => {
    const answer: Fact<unknown> | undefined = (await inspect(id))[name];
    assert.ok(isKnown(answer), name);
    return answer as Extract<ContainerFacts[K], Known>;
  };

  it('shows each container once, with the init process that its engine named', () => {
    assert.deepEqual(
      [...containers.values()]
        .map(({ runtimeId, sightings }) => `${runtimeId.slice(0, 8)} ${sightings.length} ${sightings[0]?.initPid}`)
        .sort(),
      [
        '179073e5 2 4573',
        '2fc28ec2 2 789',
        '4c437721 2 4233',
        '502ddd8c 2 4061',
        '80cd95fb 2 4377',
        '864f0352 2 2066',
        'c571d50d 2 4147',
        'd7b55a32 2 4220',
        'dbd599ac 2 3961',
        'sysd1 2 3611',
      ],
    );
  });

  it('tells the bundle of each container of a pod from the one its shim works in', () => {
    const bundles = ['dbd599ac', '502ddd8c', 'c571d50d'].map((start) => {
      const container = [...containers.values()].find(({ runtimeId }) => runtimeId.startsWith(start));
      return container?.sightings[0]?.bundle?.replace(container.runtimeId, '<id>');
    });
    assert.deepEqual(new Set(bundles), new Set(['/run/containerd/io.containerd.runtime.v2.task/k8s.io/<id>']));
  });

  it('reads the limits that were asked for', async () => {
    const expected: Record<string, Record<string, number | string>> = {
      [LIMITED]: {
        'memory.max': 67108864,
        'memory.low': 33554432,
        'memory.swap.max': 33554432,
        'cpu.max': '50000 100000',
        'cpu.weight': 20,
        'pids.max': 100,
        'cpuset.cpus': '0',
        'cpuset.cpus.effective': '0',
      },
      // crun puts the process one level deeper, where there is no limit.
      [PODMAN_LIMITED]: {
        'memory.max': 67108864,
        'memory.swap.max': 100663296,
        'cpu.max': '50000 100000',
        'cpu.weight': 20,
        'pids.max': 90,
        'cpuset.cpus': '0',
      },
    };
    for (const [id, limits] of Object.entries(expected)) {
      const { value: report } = await fact(id, 'cgroups');
      assert.equal(report.mode, 'unified');
      const readings = report.controllers.flatMap((controller) => controller.readings);
      for (const [file, limit] of Object.entries(limits)) {
        const reading = readings.find((one) => one.file === file);
        assert.equal(reading?.value ?? reading?.raw, limit, file);
      }
    }
  });

  it('names the path as the kernel prints it, and the folder in which the limits stand', async () => {
    const path = `/machine.slice/libpod-${PODMAN_LIMITED}.scope`;
    assert.deepEqual((await fact(PODMAN_LIMITED, 'cgroupPaths')).value, { '': `${path}/container` });
    const { value: report, how } = await fact(PODMAN_LIMITED, 'cgroups');
    for (const { cgroupPath, directory } of report.controllers) {
      assert.equal(cgroupPath, `${path}/container`);
      assert.equal(directory, join(proc.cgroups, path));
    }
    assert.equal(how, `grep -s . ${join(proc.cgroups, path)}/*`);
  });

  it('tells execs from init, under either engine', async () => {
    const roles = async (id: string): Promise<string[]> =>
      (await fact(id, 'processes')).value.map(({ hostPid, role }) => `${hostPid} ${role}`);
    assert.deepEqual(await roles(PODMAN_EXEC), ['4573 init', '4590 exec']);
    assert.deepEqual(await roles(WITH_EXECS), ['2066 init', '2126 exec', '2149 exec']);
  });

  it('tells the shim or monitor, what it serves and which runtime it calls', async () => {
    const pod = await fact(POD, 'shim');
    assert.equal(pod.value.pid, 3921);
    assert.equal(pod.value.kind, 'containerd-shim');
    assert.deepEqual(
      pod.value.serves.map((id) => id.slice(0, 8)),
      ['dbd599ac', '502ddd8c', 'c571d50d'],
    );
    assert.deepEqual(
      pod.value.processes.map(({ hostPid }) => hostPid),
      [3961, 4061, 4147],
    );
    assert.match(pod.value.socket ?? '', /^unix:\/\/\/run\/containerd\/s\/[0-9a-f]{64}$/);
    assert.match(pod.note ?? '', /derived/, 'the bundle of the recording cannot be read');
    const monitor = await fact(PODMAN_EXEC, 'shim');
    assert.equal(monitor.value.kind, 'conmon');
    assert.equal(monitor.value.pid, 4571);
    assert.equal(monitor.value.socket, undefined);
    assert.equal(valueOf((await inspect(PODMAN_EXEC)).runtime)?.binary, '/usr/bin/crun');
    assert.equal(valueOf((await inspect(LIMITED)).runtime)?.runtimeName, 'io.containerd.runc.v2');
  });

  it('reads the namespaces', async () => {
    const { value } = await fact(PODMAN_EXEC, 'namespaces');
    assert.equal(value.net, 4026534179);
    assert.equal(value.cgroup, 4026531835);
  });

  it('describes the kernel', async () => {
    const { layers } = await adapter.look({ processes });
    const kernel = layers.find(({ id }) => id === 'kernel');
    const detail = (label: string): string | undefined =>
      valueOf(kernel?.details.find((one) => one.label === label)?.fact);
    assert.equal(kernel?.version, '6.12.0-test');
    assert.equal(detail('Cgroup mode'), 'unified (v2 alone)');
    assert.match(detail('Booted') ?? '', /^\d{4}-\d\d-\d\dT/);
    const shims = layers.find(({ id }) => id === 'shim');
    assert.deepEqual(
      shims?.details.map(({ label, fact: count }) => `${label}: ${valueOf(count)}`),
      ["containerd's shims: 5", 'conmon monitors: 2'],
    );
  });
});
