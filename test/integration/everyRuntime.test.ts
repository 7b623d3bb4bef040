import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHost, type Host } from '../../src/hostAdapters';
import { createPublicApi, type PublicInventory } from '../../src/publicApi';
import { isKnown } from '../../src/model/fact';
import { isWithoutEngine } from '../../src/model/inventory';
import { startEveryRuntime, type EveryRuntime } from '../lab/everyRuntime';
import { startLab, type Lab } from '../lab/lab';
import { printed } from '../support/groundTruth';

describe('every runtime of the stack at once', () => {
  let lab: Lab;
  let all: EveryRuntime;
  let host: Host;

  before(async () => {
    lab = await startLab();
    all = await startEveryRuntime(lab);
    host = createHost({
      settings: () => ({ dockerEndpoints: [], containerdAddresses: [], podmanEndpoints: [all.podman.socketPath] }),
      env: all.env,
      workerFolder: lab.dir,
    });
  });

  after(async () => {
    host?.store.dispose();
    await all?.stop();
    await lab?.stop();
  });

  const inventory = async (): Promise<PublicInventory> => createPublicApi(host.store).inventory();

  it('shows each container once, under exactly the layers that know it', async () => {
    const { containers, layers } = await inventory();
    const kindOf = (id: string): string => layers.find((layer) => layer.id === id)?.kind ?? '?';
    const shown = containers
      // Other engines of this machine may have containers too.
      .filter(({ id }) => all.made.some((one) => one.id === id || one.runtimeId === id))
      .map(({ id, layers: ids }) => `${id}: ${ids.map(kindOf).join(' ')}`);
    assert.deepEqual(shown.sort(), all.made.map(({ id, kinds }) => `${id}: ${kinds.join(' ')}`).sort());
    const current = await host.store.inventory();
    const alone = current.containers.filter((container) => isWithoutEngine(container, current.layers));
    const bare = all.made.filter(({ kinds }) => kinds[0] === 'oci-runtime').map(({ id }) => id);
    assert.deepEqual(
      alone.map(({ id }) => id).filter((id) => all.made.some((one) => one.id === id)),
      bare,
      'of one container no engine knows',
    );
    for (const layer of layers) assert.equal(layer.status, 'ok', `${layer.name}: ${JSON.stringify(layer.problem)}`);
  });

  it('gives each the init process and the namespaces that the kernel shows', async () => {
    for (const { id, pid } of all.made) {
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
    for (const { id, runtimeId } of all.made) {
      const { facts } = await host.store.inspect(id);
      assert.ok(
        isKnown(facts.ociConfig) && facts.ociConfig.route === 'bundle',
        `${id}: ${JSON.stringify(facts.ociConfig).slice(0, 300)}`,
      );
      assert.ok(isKnown(facts.bundlePath), id);
      const text = readFileSync(join(facts.bundlePath.value, 'config.json'), 'utf8');
      const { hostname } = JSON.parse(text) as { hostname?: string };
      assert.equal((facts.ociConfig.value as { hostname?: string }).hostname, hostname);
      assert.ok(facts.bundlePath.value.includes(runtimeId) || id.startsWith('by-hand'), facts.bundlePath.value);
    }
  });

  it('shows one shim for all containers of a pod, and conmon for those of Podman', async () => {
    for (const pod of all.pods) {
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
    for (const { id, kinds } of all.made.filter((one) => one.kinds.length === 4 && one.kinds[0] === 'engine')) {
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
    const [docker] = all.made;
    const ctr = all.made.find(({ id }) => id.startsWith('alpha/'));
    const podmanOne = all.made.find(({ kinds }) => kinds.length === 4 && kinds[0] === 'engine');
    assert.equal(await firstParty(docker?.id ?? ''), 'client → dockerd');
    assert.equal(await firstParty(ctr?.id ?? ''), 'client → containerd');
    assert.equal(await firstParty(podmanOne?.id ?? ''), 'client → podman');
    assert.equal(await firstParty(all.pods[0]?.sandboxId ?? ''), 'kubelet → cri');
    const bare = all.made.find(({ kinds }) => kinds[0] === 'oci-runtime');
    assert.equal(await firstParty(bare?.id ?? ''), 'client → runc');
  });
});
