import assert from 'node:assert/strict';
import { createCriAdapter } from '../../src/adapters/cri/adapter';
import type { Report } from '../../src/adapters/adapter';
import { isKnown } from '../../src/model/fact';
import { joinSightings } from '../../src/store/identity';
import { parseJsonExact } from '../../src/util/json';
import { startLab, type Lab } from '../lab/lab';
import { removePod, runPod, type Pod } from '../lab/pods';
import { noProcesses } from '../support/fakeAdapter';

describe('CRI on a real containerd', () => {
  let lab: Lab;
  let pod: Pod;
  const adapter = createCriAdapter({
    sockets: async () => [{ path: lab.containerdSocket, why: 'the test says so', expected: true }],
  });

  before(async () => {
    lab = await startLab();
    pod = await runPod(lab, 'shop', ['web', 'db'], {}, { runtimeHandler: 'runc' });
  });
  after(async () => {
    if (pod) await removePod(lab, pod);
    await lab?.stop();
  });

  const look = (): Promise<Report> => adapter.look({ processes: noProcesses });

  it('shows the pod, its sandbox and its containers', async () => {
    const { layers, sightings } = await look();
    assert.deepEqual(
      layers.map((layer) => [layer.kind, layer.name, layer.status]),
      [['cri', 'CRI · containerd', 'ok']],
    );
    const shown = new Map(sightings.map((sighting) => [sighting.runtimeId, sighting]));
    assert.deepEqual([...shown.keys()].sort(), [pod.sandboxId, ...pod.containers.values()].sort());
    assert.deepEqual(shown.get(pod.sandboxId)?.sandbox, { id: pod.sandboxId, name: 'lab/shop', isSandbox: true });
    assert.equal(shown.get(pod.sandboxId)?.stateText, 'sandbox ready, runtime handler runc');
    for (const [name, id] of pod.containers) {
      assert.equal(shown.get(id)?.name, name);
      assert.equal(shown.get(id)?.state, 'running');
      assert.deepEqual(shown.get(id)?.sandbox, { id: pod.sandboxId, name: 'lab/shop', isSandbox: false });
    }
    const listed = await lab.ctr(['-n', 'k8s.io', 'tasks', 'list', '-q']);
    assert.deepEqual(listed.stdout.trim().split('\n').sort(), [...shown.keys()].sort(), 'ctr lists the same');
  });

  it('tells the init process and the spec, as ctr and the bundle on disk do', async () => {
    const { layers, sightings } = await look();
    const containers = joinSightings(sightings, layers);
    const tasks = (await lab.ctr(['-n', 'k8s.io', 'tasks', 'list'])).stdout;
    for (const container of containers) {
      const found = await adapter.inspect({ container, processes: noProcesses, found: {} });
      assert.ok(isKnown(found.initPid), container.name);
      const pid = new RegExp(`^${container.runtimeId}\\s+(\\d+)`, 'm').exec(tasks)?.[1];
      assert.equal(String(found.initPid.value), pid);
      assert.ok(isKnown(found.ociConfig));
      const file = `${lab.containerdState}/io.containerd.runtime.v2.task/k8s.io/${container.runtimeId}/config.json`;
      const { readFile } = await import('node:fs/promises');
      assert.deepEqual(found.ociConfig.value, parseJsonExact(await readFile(file, 'utf8')));
      assert.ok(isKnown(found.criRecord));
      JSON.stringify(found.criRecord.value);
    }
  });

  it('is silent about a socket where nobody expects CRI, and names the reason where one does', async () => {
    const path = lab.dockerSocket;
    for (const expected of [true, false]) {
      const other = createCriAdapter({ sockets: async () => [{ path, why: 'a test', expected }] });
      const report = await other.look({ processes: noProcesses });
      assert.deepEqual(
        report.layers.map((layer) => layer.status),
        expected ? ['failed'] : [],
      );
    }
  });
});
