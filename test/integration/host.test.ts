import assert from 'node:assert/strict';
import { createHost, type Host } from '../../src/hostAdapters';
import { createPublicApi, type PublicApi, type PublicContainer, type PublicInventory } from '../../src/publicApi';
import { startLab, type Lab } from '../lab/lab';
import { startSamples } from '../lab/samples';
import {
  checkCalls,
  checkEnded,
  checkInventory,
  checkProcesses,
  checkRunning,
  inspectAll,
} from '../support/groundTruth';
import { eventually } from '../support/fakeAdapter';
import { buildWorkers, HOST_WORKERS } from '../support/workers';

describe('a host, all adapters together', () => {
  let lab: Lab;
  let host: Host;
  let api: PublicApi;
  const workers = buildWorkers(HOST_WORKERS);
  const before_ = { ...process.env };

  before(async () => {
    lab = await startLab({ liveRestore: true });
    await startSamples(lab);
    Object.assign(process.env, lab.env);
    host = createHost({
      settings: () => ({ dockerEndpoints: [], containerdAddresses: [], podmanEndpoints: [] }),
      env: lab.env,
      workerFolder: workers.folder,
    });
    api = createPublicApi(host.store);
  });
  after(async () => {
    host?.store.dispose();
    process.env = before_;
    workers.remove();
    await lab?.stop();
  });

  const withRecords = async (
    states: readonly string[],
  ): Promise<{ inventory: PublicInventory; pairs: { container: PublicContainer; record: unknown }[] }> => {
    const inventory = await checkInventory(api);
    const records = await inspectAll();
    const pairs = inventory.containers.flatMap((container) => {
      const record = records.get(container.id);
      return record !== undefined && states.includes(container.state) ? [{ container, record }] : [];
    });
    return { inventory, pairs };
  };

  it('shows every running container with facts equal to the truth', async () => {
    const { inventory, pairs } = await withRecords(['running', 'paused']);
    assert.ok(pairs.length >= 25);
    const wrong: string[] = [];
    for (const { container, record } of pairs) {
      try {
        const inspection = await api.inspect(container.id);
        await checkRunning(inspection, record, inventory.layers, container);
        checkCalls(inspection, record);
      } catch (error) {
        wrong.push(`${container.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('shows the processes that docker top lists', async () => {
    for (const { container } of (await withRecords(['running'])).pairs) await checkProcesses(api, container.id);
  });

  it('says what is left of containers that do not run', async () => {
    const { inventory, pairs } = await withRecords(['created', 'exited']);
    assert.ok(pairs.length >= 4);
    for (const { container, record } of pairs) {
      const inspection = await api.inspect(container.id);
      checkEnded(inspection, inventory.layers, container);
      checkCalls(inspection, record);
    }
  });

  it('follows events while somebody listens', async () => {
    const changes: string[][] = [];
    const subscription = api.onDidChange(({ containerIds }) => changes.push([...containerIds]));
    try {
      const id = await lab.mustDocker(['run', '--detach', '--network=none', '--name=seen', lab.image, 'sleep', '600']);
      await eventually(
        () =>
          host.store.current?.containers.some(
            (one) => one.id === id && one.state === 'running' && one.layers.length === 5,
          ) === true,
        'the new container appears in all layers',
      );
      await lab.mustDocker(['rm', '--force', 'seen']);
      await eventually(
        () => host.store.current?.containers.every((one) => one.id !== id) === true,
        'the removed container goes',
      );
      assert.ok(changes.some((ids) => ids.includes(id)));
    } finally {
      subscription.dispose();
    }
  });

  it('finds what changed while the engine was down, without an event', async () => {
    const id = await lab.mustDocker(['run', '--detach', '--network=none', '--name=dies', lab.image, 'sleep', '600']);
    const subscription = api.onDidChange(() => undefined);
    try {
      await checkInventory(api);
      const pid = Number(await lab.mustDocker(['inspect', '--format', '{{.State.Pid}}', id]));
      await lab.killDockerd('SIGKILL');
      process.kill(pid, 'SIGKILL');
      await eventually(
        () => host.store.current?.layers.find((layer) => layer.kind === 'engine')?.status === 'failed',
        'the engine is shown as failed',
      );
      await lab.startDockerd();
      await eventually(
        () => host.store.current?.containers.find((one) => one.id === id)?.state === 'exited',
        'the dead container is shown as exited',
      );
      await checkInventory(api);
    } finally {
      subscription.dispose();
      await lab.docker(['rm', '--force', 'dies']);
    }
  });

  it('keeps the containers of a containerd that is restarted', async () => {
    const subscription = api.onDidChange(() => undefined);
    try {
      await lab.killContainerd('SIGKILL');
      await eventually(
        () => host.store.current?.layers.some((layer) => layer.kind === 'containerd' && layer.status !== 'ok') === true,
        'containerd is shown as gone',
      );
      assert.ok(
        host.store.current?.containers.some((one) => one.state === 'running' && one.layers.includes('kernel')),
        'containers outlive containerd',
      );
      await lab.startContainerd();
      await eventually(
        () =>
          host.store.current?.layers.some(
            (layer) => layer.containerdNamespace === 'moby' && layer.status === 'ok' && layer.containerIds.length > 25,
          ) === true,
        'containerd is shown with its containers again',
      );
    } finally {
      subscription.dispose();
    }
  });
});
