// Calls by gRPC read from bytes: what Node's own HTTP/2 (nghttp2) writes is the truth to which the reading is held.
import assert from 'node:assert/strict';
import { createServer, connect, type Http2Server, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectSocket, createServer as createSocketServer, type AddressInfo, type Server } from 'node:net';
import * as fc from 'fast-check';
import { messagesOf } from '../../../../src/adapters/recording/grpcMethods';
import * as made from '../../../../src/adapters/containerd/clientMessages';
import { FrameReader } from '../../../../src/model/recording/frameReader';
import { GrpcRecorder } from '../../../../src/model/recording/grpcConnection';
import { HeaderDecoder, type HeaderField } from '../../../../src/model/recording/hpack';
import { UnreadableMessage } from '../../../../src/model/recording/messageReader';
import type { Side } from '../../../../src/model/recording/connection';
import type { RecordedCall, RecordedEntry } from '../../../../src/model/recording/recordedCall';
import { START_MS } from './recording';

type Piece = readonly [side: Side, bytes: Buffer];

/** A server, and a pump before it that notes what goes each way. */
interface Noted {
  readonly server: Http2Server;
  readonly pump: Server;
  readonly url: string;
  readonly pieces: Piece[];
}

async function listening(server: Http2Server | Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return (server.address() as AddressInfo).port;
}

async function note(server: Http2Server): Promise<Noted> {
  const port = await listening(server);
  const pieces: Piece[] = [];
  const pump = createSocketServer((client) => {
    const real = connectSocket(port, '127.0.0.1');
    client.on('data', (bytes: Buffer) => pieces.push(['request', bytes]));
    real.on('data', (bytes: Buffer) => pieces.push(['response', bytes]));
    for (const socket of [client, real]) socket.on('error', () => undefined);
    client.pipe(real).pipe(client);
  });
  return { server, pump, url: `http://127.0.0.1:${await listening(pump)}`, pieces };
}

async function end({ server, pump }: Noted): Promise<void> {
  for (const one of [server, pump]) await new Promise((resolve) => one.close(resolve));
}

function framed(...messages: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    messages.map((message) => {
      const prefix = Buffer.alloc(5);
      prefix.writeUInt32BE(message.length, 1);
      return Buffer.concat([prefix, message]);
    }),
  );
}

interface Told {
  readonly entries: readonly RecordedEntry[];
  readonly calls: readonly RecordedCall[];
  readonly budgetLeft: number;
  readonly over: boolean;
}

/** Records pieces, cut into parts of some bytes. */
function record(pieces: readonly Piece[], cut = Infinity): Told {
  const entries: RecordedEntry[] = [];
  const budget = { left: 1_000_000 };
  let seq = 0;
  const recorder = new GrpcRecorder(1, {
    run: 'run',
    nextSeq: () => ++seq,
    budget,
    emit: (entry) => entries.push(entry),
    messagesOf,
  });
  let now = START_MS;
  for (const [side, bytes] of pieces) {
    for (let at = 0; at < bytes.length; at += cut) recorder.feed(side, bytes.subarray(at, at + cut), now);
    now += 10;
  }
  const over = recorder.isOver;
  recorder.close(now);
  const calls = new Map(entries.filter((entry) => entry.kind === 'call').map((call) => [call.id, call]));
  return { entries, calls: [...calls.values()], budgetLeft: budget.left, over };
}

describe('calls by gRPC, read from bytes', () => {
  let noted: Noted;
  const asked: { stream: IncomingHttpHeaders; body: Buffer }[] = [];

  before(async () => {
    const server = createServer({ settings: { maxHeaderListSize: 1_000_000 }, maxHeaderListPairs: 1000 });
    server.on('stream', (stream, headers) => {
      const body: Buffer[] = [];
      stream.on('data', (bytes: Buffer) => body.push(bytes));
      stream.on('error', () => undefined);
      stream.on('end', () => {
        asked.push({ stream: headers, body: Buffer.concat(body) });
        const path = headers[':path'];
        if (path?.endsWith('/Get')) {
          // What gRPC calls "trailers only".
          stream.respond({ ':status': 200, 'grpc-status': '5', 'grpc-message': 'no %C3%9C' }, { endStream: true });
          return;
        }
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
        stream.end(framed(made.CreateTaskResponse.encode({ containerId: 'one', pid: 42 })));
      });
    });
    noted = await note(server);
  });

  after(() => end(noted));

  async function call(path: string, body: Buffer, headers: Record<string, string> = {}): Promise<void> {
    const client = connect(noted.url);
    await new Promise<void>((resolve, reject) => {
      const stream = client.request({ ':method': 'POST', ':path': path, ...headers });
      stream.on('error', reject);
      stream.on('close', resolve);
      stream.resume();
      stream.end(body);
    });
    await new Promise<void>((resolve) => client.close(() => resolve()));
  }

  const CREATE = '/containerd.services.tasks.v1.Tasks/Create';

  beforeEach(() => {
    noted.pieces.length = 0;
    asked.length = 0;
  });

  it('tell method, namespace, container, messages and status, cut anywhere', async () => {
    const body = framed(made.CreateTaskRequest.encode({ containerId: 'one', stdout: '/out', terminal: true }));
    await call(CREATE, body, { 'containerd-namespace': 'moby' });
    for (const cut of [Infinity, 1, 2, 3, 7, 100]) {
      const { calls, budgetLeft } = record(noted.pieces, cut);
      assert.equal(calls.length, 1, `cut into ${cut}`);
      const [made1] = calls;
      assert.deepEqual(
        { ...made1, durationMs: undefined, at: undefined },
        {
          kind: 'call',
          id: 'run-1',
          seq: 1,
          connection: 1,
          at: undefined,
          durationMs: undefined,
          method: 'POST',
          path: CREATE,
          status: 200,
          request: { bytes: body.length, value: { containerId: 'one', stdout: '/out', terminal: true } },
          response: { bytes: 12, value: { containerId: 'one', pid: 42 } },
          grpc: { sent: 1, received: 1, namespace: 'moby', status: 0 },
          containerId: 'one',
        },
      );
      assert.equal(budgetLeft, 1_000_000);
    }
  });

  it('tell an error that came without a body, and only the size of what has no description', async () => {
    await call('/containerd.services.containers.v1.Containers/Get', framed(made.ContainerId.encode({ id: 'x' })));
    const [refused] = record(noted.pieces).calls;
    assert.deepEqual(refused!.grpc, { sent: 1, received: 0, status: 5, error: 'no Ü' });
    assert.equal(refused!.containerId, 'x');
    noted.pieces.length = 0;
    await call('/containerd.services.content.v1.Content/Write', framed(Buffer.alloc(70_000), Buffer.alloc(3)));
    const [unknown] = record(noted.pieces).calls;
    assert.deepEqual(unknown!.request, { bytes: 70_013 });
    assert.equal(unknown!.grpc!.sent, 2);
  });

  it('keep compressed messages and those that are none as sizes', async () => {
    await call(CREATE, framed(Buffer.from([1, 2, 3])), { 'grpc-encoding': 'gzip' });
    assert.deepEqual(record(noted.pieces).calls[0]!.request, { bytes: 8 });
    noted.pieces.length = 0;
    await call(CREATE, framed(Buffer.from([10, 200])));
    assert.deepEqual(record(noted.pieces).calls[0]!.request, { bytes: 7 });
  });

  it('say what was cancelled, and what the end of the connection cut off', async () => {
    await call(CREATE, framed(Buffer.alloc(0)));
    const requests = noted.pieces.filter(([side]) => side === 'request');
    assert.match(record(requests).calls[0]!.incomplete!, /ended before the call was over/);
    const reset = Buffer.from([0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 8]);
    const cancelled = record([...requests, ['request', reset]]).calls[0]!;
    assert.equal(cancelled.incomplete, 'The client cancelled the call.');
  });

  it('end with a sentence when the bytes are no HTTP/2', () => {
    const { entries, over } = record([['request', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')]]);
    assert.ok(over);
    assert.match(
      entries[0]!.incomplete!,
      /^Incomplete from byte \d+ of the requests on: the client does not speak HTTP/,
    );
  });

  it('read any headers as nghttp2 wrote them: each byte, long values, tables that fill and empty', async () => {
    const texts = [
      // Every character that may be in a header's value: each code of the table is read.
      ...Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index).repeat(2)),
      ...Array.from({ length: 128 }, (_, index) => `x${String.fromCharCode(128 + index)}x`),
      'long '.repeat(3000),
    ];
    const headers = Object.fromEntries(texts.map((value, index) => [`x-${index}`, `a${value}a`]));
    const client = connect(noted.url, { settings: { headerTableSize: 4096 } });
    for (let round = 0; round < 3; round++) {
      await new Promise<void>((resolve, reject) => {
        const stream = client.request({ ':method': 'POST', ':path': `/x/${round}`, ...headers });
        stream.on('error', reject);
        stream.on('close', resolve);
        stream.resume();
        stream.end();
      });
    }
    await new Promise<void>((resolve) => client.close(() => resolve()));
    const read: (readonly HeaderField[])[] = [];
    const reader = new FrameReader(
      {
        headers: (_, fields) => read.push(fields),
        data: () => undefined,
        end: () => undefined,
        reset: () => undefined,
      },
      true,
    );
    for (const [side, bytes] of noted.pieces) if (side === 'request') reader.feed(bytes);
    assert.equal(read.length, 3);
    for (const [round, fields] of read.entries()) {
      const found = Object.fromEntries(fields);
      assert.equal(found[':path'], `/x/${round}`);
      for (const [name, value] of Object.entries(headers)) assert.equal(found[name], value, name);
    }
  });

  it('read the examples of RFC 7541, C.4 and C.6', () => {
    const requests = new HeaderDecoder();
    const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
    assert.deepEqual(requests.decode(hex('8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff')), [
      [':method', 'GET'],
      [':scheme', 'http'],
      [':path', '/'],
      [':authority', 'www.example.com'],
    ]);
    assert.deepEqual(requests.decode(hex('8286 84be 5886 a8eb 1064 9cbf')).slice(-2), [
      [':authority', 'www.example.com'],
      ['cache-control', 'no-cache'],
    ]);
  });

  it('refuse header blocks that lead nowhere or without end', () => {
    const bad = ['80', 'ff ff ff ff ff 7f', 'c0', '3f ff ff 7f', '40 01', '00 82 ff ff ff ff 00', '41 84 ff ff ff fc'];
    for (const text of bad) {
      const block = Buffer.from(text.replaceAll(' ', ''), 'hex');
      assert.throws(() => new HeaderDecoder().decode(block), UnreadableMessage, text);
    }
  });

  it('never throw, whatever the bytes, and give all memory back', async () => {
    await call(CREATE, framed(made.CreateTaskRequest.encode({ containerId: 'one' })), { 'containerd-namespace': 'n' });
    const real = noted.pieces;
    const change = fc.record({ piece: fc.nat(), at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), fc.integer({ min: 1, max: 60 }), (changes, cut) => {
        const pieces = real.map(([side, bytes]): Piece => [side, Buffer.from(bytes)]);
        for (const { piece, at, value } of changes) {
          const bytes = pieces[piece % pieces.length]![1];
          bytes[at % bytes.length] = value;
        }
        assert.equal(record(pieces, cut).budgetLeft, 1_000_000);
      }),
      { numRuns: 2000 },
    );
  });
});
