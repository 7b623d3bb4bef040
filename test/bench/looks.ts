import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createHost } from '../../src/hostAdapters';
import { mapPooled } from '../../src/util/pool';
import type { Lab } from '../lab/lab';
import { raw } from '../support/rawRequest';
import { atMost, median, rowsOf, timed, type Row } from './rows';

const execute = promisify(execFile);

const WHY_A_LOOK_IS_LONGER =
  'Most of a look is containerd’s answer for its tasks, for which it asks every shim in turn, and the kernel’s list of processes; the raw list asks neither. After an event none of this is asked again.';
const WHY_FACTS_TAKE_LONGER =
  'The command line reads one record of each container. All facts are about 150 files of /proc, cgroups and bundles and five answers of three daemons for each, in one thread that must not keep a core from others.';

/** A whole look and all facts, beside one raw list and the command line. */
export async function measureLooks(lab: Lab, size: number, rounds: number): Promise<Row[]> {
  const { env, dockerSocket } = lab;
  const { store } = createHost({
    settings: () => ({ dockerEndpoints: [], containerdAddresses: [], podmanEndpoints: [] }),
    env,
    workerFolder: join(process.cwd(), 'dist'),
  });
  try {
    const before = process.memoryUsage().rss;
    const first = await timed(() => store.refresh('first look'));
    const list = await median(rounds, () => raw(dockerSocket, '/containers/json?all=1'));
    const busyBefore = performance.eventLoopUtilization();
    const look = await median(rounds, () => store.refresh('asked by the user'));
    const busy = performance.eventLoopUtilization(busyBefore).active / rounds;
    const cli = await median(rounds, async () => {
      const { stdout } = await execute('docker', ['ps', '-aq', '--no-trunc'], { env });
      await execute('docker', ['inspect', ...stdout.split('\n').filter(Boolean)], { env, maxBuffer: 1 << 29 });
    });
    // Those of the lab's engine: others of this machine may end meanwhile.
    const ids = (await lab.mustDocker(['ps', '--all', '--quiet', '--no-trunc'])).split('\n');
    // As whoever looks at the tree: while nobody does, each inspection looks at the whole host first.
    const attention = store.attend();
    const all = await median(Math.min(rounds, 3), async () => {
      await mapPooled(ids, 8, (id) => store.inspect(id));
    });
    attention.dispose();
    const memory = (process.memoryUsage().rss - before) / 2 ** 20;
    const row = rowsOf(size);
    return [
      row('one raw list, GET /containers/json?all=1', list),
      row('the first full tree', first, { peer: 'one raw list', ratio: first / list }),
      row('the full tree again', look, {
        peer: 'one raw list',
        ratio: look / list,
        goal: atMost(1.5, look / list, '1.5 × at 1,000', WHY_A_LOOK_IS_LONGER),
      }),
      row('the full tree again: time taken from the extension host', busy, {
        peer: 'one raw list',
        ratio: busy / list,
      }),
      row('docker ps -a and docker inspect of all', cli),
      row('all facts of all containers', all, {
        peer: 'docker ps -a and docker inspect',
        ratio: all / cli,
        goal: atMost(0.5, all / cli, '0.5 × at 1,000', WHY_FACTS_TAKE_LONGER),
      }),
      row('memory after all of it', memory, { unit: 'MiB' }),
    ];
  } finally {
    store.dispose();
  }
}
