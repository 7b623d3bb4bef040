// `npm run bench [-- --containers 100 --rounds 7]`: how long a look and all facts take, next to the docker command line
// in the same run. Ratios travel between machines, milliseconds do not.
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { createHost } from '../../src/hostAdapters';
import { mapPooled } from '../../src/util/pool';
import { startLab, type Lab } from '../lab/lab';

const execute = promisify(execFile);

interface Row {
  readonly what: string;
  readonly medianMs: number;
  /** The peer in the same run, and how many times as long as it this took. */
  readonly peer?: string;
  readonly ratio?: number;
}

const { values } = parseArgs({
  options: { containers: { type: 'string', default: '100' }, rounds: { type: 'string', default: '7' } },
});
const count = Number(values.containers);
const rounds = Number(values.rounds);

async function main(): Promise<void> {
  const lab = await startLab();
  try {
    await startFleet(lab, count);
    const rows = [...(await measureHost(lab)), ...measureBundle()];
    const result = { containers: count, rounds, node: process.version, rows };
    mkdirSync('out', { recursive: true });
    writeFileSync('out/bench.json', `${JSON.stringify(result, null, 2)}\n`);
    console.log(`\n${count} running containers, median of ${rounds} rounds`);
    for (const { what, medianMs, peer, ratio } of rows) {
      const beside = peer && ratio !== undefined ? `${ratio.toFixed(2)} × ${peer}` : '';
      console.log(`${what.padEnd(58)} ${medianMs.toFixed(1).padStart(9)} ms  ${beside}`);
    }
  } finally {
    await lab.stop();
  }
}

async function startFleet(lab: Lab, size: number): Promise<void> {
  console.log(`starting ${size} containers`);
  await mapPooled(Array.from({ length: size }), 4, (_, index) =>
    lab.mustDocker([
      'run',
      '--detach',
      '--network=none',
      '--memory=32m',
      `--name=fleet-${index}`,
      lab.image,
      'sleep',
      '100000',
    ]),
  );
}

async function measureHost({ env, dockerSocket }: Lab): Promise<Row[]> {
  const host = createHost({
    settings: () => ({ dockerEndpoints: [], containerdAddresses: [], podmanEndpoints: [] }),
    env,
    workerFolder: join(process.cwd(), 'dist'),
  });
  const { store } = host;
  try {
    const firstLook = await timed(() => store.refresh('first look'));
    const rawList = await median(() => rawGet(dockerSocket, '/containers/json?all=1'));
    const look = await median(() => store.refresh('asked by the user'));
    const cli = await median(async () => {
      const { stdout } = await execute('docker', ['ps', '-aq', '--no-trunc'], { env });
      await execute('docker', ['inspect', ...stdout.split('\n').filter(Boolean)], { env, maxBuffer: 1 << 28 });
    });
    const ids = store.current?.containers.map((container) => container.id) ?? [];
    const facts = await median(async () => void (await mapPooled(ids, 8, (id) => store.inspect(id))));
    return [
      { what: 'GET /containers/json?all=1, raw', medianMs: rawList },
      { what: 'first full tree', medianMs: firstLook, peer: 'one raw list', ratio: firstLook / rawList },
      { what: 'full tree again', medianMs: look, peer: 'one raw list', ratio: look / rawList },
      { what: 'docker ps -a + docker inspect of all', medianMs: cli },
      {
        what: 'all facts of all containers',
        medianMs: facts,
        peer: 'docker ps -a + docker inspect',
        ratio: facts / cli,
      },
    ];
  } finally {
    store.dispose();
  }
}

/** How long the extension's file takes to load, in a Node of its own each time, with and without what it loads lazily. */
function measureBundle(): Row[] {
  const script = `
    const Module = require('node:module'), load = Module._load;
    const any = new Proxy(function () {}, { get: (_, key) => (key === Symbol.toPrimitive ? () => '' : any), apply: () => any, construct: () => any });
    Module._load = (name, ...rest) => (name === 'vscode' ? any : load(name, ...rest));
    const begin = performance.now();
    require(${JSON.stringify(join(process.cwd(), 'dist/extension.js'))});
    console.log(performance.now() - begin);`;
  const times = Array.from({ length: rounds }, () =>
    Number(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })),
  );
  return [{ what: 'loading dist/extension.js', medianMs: middle(times) }];
}

function rawGet(socketPath: string, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ socketPath, path, agent: false }, (response) => {
      response.resume();
      response.on('end', resolve);
    }).on('error', reject);
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

async function median(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await timed(work));
  return middle(times);
}

function middle(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

void main();
