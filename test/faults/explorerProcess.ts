// The explorer without VS Code, in a process of its own, so that it can be stopped, blocked, watched and counted.
// It is told what to do over Node's channel to its parent: see explorer.ts.
import { readdirSync } from 'node:fs';
import { createHost } from '../../src/hostAdapters';
import type { Disposable } from '../../src/util/disposables';
import { mapPooled } from '../../src/util/pool';
import type { Asked, Gauges } from './explorer';

const [, , workerFolder = '', endpoint = ''] = process.argv;

let looks = 0;
const host = createHost({
  settings: () => ({ dockerEndpoints: endpoint ? [endpoint] : [], containerdAddresses: [], podmanEndpoints: [] }),
  env: process.env,
  workerFolder,
  onLook: () => looks++,
});
let attention: Disposable | undefined;

const work: Record<Asked, (argument: unknown) => unknown> = {
  attend: () => void (attention ??= host.store.attend()),
  leave: () => {
    attention?.dispose();
    attention = undefined;
  },
  refresh: async () => void (await host.store.refresh('asked by the user')),
  // Of the containers that the engine knows: others of the machine may come and go.
  tree: () => {
    const { layers = [], containers = [] } = host.store.current ?? {};
    const engines = layers.filter(({ kind, name }) => kind === 'engine' && !/podman/i.test(name)).map(({ id }) => id);
    return containers
      .filter((one) => one.layers.some((id) => engines.includes(id)))
      .map(({ runtimeId, name, state }) => `${runtimeId} ${name} ${state}`)
      .sort();
  },
  layers: () =>
    (host.store.current?.layers ?? []).map(({ id, kind, status, problem }) => ({ id, kind, status, problem })),
  inspect: async (id) => (await host.store.inspect(String(id))).facts,
  inspectAll: async () => {
    const { containers } = await host.store.inventory();
    await mapPooled([...containers], 4, ({ id }) => host.store.inspect(id).catch(() => undefined));
    return containers.length;
  },
  // Without turning: what is tried is who waits for this thread, not who shares its core.
  block: (milliseconds) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(milliseconds));
  },
  gauges: (): Gauges => {
    global.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    const taken = looks;
    looks = 0;
    return {
      heap: heapUsed,
      rss,
      descriptors: readdirSync('/proc/self/fd').length,
      resources: process.getActiveResourcesInfo().filter((kind) => kind !== 'PipeWrap' && kind !== 'Pipe'),
      looks: taken,
    };
  },
  end: () => {
    attention?.dispose();
    host.store.dispose();
    // Whatever else is open keeps the process alive, which its parent takes for a leak.
    setImmediate(() => process.disconnect());
  },
};

process.on('message', (message: { id: number; asked: Asked; argument: unknown }) => {
  void (async () => {
    try {
      const answer = await work[message.asked](message.argument);
      process.send?.({ id: message.id, answer });
    } catch (error) {
      process.send?.({
        id: message.id,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
  })();
});
