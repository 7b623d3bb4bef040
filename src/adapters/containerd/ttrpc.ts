import { createConnection } from 'node:net';
import { RuntimeError } from '../../model/problem';
import { withDeadline } from '../../util/deadline';
import { visible } from '../../util/text';
import { bytes, int, int64, message, MessageType, repeated, text } from '../grpc/message';
import { probeSocket } from '../grpc/probe';

/*
 * ttrpc, the small RPC between containerd and its shims. A frame is a header of 10 bytes (length, stream id, type,
 * flags) and a protobuf message. Source: containerd/ttrpc channel.go, request.proto.
 */

const Request = new MessageType('ttrpc.Request', {
  service: text(1),
  method: text(2),
  payload: bytes(3),
  timeoutNano: int64(4),
  metadata: repeated(message(5, new MessageType('ttrpc.KeyValue', { key: text(1), value: text(2) }))),
});

const Response = new MessageType('ttrpc.Response', {
  status: message(1, new MessageType('google.rpc.Status', { code: int(1), message: text(2) })),
  payload: bytes(2),
});

const HEADER_BYTES = 10;
const TYPE_REQUEST = 1;
const TYPE_RESPONSE = 2;
const STREAM_ID = 1;
/** Source: containerd/ttrpc messageLengthMax. */
const MESSAGE_LIMIT = 4 * 1024 * 1024;
const UNIMPLEMENTED = 12;

export interface TtrpcCall {
  readonly service: string;
  readonly method: string;
  readonly payload: Buffer;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** One request over a connection of its own. @throws RuntimeError; `unsupported` when the service or method is unknown */
export async function callTtrpc(socketPath: string, call: TtrpcCall, signal?: AbortSignal): Promise<Uint8Array> {
  const what = `Calling ${call.service}/${call.method} on unix://${socketPath}`;
  await probeSocket(socketPath, call.timeoutMs, signal);
  const answer = await withDeadline(what, call.timeoutMs, signal, (inner) =>
    exchange(socketPath, requestFrame(call), what, inner),
  );
  const { status, payload } = Response.decode(answer);
  if (status && status.code !== 0) {
    const code = status.code === UNIMPLEMENTED ? 'unsupported' : 'failed';
    throw new RuntimeError({ code, what, reason: `${visible(status.message, 300)} (status ${status.code})` });
  }
  return payload;
}

/** The bytes of a request. */
export function requestFrame(call: TtrpcCall): Buffer {
  const body = Request.encode({
    service: call.service,
    method: call.method,
    payload: call.payload,
    timeoutNano: call.timeoutMs * 1_000_000,
    metadata: Object.entries(call.metadata ?? {}).map(([key, value]) => ({ key, value })),
  });
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(body.length, 0);
  header.writeUInt32BE(STREAM_ID, 4);
  header.writeUInt8(TYPE_REQUEST, 8);
  return Buffer.concat([header, body]);
}

/**
 * The message of the response to our request, out of what has arrived; undefined while it is not complete.
 *
 * @throws RuntimeError when it is no response to us
 */
export function responseIn(received: Buffer, what: string): Buffer | undefined {
  if (received.length < HEADER_BYTES) return undefined;
  const length = received.readUInt32BE(0);
  if (length > MESSAGE_LIMIT) {
    throw new RuntimeError({ code: 'too-large', what, reason: `The answer claims ${length} bytes.` });
  }
  if (received.readUInt32BE(4) !== STREAM_ID || received.readUInt8(8) !== TYPE_RESPONSE) {
    throw new RuntimeError({ code: 'malformed', what, reason: 'The answer is no ttrpc response to the request.' });
  }
  const end = HEADER_BYTES + length;
  return received.length < end ? undefined : received.subarray(HEADER_BYTES, end);
}

function exchange(socketPath: string, request: Buffer, what: string, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path: socketPath });
    const chunks: Buffer[] = [];
    const settle = (done: () => void): void => {
      socket.destroy();
      done();
    };
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
    socket.once('connect', () => socket.write(request));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      try {
        const answer = responseIn(Buffer.concat(chunks), what);
        if (answer) settle(() => resolve(answer));
      } catch (error) {
        settle(() => reject(RuntimeError.from(error, what)));
      }
    });
    socket.once('error', (error) => settle(() => reject(RuntimeError.from(error, what))));
    socket.once('close', () =>
      reject(
        new RuntimeError({
          code: 'gone',
          what,
          reason: 'The shim closed the connection without an answer: it serves only its own user.',
          remedy: 'Run the explorer as the user of the shim, usually root.',
        }),
      ),
    );
  });
}
