import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { known } from '../../src/model/fact';
import { parseJsonExact } from '../../src/util/json';
import { mapPooled } from '../../src/util/pool';
import { asArray, asNumber, asString, memberAt } from '../../src/util/records';
import { startLab, type Lab } from '../lab/lab';
import { optionsIn, whyNoLine, WITHOUT_LINE } from '../support/dockerRunFlags';
import { meets } from '../support/expectedLineage';
import { diskOfMachine, lineageCorpus, PEER_MOUNT, type LineageLine } from '../support/lineageCorpus';
import { realLineage } from '../support/realLineage';

/** How many containers are started at once, and how many stand at a time. */
const AT_ONCE = 4;
const BATCH = 30;

describe('the lineage of single settings', function () {
  this.timeout(600_000);
  let lab: Lab;
  let corpus: readonly LineageLine[];
  let engine: { readonly info: unknown; readonly image: unknown };

  before(async () => {
    lab = await startLab();
    const [name, volume] = ['corpus-peer', `--volume=${lab.insideDir}:${PEER_MOUNT}:ro`];
    const peer = ['--detach', '--name', name, '--network=none', '--ipc=shareable', volume, lab.image];
    await lab.mustDocker(['run', ...peer, 'sleep', '36000']);
    const pid = Number(await lab.mustDocker(['inspect', '--format', '{{.State.Pid}}', name]));
    writeFileSync(join(lab.dir, 'variables'), 'FROM_FILE=yes\n');
    corpus = lineageCorpus({
      folder: lab.insideDir,
      cgroupParent: lab.cgroupParent,
      peer: { name, pid },
      envFile: join(lab.insideDir, 'variables'),
      ...diskOfMachine(),
    });
    const [image] = asArray(JSON.parse(await lab.mustDocker(['image', 'inspect', lab.image])));
    engine = { image, info: JSON.parse(await lab.mustDocker(['info', '--format', '{{json .}}'])) as unknown };
  });
  after(() => lab?.stop());

  it('is of at least 120 lines, none of them twice', () => {
    const lines = corpus.map(({ options, expected }) => `${options.join(' ')} ${expected.setting}`);
    assert.ok(lines.length >= 120, String(lines.length));
    assert.equal(new Set(lines).size, lines.length);
  });

  it('has a line for every option that the command line lists, or a reason why there is none', async () => {
    const listed = optionsIn(await lab.mustDocker(['run', '--help']));
    assert.ok(listed.length >= 90, String(listed.length));
    const inLines = new Set(corpus.flatMap(({ options }) => options.map((option) => option.slice(2).split('=', 1)[0])));
    const missing = listed.filter((option) => !inLines.has(option) && whyNoLine(option) === undefined);
    assert.deepEqual(missing, []);
    const both = WITHOUT_LINE.filter((option) => inLines.has(option));
    assert.deepEqual(both, [], 'a reason for what has a line');
  });

  it('has the right origin, field, place and verdict each, and the kernel says the same when it is asked by itself', async () => {
    const wrong: string[] = [];
    for (let first = 0; first < corpus.length; first += BATCH) {
      const batch = corpus.slice(first, first + BATCH);
      const made = await mapPooled(batch, AT_ONCE, async (line) => {
        try {
          return { line, id: await start(line) };
        } catch (error) {
          wrong.push(String(error));
          return undefined;
        }
      });
      const started = made.filter((one) => one !== undefined);
      const ids = started.map(({ id }) => id);
      const records = asArray(JSON.parse(await lab.mustDocker(['inspect', '--type=container', ...ids])));
      for (const [index, { line }] of started.entries()) {
        try {
          await check(records[index], line);
        } catch (error) {
          wrong.push(String(error instanceof assert.AssertionError ? asArray(error.actual).join('; ') : error));
        }
      }
      await lab.mustDocker(['rm', '--force', '--volumes', ...ids]);
    }
    assert.deepEqual(wrong, []);
  });

  async function start({ options }: LineageLine): Promise<string> {
    const command = options.includes('--entrypoint=sleep') ? ['36000'] : ['sleep', '36000'];
    const network = options.some((option) => option.startsWith('--network=')) ? [] : ['--network=none'];
    return (await lab.mustDocker(['run', '--detach', ...network, ...options, lab.image, ...command])).trim();
  }

  async function check(record: unknown, { options, expected }: LineageLine): Promise<void> {
    const pid = asNumber(memberAt(record, 'State', 'Pid')) ?? 0;
    const id = asString(memberAt(record, 'Id')) ?? '';
    const file = join(lab.containerdState, 'io.containerd.runtime.v2.task/moby', id, 'config.json');
    const spec = parseJsonExact(await readFile(file, 'utf8'));
    const rows = await realLineage(pid, {
      ociConfig: known('bundle', spec, file, `cat ${file}`),
      engineRecord: known('docker-api', record, 'docker inspect', 'docker inspect'),
      engineImage: known('docker-api', engine.image, 'docker image inspect', 'docker image inspect'),
      engine: known(
        'docker-api',
        { endpoint: lab.dockerSocket, apiVersion: '1.41', serverVersion: '', info: engine.info },
        'docker info',
        'docker info',
      ),
    });
    await meets(rows, pid, options.join(' '), [expected]);
  }
});
