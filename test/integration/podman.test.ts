import assert from 'node:assert/strict';
import { createPodmanAdapter } from '../../src/adapters/podman/adapter';
import type { Report } from '../../src/adapters/adapter';
import { isKnown } from '../../src/model/fact';
import { joinSightings } from '../../src/store/identity';
import { asArray, memberAt } from '../../src/util/records';
import { startLab, type Lab } from '../lab/lab';
import {
  podmanContainer,
  podmanPod,
  ROOTLESS_USER,
  startPodman,
  startRootlessPodman,
  whyNotRootless,
  type PodmanLab,
} from '../lab/podman';
import type { Hint } from '../../src/adapters/adapter';
import { createKernelAdapter } from '../../src/adapters/kernel/adapter';
import { findPodmanSockets } from '../../src/adapters/podman/sockets';
import type { Inventory } from '../../src/model/inventory';
import { parseFilter } from '../../src/views/tree/filter';
import { layerNode } from '../../src/views/tree/layerNodes';
import type { TreeNode } from '../../src/views/tree/node';
import { TreeSource } from '../../src/views/tree/options';
import { eventually, noProcesses } from '../support/fakeAdapter';
import { buildWorker } from '../support/workers';
import { printed } from '../support/groundTruth';

describe('Podman, asked itself', () => {
  let lab: Lab;
  let podman: PodmanLab;
  const ids = new Map<string, string>();
  const adapter = createPodmanAdapter({ sockets: async () => [{ path: podman.socketPath, why: 'The test says so.' }] });

  before(async () => {
    lab = await startLab();
    podman = await startPodman(lab);
    ids.set('plain', await podmanContainer(podman, 'run', 'plain', ['--label=a=b']));
    ids.set('limited', await podmanContainer(podman, 'run', 'limited', ['--pids-limit=50']));
    ids.set('made', await podmanContainer(podman, 'create', 'made'));
    ids.set('ended', await podmanContainer(podman, 'run', 'ended', [], ['true']));
    await podman.podman('wait', 'ended');
  });
  after(async () => {
    await podman?.stop();
    await lab?.stop();
  });

  const look = (): Promise<Report> => adapter.look({ processes: noProcesses });

  it('shows what podman ps lists', async () => {
    const { layers, sightings } = await look();
    assert.deepEqual(
      layers.map(({ kind, name, status }) => [kind, name, status]),
      [['engine', 'Podman', 'ok']],
    );
    assert.equal(layers[0]?.version, (await podman.podman('version', '--format', '{{.Client.Version}}')).trim());
    const listed = asArray(JSON.parse(await podman.podman('ps', '--all', '--format', 'json')));
    const lines = listed.map((row) => [
      memberAt(row, 'Id'),
      asArray(memberAt(row, 'Names'))[0],
      memberAt(row, 'State'),
    ]);
    assert.deepEqual(
      sightings.map(({ runtimeId, name, state }) => `${runtimeId} ${name} ${state}`).sort(),
      lines.map((line) => line.join(' ')).sort(),
    );
    assert.equal(sightings.find(({ name }) => name === 'plain')?.labels?.get('a'), 'b');
  });

  it('names conmon, init and bundle as ps and podman inspect do', async () => {
    const { layers, sightings } = await look();
    for (const container of joinSightings(sightings, layers)) {
      const found = await adapter.inspect({ container, processes: noProcesses, found: {} });
      const [pid, conmon, config] = (
        await podman.podman(
          'inspect',
          '--format',
          '{{.State.Pid}} {{.State.ConmonPid}} {{.OCIConfigPath}}',
          container.runtimeId,
        )
      ).split(' ');
      if (container.state !== 'running') {
        assert.ok(found.initPid && !isKnown(found.initPid), `${container.name} has no init`);
        continue;
      }
      assert.ok(
        isKnown(found.initPid) && isKnown(found.shimPid) && isKnown(found.bundlePath) && isKnown(found.runtime),
      );
      assert.equal(String(found.initPid.value), pid);
      assert.equal(String(found.shimPid.value), conmon);
      assert.equal(`${found.bundlePath.value}/config.json`, config);
      assert.equal(found.runtime.value.binary, 'runc');
      assert.equal(
        (await printed('ps', '-o', 'ppid=', '-p', String(pid))).trim(),
        conmon,
        'conmon is the parent of init',
      );
    }
  });

  it('stays visible with the reason when its service has ended', async () => {
    const gone = createPodmanAdapter({ sockets: async () => [{ path: `${lab.dir}/none.sock`, why: 'A test.' }] });
    const { layers } = await gone.look({ processes: noProcesses });
    assert.deepEqual(
      layers.map(({ status, problem }) => [status, problem?.code]),
      [['failed', 'absent']],
    );
    assert.match(layers[0]?.problem?.remedy ?? '', /podman\.socket/);
  });

  it('shows a pod as a group, with its infra container and conmon in the shim’s place', async () => {
    const pod = await podmanPod(podman, 'shop', ['shop-web', 'shop-db']);
    const kernel = createKernelAdapter();
    const processes = await kernel.processTable();
    const reports = [await look(), await kernel.look({ processes })];
    const layers = reports.flatMap((report) => report.layers);
    const containers = joinSightings(
      reports.flatMap(({ sightings }) => sightings),
      layers,
    );
    const holding = (id: string): string[] => containers.filter((one) => one.layers.includes(id)).map((one) => one.id);
    const inventory: Inventory = {
      observedAt: '',
      processes,
      containers,
      layers: layers.map((layer) => ({ ...layer, containerIds: holding(layer.id) })),
    };
    const listed = asArray(JSON.parse(await podman.podman('ps', '--filter', `pod=${pod}`, '--format', 'json')));
    assert.equal(listed.length, 3);

    const source = new TreeSource(inventory, {
      grouping: 'layer',
      filter: parseFilter(''),
      pageSize: 200,
      shown: new Map(),
    });
    const engine = layerNode(
      inventory.layers.find(({ kind }) => kind === 'engine')!,
      source,
    );
    const group = childrenOf(engine).find(({ label }) => label === 'shop');
    assert.equal(group?.description, 'pod · 3 of 3 running');
    assert.deepEqual(
      childrenOf(group)
        .map(({ label, description }) => [label, description?.startsWith('infra container · ')])
        .sort(),
      listed.map((row) => [asArray(memberAt(row, 'Names'))[0], memberAt(row, 'IsInfra')]).sort(),
    );

    const shims = childrenOf(
      layerNode(
        inventory.layers.find(({ kind }) => kind === 'shim')!,
        source,
      ),
    ).map(({ label }) => label);
    for (const row of listed) {
      const conmon = await podman.podman('inspect', '--format', '{{.State.ConmonPid}}', String(memberAt(row, 'Id')));
      assert.ok(shims.includes(`conmon ${conmon}`), `conmon ${conmon} among ${shims.join()}`);
    }
    const about = layers[0]?.details.find(({ label }) => label === 'OCI runtime');
    assert.ok(about && isKnown(about.fact) && about.fact.value === 'runc');
  });

  it('tells by events that something changed, while somebody watches', async () => {
    const worker = buildWorker('src/adapters/docker/eventsWorker.ts');
    const watched = createPodmanAdapter({
      sockets: async () => [{ path: podman.socketPath, why: 'The test says so.' }],
      workerFile: worker.file,
    });
    try {
      await watched.look({ processes: noProcesses });
      const hints: Hint[] = [];
      const watching = watched.watch((hint) => hints.push(hint));
      await eventually(() => hints.some(({ kind }) => kind === 'connected'), 'it is connected');
      const id = await podmanContainer(podman, 'run', 'heard');
      await podman.podman('rm', '--force', '--time', '0', 'heard');
      const heard = (): string[] => hints.flatMap(({ runtimeId, event }) => (runtimeId === id && event ? [event] : []));
      await eventually(() => heard().includes('remove'), 'the removal is heard');
      assert.deepEqual(
        heard().filter((event) => ['create', 'start', 'remove'].includes(event)),
        ['create', 'start', 'remove'],
      );
      watching.dispose();
      const before = hints.length;
      await podmanContainer(podman, 'run', 'unheard');
      await look();
      assert.equal(hints.length, before, 'nobody watches any more');
    } finally {
      watched.dispose();
      worker.remove();
    }
  });
});

function childrenOf(node: TreeNode | undefined): readonly TreeNode[] {
  assert.ok(node?.children?.when === 'now');
  return node.children.make();
}

const denied = whyNotRootless();
if (denied !== undefined) console.warn(`rootless Podman could not run here: ${denied}`);
else
  describe('rootless Podman, asked itself', () => {
    let lab: Lab;
    let podman: Awaited<ReturnType<typeof startRootlessPodman>>;

    before(async () => {
      lab = await startLab();
      podman = await startRootlessPodman(lab);
    });
    after(async () => {
      await podman?.stop();
      await lab?.stop();
    });

    it('is found in its user’s runtime folder, and shown with its owner, its conmon and its init', async () => {
      const id = await podmanContainer(podman, 'run', 'mine');
      const sockets = await findPodmanSockets({ XDG_RUNTIME_DIR: podman.runtimeDir }, []);
      const own = sockets.find(({ path }) => path === podman.socketPath);
      const uid = Number((await printed('id', '-u', ROOTLESS_USER)).trim());
      assert.deepEqual(own?.owner, { uid, name: ROOTLESS_USER });

      const adapter = createPodmanAdapter({ sockets: async () => [own] });
      const kernel = createKernelAdapter();
      const processes = await kernel.processTable();
      const reports = [await adapter.look({ processes }), await kernel.look({ processes })];
      const [layer] = reports[0]?.layers ?? [];
      assert.equal(layer?.name, `Podman · ${ROOTLESS_USER}`);
      const detail = (label: string): string | undefined => {
        const fact = layer?.details.find((one) => one.label === label)?.fact;
        return fact && isKnown(fact) ? fact.value : undefined;
      };
      assert.equal(detail('Rootless'), 'yes');
      assert.equal(detail('OCI runtime'), 'runc');
      assert.equal(detail('Its user'), `${ROOTLESS_USER} (uid ${uid})`);

      const containers = joinSightings(
        reports.flatMap(({ sightings }) => sightings),
        reports.flatMap(({ layers }) => layers),
      );
      const [container, ...others] = containers.filter(({ runtimeId }) => runtimeId === id);
      assert.ok(container && others.length === 0, 'one container, one identity');
      assert.deepEqual(container.layers, [layer?.id, 'shim', 'kernel']);
      const [pid, conmon] = (
        await podman.podman('inspect', '--format', '{{.State.Pid}} {{.State.ConmonPid}}', id)
      ).split(' ');
      const shim = container.sightings.find(({ layerId }) => layerId === 'shim');
      assert.equal(String(shim?.initPid), pid);
      assert.equal(String(shim?.shim?.pid), conmon);
      assert.equal((await printed('ps', '-o', 'user=', '-p', String(conmon))).trim(), ROOTLESS_USER);
      assert.equal((await printed('ps', '-o', 'ppid=', '-p', String(pid))).trim(), conmon);
    });
  });
