import { createServer as createHttp2Server } from 'node:http2';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';

/*
 * An independent witness of what clients send: a plain pump before a socket that notes every byte, and reads them
 * afterwards by other programs than the product's.
 */

/** One connection, as it went by. */
export interface LoggedConnection {
  readonly request: Buffer[];
  readonly response: Buffer[];
}

export interface ByteLog {
  readonly socket: string;
  readonly connections: readonly LoggedConnection[];
  /** How many ends of connections are open. */
  readonly open: number;
  /** Those that were made since the last time; they are forgotten. */
  take(): readonly LoggedConnection[];
  stop(): Promise<void>;
}

/** Serves `socket`, carries all bytes to `real` and back, and notes them. */
export async function startByteLog(socket: string, real: string): Promise<ByteLog> {
  const connections: LoggedConnection[] = [];
  const open = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (client) => {
    const logged: LoggedConnection = { request: [], response: [] };
    connections.push(logged);
    const engine = connect({ path: real, allowHalfOpen: true });
    for (const [from, to, log] of [
      [client, engine, logged.request],
      [engine, client, logged.response],
    ] as const) {
      open.add(from);
      from.on('data', (bytes: Buffer) => log.push(bytes));
      from.on('error', () => to.destroy());
      from.on('close', () => open.delete(from));
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(socket, () => resolve()));
  return {
    socket,
    connections,
    get open() {
      return open.size;
    },
    take: () => connections.splice(0),
    stop: async () => {
      for (const one of open) one.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A call as nghttp2 reads it. */
export interface WitnessedRpc {
  readonly path: string;
  readonly namespace: string | undefined;
  readonly bytes: number;
}

/** The calls in what a client sent over one connection: read by Node's own HTTP/2 server, to which the bytes are played. */
export async function readRpcs({ request }: LoggedConnection): Promise<WitnessedRpc[]> {
  const calls: { path: string; namespace: string | undefined; bytes: number }[] = [];
  const server = createHttp2Server({ settings: { initialWindowSize: 2 ** 31 - 1, maxConcurrentStreams: 2 ** 31 - 1 } });
  const failures: unknown[] = [];
  server.on('stream', (stream, headers) => {
    const namespace = headers['containerd-namespace'];
    const call = {
      path: headers[':path'] ?? '',
      namespace: typeof namespace === 'string' ? namespace : undefined,
      bytes: 0,
    };
    calls.push(call);
    stream.on('data', (bytes: Buffer) => (call.bytes += bytes.length));
    stream.on('error', () => undefined);
  });
  server.on('sessionError', (error) => failures.push(error));
  const wire = new Duplex({ read: () => undefined, write: (_bytes, _encoding, done) => done() });
  const closed = new Promise<void>((resolve) =>
    server.on('session', (session) => {
      // The bytes kept to the window of the server that they were for.
      session.setLocalWindowSize(2 ** 31 - 1);
      session.on('close', resolve);
    }),
  );
  server.emit('connection', wire);
  for (const frame of withoutAnswers(Buffer.concat(request))) {
    wire.push(frame);
    await nextTurn();
  }
  wire.push(null);
  await closed;
  if (failures.length > 0) throw failures[0];
  return calls;
}

const PREFACE_BYTES = 24;
const FRAME_HEAD_BYTES = 9;
const SETTINGS = 4;
const PING = 6;
const WINDOW_UPDATE = 8;

/** The preface and the frames of a client, but for those that answer a server which is not there: only its first "ACK" stays. */
function withoutAnswers(sent: Buffer): Buffer[] {
  const frames = [sent.subarray(0, PREFACE_BYTES)];
  let acknowledged = false;
  for (let at = PREFACE_BYTES; at + FRAME_HEAD_BYTES <= sent.length;) {
    const until = at + FRAME_HEAD_BYTES + sent.readUIntBE(at, 3);
    const type = sent[at + 3];
    const isAck = type === SETTINGS && sent[at + 4] === 1;
    if (type !== PING && type !== WINDOW_UPDATE && !(isAck && acknowledged)) frames.push(sent.subarray(at, until));
    acknowledged ||= isAck;
    at = until;
  }
  return frames;
}
