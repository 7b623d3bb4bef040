import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { readRecording } from '../../../src/adapters/recording/files';
import { MOST_PENDING_BYTES, Recorder } from '../../../src/relay/recorder';
import { RecordingFile } from '../../../src/relay/recordingFile';
import { buildWorker } from '../../support/workers';

const REQUEST = Buffer.from(
  'POST /x HTTP/1.1\r\nContent-Type: application/octet-stream\r\nContent-Length: 999999999\r\n\r\n',
);

describe('the recorder under load', function () {
  this.timeout(60_000);
  let folder: string;
  let worker: ReturnType<typeof buildWorker>;
  /** The recorder's thread, which reads nothing before it is to finish. */
  let slowWorker: string;

  before(() => {
    worker = buildWorker('src/relay/recorderWorker.ts');
    slowWorker = path.join(path.dirname(worker.file), 'slow.js');
    writeFileSync(
      slowWorker,
      `const { parentPort } = require('node:worker_threads');
       const held = [];
       parentPort.on('message', function hold(message) {
         held.push(message);
         if (message.kind !== 'finish') return;
         parentPort.off('message', hold);
         require(${JSON.stringify(worker.file)});
         for (const one of held) parentPort.emit('message', one);
       });`,
    );
  });
  after(() => worker.remove());
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'cre-recording-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('keeps of calls that are too many for it only their sizes, and says so', async () => {
    const recorder = new Recorder(slowWorker, folder);
    const body = JSON.stringify('x'.repeat(200_000));
    // More than may be on its way.
    for (let count = 0; count < 60; count++) {
      const tap = recorder.open();
      tap.bytes('request', Buffer.from('GET /x HTTP/1.1\r\n\r\n'));
      tap.bytes(
        'response',
        Buffer.from(
          `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        ),
      );
      tap.close();
    }
    await recorder.finish();
    const calls = (await readRecording(folder)).filter(({ kind }) => kind === 'call');
    assert.deepEqual(
      calls.map((call) => (call.kind === 'call' ? call.response?.bytes : undefined)),
      Array.from({ length: 60 }, () => body.length),
    );
    const short = calls.filter(({ incomplete }) => incomplete !== undefined);
    assert.equal(short.length, 60 - Math.floor(MOST_PENDING_BYTES / body.length));
    for (const call of short) {
      assert.equal(call.incomplete, 'Its bodies were not kept: the recorder could not keep up.');
      assert.ok(call.kind === 'call' && call.response?.value === undefined);
    }
  });

  it('counts a body of a gigabyte without keeping or copying it', async () => {
    const recorder = new Recorder(worker.file, folder);
    const tap = recorder.open();
    tap.bytes('request', REQUEST);
    const piece = Buffer.alloc(1024 * 1024);
    const before = process.memoryUsage();
    for (let count = 0; count < 953; count++) tap.bytes('request', piece);
    const after = process.memoryUsage();
    tap.bytes('request', piece.subarray(0, 999_999_999 - 953 * piece.length));
    tap.bytes('response', Buffer.from('HTTP/1.1 204 No Content\r\n\r\n'));
    tap.close();
    await recorder.finish();
    const [entry, ...more] = await readRecording(folder);
    assert.deepEqual(more, []);
    assert.ok(entry?.kind === 'call');
    assert.deepEqual([entry.request, entry.status, entry.incomplete], [{ bytes: 999_999_999 }, 204, undefined]);
    assert.ok(after.arrayBuffers - before.arrayBuffers < piece.length, 'no copies');
  });

  it('ends the recording of a gRPC connection that is too fast for it, and says from which byte on', async () => {
    const recorder = new Recorder(slowWorker, folder, 'grpc');
    const tap = recorder.open();
    tap.bytes('request', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'));
    // A frame of data on stream 1, over and over.
    const frame = Buffer.alloc(9 + 16_384);
    frame.writeUIntBE(16_384, 0, 3);
    frame.writeUInt32BE(1, 5);
    for (let count = 0; count < 700; count++) tap.bytes('request', frame);
    tap.close();
    await recorder.finish();
    const [entry, ...more] = await readRecording(folder);
    assert.deepEqual(more, []);
    assert.match(
      entry!.incomplete!,
      /^Incomplete from byte 83\d{5} of the requests on: the recorder could not keep up\.$/,
    );
  });

  it('records a bounded number of connections at a time', async () => {
    const recorder = new Recorder(worker.file, folder);
    const taps = Array.from({ length: 1001 }, () => recorder.open());
    for (const tap of taps) tap.close();
    await recorder.finish();
    const entries = await readRecording(folder);
    assert.deepEqual(
      entries.map(({ kind, connection }) => [kind, connection]),
      [['gap', 1001]],
    );
  });

  it('tells of entries that could not be written, once it can write again', () => {
    const file = new RecordingFile(path.join(folder, 'missing'));
    const gap = { kind: 'gap', at: new Date(0).toISOString(), connection: 1, incomplete: 'x' } as const;
    file.append([gap]);
    file.append([gap, gap]);
    Object.assign(file, { folder });
    file.append([gap]);
    return readRecording(folder).then((entries) =>
      assert.deepEqual(entries.map(({ incomplete }) => incomplete).sort(), ['3 entries could not be written.', 'x']),
    );
  });
});
