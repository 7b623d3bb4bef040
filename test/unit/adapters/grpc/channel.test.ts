import assert from 'node:assert/strict';
import { linkSync, mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, ServerCredentials, status, type ServiceDefinition } from '@grpc/grpc-js';
import { UnixChannel, withChannel } from '../../../../src/adapters/grpc/channel';
import { MessageType, text } from '../../../../src/adapters/grpc/message';
import { probeSocket } from '../../../../src/adapters/grpc/probe';
import { RuntimeError, type ProblemCode } from '../../../../src/model/problem';
import { eventually } from '../../../support/fakeAdapter';

const Word = new MessageType('Word', { word: text(1) });
const method = (name: string) => ({ path: `/test.Words/${name}`, request: Word, response: Word }) as const;

describe('a channel over a unix socket', () => {
  let folder: string;
  let socketPath: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cre-grpc-'));
    socketPath = join(folder, 's.sock');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('asks, hears, and leaves out only what cannot be decoded', async () => {
    const server = await startServer(socketPath);
    try {
      await withChannel(socketPath, undefined, async (channel) => {
        const answer = await channel.unary(method('Echo'), { word: 'hello' }, { timeoutMs: 20_000 });
        assert.equal(answer.word, 'hello for ns');
        const heard: string[] = [];
        let malformed = 0;
        await channel.stream(
          method('Several'),
          {},
          { timeoutMs: 20_000, onMessage: ({ word }) => heard.push(word), onMalformed: () => malformed++ },
        );
        assert.deepEqual(heard, ['one', 'two']);
        assert.equal(malformed, 1);
      });
    } finally {
      server.forceShutdown();
    }
  });

  it('reads a stream no further than it is wanted', async () => {
    const server = await startServer(socketPath);
    try {
      await withChannel(socketPath, undefined, async (channel) => {
        let heard = 0;
        await channel.stream(
          method('Endless'),
          {},
          { timeoutMs: 20_000, onMessage: () => heard++, isEnough: () => heard === 3 },
        );
        assert.equal(heard, 3);
        assert.equal(
          (await channel.unary(method('Echo'), { word: 'still' }, { timeoutMs: 20_000 })).word,
          'still for ns',
        );
      });
    } finally {
      server.forceShutdown();
    }
  });

  it('turns every failure into one of ours', async () => {
    const server = await startServer(socketPath);
    try {
      await withChannel(socketPath, undefined, async (channel) => {
        const ask = (name: string, timeoutMs = 20_000, signal?: AbortSignal): Promise<unknown> =>
          channel.unary(method(name), {}, { timeoutMs, signal });
        await rejects(ask('Unknown'), 'unsupported');
        await rejects(ask('Missing'), 'absent', /no such thing \\u\{1b\}\[31m/);
        await rejects(ask('Huge'), 'too-large');
        await rejects(ask('Never', 50), 'deadline');
        const aborted = new AbortController();
        const asked = ask('Never', 20_000, aborted.signal);
        aborted.abort();
        await rejects(asked, 'cancelled');
      });
    } finally {
      server.forceShutdown();
    }
  });

  it('reports a server that ends, and refuses to be used after close', async () => {
    const server = await startServer(socketPath);
    const channel = await UnixChannel.open(socketPath);
    await channel.unary(method('Echo'), { word: 'first' }, { timeoutMs: 20_000 });
    const open = channel.stream(method('Open'), {}, { onMessage: () => undefined });
    const asked = channel.unary(method('Never'), {}, { timeoutMs: 20_000 });
    // Both are under way before the server goes: this answer came after them on the same connection.
    await channel.unary(method('Echo'), { word: 'second' }, { timeoutMs: 20_000 });
    server.forceShutdown();
    await Promise.all([assert.rejects(open, RuntimeError), assert.rejects(asked, RuntimeError)]);
    channel.close();
    channel.close();
    await rejects(channel.unary(method('Echo'), {}, { timeoutMs: 20_000 }), 'cancelled');
  });

  it('leaves nothing open after close, even when the server never speaks', async () => {
    const { server, connections } = await startSilentServer(socketPath);
    try {
      const before = pipes();
      const channel = await UnixChannel.open(socketPath);
      await rejects(channel.unary(method('Echo'), {}, { timeoutMs: 100 }), 'deadline');
      const pending = channel.unary(method('Echo'), {}, { timeoutMs: 60_000 }).catch((error: unknown) => error);
      await eventually(() => connections.size > 0, 'the library has connected');
      channel.close();
      assert.ok((await pending) instanceof RuntimeError);
      await eventually(() => connections.size === 0, 'the server sees all connections closed');
      await eventually(() => pipes() <= before, 'no handle is left');
      assert.equal(connections.size, 0);
    } finally {
      for (const connection of connections) connection.destroy();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('names what is wrong with a socket', async () => {
    await rejects(probeSocket(join(folder, 'nothing')), 'absent', /ENOENT/);
    writeFileSync(join(folder, 'file'), '');
    await rejects(probeSocket(join(folder, 'file')), 'refused', /no socket/);
    await rejects(probeSocket(`/${'x'.repeat(120)}`), 'unsupported', /107 bytes/);

    const { server } = await startSilentServer(socketPath);
    // A second name for the socket outlives its server, as the file of a killed daemon does.
    linkSync(socketPath, join(folder, 'dead.sock'));
    chmodSync(socketPath, 0o600);
    chmodSync(folder, 0o755);
    await asNobody(() => rejects(probeSocket(socketPath), 'denied', /EACCES/));
    await probeSocket(socketPath);
    await new Promise((resolve) => server.close(resolve));
    await rejects(probeSocket(join(folder, 'dead.sock')), 'refused', /ECONNREFUSED/);
  });
});

async function rejects(promise: Promise<unknown>, code: ProblemCode, reason = /./): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof RuntimeError, String(error));
    assert.equal(error.problem.code, code, error.message);
    assert.match(error.problem.reason, reason);
    return true;
  });
}

/** Runs with the rights of nobody; root may open everything. An ordinary user's own file is closed to them by its mode. */
async function asNobody(work: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(65534);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}

function pipes(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'PipeWrap').length;
}

function startSilentServer(socketPath: string): Promise<{ server: NetServer; connections: Set<Socket> }> {
  const connections = new Set<Socket>();
  const server = createServer((connection) => {
    connections.add(connection);
    connection.on('error', () => undefined);
    connection.on('close', () => connections.delete(connection));
    connection.resume();
  });
  return new Promise((resolve) => server.listen(socketPath, () => resolve({ server, connections })));
}

async function startServer(socketPath: string): Promise<Server> {
  const identity = (bytes: Buffer): Buffer => bytes;
  const plain = { requestSerialize: identity, requestDeserialize: identity, requestStream: false } as const;
  const raw = { ...plain, responseSerialize: identity, responseDeserialize: identity };
  const entry = (name: string, responseStream = false) => ({ ...raw, path: method(name).path, responseStream });
  const definition: ServiceDefinition = {
    echo: entry('Echo'),
    missing: entry('Missing'),
    huge: entry('Huge'),
    never: entry('Never'),
    several: entry('Several', true),
    open: entry('Open', true),
    endless: entry('Endless', true),
  };
  const server = new Server({ 'grpc.max_send_message_length': -1 });
  type Reply = (error: object | null, value?: Buffer) => void;
  server.addService(definition, {
    echo: (call: { request: Buffer }, reply: Reply) =>
      reply(null, Word.encode({ word: `${Word.decode(call.request).word} for ns` })),
    missing: (_: unknown, reply: Reply) => reply({ code: status.NOT_FOUND, details: 'no such thing \u001b[31m' }),
    huge: (_: unknown, reply: Reply) => reply(null, Buffer.alloc(17 * 1024 * 1024)),
    never: () => undefined,
    several: (call: { write(bytes: Buffer): void; end(): void }) => {
      call.write(Word.encode({ word: 'one' }));
      call.write(Buffer.from([0x0a, 0xff]));
      call.write(Word.encode({ word: 'two' }));
      call.end();
    },
    open: () => undefined,
    endless: (call: {
      write(bytes: Buffer): boolean;
      once(event: 'drain', then: () => void): void;
      cancelled: boolean;
    }) => {
      const more = (): void => {
        while (!call.cancelled && call.write(Word.encode({ word: 'more' })));
        if (!call.cancelled) call.once('drain', more);
      };
      more();
    },
  });
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(`unix:${socketPath}`, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    ),
  );
  return server;
}
