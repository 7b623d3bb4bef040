// What the relay records of a real engine's clients, and what its death costs them. That it changes nothing for them:
// relayScenarios.test.ts.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readlinkSync } from 'node:fs';
import * as path from 'node:path';
import { CallRecorder } from '../../src/adapters/recording/recorder';
import type { RecordedCall } from '../../src/model/recording/recordedCall';
import { pathParts } from '../../src/model/recording/subject';
import { memberAt } from '../../src/util/records';
import { startLab, type Lab } from '../lab/lab';
import type { Output } from '../lab/run';
import { eventually } from '../support/fakeAdapter';
import { makeRelayLab, runs, startOwner, watchModes, type RelayLab } from '../support/relayLab';

describe('the relay before a real engine', function () {
  this.timeout(300_000);
  let lab: Lab;
  let relayLab: RelayLab;
  let recorder: CallRecorder;
  let link: string;
  let relays: number[];

  before(async () => {
    lab = await startLab();
    relayLab = makeRelayLab(lab.dir);
    recorder = newRecorder();
    link = await recorder.start();
    relays = [recorder.relayPid!];
    await lab.mustDocker(['run', '--detach', '--name', 'target', '--network=none', lab.image, 'sleep', '36000']);
  });

  after(async () => {
    recorder.dispose();
    await eventually(() => relays.every((pid) => !runs(pid)), 'no relay is left');
    await lab.stop();
    relayLab.remove();
  });

  function newRecorder(): CallRecorder {
    return new CallRecorder({
      socketFolders: [path.join(relayLab.folder, 's')],
      name: 'test',
      recordings: relayLab.recordings,
      builtFolder: relayLab.built,
      engineSocket: async () => lab.dockerSocket,
    });
  }

  function through(args: readonly string[]): Promise<Output> {
    return lab.docker(args, { env: { ...lab.env, DOCKER_HOST: `unix://${link}` } });
  }

  async function recorded(): Promise<RecordedCall[]> {
    return (await recorder.entries()).filter((entry) => entry.kind === 'call');
  }

  it('records docker run: ping, create, attach, wait, start, all of the right container', async () => {
    const name = 'recorded';
    assert.equal((await through(['run', '--name', name, '--network=none', '--env', 'A=1', lab.image, 'true'])).code, 0);
    const id = await lab.mustDocker(['inspect', '--format', '{{.Id}}', name]);
    const own = async (): Promise<RecordedCall[]> => (await recorded()).filter((call) => call.containerId === id);
    await eventually(
      async () => (await own()).filter(({ durationMs }) => durationMs !== undefined).length >= 4,
      'the calls are written',
    );
    const calls = await own();
    assert.deepEqual(
      calls.map(({ method, path: target, status }) => [method, pathParts(target).at(-1), status]),
      [
        ['POST', 'create', 201],
        ['POST', 'attach', 101],
        ['POST', 'wait', 200],
        ['POST', 'start', 204],
      ],
    );
    const [create, , wait] = calls;
    assert.equal(memberAt(create!.request?.value, 'Image'), lab.image);
    assert.deepEqual(memberAt(create!.request?.value, 'Env'), ['A=1']);
    assert.equal(memberAt(wait!.response?.value, 'StatusCode'), 0);
    const ping = (await recorded()).find(
      (call) => call.connection === create!.connection && call.seq < create!.seq && call.path === '/_ping',
    );
    assert.equal(ping?.status, 200);
  });

  it('loses no command when its owner is killed while commands run', async () => {
    const lone: RelayLab = { ...relayLab, folder: path.join(relayLab.folder, 'owner') };
    mkdirSync(lone.folder);
    const owner = await startOwner(lone, lab.dockerSocket);
    relays.push(owner.relayPid);
    const env = { ...lab.env, DOCKER_HOST: `unix://${owner.link}` };
    const running = spawn('docker', ['exec', '--interactive', 'target', 'cat'], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let said = '';
    running.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    running.stdin.write('before\n');
    await eventually(() => said === 'before\n', 'the command runs');
    owner.process.kill('SIGKILL');
    for (let round = 0; round < 10; round++)
      assert.equal((await lab.docker(['ps', '--quiet'], { env })).code, 0, `command ${round}`);
    await eventually(() => readlinkSync(owner.link) === lab.dockerSocket, 'the link leads to the engine');
    const ended = new Promise<number | null>((resolve) => running.once('close', resolve));
    running.stdin.end('after\n');
    assert.equal(await ended, 0);
    assert.equal(said, 'before\nafter\n');
    assert.equal((await lab.docker(['ps', '--quiet'], { env })).code, 0);
    await eventually(() => !runs(owner.relayPid), 'the relay ends after its last connection');
  });

  it('serves the next command when the relay is killed', async () => {
    process.kill(recorder.relayPid!, 'SIGKILL');
    await eventually(() => readlinkSync(link) === lab.dockerSocket, 'the link is repaired');
    assert.equal((await through(['ps', '--quiet'])).code, 0);
    await eventually(() => !recorder.isRecording, 'the loss is known');
    const watch = await watchModes(relayLab.folder);
    assert.equal(await recorder.start(), link);
    relays.push(recorder.relayPid!);
    assert.equal((await through(['ps', '--quiet'])).code, 0);
    assert.deepEqual(await watch.stop(), ['600']);
    await recorder.stop();
    assert.equal((await through(['ps', '--quiet'])).code, 0);
    await eventually(() => readdirSync(path.join(relayLab.folder, 's')).length === 2, 'only the links are left');
  });
});
