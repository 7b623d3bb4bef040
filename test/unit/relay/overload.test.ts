import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { readRecording } from '../../../src/adapters/recording/files';
import { Recorder } from '../../../src/relay/tap';
import { RecordingFile } from '../../../src/relay/recordingFile';
import { buildWorker } from '../../support/workers';

const REQUEST = Buffer.from(
  'POST /x HTTP/1.1\r\nContent-Type: application/octet-stream\r\nContent-Length: 999999999\r\n\r\n',
);

describe('the recorder under load', function () {
  this.timeout(60_000);
  let folder: string;
  let worker: ReturnType<typeof buildWorker>;

  before(() => {
    worker = buildWorker('src/relay/recorderWorker.ts');
  });
  after(() => worker.remove());
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'cre-recording-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('ends the recording of a connection that is too fast for it, and says from which byte on', async () => {
    const recorder = new Recorder(worker.file, folder);
    const tap = recorder.open();
    tap.bytes('request', REQUEST);
    // More than may be on its way, before the recorder's thread has had a chance to start.
    const piece = Buffer.alloc(1024 * 1024);
    for (let count = 0; count < 12; count++) tap.bytes('request', piece);
    tap.close();
    await recorder.finish();
    const [entry, ...more] = await readRecording(folder);
    assert.deepEqual(more, []);
    assert.equal(entry!.kind, 'call');
    assert.match(entry!.incomplete!, /^Incomplete from byte \d+ of the requests on: the recorder could not keep up\.$/);
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
