// `npm run sample-host`: makes media/sample-host.json.br anew, from a lab with containers of every runtime on it (as root on
// Debian). Takes --generation like the tests; the shipped one is made with sid, the newest.
import { prepareGeneration, takeGeneration } from './lib/generation.mjs';
import { ROOT, run } from './lib/run.mjs';

// The daemons are in sbin, which is not on everybody's PATH.
process.env.PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

const { generation } = takeGeneration(process.argv.slice(2));
const missing = await prepareGeneration(generation);
if (missing) {
  console.error(missing);
  process.exit(1);
}
const { code } = await run('node', ['--import=tsx', 'test/lab/sampleHost.ts'], {
  cwd: ROOT,
  deadlineMs: 15 * 60_000,
  env: { ...process.env, CRE_GENERATION: generation },
});
process.exit(code);
