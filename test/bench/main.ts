// `npm run bench [-- --containers 50,200 --simulated 1000,10000 --rounds 7 --write]`: how long the explorer takes for what it does, next to the
// docker command line and raw requests in the same run. Ratios travel between machines, milliseconds do not.
// --write keeps the table in docs/performance.md.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { startLab } from '../lab/lab';
import { measureBundle } from './bundle';
import { measureEvents } from './events';
import { growFleet } from './fleet';
import { measureLooks } from './looks';
import { recordEngine, type Recording } from './recorded';
import { markdownOf, type Row } from './rows';
import { measureSimulated } from './simulated';

const { values } = parseArgs({
  options: {
    containers: { type: 'string', default: '50,200' },
    simulated: { type: 'string', default: '1000,10000' },
    rounds: { type: 'string', default: '7' },
    write: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);

const numbersIn = (list: string): number[] => list.split(',').filter(Boolean).map(Number);

async function main(): Promise<void> {
  const rows: Row[] = [];
  const keep = (measured: readonly Row[]): void => {
    for (const row of measured) print(row);
    rows.push(...measured);
  };
  const { recording, engine } = await withFleet(keep);
  for (const size of numbersIn(values.simulated)) keep(await measureSimulated(recording, size, rounds));
  keep(measureBundle(rounds));
  const versions = {
    node: process.version,
    engine,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim(),
  };
  mkdirSync('out', { recursive: true });
  writeFileSync('out/bench.json', `${JSON.stringify({ rounds, versions, rows }, null, 2)}\n`);
  if (values.write) writeFileSync('docs/performance.md', markdownOf(rows, rounds, versions));
}

/** What needs a real engine with running containers; the fleet is gone afterwards. */
async function withFleet(
  keep: (rows: readonly Row[]) => void,
): Promise<{ readonly recording: Recording; readonly engine: string }> {
  const lab = await startLab();
  try {
    for (const size of numbersIn(values.containers)) {
      console.log(`growing the fleet to ${size} containers`);
      await growFleet(lab, size);
      keep(await measureLooks(lab, size, rounds));
      keep(await measureEvents(lab, size));
    }
    return {
      recording: await recordEngine(lab),
      engine: await lab.mustDocker(['version', '--format', '{{.Server.Version}}']),
    };
  } finally {
    await lab.stop();
  }
}

function print({ what, size, value, unit, peer, ratio, goal }: Row): void {
  const beside = peer === undefined || ratio === undefined ? '' : `${ratio.toFixed(2)} × ${peer}`;
  const wanted = goal === undefined ? '' : `(goal ${goal.text}: ${goal.met ? 'met' : 'missed'})`;
  console.log(
    `${String(size ?? '').padStart(5)} ${what.padEnd(56)} ${value.toFixed(1).padStart(9)} ${unit.padEnd(3)} ${beside} ${wanted}`,
  );
}

void main();
