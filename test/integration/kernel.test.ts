import assert from 'node:assert/strict';
import { readFileSync, readlinkSync } from 'node:fs';
import { createKernelAdapter } from '../../src/adapters/kernel/adapter';
import { rereadUsage } from '../../src/adapters/kernel/cgroupReport';
import { findShims } from '../../src/adapters/shimProcess';
import type { CgroupReading, CgroupReport } from '../../src/model/cgroup';
import type { Container } from '../../src/model/container';
import { isKnown, type Fact, type KnownFact } from '../../src/model/fact';
import type { Findings } from '../../src/model/inspection';
import type { ContainerProcess } from '../../src/model/process';
import { joinSightings } from '../../src/store/identity';
import { startLab, type Lab } from '../lab/lab';
import { podmanContainer, startPodman, type PodmanLab } from '../lab/podman';
import { removePod, runPod, type Pod } from '../lab/pods';
import { mustRun, run } from '../lab/run';
import { startSamples } from '../lab/samples';
import { shimAddressIn } from '../support/labPaths';
import { eventually } from '../support/fakeAdapter';

const MIB = 1024 * 1024;
const NOBODY = 65534;

/** PIDs start over at some point, so a later process may have a lower one. */
const initFirst = (a: ContainerProcess, b: ContainerProcess): number =>
  Number(b.role === 'init') - Number(a.role === 'init');

describe('the kernel, read through /proc and the cgroup file systems', () => {
  let lab: Lab;
  let pod: Pod;
  let podman: PodmanLab;
  let podmanId: string;
  const adapter = createKernelAdapter();

  before(async () => {
    lab = await startLab();
    await startSamples(lab);
    pod = await runPod(lab, 'kernel', ['web', 'db']);
    podman = await startPodman(lab);
    podmanId = await podmanContainer(podman, 'run', 'watched');
    await podman.podman('exec', '--detach', 'watched', 'sleep', '36000');
  });
  after(async () => {
    await podman?.stop();
    if (pod) await removePod(lab, pod);
    await lab?.stop();
  });

  async function containersNow(): Promise<ReadonlyMap<string, Container>> {
    const { layers, sightings } = await adapter.look({ processes: await adapter.processTable() });
    return new Map(joinSightings(sightings, layers).map((container) => [container.runtimeId, container]));
  }

  async function inspect(id: string): Promise<Findings> {
    const container = (await containersNow()).get(id);
    assert.ok(container, `${id} is shown`);
    return adapter.inspect({ container, processes: await adapter.processTable(), found: {} });
  }

  const idOf = (name: string): Promise<string> => lab.mustDocker(['inspect', '--format', '{{.Id}}', name]);

  function known<T>(fact: Fact<T> | undefined): KnownFact<T> {
    if (!isKnown(fact)) throw new Error(fact ? fact.unavailable : 'It was not answered.');
    return fact;
  }

  it('finds the shims that ps finds', async () => {
    const call = new RegExp(` -address ${lab.insideDir}/containerd.sock$`);
    let listed: number[] = [];
    let found: number[] = [];
    await eventually(async () => {
      listed = (await mustRun('ps', ['-ww', '-eo', 'pid=,args='])).stdout
        .split('\n')
        .filter((line) => line.includes('containerd-shim-runc-v2') && call.test(line.trim()))
        .map((line) => Number.parseInt(line, 10));
      found = findShims(await adapter.processTable())
        .filter((shim) => shim.kind === 'containerd-shim' && shim.address === `${lab.insideDir}/containerd.sock`)
        .map(({ process: { pid } }) => pid);
      return listed.length >= 30 && listed.sort().join() === found.sort().join();
    }, 'the shims are those that ps lists').catch((error: unknown) => {
      throw new Error(`${String(error)}: listed ${listed.join()}, found ${found.join()}`);
    });
  });

  it('names the init process that Docker names, and its parent as the shim', async () => {
    const ids = (await lab.mustDocker(['ps', '--quiet', '--no-trunc'])).split('\n');
    assert.ok(ids.length >= 30);
    const pids = (await lab.mustDocker(['inspect', '--format', '{{.State.Pid}}', ...ids])).split('\n').map(Number);
    const containers = await containersNow();
    for (const [index, id] of ids.entries()) {
      const sightings = containers.get(id)?.sightings ?? [];
      assert.deepEqual(
        sightings.map(({ layerId, initPid, containerdNamespace }) => [layerId, initPid, containerdNamespace]),
        ['shim', 'kernel'].map((layerId) => [layerId, pids[index], 'moby']),
        id,
      );
      const parent = (await mustRun('ps', ['-o', 'ppid=', '-p', String(pids[index])])).stdout.trim();
      assert.equal(String(sightings[0]?.shim?.pid), parent);
      assert.equal(sightings[0]?.bundle, `${lab.insideDir}/containerd/state/io.containerd.runtime.v2.task/moby/${id}`);
    }
  });

  it('reads the limits that docker run asked for', async () => {
    const asked: Readonly<Record<string, Readonly<Record<string, string | number>>>> = {
      memory: {
        'memory.limit_in_bytes|memory.max': 64 * MIB,
        'memory.memsw.limit_in_bytes': 96 * MIB,
        'memory.swap.max': 32 * MIB,
      },
      'memory-reservation': { 'memory.soft_limit_in_bytes|memory.low': 32 * MIB },
      cpus: { 'cpu.cfs_quota_us': 50_000, 'cpu.cfs_period_us': 100_000, 'cpu.max': '50000 100000' },
      'cpu-quota': { 'cpu.cfs_quota_us': 25_000, 'cpu.cfs_period_us': 50_000, 'cpu.max': '25000 50000' },
      'cpu-shares': { 'cpu.shares': 512 },
      cpuset: { 'cpuset.cpus': '0' },
      'pids-limit': { 'pids.max': 20 },
      plain: { 'memory.limit_in_bytes|memory.max': 'max' },
    };
    for (const [name, limits] of Object.entries(asked)) {
      const { value: report } = known((await inspect(await idOf(name))).cgroups);
      const readings = new Map(
        report.controllers.flatMap((controller) => controller.readings).map((reading) => [reading.file, reading]),
      );
      let compared = 0;
      for (const [files, limit] of Object.entries(limits)) {
        // Version 1 and 2 name them differently, and a kernel without swap accounting has none for swap.
        const reading = files.split('|').flatMap((file) => readings.get(file) ?? [])[0];
        if (!reading) continue;
        compared++;
        assert.equal(reading.value ?? reading.raw, limit, `${name}: ${reading.file}`);
        assert.equal(reading.raw, readFileSync(reading.path, 'utf8').trim(), reading.path);
      }
      assert.ok(compared > 0, name);
    }
  });

  it('tells of each fact a command that prints the same', async () => {
    const id = await idOf('with-exec');
    const findings = await inspect(id);
    // Some cgroup files can only be written, so grep ends with an error although it has printed the others.
    const print = async (fact: Fact<unknown> | undefined): Promise<string> =>
      (await run('sh', ['-c', known(fact).how])).stdout;
    const { value: initPid } = known(findings.initPid);
    assert.ok((await print(findings.initPid)).startsWith(`${initPid} (`));
    assert.equal((await print(findings.shimPid)).trim(), String(known(findings.shimPid).value));
    const paths = await print(findings.cgroupPaths);
    for (const [controllers, path] of Object.entries(known(findings.cgroupPaths).value))
      assert.ok(paths.includes(`:${controllers}:${path}\n`), controllers);
    const namespaces = await print(findings.namespaces);
    for (const [type, inode] of Object.entries(known(findings.namespaces).value)) {
      assert.ok(namespaces.includes(`[${inode}]`), type);
      assert.equal(readlinkSync(`/proc/${initPid}/ns/${type}`).replace(/.*:/, ''), `[${inode}]`);
    }
    const files = await print(findings.cgroups);
    for (const { path, raw, role } of known(findings.cgroups).value.controllers.flatMap(({ readings }) => readings))
      if (role === 'limit' && raw !== '') assert.ok(files.includes(`${path}:${raw.split('\n')[0]}`), path);
    const listed = await print(findings.processes);
    for (const { hostPid, role } of known(findings.processes).value)
      if (role !== 'child') assert.match(listed, new RegExp(`^ *${hostPid} `, 'm'));
    const shim = known(findings.shim);
    assert.ok((await print(findings.shim)).includes(shim.value.argv.join(' ')));
    const address = shimAddressIn(`/proc/${shim.value.pid}/cwd`);
    assert.equal(shim.value.socket, address);
    assert.equal(shim.note, undefined, 'the bundle names the socket');
  });

  it('lists the processes that docker top lists', async () => {
    for (const name of ['with-exec', 'process-tree', 'init', 'host-pid', 'paused']) {
      const id = await idOf(name);
      let listed = '';
      let shown = '';
      await eventually(async () => {
        const top = (await lab.mustDocker(['top', id, '-eo', 'pid'])).split('\n').slice(1);
        listed = top.map(Number).sort().join();
        const { value } = known((await inspect(id)).processes);
        shown = value
          .map(({ hostPid }) => hostPid)
          .sort()
          .join();
        return listed === shown;
      }, `the processes of ${name} are those of docker top`).catch((error: unknown) => {
        throw new Error(`${String(error)}: listed ${listed}, shown ${shown}`);
      });
    }
    const { value } = known((await inspect(await idOf('with-exec'))).processes);
    const roots = value.filter(({ role }) => role !== 'child').sort(initFirst);
    assert.deepEqual(
      roots.map(({ role, uid }) => [role, uid]),
      [
        ['init', 0],
        ['exec', NOBODY],
      ],
    );
    assert.equal(roots[0]?.containerPid, 1);
  });

  it('shows all containers of a pod under their one shim', async () => {
    const containers = await containersNow();
    const ids = [pod.sandboxId, ...pod.containers.values()];
    const shims = new Set(ids.map((id) => containers.get(id)?.sightings[0]?.shim?.pid));
    assert.equal(shims.size, 1);
    const { value: shim } = known((await inspect(pod.sandboxId)).shim);
    assert.deepEqual([...shim.serves].sort(), [...ids].sort());
    for (const id of pod.containers.values()) {
      const { value: report } = known((await inspect(id)).cgroups);
      const memory = report.controllers
        .flatMap(({ readings }) => readings)
        .find(({ file }) => file === 'memory.limit_in_bytes' || file === 'memory.max');
      assert.equal(memory?.value, 64 * MIB);
    }
  });

  it('tells the init of a Podman container from its execs, which have monitors of their own', async () => {
    const init = Number(await podman.podman('inspect', '--format', '{{.State.Pid}}', 'watched'));
    const monitor = Number(await podman.podman('inspect', '--format', '{{.State.ConmonPid}}', 'watched'));
    const container = (await containersNow()).get(podmanId);
    assert.deepEqual(
      container?.sightings.map(({ initPid, shim }) => [initPid, shim?.pid]),
      [
        [init, monitor],
        [init, monitor],
      ],
    );
    const findings = await inspect(podmanId);
    assert.equal(known(findings.shim).value.kind, 'conmon');
    const roots = known(findings.processes)
      .value.filter(({ role }) => role !== 'child')
      .sort(initFirst);
    assert.deepEqual(
      roots.map(({ role, command }) => `${role} ${command.split(' ')[0]}`),
      ['init sh', 'exec sleep'],
    );
  });

  it('reads what is used again and again', async () => {
    const id = await idOf('process-tree');
    const { value: report } = known((await inspect(id)).cgroups);
    const usage = (from: CgroupReport): CgroupReading | undefined =>
      from.controllers
        .flatMap(({ readings }) => readings)
        .find(({ file }) => file === 'cpuacct.usage' || (file === 'cpu.stat' && report.mode === 'unified'));
    const first = usage(report)?.value;
    assert.ok(typeof first === 'number' && first > 0);
    await lab.mustDocker(['exec', id, 'sh', '-c', 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done']);
    const second = usage(await rereadUsage(report))?.value;
    assert.ok(typeof second === 'number' && second > first, `${second} after ${first}`);
  });

  it('says of a container that has ended that nothing is left', async () => {
    const id = await lab.mustDocker(['run', '--detach', '--network=none', lab.image, 'sleep', '36000']);
    const container = (await containersNow()).get(id);
    assert.ok(container);
    await lab.mustDocker(['rm', '--force', id]);
    const findings = await adapter.inspect({ container, processes: await adapter.processTable(), found: {} });
    assert.ok(Object.keys(findings).length >= 7);
    for (const [name, fact] of Object.entries(findings)) assert.ok(!isKnown(fact as Fact<unknown>), name);
    assert.equal((await containersNow()).has(id), false);
  });

  it('tells any user the same but for namespaces and bundles, which belong to root', async () => {
    const id = await idOf('memory');
    const asRoot = await inspect(id);
    const asNobody = await whileNobody(() => inspect(id));
    const same = ['initPid', 'shimPid', 'cgroupPaths'] as const;
    for (const name of same)
      assert.deepEqual(known<unknown>(asNobody[name]).value, known<unknown>(asRoot[name]).value, name);
    const processes = (findings: Findings): string[] =>
      known(findings.processes).value.map(({ hostPid, command, uid, role }) => `${hostPid} ${command} ${uid} ${role}`);
    assert.deepEqual(processes(asNobody), processes(asRoot));
    const limits = ({ controllers }: CgroupReport): string[] =>
      controllers.flatMap(({ readings }) =>
        readings.filter(({ role }) => role === 'limit').map(({ path, raw }) => `${path} ${raw}`),
      );
    assert.deepEqual(limits(known(asNobody.cgroups).value), limits(known(asRoot.cgroups).value));
    assert.ok(asNobody.namespaces && !isKnown(asNobody.namespaces));
    assert.match(asNobody.namespaces.unavailable, /root/);
    assert.match(asNobody.namespaces.remedy, /^As root: ls -l \/proc\/\d+\/ns$/);
    const shim = known(asNobody.shim);
    assert.match(shim.note ?? '', /derived/);
    assert.equal(shim.value.socket, known(asRoot.shim).value.socket, 'the derived socket is the real one');
  });
});

/** Runs something with the rights of the user nobody, in this very process. */
async function whileNobody<T>(work: () => Promise<T>): Promise<T> {
  assert.ok(process.setgroups && process.setegid && process.seteuid && process.getgroups);
  const groups = process.getgroups();
  process.setgroups([]);
  process.setegid(NOBODY);
  process.seteuid(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid(0);
    process.setegid(0);
    process.setgroups(groups);
  }
}
