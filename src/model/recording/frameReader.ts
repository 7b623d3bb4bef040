import { HeaderDecoder, type HeaderField } from './hpack';
import { UnreadableMessage } from './messageReader';
import { StepReader } from './stepReader';

/*
 * Reads one direction of an HTTP/2 connection (RFC 9113) from pieces that may be cut anywhere, as far as gRPC needs it:
 * headers, data, and ends of streams. Like the reader of HTTP/1.1 it only ever looks at copies.
 */

/** Who is told what was read. */
export interface FrameListener {
  headers(stream: number, fields: readonly HeaderField[]): void;
  /** A part of the stream's data; it lives only as long as the call. */
  data(stream: number, bytes: Uint8Array): void;
  /** Nothing more comes in this direction of the stream. */
  end(stream: number): void;
  /** The stream was broken off. @param code the error code of RFC 9113, 7: 0 none, 8 cancelled */
  reset(stream: number, code: number): void;
}

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const FRAME_HEAD_BYTES = 9;
const LONGEST_HEADERS_BYTES = 64 * 1024;

const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const PUSH_PROMISE = 5;
const CONTINUATION = 9;

const END_STREAM = 0x1;
const END_HEADERS = 0x4;
const PADDED = 0x8;
const PRIORITY = 0x20;

interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  /** Bytes of its payload that have not come yet. */
  left: number;
  /** Bytes of padding at its end; undefined while that is not known yet. */
  padding: number | undefined;
}

/** A push reader of frames: {@link feed} it bytes, in any pieces. */
export class FrameReader extends StepReader {
  private readonly decoder = new HeaderDecoder();
  /** What is collected until it is whole: preface, head of a frame, or payload of headers. */
  private collected: Uint8Array[] = [];
  private collectedBytes = 0;
  private frame: Frame | undefined;
  /** A header block that goes on in the next frame. */
  private block: { readonly stream: number; readonly ends: boolean; readonly pieces: Uint8Array[] } | undefined;

  /** @param awaitsPreface true for what a client sends */
  constructor(
    private readonly listener: FrameListener,
    private awaitsPreface: boolean,
  ) {
    super();
  }

  protected step(bytes: Uint8Array, at: number): number {
    if (this.awaitsPreface) return this.collect(bytes, at, PREFACE.length, (whole) => this.takePreface(whole));
    const { frame } = this;
    if (!frame) return this.collect(bytes, at, FRAME_HEAD_BYTES, (whole) => this.takeHead(whole));
    switch (frame.type) {
      case DATA:
        return this.dataBytes(frame, bytes, at);
      case HEADERS:
      case CONTINUATION:
      case RST_STREAM:
        return this.collect(bytes, at, frame.left, (whole) => this.takePayload(frame, whole));
      default:
        return this.skip(frame, bytes, at);
    }
  }

  /** Collects until `wanted` bytes are there, and gives them on. */
  private collect(bytes: Uint8Array, at: number, wanted: number, take: (whole: Uint8Array) => void): number {
    const until = Math.min(bytes.length, at + wanted - this.collectedBytes);
    this.collected.push(bytes.slice(at, until));
    this.collectedBytes += until - at;
    if (this.collectedBytes < wanted) return until;
    const whole = Buffer.concat(this.collected);
    this.collected = [];
    this.collectedBytes = 0;
    take(whole);
    return until;
  }

  private takePreface(whole: Uint8Array): void {
    if (!PREFACE.equals(whole)) throw new UnreadableMessage('the client does not speak HTTP/2');
    this.awaitsPreface = false;
  }

  private takeHead(head: Uint8Array): void {
    const view = Buffer.from(head);
    const frame: Frame = {
      type: view.readUInt8(3),
      flags: view.readUInt8(4),
      stream: view.readUInt32BE(5) % 2 ** 31,
      left: view.readUIntBE(0, 3),
      padding: undefined,
    };
    const continues = frame.type === CONTINUATION;
    if (continues !== (this.block !== undefined) || (continues && this.block?.stream !== frame.stream))
      throw new UnreadableMessage('a header block is broken off');
    if ((continues || frame.type === HEADERS || frame.type === RST_STREAM) && frame.left > LONGEST_HEADERS_BYTES)
      throw new UnreadableMessage(`headers are longer than ${LONGEST_HEADERS_BYTES} bytes`);
    // It would change the table of headers; no gRPC server makes one.
    if (frame.type === PUSH_PROMISE) throw new UnreadableMessage('the server pushes');
    if ((frame.flags & PADDED) === 0) frame.padding = 0;
    if (frame.left > 0) this.frame = frame;
    else if (frame.type === DATA) this.endData(frame);
    else if (frame.type === HEADERS || continues) this.takePayload(frame, head.subarray(0, 0));
  }

  private dataBytes(frame: Frame, bytes: Uint8Array, at: number): number {
    if (frame.padding === undefined) {
      frame.padding = bytes[at] ?? 0;
      frame.left--;
      if (frame.padding > frame.left) throw new UnreadableMessage('a frame has more padding than bytes');
      if (frame.left === 0) this.endData(frame);
      return at + 1;
    }
    const until = Math.min(bytes.length, at + frame.left);
    const part = bytes.subarray(at, Math.min(until, at + Math.max(0, frame.left - frame.padding)));
    frame.left -= until - at;
    if (part.length > 0) this.listener.data(frame.stream, part);
    if (frame.left === 0) this.endData(frame);
    return until;
  }

  private endData(frame: Frame): void {
    this.frame = undefined;
    if ((frame.flags & END_STREAM) !== 0) this.listener.end(frame.stream);
  }

  private skip(frame: Frame, bytes: Uint8Array, at: number): number {
    const until = Math.min(bytes.length, at + frame.left);
    frame.left -= until - at;
    if (frame.left === 0) this.frame = undefined;
    return until;
  }

  private takePayload(frame: Frame, payload: Uint8Array): void {
    this.frame = undefined;
    if (frame.type === RST_STREAM) {
      if (payload.length !== 4) throw new UnreadableMessage('the end of a stream has no reason');
      this.listener.reset(frame.stream, Buffer.from(payload).readUInt32BE(0));
      return;
    }
    const block = (this.block ??= { stream: frame.stream, ends: (frame.flags & END_STREAM) !== 0, pieces: [] });
    block.pieces.push(frame.type === HEADERS ? blockOf(frame.flags, payload) : payload);
    const bytes = block.pieces.reduce((sum, { length }) => sum + length, 0);
    if (bytes > LONGEST_HEADERS_BYTES)
      throw new UnreadableMessage(`headers are longer than ${LONGEST_HEADERS_BYTES} bytes`);
    if ((frame.flags & END_HEADERS) === 0) {
      // Empty ones cost nothing to send.
      if (block.pieces.length > 100) throw new UnreadableMessage('headers are in too many pieces');
      return;
    }
    this.block = undefined;
    this.listener.headers(block.stream, this.decoder.decode(Buffer.concat(block.pieces)));
    if (block.ends) this.listener.end(block.stream);
  }
}

/** The header block in the payload of a HEADERS frame: without padding and priority. */
function blockOf(flags: number, payload: Uint8Array): Uint8Array {
  const padded = (flags & PADDED) !== 0;
  const from = (padded ? 1 : 0) + ((flags & PRIORITY) !== 0 ? 5 : 0);
  const until = payload.length - (padded ? (payload[0] ?? 0) : 0);
  if (from > until) throw new UnreadableMessage('a frame has more padding than bytes');
  return payload.subarray(from, until);
}
