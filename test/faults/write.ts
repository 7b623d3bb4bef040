// `npm run faults -- --write`: what the last run of the fault suite has found, as docs/faults.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { readOutcomes } from './bar';
import { LINES } from './lines';

const outcomes = new Map(readOutcomes().map((outcome) => [outcome.id, outcome]));
const kernel = readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim();
const rows = LINES.map(({ id, done, holds, test, note, longOnly }) => {
  const outcome = outcomes.get(id);
  const unmeasured = longOnly ? 'not run for this table: `npm run test:long` tries it' : 'passes in `npm test`';
  const found = outcome ? `${outcome.tries} × ${outcome.measured}` : test && unmeasured;
  return `| ${id} | ${done} | ${holds} | ${[found, note].filter(Boolean).join('. ')} | ${test ? `\`${test}\`` : ''} |`;
});

writeFileSync(
  'docs/faults.md',
  `# What holds when things go wrong

Made by \`npm run faults -- --write\` on ${cpus().length} cores, Linux ${kernel}, Node ${process.version}, with the daemons of the oldest
generation. \`npm test\` tries each line a few times, \`npm run test:long\` many times. Times are told, not tested: a busy machine
would fail the test and not the product. Zero failures in N tries mean a rate under 3/N, with 95 % confidence.

| line | what is done | what must hold | what was found | test |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`,
);
