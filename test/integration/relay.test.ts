// The relay between the docker command line and a real dockerd: nothing may be different but the recording.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { CallRecorder } from '../../src/adapters/recording/recorder';
import type { RecordedCall } from '../../src/model/recording/recordedCall';
import { pathParts } from '../../src/model/recording/subject';
import { memberAt } from '../../src/util/records';
import { startLab, type Lab } from '../lab/lab';
import type { Output } from '../lab/run';
import { eventually } from '../support/fakeAdapter';
import { makeRelayLab, runs, startOwner, watchModes, type RelayLab } from '../support/relayLab';

/** Prints after its input has ended: what a relay that closes both ways at once would lose. */
const AFTER_INPUT = ['sh', '-c', 'cat; sleep 0.3; echo after; echo late >&2; exit 3'];

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
    writeFileSync(path.join(relayLab.folder, 'in.bin'), randomBytes(5 * 1024 * 1024));
    mkdirSync(path.join(relayLab.folder, 'context'));
    writeFileSync(path.join(relayLab.folder, 'context/Dockerfile'), `FROM ${lab.image}\nCOPY Dockerfile /copied\n`);
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

  function through(args: readonly string[], input?: string): Promise<Output> {
    const env = { ...lab.env, DOCKER_HOST: `unix://${link}` };
    return lab.docker(args, { env, ...(input === undefined ? {} : { input }) });
  }

  async function recorded(): Promise<RecordedCall[]> {
    return (await recorder.entries()).filter((entry) => entry.kind === 'call');
  }

  it('changes nothing in what commands print and how they end', async () => {
    const file = path.join(relayLab.folder, 'in.bin');
    const start = '2020-01-01T00:00:00Z';
    const image = lab.image;
    const scenarios: readonly (readonly [args: readonly string[], input?: string])[] = [
      [['version']],
      [['info', '--format', '{{.ID}} {{.ServerVersion}} {{.CgroupDriver}} {{.DockerRootDir}}']],
      [['ps', '--all', '--no-trunc', '--format', '{{.ID}} {{.Names}} {{.Image}}']],
      [['image', 'inspect', image, '--format', '{{.Id}}']],
      [['inspect', 'target', '--format', '{{json .Config}}']],
      [['inspect', 'no-such-container']],
      [['run', '--rm', '--network=none', image, 'sh', '-c', 'echo out; echo err >&2; exit 7']],
      [['run', '--rm', '--interactive', '--network=none', image, ...AFTER_INPUT], 'typed\n'],
      [['run', '--rm', '--network=none', image, 'no-such-program']],
      [['exec', 'target', 'sh', '-c', 'echo out; echo err >&2; exit 5']],
      [['exec', '--interactive', 'target', ...AFTER_INPUT], 'typed\n'],
      [['exec', '--interactive', 'target', 'cat'], 'x'.repeat(5 * 1024 * 1024)],
      [['logs', 'target']],
      [['cp', '--quiet', file, 'target:/in.bin']],
      [['exec', 'target', 'sha256sum', '/in.bin']],
      [['cp', 'target:/etc/no-such-file', '-']],
      [['events', '--since', start, '--until', new Date().toISOString(), '--filter', 'event=create']],
      [['top', 'target', '-o', 'pid,args']],
      [['no-such-command']],
    ];
    for (const [args, input] of scenarios) {
      const direct = await lab.docker(args, input === undefined ? {} : { input });
      const relayed = await through(args, input);
      const what = args.slice(0, 4).join(' ');
      assert.deepEqual(digests(named(relayed, link)), digests(named(direct, lab.dockerSocket)), what);
    }
    assert.equal((await through(['run', '--rm', '--network=none', image, 'sh', '-c', 'exit 7'])).code, 7);
  });

  it('carries files unchanged both ways', async () => {
    const file = path.join(relayLab.folder, 'in.bin');
    const back = path.join(relayLab.folder, 'out.bin');
    assert.equal((await through(['cp', '--quiet', file, 'target:/both.bin'])).code, 0);
    assert.equal((await through(['cp', '--quiet', 'target:/both.bin', back])).code, 0);
    assert.equal(sha(readFileSync(back)), sha(readFileSync(file)));
  });

  it('builds the same image', async () => {
    const context = path.join(relayLab.folder, 'context');
    const build = ['build', '--quiet', '--no-cache', context];
    const env = { ...lab.env, DOCKER_BUILDKIT: '0' };
    const direct = await lab.docker(build, { env });
    const relayed = await lab.docker(build, { env: { ...env, DOCKER_HOST: `unix://${link}` } });
    assert.deepEqual([relayed.code, direct.code], [0, 0], relayed.stderr + direct.stderr);
    const layers = (image: string): Promise<string> =>
      lab.mustDocker(['inspect', '--format', '{{len .RootFS.Layers}} {{json .Config.Cmd}}', image.trim()]);
    assert.equal(await layers(relayed.stdout), await layers(direct.stdout));
  });

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

/** What differs by nature: the engine's own address in an error's text. */
function named(output: Output, socket: string): Output {
  const same = (text: string): string => text.replaceAll(socket, '<socket>');
  return { ...output, stdout: same(output.stdout), stderr: same(output.stderr) };
}

/** Long outputs by their digest, so that a difference can be read. */
function digests({ code, stdout, stderr }: Output): unknown {
  const short = (text: string): string =>
    text.length > 4000 ? `${text.length} bytes, ${sha(Buffer.from(text))}` : text;
  return { code, stdout: short(stdout), stderr: short(stderr) };
}

function sha(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
