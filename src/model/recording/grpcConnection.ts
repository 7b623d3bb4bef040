import type { Side, RecordingContext, WireRecorder } from './connection';
import { FrameReader } from './frameReader';
import type { HeaderField } from './hpack';
import { KeptBody } from './keptBody';
import { UnreadableMessage } from './messageReader';
import { callHead, type RecordedBody, type RecordedCall, type RecordedEntry } from './recordedCall';

/** How the messages of one method are read. */
export interface GrpcMessages {
  /** The message as JSON-serialisable values. @throws when the bytes are no such message */
  readonly decode: Readonly<Record<Side, (bytes: Uint8Array) => unknown>>;
  /** The container that a call is about, by its first messages. */
  readonly containerOf: (request: unknown, response: unknown) => string | undefined;
}

/** What all connections of gRPC clients share. */
export interface GrpcContext extends RecordingContext<RecordedEntry> {
  /** How the messages of a method are read (`/package.Service/Method`); undefined for those that are only counted. */
  readonly messagesOf: (path: string) => GrpcMessages | undefined;
}

/** One direction of a call. */
interface Half {
  readonly kept: KeptBody;
  readonly count: MessageCounter;
  compressed: boolean;
}

/** A call under way: one stream of the connection. */
interface GrpcCall {
  readonly seq: number;
  readonly atMs: number;
  readonly path: string;
  readonly namespace: string | undefined;
  readonly messages: GrpcMessages | undefined;
  readonly request: Half;
  readonly response: Half;
  httpStatus: number | undefined;
  status: number | undefined;
  error: string | undefined;
  told: boolean;
}

/** More at once are no client's. */
const MOST_CALLS = 1000;
/** Of a stream of messages, so many are read. */
const MOST_MESSAGES = 100;
const NO_ERROR = 0;
const CANCEL = 8;

/** Reads the calls of one connection of a gRPC client from copies of its bytes. */
export class GrpcRecorder implements WireRecorder {
  private readonly readers: Readonly<Record<Side, FrameReader>>;
  private readonly calls = new Map<number, GrpcCall>();
  private nowMs = 0;
  private over = false;

  constructor(
    private readonly connection: number,
    private readonly context: GrpcContext,
  ) {
    this.readers = {
      request: new FrameReader(
        {
          headers: (stream, fields) => this.requestHeaders(stream, fields),
          data: (stream, bytes) => this.data(stream, 'request', bytes),
          end: () => undefined,
          reset: (stream, code) => this.reset(stream, 'client', code),
        },
        true,
      ),
      response: new FrameReader(
        {
          headers: (stream, fields) => this.responseHeaders(stream, fields),
          data: (stream, bytes) => this.data(stream, 'response', bytes),
          end: (stream) => this.finish(stream, undefined),
          reset: (stream, code) => this.reset(stream, 'server', code),
        },
        false,
      ),
    };
  }

  get isOver(): boolean {
    return this.over;
  }

  feed(side: Side, bytes: Uint8Array, nowMs: number): void {
    if (this.over) return;
    this.nowMs = nowMs;
    try {
      this.readers[side].feed(bytes);
    } catch (error) {
      if (!(error instanceof UnreadableMessage)) throw error;
      this.breakOff(side, this.readers[side].offset, error.message, nowMs);
      return;
    }
    if (side === 'response') this.tellAnswered();
  }

  breakOff(side: Side, byte: number, reason: string, nowMs: number): void {
    if (this.over) return;
    this.nowMs = nowMs;
    const incomplete = `Incomplete from byte ${byte} of the ${side === 'request' ? 'requests' : 'responses'} on: ${reason}.`;
    const open = [...this.calls.keys()];
    for (const stream of open) this.finish(stream, incomplete);
    if (open.length === 0) {
      const at = new Date(nowMs).toISOString();
      this.context.emit({ kind: 'gap', at, connection: this.connection, incomplete });
    }
    this.over = true;
  }

  end(): void {
    // What is open may still be answered: the connection's end tells.
  }

  close(nowMs: number): void {
    if (this.over) return;
    this.nowMs = nowMs;
    for (const stream of [...this.calls.keys()]) this.finish(stream, 'The connection ended before the call was over.');
    this.over = true;
  }

  private requestHeaders(stream: number, fields: readonly HeaderField[]): void {
    // A client's second headers are trailers, which gRPC has none of.
    if (this.calls.has(stream)) return;
    if (this.calls.size >= MOST_CALLS) throw new UnreadableMessage('too many calls wait for an answer');
    const path = valueOf(fields, ':path') ?? '';
    const messages = this.context.messagesOf(path);
    const half = (): Half => ({
      kept: new KeptBody(this.context.budget, messages !== undefined),
      count: new MessageCounter(),
      compressed: false,
    });
    const call: GrpcCall = {
      seq: this.context.nextSeq(),
      atMs: this.nowMs,
      path,
      namespace: valueOf(fields, 'containerd-namespace'),
      messages,
      request: half(),
      response: half(),
      httpStatus: undefined,
      status: undefined,
      error: undefined,
      told: false,
    };
    call.request.compressed = isCompressed(fields);
    this.calls.set(stream, call);
  }

  private responseHeaders(stream: number, fields: readonly HeaderField[]): void {
    const call = this.calls.get(stream);
    if (!call) return;
    const http = valueOf(fields, ':status');
    if (http !== undefined) {
      call.httpStatus = numberOf(http);
      call.response.compressed = isCompressed(fields);
    }
    call.status = numberOf(valueOf(fields, 'grpc-status')) ?? call.status;
    const error = valueOf(fields, 'grpc-message');
    if (error) call.error = percentDecoded(error);
  }

  private data(stream: number, side: Side, bytes: Uint8Array): void {
    const half = this.calls.get(stream)?.[side];
    if (!half) return;
    half.kept.add(bytes);
    half.count.add(bytes);
  }

  private reset(stream: number, by: 'client' | 'server', code: number): void {
    const call = this.calls.get(stream);
    // A server that has said all may still wave away what the client goes on to send.
    if (call?.status !== undefined && code === NO_ERROR) return this.finish(stream, undefined);
    const what =
      code === CANCEL ? `The ${by} cancelled the call.` : `The ${by} broke the call off (HTTP/2 error ${code}).`;
    this.finish(stream, what);
  }

  private finish(stream: number, incomplete: string | undefined): void {
    const call = this.calls.get(stream);
    if (!call) return;
    this.calls.delete(stream);
    this.context.emit(this.recorded(call, this.nowMs, incomplete));
    call.request.kept.release();
    call.response.kept.release();
  }

  /** A call may go on for hours (events, waiting): it is told when its answer begins. */
  private tellAnswered(): void {
    for (const call of this.calls.values()) {
      if (call.told || call.httpStatus === undefined) continue;
      call.told = true;
      this.context.emit(this.recorded(call, undefined, undefined));
    }
  }

  private recorded(call: GrpcCall, endedMs: number | undefined, incomplete: string | undefined): RecordedCall {
    const { connection } = this;
    const { seq, atMs, path, namespace, messages, httpStatus, status, error } = call;
    const request = readMessages(call.request, messages?.decode.request);
    const response = readMessages(call.response, messages?.decode.response);
    const containerId = messages?.containerOf(request.first, response.first);
    return {
      ...callHead(this.context.run, { seq, connection, atMs, method: 'POST', path }, httpStatus, endedMs),
      ...(request.body ? { request: request.body } : {}),
      ...(response.body ? { response: response.body } : {}),
      grpc: {
        sent: call.request.count.messages,
        received: call.response.count.messages,
        ...(namespace === undefined ? {} : { namespace }),
        ...(status === undefined ? {} : { status }),
        ...(error === undefined ? {} : { error }),
      },
      ...(containerId === undefined ? {} : { containerId }),
      ...(incomplete === undefined ? {} : { incomplete }),
    };
  }
}

function valueOf(fields: readonly HeaderField[], name: string): string | undefined {
  return fields.find(([candidate]) => candidate === name)?.[1];
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function isCompressed(fields: readonly HeaderField[]): boolean {
  const encoding = valueOf(fields, 'grpc-encoding');
  return encoding !== undefined && encoding !== 'identity';
}

/** gRPC writes what is no plain ASCII in an error's text as %XX. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What stands before every message: whether it is compressed, and its length. */
const PREFIX_BYTES = 5;

/** Counts the messages of one direction without keeping them. */
class MessageCounter {
  messages = 0;
  private prefix: number[] = [];
  private left = 0;

  add(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.left > 0) {
        const taken = Math.min(this.left, bytes.length - at);
        this.left -= taken;
        at += taken;
        continue;
      }
      this.prefix.push(bytes[at++] ?? 0);
      if (this.prefix.length < PREFIX_BYTES) continue;
      this.left = Buffer.from(this.prefix).readUInt32BE(1);
      this.prefix = [];
      this.messages++;
    }
  }
}

/** What was kept of one direction, decoded: one message as it is, several as a list. */
function readMessages(
  { kept, count, compressed }: Half,
  decode: ((bytes: Uint8Array) => unknown) | undefined,
): { readonly body?: RecordedBody; readonly first?: unknown } {
  const { bytes, total } = kept.raw();
  if (total === 0) return {};
  const counted: RecordedBody = { bytes: total };
  if (!decode || compressed) return { body: counted };
  const values: unknown[] = [];
  try {
    let at = 0;
    while (values.length < MOST_MESSAGES && at + PREFIX_BYTES <= bytes.length) {
      const until = at + PREFIX_BYTES + bytes.readUInt32BE(at + 1);
      if (until > bytes.length) break;
      values.push(decode(bytes.subarray(at + PREFIX_BYTES, until)));
      at = until;
    }
  } catch {
    // Not what the descriptor says: then only its size is known.
    return { body: counted };
  }
  if (values.length === 0) return { body: counted };
  const truncated = values.length < count.messages ? { truncated: true } : {};
  return { body: { ...counted, value: count.messages === 1 ? values[0] : values, ...truncated }, first: values[0] };
}
