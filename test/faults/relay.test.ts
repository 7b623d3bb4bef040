import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readlinkSync } from 'node:fs';
import * as path from 'node:path';
import { CallRecorder } from '../../src/adapters/recording/recorder';
import { startLab, type Lab } from '../lab/lab';
import { eventually } from '../support/fakeAdapter';
import { makeRelayLab, runs, startOwner, type RelayLab } from '../support/relayLab';
import { inWords, keepOutcome, times } from './bar';

describe('faults D: relay', function () {
  this.timeout(1_200_000);
  let lab: Lab;
  let relayLab: RelayLab;

  before(async () => {
    lab = await startLab();
    relayLab = makeRelayLab(lab.dir);
    await lab.mustDocker(['run', '--detach', '--name', 'target', '--network=none', lab.image, 'sleep', '36000']);
  });
  after(async () => {
    await lab.stop();
    relayLab.remove();
  });

  /** `docker exec` of cat, with its first line already there and back. */
  async function startCat(link: string): Promise<(last: string) => Promise<string>> {
    const env = { ...lab.env, DOCKER_HOST: `unix://${link}` };
    const cat = spawn('docker', ['exec', '-i', 'target', 'cat'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    let said = '';
    cat.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    const ended = new Promise<number | null>((resolve) => cat.once('close', resolve));
    cat.stdin.on('error', () => undefined);
    cat.stdin.write('first\n');
    await eventually(() => said === 'first\n', 'the command runs');
    return async (last) => {
      cat.stdin.end(last);
      return `${await ended} ${said}`;
    };
  }

  async function ps(link: string): Promise<number> {
    return (await lab.docker(['ps', '--quiet'], { env: { ...lab.env, DOCKER_HOST: `unix://${link}` } })).code;
  }

  it('D3: the process that records is killed while commands run', async () => {
    const tries = times(3, 100);
    const repaired: number[] = [];
    for (let round = 0; round < tries; round++) {
      const lone: RelayLab = { ...relayLab, folder: path.join(relayLab.folder, `owner-${round}`) };
      mkdirSync(lone.folder);
      const owner = await startOwner(lone, lab.dockerSocket);
      const finish = await startCat(owner.link);
      const begin = performance.now();
      owner.process.kill('SIGKILL');
      assert.equal(await ps(owner.link), 0, 'the next command is served');
      await eventually(() => readlinkSync(owner.link) === lab.dockerSocket, 'the link leads to the engine');
      repaired.push(performance.now() - begin);
      assert.equal(await finish('last\n'), '0 first\nlast\n', 'what ran goes on to its end');
      assert.equal(await ps(owner.link), 0);
      await eventually(() => !runs(owner.relayPid), 'the relay ends after its last connection');
    }
    const measured = `no command lost; a docker ps and the link back at the engine after ${inWords(repaired)}`;
    keepOutcome({ id: 'D3', tries, measured });
  });

  it('D4: the relay is killed', async () => {
    const recorder = new CallRecorder({
      socketFolders: [path.join(relayLab.folder, 's')],
      name: 'test',
      recordings: relayLab.recordings,
      builtFolder: relayLab.built,
      engineSocket: async () => lab.dockerSocket,
    });
    const tries = times(3, 50);
    const repaired: number[] = [];
    let last = 0;
    for (let round = 0; round < tries; round++) {
      const link = await recorder.start();
      last = recorder.relayPid!;
      assert.equal(await ps(link), 0);
      const begin = performance.now();
      process.kill(last, 'SIGKILL');
      await eventually(() => readlinkSync(link) === lab.dockerSocket, 'the link is repaired');
      repaired.push(performance.now() - begin);
      assert.equal(await ps(link), 0, 'the next command is served');
      await eventually(() => !recorder.isRecording, 'the loss is known');
    }
    recorder.dispose();
    await eventually(() => !runs(last), 'no relay is left');
    assert.deepEqual(readdirSync(path.join(relayLab.folder, 's')).sort(), ['test.real', 'test.sock']);
    keepOutcome({ id: 'D4', tries, measured: `link back at the engine after ${inWords(repaired)}` });
  });
});
