import { withoutEnd } from '../../util/text';
import { StepReader } from './stepReader';

/*
 * Reads one direction of an HTTP/1.1 connection from pieces that may be cut anywhere. It only ever looks at copies: what
 * it cannot read ends the recording of a connection, never the connection.
 */

/** The start line and the headers of a message. */
export interface MessageHead {
  readonly startLine: string;
  /** By lower-case name; repeated ones joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Where a message's body ends: at once, after a number of bytes, by chunks, with the connection, or never (no HTTP any more). */
export type Framing =
  { readonly kind: 'none' | 'chunked' | 'until-end' | 'raw' } | { readonly kind: 'length'; readonly bytes: number };

/** What follows a message: the next one, or something that the other side decides (see {@link MessageReader.release}). */
export type After = 'next' | 'hold';

/** Who is told what was read. */
export interface MessageListener {
  head(head: MessageHead): Framing;
  body(bytes: Uint8Array): void;
  end(): After;
  /** Bytes of a connection that has left HTTP. */
  raw(bytes: number): void;
}

/** Bytes that are no HTTP/1.1 as we know it. */
export class UnreadableMessage extends Error {
  override readonly name = 'UnreadableMessage';
}

const LONGEST_HEAD_BYTES = 64 * 1024;
/** What may wait while it is not decided what it is. */
const LONGEST_HOLD_BYTES = 64 * 1024;
const LINE_FEED = 10;

type Mode = 'head' | 'length' | 'chunk-size' | 'chunk-data' | 'chunk-end' | 'trailers' | 'until-end' | 'hold' | 'raw';

/** A push reader of messages: {@link feed} it bytes, in any pieces. */
export class MessageReader extends StepReader {
  private mode: Mode = 'head';
  private left = 0;
  private line: number[] = [];
  private headBytes = 0;
  private startLine: string | undefined;
  private headers = new Map<string, string>();
  private held: Uint8Array[] = [];
  private heldBytes = 0;

  constructor(private readonly listener: MessageListener) {
    super();
  }

  /** True between messages: an end here cuts nothing off. */
  get isIdle(): boolean {
    return this.mode === 'head' && this.startLine === undefined && this.line.length === 0;
  }

  /** The other side has decided what follows: another message, or no HTTP any more. */
  release(what: 'next' | 'raw'): void {
    const wasHolding = this.mode === 'hold';
    if (what === 'raw') this.mode = 'raw';
    else if (wasHolding) this.mode = 'head';
    if (!wasHolding) return;
    const held = this.held;
    this.held = [];
    // They were counted when they came.
    this.offset -= this.heldBytes;
    this.heldBytes = 0;
    for (const piece of held) this.feed(piece);
  }

  /** The direction has ended: so has a body that only this ends. */
  finish(): void {
    if (this.mode === 'until-end') this.endMessage();
  }

  protected step(bytes: Uint8Array, at: number): number {
    switch (this.mode) {
      case 'raw':
        this.listener.raw(bytes.length - at);
        return bytes.length;
      case 'hold':
        return this.hold(bytes, at);
      case 'until-end':
        this.listener.body(bytes.subarray(at));
        return bytes.length;
      case 'length':
      case 'chunk-data':
        return this.bodyBytes(bytes, at);
      case 'head':
      case 'chunk-size':
      case 'chunk-end':
      case 'trailers':
        return this.lineBytes(bytes, at);
    }
  }

  private hold(bytes: Uint8Array, at: number): number {
    // A copy: whoever feeds it may use the memory again.
    const rest = new Uint8Array(bytes.subarray(at));
    this.heldBytes += rest.length;
    if (this.heldBytes > LONGEST_HOLD_BYTES) throw new UnreadableMessage('the client sent much before it was answered');
    this.held.push(rest);
    return bytes.length;
  }

  private bodyBytes(bytes: Uint8Array, at: number): number {
    const until = Math.min(bytes.length, at + this.left);
    this.left -= until - at;
    this.listener.body(bytes.subarray(at, until));
    if (this.left > 0) return until;
    if (this.mode === 'length') this.endMessage();
    else this.mode = 'chunk-end';
    return until;
  }

  private lineBytes(bytes: Uint8Array, at: number): number {
    const feed = bytes.indexOf(LINE_FEED, at);
    const until = feed < 0 ? bytes.length : feed;
    if (this.headBytes + until - at > LONGEST_HEAD_BYTES)
      throw new UnreadableMessage(`a head is longer than ${LONGEST_HEAD_BYTES} bytes`);
    this.headBytes += until - at;
    for (let index = at; index < until; index++) this.line.push(bytes[index] ?? 0);
    if (feed < 0) return until;
    const line = latin1(this.line).replace(/\r$/, '');
    this.line = [];
    this.takeLine(line);
    return feed + 1;
  }

  private takeLine(line: string): void {
    switch (this.mode) {
      case 'head':
        return this.takeHeadLine(line);
      case 'chunk-size': {
        const size = /^([0-9a-fA-F]{1,12})[ \t]*(?:;|$)/.exec(line)?.[1];
        if (size === undefined) throw new UnreadableMessage('a chunk has no size');
        this.headBytes = 0;
        this.left = parseInt(size, 16);
        this.mode = this.left === 0 ? 'trailers' : 'chunk-data';
        return;
      }
      case 'chunk-end':
        if (line !== '') throw new UnreadableMessage('a chunk is longer than its size');
        this.mode = 'chunk-size';
        return;
      case 'trailers':
        if (line === '') this.endMessage();
        return;
      default:
        return;
    }
  }

  private takeHeadLine(line: string): void {
    if (this.startLine === undefined) {
      // Empty lines before a message are allowed (RFC 9112, 2.2).
      if (line !== '') this.startLine = line;
      return;
    }
    if (line !== '') {
      const header = /^([^\s:]+):[ \t]*(.*)/s.exec(line);
      const [, name = '', rest = ''] = header ?? [];
      const value = withoutEnd(rest, ' \t');
      if (!header) throw new UnreadableMessage('a header line has no name');
      const before = this.headers.get(name.toLowerCase());
      this.headers.set(name.toLowerCase(), before === undefined ? value : `${before}, ${value}`);
      return;
    }
    const head = { startLine: this.startLine, headers: this.headers };
    this.startLine = undefined;
    this.headers = new Map();
    this.headBytes = 0;
    this.begin(this.listener.head(head));
  }

  private begin(framing: Framing): void {
    switch (framing.kind) {
      case 'none':
        return this.endMessage();
      case 'length':
        this.left = framing.bytes;
        this.mode = 'length';
        if (framing.bytes === 0) this.endMessage();
        return;
      case 'chunked':
        this.mode = 'chunk-size';
        return;
      case 'until-end':
      case 'raw':
        this.mode = framing.kind;
        return;
    }
  }

  private endMessage(): void {
    this.headBytes = 0;
    this.mode = this.listener.end() === 'hold' ? 'hold' : 'head';
  }
}

function latin1(bytes: readonly number[]): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.slice(at, at + 4096));
  return text;
}

/** How long the body is that a message's own headers announce; undefined when they announce none. @throws UnreadableMessage */
export function announcedFraming(headers: ReadonlyMap<string, string>): Framing | undefined {
  const encoding = headers.get('transfer-encoding');
  if (encoding !== undefined) {
    if (!/(?:^|,)\s*chunked\s*$/i.test(encoding)) throw new UnreadableMessage('its transfer encoding is not chunked');
    return { kind: 'chunked' };
  }
  const length = headers.get('content-length');
  if (length === undefined) return undefined;
  const bytes = /^\d{1,15}$/.test(length) ? Number(length) : NaN;
  if (Number.isNaN(bytes)) throw new UnreadableMessage('its content length is no number');
  return { kind: 'length', bytes };
}
