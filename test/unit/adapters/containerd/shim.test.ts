import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { connectToShim, socketPathOf } from '../../../../src/adapters/containerd/shim';
import { requestFrame, responseIn } from '../../../../src/adapters/containerd/ttrpc';
import { RuntimeError, type ProblemCode } from '../../../../src/model/problem';
import { runs } from '../../../support/runs';

/** Recorded on a real shim of containerd 1.7: Connect for the container `plain1` of the namespace `default`. */
const RECORDED = {
  request:
    '000000590000000101000a17636f6e7461696e6572642e7461736b2e76322e5461736b1207436f6e6e6563741a080a06706c61696e312080e4' +
    '97d0122a250a1a636f6e7461696e6572642d6e616d6573706163652d7474727063120764656661756c74',
  response: '00000008000000010200120608c21b10d81b',
  answer: { shimPid: 3522, taskPid: 3544, version: '' },
};
/** Status 12: the service is not known. */
const UNIMPLEMENTED = '00000004' + '00000001' + '0200' + '0a02080c';

describe('a shim', () => {
  let folder: string;
  let server: Server | undefined;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cre-shim-'))));
  afterEach(async () => {
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
    server = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  /** Answers each request in turn, byte for byte; notes what was asked. */
  async function shimThat(answer: (asked: Buffer, connection: Socket) => void): Promise<string> {
    const path = join(folder, 's');
    server = createServer((connection) => {
      connection.on('error', () => undefined);
      connection.on('data', (asked) => answer(asked, connection));
    });
    await new Promise<void>((resolve) => server?.listen(path, resolve));
    return `unix://${path}`;
  }

  it('is asked as recorded', () => {
    const recorded = requestFrame({
      service: 'containerd.task.v2.Task',
      method: 'Connect',
      payload: Buffer.from('\n\u0006plain1'),
      metadata: { 'containerd-namespace-ttrpc': 'default' },
      timeoutMs: 5_000,
    });
    assert.equal(recorded.toString('hex'), RECORDED.request);
  });

  it('tells its PID, however its answer is cut', async () => {
    const address = await shimThat((_, connection) => {
      for (const byte of Buffer.from(RECORDED.response, 'hex')) connection.write(Buffer.from([byte]));
    });
    assert.deepEqual(await connectToShim({ address, version: 2 }, 'default', 'plain1'), RECORDED.answer);
  });

  it('that speaks the other version of the task API is asked in that', async () => {
    const services: string[] = [];
    const address = await shimThat((asked, connection) => {
      const service = /containerd\.task\.v\d/.exec(asked.toString('latin1'))?.[0] ?? '';
      services.push(service);
      connection.write(Buffer.from(service.endsWith('v3') ? RECORDED.response : UNIMPLEMENTED, 'hex'));
    });
    assert.deepEqual(await connectToShim({ address, version: 2 }, 'default', 'plain1'), RECORDED.answer);
    assert.deepEqual(services, ['containerd.task.v2', 'containerd.task.v3']);
  });

  it('that does not answer, hangs up or talks nonsense is a problem with a name', async () => {
    const cases: [ProblemCode, (asked: Buffer, connection: Socket) => void][] = [
      ['deadline', () => undefined],
      ['gone', (_, connection) => void connection.end()],
      ['malformed', (_, connection) => void connection.write(Buffer.alloc(10))],
      ['too-large', (_, connection) => void connection.write(Buffer.alloc(10, 0xff))],
    ];
    for (const [code, answer] of cases) {
      const address = await shimThat(answer);
      await rejectsWith(connectToShim({ address, version: 2 }, 'n', 'c'), code);
      await new Promise((resolve) => server?.close(resolve));
      server = undefined;
    }
    await rejectsWith(connectToShim({ address: `unix://${folder}/none`, version: 2 }, 'n', 'c'), 'absent');
    await rejectsWith(connectToShim({ address: 'vsock://3:1024', version: 2 }, 'n', 'c'), 'unsupported');
  });

  it('answers that are any bytes are complete, incomplete or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (input) => {
        try {
          const found = responseIn(Buffer.from(input), 'test');
          assert.ok(found === undefined || found.length <= input.length - 10);
        } catch (error) {
          assert.ok(error instanceof RuntimeError);
        }
      }),
      { numRuns: runs(5_000) },
    );
  });

  it('has an address that is a path, or none that is used', () => {
    assert.equal(socketPathOf('unix:///run/containerd/s/abc\n'), '/run/containerd/s/abc');
    assert.equal(socketPathOf('unix://relative'), undefined);
    assert.equal(socketPathOf('unix:///a\0b'), undefined);
    assert.equal(socketPathOf('tcp://127.0.0.1:1'), undefined);
  });
});

async function rejectsWith(promise: Promise<unknown>, code: ProblemCode): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof RuntimeError, String(error));
    assert.equal(error.problem.code, code, error.message);
    return true;
  });
}
