// Generations of the stack (test/lab/generations.ts): chosen on a command line, made ready before a clock runs.
import { join } from 'node:path';
import { ROOT, run } from './run.mjs';

/**
 * What other generations repeat of the integration tests: all that asks engines, containerd, CRI, Podman, runtimes and the
 * kernel. Not what is about the explorer alone (reach, ssh) or about requests that all generations take alike (apiCallsCreate).
 */
const REPEATED =
  'compose,containerd,cri,daemonsApart,docker,docker-recovery,everyRuntime,host,kernel,lab,lineage,oci,podman,readerContainer,' +
  'relay,relayContainerd';

/** Run on the middle generation besides; on sid they were not tried yet. */
const MIDDLE_TOO = 'doctor,storage';

/** Without controllers Docker runs containers that have no limits; ctr, CRI and Podman set some in any case, and cannot. */
const REPEATED_UNIFIED = 'host,lab';

/** The integration test files that are run on a generation, as CRE_TEST_FILES has them; empty: all. */
export function filesOf(generation) {
  if (generation === '' || generation === 'host') return '';
  if (generation === 'sid-unified') return REPEATED_UNIFIED;
  return generation === 'trixie' ? `${REPEATED},${MIDDLE_TOO}` : REPEATED;
}

/**
 * Takes `--generation NAME` out of the words of a command line; CRE_GENERATION names it otherwise.
 * @returns {{ generation: string, rest: string[] }}
 */
export function takeGeneration(args) {
  const at = args.findIndex((word) => word === '--generation' || word.startsWith('--generation='));
  if (at < 0) return { generation: process.env.CRE_GENERATION ?? '', rest: args };
  const [, inline] = args[at].split('=');
  const generation = inline ?? args[at + 1] ?? '';
  return { generation, rest: [...args.slice(0, at), ...args.slice(at + (inline === undefined ? 2 : 1))] };
}

/**
 * Makes what a generation's lab runs from: a minute, the first time.
 * @returns {Promise<string | undefined>} why it cannot be run here
 */
export async function prepareGeneration(generation) {
  const main = [join(ROOT, 'node_modules/tsx/dist/cli.mjs'), join(ROOT, 'test/lab/main.ts')];
  const { code, output } = await run('node', [...main, '--prepare', '--generation', generation], { quiet: true });
  return code === 0 ? undefined : output.trim().split('\n').slice(-8).join(' · ');
}
