import assert from 'node:assert/strict';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RuntimeAdapter } from '../../src/adapters/adapter';
import { createContainerdAdapter } from '../../src/adapters/containerd/adapter';
import { createOciAdapter } from '../../src/adapters/oci/adapter';
import type { Container, Sighting } from '../../src/model/container';
import { isKnown, type KnownFact } from '../../src/model/fact';
import type { ContainerFacts, FactName, Findings } from '../../src/model/inspection';
import { joinSightings } from '../../src/store/identity';
import { parseJsonExact } from '../../src/util/json';
import { asArray, asNumber, asString, memberAt } from '../../src/util/records';
import { startLab, type Lab } from '../lab/lab';
import { removePod, runPod } from '../lab/pods';
import { mustRun } from '../lab/run';
import { startSamples } from '../lab/samples';
import { asOutside } from '../support/labPaths';
import { processesNow } from '../support/processTable';

describe('bundles, runtime state and shims on disk', () => {
  let lab: Lab;
  let bareRoot: string;
  let oci: RuntimeAdapter;
  const containerd = createContainerdAdapter({
    sockets: async () => [{ path: lab.containerdSocket, reason: 'the test says so', exists: true }],
  });

  before(async () => {
    lab = await startLab();
    bareRoot = join(lab.dir, 'bare-runc');
    oci = createOciAdapter({ extraRoots: [bareRoot] });
    await startSamples(lab);
  });
  after(() => lab?.stop());

  /** What both adapters see, joined. */
  async function containersNow(): Promise<Container[]> {
    const processes = processesNow();
    const reports = await Promise.all([containerd.look({ processes }), oci.look({ processes })]);
    for (const { layers } of reports) assert.ok(layers.every(({ status }) => status !== 'failed'));
    return joinSightings(
      reports.flatMap(({ sightings }) => sightings),
      reports.flatMap(({ layers }) => layers),
    );
  }

  async function containerNow(name: string): Promise<Container> {
    const id = await lab.mustDocker(['inspect', '--format', '{{.Id}}', name]);
    const container = (await containersNow()).find(({ runtimeId }) => runtimeId === id);
    assert.ok(container, name);
    return container;
  }

  const inspect = (adapter: RuntimeAdapter, container: Container): Promise<Findings> =>
    adapter.inspect({ container, processes: processesNow(), found: {} });

  it('sees in runc’s state folder what runc itself lists', async () => {
    const root = join(lab.dockerExecRoot, 'runtime-runc/moby');
    const { layers, sightings } = await oci.look({ processes: processesNow() });
    const { stdout } = await lab.mustRun('runc', ['--root', root, 'list', '--format', 'json']);
    const listed = asArray(JSON.parse(stdout)).map((item) => {
      const [id, pid, status, bundle] = ['id', 'pid', 'status', 'bundle'].map((key) => memberAt(item, key));
      return `${id} ${pid} ${status} ${bundle}`;
    });
    const own = sightings.filter(
      ({ bundle }) => bundle?.startsWith(`${lab.insideDir}/`) && existsSync(bundle.replace(lab.insideDir, lab.dir)),
    );
    const seen = own.map(({ runtimeId, initPid, state, bundle }) => `${runtimeId} ${initPid} ${state} ${bundle}`);
    assert.deepEqual(seen.sort(), listed.sort());
    assert.ok(own.some(({ state }) => state === 'paused'));
    const runc = layers.find(({ id }) => id === 'oci-runtime:runc');
    assert.equal(runc?.status, 'ok');
    // The runc that this process would call is not the one of another file tree, and says nothing of it.
    const version = /version (\S+)/.exec((await lab.mustRun('runc', ['--version'])).stdout)?.[1];
    const isElsewhere = ({ bundle }: Sighting): boolean => bundle?.startsWith(`${lab.insideDir}/`) ?? true;
    const isOurs = lab.generation.suite === undefined || !sightings.every(isElsewhere);
    const ours = isOurs ? (await mustRun('runc', ['--version'])).stdout : '';
    assert.equal(runc?.version, /version (\S+)/.exec(ours)?.[1]);
    if (lab.generation.suite === undefined) assert.equal(runc?.version, version);
  });

  it('tells of every running container what the disk, the process list and containerd tell', async () => {
    const running = (await lab.mustDocker(['ps', '--quiet', '--no-trunc'])).split('\n');
    assert.ok(running.length >= 30);
    const containers = new Map((await containersNow()).map((container) => [container.runtimeId, container]));
    for (const id of running) {
      const container = containers.get(id);
      assert.ok(container, id);
      const [onDisk, recorded] = await Promise.all([inspect(oci, container), inspect(containerd, container)]);
      const bundle = join(lab.containerdState, 'io.containerd.runtime.v2.task/moby', id);
      assert.equal(asOutside(lab, factOf(onDisk, 'bundlePath').value), bundle);
      if (lab.insideDir !== lab.dir) assert.match(factOf(onDisk, 'bundlePath').source, /not ours/);
      const config = parseJsonExact(readFileSync(join(bundle, 'config.json'), 'utf8'));
      assert.deepEqual(factOf(onDisk, 'ociConfig').value, config);
      assert.deepEqual(factOf(recorded, 'ociConfig').value, config);
      assert.equal(factOf(onDisk, 'ociConfig').note, undefined, `${id} is not stale`);

      const pid = Number(await lab.mustDocker(['inspect', '--format', '{{.State.Pid}}', id]));
      assert.equal(factOf(onDisk, 'initPid').value, pid);
      assert.equal(factOf(recorded, 'initPid').value, pid);
      const parent = Number((await mustRun('ps', ['-o', 'ppid=', '-p', String(pid)])).stdout);
      assert.equal(factOf(onDisk, 'shimPid').value, parent);
      assert.equal(factOf(onDisk, 'shimPid').route, 'shim');

      const root = join(lab.dockerExecRoot, 'runtime-runc/moby');
      assert.equal(factOf(onDisk, 'runtime').value.root, root.replace(lab.dir, lab.insideDir));
      assert.equal(factOf(onDisk, 'runtime').value.runtimeName, factOf(recorded, 'runtime').value.runtimeName);
      const state = parseJsonExact(readFileSync(join(root, id, 'state.json'), 'utf8'));
      assert.deepEqual(factOf(onDisk, 'runtimeState').value, state);
    }
  });

  it('says that config.json is stale after docker update, and what is in force', async () => {
    await lab.mustDocker(['update', '--memory=48m', '--memory-swap=80m', 'memory']);
    const fact = factOf(await inspect(oci, await containerNow('memory')), 'ociConfig');
    assert.equal(memberAt(fact.value, 'linux', 'resources', 'memory', 'limit'), 64 * 1024 * 1024);
    assert.match(fact.note ?? '', /memory limit 50331648 instead of 67108864/);
    assert.match(fact.note ?? '', /memory and swap limit 83886080 instead of 100663296/);
  });

  it('says of containers that do not run where their bundle went', async () => {
    for (const name of ['exited-7', 'created']) {
      const id = await lab.mustDocker(['inspect', '--format', '{{.Id}}', name]);
      assert.ok(!existsSync(join(lab.containerdState, 'io.containerd.runtime.v2.task/moby', id)));
      const state = name === 'created' ? 'created' : 'exited';
      const sightings = [{ layerId: 'engine:docker', runtimeId: id, containerdNamespace: 'moby', state } as const];
      const container: Container = {
        id,
        runtimeId: id,
        state,
        labels: new Map(),
        layers: ['engine:docker'],
        sightings,
        letGo: [],
      };
      const found = await inspect(oci, container);
      for (const key of ['bundlePath', 'ociConfig', 'runtime', 'initPid', 'shimPid', 'runtimeState'] as const) {
        const fact = found[key];
        assert.ok(fact && !isKnown(fact), `${key} of ${name}`);
        assert.match(fact.unavailable, /only while the container’s task does/);
        assert.match(fact.remedy, /Start the container/);
      }
    }
  });

  it('finds the one shim of a pod for each of its containers', async () => {
    const pod = await runPod(lab, 'shop', ['web', 'db']);
    try {
      const own = [pod.sandboxId, ...pod.containers.values()];
      const containers = (await containersNow()).filter(({ runtimeId }) => own.includes(runtimeId));
      assert.equal(containers.length, 3);
      const shims = new Set<number>();
      for (const container of containers) {
        const found = await inspect(oci, container);
        const bundle = join(lab.containerdState, 'io.containerd.runtime.v2.task/k8s.io', container.runtimeId);
        assert.equal(asOutside(lab, factOf(found, 'bundlePath').value), bundle);
        const parent = (await mustRun('ps', ['-o', 'ppid=', '-p', String(factOf(found, 'initPid').value)])).stdout;
        assert.equal(factOf(found, 'shimPid').value, Number(parent));
        shims.add(factOf(found, 'shimPid').value);
      }
      assert.equal(shims.size, 1);
    } finally {
      await removePod(lab, pod);
    }
  });

  it('shows a container that runc made by itself, created and then running', async () => {
    const bundle = await bareBundle(lab);
    const runc = (...words: string[]): Promise<unknown> => lab.mustRun('runc', ['--root', bareRoot, ...words]);
    const log = join(lab.dir, 'bare.log');
    // A container inherits runc's output: with a pipe the command would not end before the container does.
    const create = ['--root', bareRoot, 'create', '--bundle', bundle, 'by-hand'];
    await lab.mustRun('sh', ['-c', 'exec runc "$@" >"$0" 2>&1', log, ...create]);
    try {
      const states: (string | undefined)[] = [];
      const find = async (): Promise<Container | undefined> =>
        (await containersNow()).find(({ runtimeId }) => runtimeId === 'by-hand');
      states.push((await find())?.state);
      await runc('start', 'by-hand');
      const container = await find();
      states.push(container?.state);
      assert.deepEqual(states, ['created', 'running']);
      assert.ok(container);
      const found = await inspect(oci, container);
      const told: unknown = JSON.parse((await lab.mustRun('runc', ['--root', bareRoot, 'state', 'by-hand'])).stdout);
      assert.equal(factOf(found, 'initPid').value, asNumber(memberAt(told, 'pid')));
      assert.equal(factOf(found, 'bundlePath').value, asString(memberAt(told, 'bundle')));
      assert.equal(factOf(found, 'runtime').value.binary, 'runc');
      await runc('kill', 'by-hand', 'KILL');
      let state: string | undefined;
      for (let tries = 0; tries < 600 && state !== 'exited'; tries++) state = (await find())?.state;
      assert.equal(state, 'exited');
      const init = (await inspect(oci, container)).initPid;
      assert.ok(init && !isKnown(init), 'the PID in state.json is not taken for a living process');
    } finally {
      await runc('delete', '--force', 'by-hand');
    }
  });
});

function factOf<K extends FactName>(
  found: Findings,
  name: K,
): ContainerFacts[K] extends KnownFact<infer T> | infer _Unknown ? KnownFact<T> : never {
  const fact = found[name];
  if (!fact || !isKnown<unknown>(fact)) throw new Error(`${name} is not known: ${JSON.stringify(fact)}`);
  assert.ok(fact.source && fact.how, name);
  // The findings' type ties each name to its value's type; a generic index cannot show that it is known here.
  return fact as never;
}

/** A bundle as `runc spec` makes it, that runs here without a terminal and within the lab's cgroup. */
async function bareBundle(lab: Lab): Promise<string> {
  const bundle = join(lab.dir, 'bare-bundle');
  const busybox = join(bundle, 'rootfs/bin/busybox');
  mkdirSync(dirname(busybox), { recursive: true });
  chmodSync(bundle, 0o700);
  cpSync('/bin/busybox', busybox);
  await lab.mustRun('runc', ['spec', '--bundle', bundle]);
  const file = join(bundle, 'config.json');
  const spec = JSON.parse(readFileSync(file, 'utf8')) as { process: object; linux: object };
  Object.assign(spec.process, { terminal: false, args: ['/bin/busybox', 'sleep', '36000'] });
  Object.assign(spec.linux, { cgroupsPath: `${lab.cgroupParent}/by-hand` });
  writeFileSync(file, JSON.stringify(spec));
  return bundle;
}
