// `npm run bench [-- --containers 50,200 --rounds 7 --write]`: how long the explorer takes for what it does, next to the
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
import { exponentOf, markdownOf, type Row } from './rows';

const { values } = parseArgs({
  options: {
    containers: { type: 'string', default: '50,200' },
    rounds: { type: 'string', default: '7' },
    write: { type: 'boolean', default: false },
  },
});
const sizes = values.containers.split(',').map(Number);
const rounds = Number(values.rounds);

async function main(): Promise<void> {
  const lab = await startLab();
  const rows: Row[] = [];
  try {
    for (const size of sizes) {
      console.log(`growing the fleet to ${size} containers`);
      await growFleet(lab, size);
      const measured = [...(await measureLooks(lab, size, rounds)), ...(await measureEvents(lab, size))];
      for (const row of measured) print(row);
      rows.push(...measured);
    }
    rows.push(...measureBundle(rounds));
    for (const what of new Set(rows.map((row) => row.what))) {
      const exponent = exponentOf(rows.filter((row) => row.what === what));
      if (exponent !== undefined) console.log(`${what}: grows as N^${exponent.toFixed(2)}`);
    }
    const versions = {
      node: process.version,
      engine: await lab.mustDocker(['version', '--format', '{{.Server.Version}}']),
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      kernel: readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim(),
    };
    mkdirSync('out', { recursive: true });
    writeFileSync('out/bench.json', `${JSON.stringify({ sizes, rounds, versions, rows }, null, 2)}\n`);
    if (values.write) writeFileSync('docs/performance.md', markdownOf(rows, rounds, versions));
  } finally {
    await lab.stop();
  }
}

function print({ what, size, value, unit, peer, ratio, goal }: Row): void {
  const beside = peer === undefined || ratio === undefined ? '' : `${ratio.toFixed(2)} × ${peer}`;
  const wanted = goal === undefined ? '' : `(goal ${goal})`;
  console.log(
    `${String(size ?? '').padStart(5)} ${what.padEnd(56)} ${value.toFixed(1).padStart(9)} ${unit.padEnd(3)} ${beside} ${wanted}`,
  );
}

void main();
