import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHost, type Host } from '../../src/hostAdapters';
import { isKnown, valueOf } from '../../src/model/fact';
import { localContainer, type LocalJoin } from '../../src/model/kubernetes/join';
import type { KubeNode } from '../../src/model/kubernetes/cluster';
import { TreeSource } from '../../src/views/tree/options';
import { startLab, type Lab } from '../lab/lab';
import { removePod, runPod, type Pod } from '../lab/pods';
import { makeCertificates } from '../support/certificates';
import { base64, kubeconfig, startKubeServer, type KubeServer } from '../support/kubeServer';

const read = (path: string): string => readFileSync(path, 'utf8').trim();

/**
 * Pods and containers are real, on a real containerd over CRI; the API server that tells of them is the tests' own, and its
 * answers are written from the API reference, not recorded.
 */
describe('pods of this machine, as an API server tells of them', () => {
  let lab: Lab;
  let pod: Pod;
  let server: KubeServer;
  let host: Host;

  before(async () => {
    lab = await startLab();
    pod = await runPod(lab, 'shop', ['web', 'db']);
    const folder = join(lab.dir, 'kube');
    mkdirSync(folder);
    const certificates = makeCertificates(folder);
    server = await startKubeServer(certificates);
    const kubelet = { kubelet: 'v1.29.3', runtime: 'containerd://1.6.20' };
    server.world.nodes = [
      { name: 'here', ...kubelet, bootID: read('/proc/sys/kernel/random/boot_id') },
      // The same name as this machine's proves nothing.
      { name: read('/proc/sys/kernel/hostname'), ...kubelet, bootID: '00000000-0000-4000-8000-000000000000' },
    ];
    const containers = [...pod.containers].map(([name, id]) => ({ name, id: `containerd://${id}` }));
    server.world.pods = server.world.nodes.map(({ name }) => ({
      ...{ namespace: 'lab', name: 'shop', uid: 'uid-shop', node: name },
      containers,
    }));
    const file = join(folder, 'config');
    writeFileSync(
      file,
      kubeconfig({
        server: server.url,
        ca: certificates.ca,
        users: {
          alice: {
            'client-certificate-data': base64(certificates.clientCert),
            'client-key-data': base64(certificates.clientKey),
          },
        },
        contexts: { lab: { user: 'alice' } },
        current: 'lab',
      }),
    );
    host = createHost({
      settings: () => ({ dockerEndpoints: [], containerdAddresses: [], podmanEndpoints: [] }),
      env: { ...lab.env, KUBECONFIG: file },
      workerFolder: lab.dir,
    });
  });

  after(async () => {
    host?.store.dispose();
    host?.clusters.dispose();
    await server?.close();
    if (pod) await removePod(lab, pod);
    await lab?.stop();
  });

  async function joins(node: KubeNode): Promise<Map<string, LocalJoin>> {
    const inventory = await host.store.refresh('asked by the user');
    const source = new TreeSource(inventory, { grouping: 'layer', filter: [], pageSize: 200, shown: new Map() });
    const { items } = await host.clusters.pods('lab', node.name).promise;
    const [shop] = items;
    assert.ok(shop && items.length === 1);
    return new Map(
      shop.containers.map((container) => [
        container.name,
        localContainer(container, shop, node.place, source.runtimeIds),
      ]),
    );
  }

  it('are found by their ids where the node has this kernel’s boot id, and nowhere else', async () => {
    const inventory = await host.store.refresh('asked by the user');
    const layer = inventory.layers.find(({ id }) => id === 'client:kubernetes');
    assert.deepEqual(
      layer?.kubeContexts?.map(({ name, current }) => [name, current]),
      [['lab', true]],
    );
    assert.deepEqual(server.requests, [], 'looking at this machine asks no cluster');
    const { nodes } = await host.clusters.cluster('lab').promise;
    const [here, namesake] = nodes.items;
    assert.ok(here && namesake);
    assert.deepEqual([here.place.verdict, namesake.place.verdict], ['here', 'elsewhere']);
    const tasks = (await lab.ctr(['-n', 'k8s.io', 'tasks', 'list'])).stdout;
    for (const [name, { container }] of await joins(here)) {
      assert.ok(container, name);
      assert.equal(container.runtimeId, pod.containers.get(name));
      assert.deepEqual(container.sandbox, { id: pod.sandboxId, name: 'lab/shop', isSandbox: false });
      const { facts } = await host.store.inspect(container.id);
      const pid = Number(new RegExp(`^${container.runtimeId}\\s+(\\d+)`, 'm').exec(tasks)?.[1]);
      assert.equal(valueOf(facts.initPid), pid, `${name}: its init process is the one that ctr lists`);
      assert.ok(isKnown(facts.cgroupPaths));
    }
    for (const [name, { container, because }] of await joins(namesake)) {
      assert.equal(container, undefined, name);
      assert.match(because, /not known to be this machine/);
    }
  });

  it('are not found under another pod’s uid', async () => {
    server.world.pods = server.world.pods.map((one) => ({ ...one, uid: 'uid-of-another' }));
    host.clusters.forget();
    const [here] = (await host.clusters.cluster('lab').promise).nodes.items;
    assert.ok(here);
    for (const { container, because } of (await joins(here)).values()) {
      assert.equal(container, undefined);
      assert.match(because, /belongs to another pod/);
    }
  });
});
