import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import * as path from 'node:path';
import { CallRecorder } from '../../../src/adapters/recording/recorder';
import type { RecordedCall } from '../../../src/model/recording/recordedCall';
import { RuntimeError } from '../../../src/model/problem';
import { eventually } from '../../support/fakeAdapter';
import { makeRelayLab, runs, startOwner, watchModes, type RelayLab } from '../../support/relayLab';

/** An engine that answers every request, and after `/stream` sends back all it gets, once that has ended. */
function startEngine(socket: string): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    let said = '';
    let echo: Buffer[] | undefined;
    client.on('data', (bytes: Buffer) => {
      if (echo) {
        echo.push(bytes);
        return;
      }
      said += bytes.toString('latin1');
      if (said.includes('/stream')) {
        echo = [];
        client.write('HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n');
      } else if (said.endsWith('\r\n\r\n')) {
        said = '';
        client.write('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nOK');
      }
    });
    client.on('end', () => client.end(Buffer.concat(echo ?? [])));
    client.on('error', () => undefined);
  });
  return new Promise((resolve) => server.listen(socket, () => resolve(server)));
}

/** Sends bytes, ends the input, and gives all that came back. */
function exchange(socket: string, ...pieces: readonly (string | Buffer)[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const got: Buffer[] = [];
    const client = connect({ path: socket, allowHalfOpen: true });
    client.on('error', reject);
    client.on('data', (bytes: Buffer) => got.push(bytes));
    client.on('end', () => resolve(Buffer.concat(got)));
    for (const piece of pieces) client.write(piece);
    client.end();
  });
}

const PING = 'GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n';
const STREAM = 'POST /containers/x/stream HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n';
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('the relay', function () {
  this.timeout(120_000);
  let lab: RelayLab;
  let engine: Server;
  let socket: string;
  let recorders: CallRecorder[] = [];
  const relays = new Set<number>();

  beforeEach(async () => {
    lab = makeRelayLab();
    socket = path.join(lab.folder, 'engine.sock');
    engine = await startEngine(socket);
  });

  afterEach(async () => {
    for (const recorder of recorders) recorder.dispose();
    recorders = [];
    await eventually(() => [...relays].every((pid) => !runs(pid)), 'no relay is left');
    relays.clear();
    await new Promise((resolve) => engine.close(resolve));
    lab.remove();
  });

  function recorder(onLost?: () => void, folder = path.join(lab.folder, 's')): CallRecorder {
    const made = new CallRecorder(
      {
        socketFolders: [folder],
        name: 'test',
        recordings: lab.recordings,
        builtFolder: lab.built,
        engineSocket: async () => socket,
      },
      onLost,
    );
    recorders.push(made);
    return made;
  }

  async function started(made: CallRecorder): Promise<string> {
    const link = await made.start();
    relays.add(made.relayPid!);
    return link;
  }

  async function recorded(made: CallRecorder): Promise<RecordedCall[]> {
    return (await made.entries()).filter((entry) => entry.kind === 'call');
  }

  it('carries bytes unchanged both ways, late output after the end of input too, and records the call', async () => {
    const made = recorder();
    const link = await started(made);
    const bytes = randomBytes(5 * 1024 * 1024);
    const back = await endStream(await openStream(link), bytes);
    assert.equal(sha(back), sha(bytes));
    await eventually(async () => (await recorded(made))[0]?.durationMs !== undefined, 'the call is written');
    const [call] = await recorded(made);
    assert.equal(call!.path, '/containers/x/stream');
    assert.deepEqual(call!.upgraded, { to: 'tcp', sentBytes: bytes.length, receivedBytes: bytes.length });
  });

  it('makes its socket for its owner alone, from the first instant on, in a folder of its own', async () => {
    const watch = await watchModes(lab.folder);
    const before = process.umask(0);
    try {
      for (let round = 0; round < 3; round++) {
        const made = recorder();
        await started(made);
        await made.stop();
      }
    } finally {
      process.umask(before);
    }
    assert.deepEqual(await watch.stop(), ['600']);
    assert.equal(statSync(path.join(lab.folder, 's')).mode & 0o777, 0o700);
    assert.equal(statSync(lab.recordings).mode & 0o777, 0o700);
  });

  it('keeps recordings for their owner alone', async () => {
    const made = recorder();
    await exchange(await started(made), PING);
    await eventually(async () => (await recorded(made)).length > 0, 'the call is written');
    for (const name of readdirSync(lab.recordings))
      assert.equal(statSync(path.join(lab.recordings, name)).mode & 0o777, 0o600);
  });

  it('refuses a path that is too long, a folder of others and a link instead of a folder', async () => {
    const long = path.join(lab.folder, 'x'.repeat(120));
    await assert.rejects(
      recorder(undefined, long).start(),
      (error) => error instanceof RuntimeError && error.problem.code === 'unsupported',
    );
    assert.ok(!readdirSync(lab.folder).some((name) => name.startsWith('xxx')));
    const target = path.join(lab.folder, 'elsewhere');
    mkdirSync(target);
    symlinkSync(target, path.join(lab.folder, 'l'));
    await assert.rejects(
      recorder(undefined, path.join(lab.folder, 'l')).start(),
      (error) => error instanceof RuntimeError && error.problem.code === 'denied',
    );
    assert.deepEqual(readdirSync(target), []);
  });

  it('leads clients to the engine once it is stopped; open connections go on', async () => {
    const made = recorder();
    const link = await started(made);
    const open = await openStream(link);
    await made.stop();
    assert.equal(readlinkSync(link), socket);
    assert.match((await exchange(link, PING)).toString(), /200 OK/);
    assert.ok(runs([...relays][0]!));
    assert.equal((await endStream(open, 'late')).toString(), 'late');
  });

  it('leads clients to the engine when its owner is killed, and ends after the last connection', async () => {
    const owner = await startOwner(lab, socket);
    relays.add(owner.relayPid);
    assert.match(readlinkSync(owner.link), /\.relay$/);
    const open = await openStream(owner.link);
    owner.process.kill('SIGKILL');
    await eventually(() => readlinkSync(owner.link) === socket, 'the link leads to the engine');
    assert.match((await exchange(owner.link, PING)).toString(), /200 OK/);
    assert.ok(runs(owner.relayPid));
    assert.equal((await endStream(open, 'late')).toString(), 'late');
    await eventually(() => !runs(owner.relayPid), 'the relay ends');
    assert.deepEqual(readdirSync(path.join(lab.folder, 's')).sort(), ['test.real', 'test.sock']);
  });

  it('is missed at once when it is killed: the link is repaired', async () => {
    let lost = 0;
    const made = recorder(() => lost++);
    const link = await started(made);
    process.kill(made.relayPid!, 'SIGKILL');
    await eventually(() => lost === 1, 'the loss is told');
    assert.equal(made.isRecording, false);
    assert.equal(readlinkSync(link), socket);
    assert.match((await exchange(link, PING)).toString(), /200 OK/);
    await eventually(() => readdirSync(path.join(lab.folder, 's')).length === 2, 'its socket is removed');
    // And it can be started again.
    assert.equal(await started(made), link);
    assert.match((await exchange(link, PING)).toString(), /200 OK/);
  });

  it('repairs links when the relay and its owner are both dead', async () => {
    const owner = await startOwner(lab, socket);
    process.kill(owner.process.pid!, 'SIGSTOP');
    process.kill(owner.relayPid, 'SIGKILL');
    process.kill(owner.process.pid!, 'SIGKILL');
    await eventually(() => !runs(owner.process.pid!) && !runs(owner.relayPid), 'both have ended');
    assert.match(readlinkSync(owner.link), /\.relay$/);
    await recorder().recover();
    assert.equal(readlinkSync(owner.link), socket);
    assert.deepEqual(readdirSync(path.join(lab.folder, 's')).sort(), ['test.real', 'test.sock']);
  });

  it('leads clients to the engine’s socket while nobody listens there, and takes them back', async () => {
    const made = recorder();
    const link = await started(made);
    await new Promise((resolve) => engine.close(resolve));
    assert.equal((await exchange(link, PING)).toString(), '');
    assert.equal(readlinkSync(link), socket);
    await assert.rejects(exchange(link, PING), /ECONNREFUSED|ENOENT/);
    engine = await startEngine(socket);
    await eventually(() => readlinkSync(link).endsWith('.relay'), 'the relay takes clients again');
    assert.match((await exchange(link, PING)).toString(), /200 OK/);
  });

  it('does not record twice for one workspace, nor a relay behind a relay', async () => {
    const first = recorder();
    const link = await started(first);
    await assert.rejects(recorder().start(), /Another window/);
    assert.match(readlinkSync(link), /\.relay$/);
    // An editor that was started in a terminal of another inherits the link as its DOCKER_HOST.
    const real = socket;
    socket = link;
    const second = new CallRecorder({
      socketFolders: [path.join(lab.folder, 's')],
      name: 'other',
      recordings: path.join(lab.folder, 'other'),
      builtFolder: lab.built,
      engineSocket: async () => link,
    });
    recorders.push(second);
    await started(second);
    assert.equal(readlinkSync(path.join(lab.folder, 's/other.real')), real);
  });

  it('records on after its recording is cleared, and forgets the oldest half when it is full', async () => {
    const made = recorder();
    const link = await started(made);
    await exchange(link, PING);
    await eventually(async () => (await recorded(made)).length === 1, 'the first call is written');
    await made.clear();
    assert.deepEqual(await made.entries(), []);
    const filler = `${JSON.stringify({ kind: 'gap', at: new Date(0).toISOString(), connection: 1, incomplete: 'x'.repeat(1000) })}\n`;
    writeFileSync(path.join(lab.recordings, 'calls.ndjson'), filler.repeat(10_500));
    await exchange(link, PING);
    await eventually(() => readdirSync(lab.recordings).includes('calls.older.ndjson'), 'the file is full');
    await exchange(link, PING);
    await eventually(async () => (await recorded(made)).length === 2, 'both calls are there');
    assert.ok(lstatSync(path.join(lab.recordings, 'calls.ndjson')).size < 10_000);
  });

  it('carries bytes when nothing can be recorded: what is malformed, and with a recorder that dies', async () => {
    const made = recorder();
    const link = await started(made);
    const odd = Buffer.from(`${STREAM}`.replace('Connection: Upgrade', 'no colon'));
    assert.match((await exchange(link, odd)).toString(), /101/);
    await eventually(async () => (await made.entries()).some(({ kind }) => kind === 'gap'), 'the gap is told');
    await made.stop();
    writeFileSync(path.join(lab.built, 'recorderWorker.js'), 'throw new Error("no recorder")');
    const lone = recorder();
    assert.match((await exchange(await started(lone), PING)).toString(), /200 OK/);
    await lone.stop();
  });
});

function openStream(socket: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const client = connect({ path: socket, allowHalfOpen: true });
    client.on('error', reject);
    client.once('data', () => resolve(client));
    client.write(STREAM);
  });
}

function endStream(client: Socket, last: string | Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const got: Buffer[] = [];
    client.on('error', reject);
    client.on('data', (bytes: Buffer) => got.push(bytes));
    client.on('end', () => resolve(Buffer.concat(got)));
    client.end(last);
  });
}
