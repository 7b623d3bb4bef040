import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mapPooled } from '../../src/util/pool';
import { startLab, type Lab } from '../lab/lab';
import { podmanContainer, startPodman, type PodmanLab } from '../lab/podman';
import { diskOfMachine, type LineageLine } from '../support/lineageCorpus';
import { podmanLineages, wrongOf, type OthersLineages } from '../support/othersLineages';
import { packed } from '../support/packed';
import { isPodmanApart, podmanCorpus, podmanKeys } from '../support/podmanCorpus';

/** How many containers Podman starts at once. */
const AT_ONCE = 3;

describe('the lineage of single settings of podman run', function () {
  this.timeout(300_000);
  let lab: Lab;
  let podman: PodmanLab;
  let lineages: OthersLineages;
  let groups: readonly (readonly LineageLine[])[];
  const nameOf = (index: number): string => `corpus-${index}`;

  before(async () => {
    lab = await startLab();
    podman = await startPodman(lab);
    writeFileSync(join(lab.dir, 'variables'), 'FROM_FILE=yes\n');
    const envFile = join(lab.insideDir, 'variables');
    const corpus = podmanCorpus({ folder: lab.insideDir, cgroupParent: lab.cgroupParent, envFile, ...diskOfMachine() });
    assert.ok(corpus.length >= 100, String(corpus.length));
    groups = packed(corpus, podmanKeys, isPodmanApart);
    await mapPooled(groups, AT_ONCE, (group, index) => {
      const options = runnable([...new Set(group.flatMap((line) => line.options))]);
      const command = options.includes('--entrypoint=sleep') ? ['36000'] : ['sleep', '36000'];
      return podmanContainer(podman, 'run', nameOf(index), options, command);
    });
    lineages = await podmanLineages(lab, podman);
  });
  after(async () => {
    await podman?.stop();
    await lab?.stop();
  });

  it('has the right origin, field, place and verdict each, and the kernel says the same when it is asked by itself', async () => {
    assert.deepEqual(await wrongOf(lineages, groups, nameOf), []);
  });
});

/** With a limit of its own a container no longer gets the lab's defaults for those that nobody may raise here. */
function runnable(options: readonly string[]): readonly string[] {
  if (!options.some((option) => option.startsWith('--ulimit='))) return options;
  const missing = ['nofile', 'nproc'].filter(
    (name) => !options.some((option) => option.startsWith(`--ulimit=${name}=`)),
  );
  return [...options, ...missing.map((name) => `--ulimit=${name}=256:512`)];
}
