// What people do with the docker command line, directly and through the relay: the same output, exit code and side effects,
// the same bytes before and behind the relay, and every call recorded as an independent witness saw it.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { CallRecorder } from '../../src/adapters/recording/recorder';
import type { RecordedBody, RecordedCall } from '../../src/model/recording/recordedCall';
import { startLab, type Lab } from '../lab/lab';
import { startByteLog, type ByteLog, type LoggedConnection } from '../support/byteLog';
import { findBuilder, runScenario, type CliPlace } from '../support/cliRunner';
import { CLI_SCENARIOS, type CliScenario } from '../support/cliScenarios';
import { eventually } from '../support/fakeAdapter';
import { readCalls, type WitnessedCall } from '../support/httpWitness';
import { makeRelayLab, runs, type RelayLab } from '../support/relayLab';

describe('the docker command line, directly and through the relay', function () {
  this.timeout(600_000);
  let lab: Lab;
  let relayLab: RelayLab;
  let recorder: CallRecorder;
  let place: CliPlace;
  let atClients: ByteLog;
  let atEngine: ByteLog;

  before(async () => {
    lab = await startLab({ liveRestore: true });
    relayLab = makeRelayLab(lab.dir);
    atEngine = await startByteLog(path.join(relayLab.folder, 'engine.log.sock'), lab.dockerSocket);
    recorder = new CallRecorder({
      socketFolders: [path.join(relayLab.folder, 's')],
      name: 'test',
      recordings: relayLab.recordings,
      builtFolder: relayLab.built,
      engineSocket: async () => atEngine.socket,
    });
    atClients = await startByteLog(path.join(relayLab.folder, 'client.log.sock'), await recorder.start());
    await lab.mustDocker(['run', '--detach', '--name', 'target', '--network=none', lab.image, 'sleep', '36000']);
    const builder = await findBuilder(lab.env);
    place = {
      direct: lab.env,
      folder: path.join(relayLab.folder, 'scenarios'),
      image: lab.image,
      target: 'target',
      big: path.join(relayLab.folder, 'big'),
      ...(builder === undefined ? {} : { builder }),
      engine: { kill: () => lab.killDockerd('SIGKILL'), start: () => lab.startDockerd() },
    };
    mkdirSync(place.folder);
    writeFileSync(place.big, randomBytes(100 * 1024 * 1024));
  });

  after(async () => {
    const pid = recorder.relayPid!;
    await atClients.stop();
    recorder.dispose();
    await eventually(() => !runs(pid), 'no relay is left');
    await atEngine.stop();
    await lab.stop();
    relayLab.remove();
  });

  for (const scenario of CLI_SCENARIOS) {
    it(scenario.title, () => compare(scenario));
  }

  async function compare(scenario: CliScenario): Promise<void> {
    const direct = await runScenario(scenario, place, lab.env);
    await recorder.clear();
    for (const log of [atClients, atEngine]) log.take();
    const way = { ...lab.env, DOCKER_HOST: `unix://${atClients.socket}` };
    const relayed = await runScenario(scenario, place, way);
    assert.deepEqual(relayed, direct);

    await eventually(() => atClients.open + atEngine.open === 0, 'all connections have ended');
    const [clients, engine] = [atClients.take(), atEngine.take()];
    assert.deepEqual(clients.map(digest).sort(), engine.map(digest).sort(), 'bytes before and behind the relay');
    const witnessed = clients.flatMap(readCalls);
    const calls = (): Promise<RecordedCall[]> => recorded(recorder);
    await eventually(async () => (await calls()).filter(isOver).length >= witnessed.length, 'the calls are written');
    const gaps = (await recorder.entries()).filter(({ kind }) => kind === 'gap');
    assert.deepEqual(gaps, []);
    const found = await calls();
    assert.deepEqual(found.map(lineOfRecorded).sort(), witnessed.map(lineOfWitnessed).sort());
    assertBodies(found, witnessed);
  }
});

async function recorded(recorder: CallRecorder): Promise<RecordedCall[]> {
  return (await recorder.entries()).filter((entry) => entry.kind === 'call');
}

function isOver(call: RecordedCall): boolean {
  return call.durationMs !== undefined;
}

function digest({ request, response }: LoggedConnection): string {
  return [request, response].map(sha).join(' ');
}

function sha(pieces: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}

function lineOfRecorded({ method, path: target, status, request, response, upgraded }: RecordedCall): string {
  const sizes = [request?.bytes ?? 0, response?.bytes ?? 0];
  return line(method, target, status, sizes, upgraded);
}

function lineOfWitnessed({ method, path: target, status, request, response, upgraded }: WitnessedCall): string {
  return line(method, target, status, [request.length, response.length], upgraded);
}

function line(
  method: string,
  target: string,
  status: number | undefined,
  [sent = 0, received = 0]: readonly number[],
  upgraded: RecordedCall['upgraded'],
): string {
  const became = upgraded ? `, then ${upgraded.to}: ${upgraded.sentBytes} and ${upgraded.receivedBytes} bytes` : '';
  return `${method} ${target} ${status ?? 'unanswered'}: ${sent} and ${received} bytes${became}`;
}

/** Every body that was kept is one that the witness has for the same method and path. */
function assertBodies(calls: readonly RecordedCall[], witnessed: readonly WitnessedCall[]): void {
  for (const call of calls) {
    const same = witnessed.filter(({ method, path: target }) => method === call.method && target === call.path);
    for (const side of ['request', 'response'] as const) {
      const body = call[side];
      if (body?.value === undefined) continue;
      const found = same.some((one) => holds(body, one[side].toString('utf8')));
      assert.ok(found, `${side} of ${call.method} ${call.path}: ${JSON.stringify(body).slice(0, 2000)}`);
    }
  }
}

/** Whether a recorded body is this text: of JSON its value, in which integers that JavaScript cannot hold are texts. */
function holds({ value, truncated }: RecordedBody, text: string): boolean {
  if (typeof value === 'string') return truncated ? text.startsWith(value) : text === value;
  try {
    assert.deepEqual(value, JSON.parse(text.replace(/(?<=[[:,]\s*)-?\d{16,}(?=\s*[,}\]])/g, '"$&"')));
    return true;
  } catch {
    return false;
  }
}
