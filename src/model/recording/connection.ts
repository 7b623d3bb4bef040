import { KeptBody, type Budget } from './keptBody';
import {
  announcedFraming,
  MessageReader,
  UnreadableMessage,
  type After,
  type Framing,
  type MessageHead,
} from './messageReader';
import { callHead } from './recordedCall';
import { carriesCredentials, mayTakeOver } from './subject';
import type { UnreadCall, UnreadEntry } from './unreadCall';

/** Which way bytes went: `request` from the client to the engine, `response` back. */
export type Side = 'request' | 'response';

/** What clients of a relay speak: HTTP/1.1 with an engine, or gRPC with containerd. */
export type RelayedProtocol = 'http' | 'grpc';

/** What all connections of one recording share. @typeParam Entry what is recorded */
export interface RecordingContext<Entry> {
  /** Begins every id of this recording. */
  readonly run: string;
  /** Numbers the calls. */
  readonly nextSeq: () => number;
  readonly budget: Budget;
  /** Takes what is recorded. The same call may come twice: when it is answered, and when it is over. */
  readonly emit: (entry: Entry) => void;
}

/** Reads the calls of one connection from its bytes. It keeps none of the memory that it is fed. */
export interface WireRecorder {
  /** True when nothing more is recorded of this connection. */
  readonly isOver: boolean;
  /** Bytes that went one way. What cannot be read ends the recording; it never throws for what bytes say. */
  feed(side: Side, bytes: Uint8Array, nowMs: number): void;
  /** Ends the recording of this connection; the connection itself goes on. */
  breakOff(side: Side, byte: number, reason: string, nowMs: number): void;
  /** One direction has ended. */
  end(side: Side, nowMs: number): void;
  /** The connection is gone: what is open ends here. */
  close(nowMs: number): void;
}

/** A request with its response, under way. */
interface Exchange {
  readonly seq: number;
  readonly atMs: number;
  readonly method: string;
  readonly path: string;
  readonly mayUpgrade: boolean;
  readonly request: KeptBody;
  response: KeptBody;
  status: number | undefined;
  requestDone: boolean;
  responseDone: boolean;
  upgradedTo: string | undefined;
  told: boolean;
}

/** More requests than this without an answer are no client's. */
const MOST_PENDING = 256;

/** Reads the calls of one connection that speaks HTTP/1.1. */
export class ConnectionRecorder implements WireRecorder {
  private readonly requests: MessageReader;
  private readonly responses: MessageReader;
  private readonly exchanges: Exchange[] = [];
  private readonly rawBytes = { request: 0, response: 0 };
  private nowMs = 0;
  private beganMs: number | undefined;
  private over = false;

  constructor(
    private readonly connection: number,
    private readonly context: RecordingContext<UnreadEntry>,
  ) {
    this.requests = new MessageReader({
      head: (head) => this.requestHead(head),
      body: (bytes) => this.exchanges.at(-1)?.request.add(bytes),
      end: () => this.requestEnd(),
      raw: (bytes) => (this.rawBytes.request += bytes),
    });
    this.responses = new MessageReader({
      head: (head) => this.responseHead(head),
      body: (bytes) => this.answering?.response.add(bytes),
      end: () => this.responseEnd(),
      raw: (bytes) => (this.rawBytes.response += bytes),
    });
  }

  get isOver(): boolean {
    return this.over;
  }

  feed(side: Side, bytes: Uint8Array, nowMs: number): void {
    if (this.over) return;
    this.nowMs = nowMs;
    const reader = side === 'request' ? this.requests : this.responses;
    if (side === 'request' && reader.isIdle) this.beganMs = nowMs;
    try {
      reader.feed(bytes);
    } catch (error) {
      const known = error instanceof UnreadableMessage ? error : new UnreadableMessage('it could not be read');
      this.breakOff(side, reader.offset, known.message, nowMs);
      return;
    }
    this.tellAnswered();
  }

  breakOff(side: Side, byte: number, reason: string, nowMs: number): void {
    if (this.over) return;
    const incomplete = `Incomplete from byte ${byte} of the ${side === 'request' ? 'requests' : 'responses'} on: ${reason}.`;
    const open = this.exchanges.splice(0);
    for (const exchange of open) this.emit(exchange, undefined, incomplete);
    if (open.length === 0) {
      const at = new Date(nowMs).toISOString();
      this.context.emit({ kind: 'gap', at, connection: this.connection, incomplete });
    }
    this.over = true;
  }

  end(side: Side, nowMs: number): void {
    if (this.over || side === 'request') return;
    this.nowMs = nowMs;
    this.responses.finish();
  }

  close(nowMs: number): void {
    if (this.over) return;
    this.nowMs = nowMs;
    this.responses.finish();
    for (const exchange of this.exchanges.splice(0)) {
      const cut = exchange.upgradedTo === undefined;
      this.emit(exchange, nowMs, cut ? 'The connection ended before the call was over.' : undefined);
    }
    this.over = true;
  }

  /** The exchange that the next response belongs to. */
  private get answering(): Exchange | undefined {
    return this.exchanges.find((exchange) => !exchange.responseDone);
  }

  private requestHead({ startLine, headers }: MessageHead): Framing {
    const [, method, path] = /^([A-Z]{1,20}) (\S+) HTTP\/1\.[01]$/.exec(startLine) ?? [];
    if (method === undefined || path === undefined) throw new UnreadableMessage('a request is not HTTP/1.1');
    if (this.exchanges.length >= MOST_PENDING) throw new UnreadableMessage('too many requests wait for an answer');
    this.exchanges.push({
      seq: this.context.nextSeq(),
      atMs: this.beganMs ?? this.nowMs,
      method,
      path,
      mayUpgrade: headers.has('upgrade') || mayTakeOver(method, path),
      request: new KeptBody(this.context.budget, isText(headers) && !carriesCredentials(path)),
      response: new KeptBody(this.context.budget, false),
      status: undefined,
      requestDone: false,
      responseDone: false,
      upgradedTo: undefined,
      told: false,
    });
    this.beganMs = undefined;
    return announcedFraming(headers) ?? { kind: 'none' };
  }

  private requestEnd(): After {
    const exchange = this.exchanges.at(-1);
    if (!exchange) return 'next';
    exchange.requestDone = true;
    const decided = exchange.status !== undefined;
    this.finishIfDone(exchange);
    return exchange.mayUpgrade && !decided ? 'hold' : 'next';
  }

  private responseHead({ startLine, headers }: MessageHead): Framing {
    const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(startLine)?.[1] ?? NaN);
    if (Number.isNaN(status)) throw new UnreadableMessage('a response is not HTTP/1.1');
    const exchange = this.answering;
    if (!exchange) throw new UnreadableMessage('a response has no request');
    if (status < 200 && status !== 101) return { kind: 'none' };
    exchange.status = status;
    const announced = announcedFraming(headers);
    const takenOver = exchange.mayUpgrade && status === 200 && announced === undefined && !isText(headers);
    if (status === 101 || takenOver) {
      exchange.upgradedTo = headers.get('upgrade') ?? 'a raw stream';
      this.requests.release('raw');
      return { kind: 'raw' };
    }
    exchange.response = new KeptBody(this.context.budget, isText(headers) && !carriesCredentials(exchange.path));
    if (exchange.mayUpgrade) this.requests.release('next');
    if (exchange.method === 'HEAD' || status === 204 || status === 304) return { kind: 'none' };
    return announced ?? { kind: 'until-end' };
  }

  private responseEnd(): After {
    const exchange = this.answering;
    // Informational responses (100 Continue) end too, without being the answer.
    if (exchange?.status !== undefined) {
      exchange.responseDone = true;
      this.finishIfDone(exchange);
    }
    return 'next';
  }

  private finishIfDone(exchange: Exchange): void {
    if (!exchange.requestDone || !exchange.responseDone) return;
    const at = this.exchanges.indexOf(exchange);
    if (at >= 0) this.exchanges.splice(at, 1);
    this.emit(exchange, this.nowMs, undefined);
  }

  /** An answered call may go on for hours (attach, wait, events): it is told when its answer begins. */
  private tellAnswered(): void {
    for (const exchange of this.exchanges) {
      if (exchange.told || exchange.status === undefined) continue;
      exchange.told = true;
      this.context.emit(this.callOf(exchange, undefined, undefined));
    }
  }

  private emit(exchange: Exchange, endedMs: number | undefined, incomplete: string | undefined): void {
    const call = this.callOf(exchange, endedMs, incomplete);
    exchange.request.release();
    exchange.response.release();
    this.context.emit(call);
  }

  private callOf(exchange: Exchange, endedMs: number | undefined, incomplete: string | undefined): UnreadCall {
    const { connection } = this;
    const { seq, atMs, method, path, status, upgradedTo } = exchange;
    const request = exchange.request.unread();
    const response = exchange.response.unread();
    return {
      ...callHead(this.context.run, { seq, connection, atMs, method, path }, status, endedMs),
      ...(request ? { request } : {}),
      ...(response ? { response } : {}),
      ...(upgradedTo === undefined
        ? {}
        : {
            upgraded: { to: upgradedTo, sentBytes: this.rawBytes.request, receivedBytes: this.rawBytes.response },
          }),
      ...(incomplete === undefined ? {} : { incomplete }),
    };
  }
}

/** Whether a body is kept: JSON and texts are; archives, streams and what says nothing of itself are not. */
function isText(headers: ReadonlyMap<string, string>): boolean {
  const type = headers.get('content-type') ?? '';
  return (
    /^\s*(?:application\/(?:[\w.+-]*\+)?(?:json|x-ndjson|json-seq)|text\/)/i.test(type) &&
    !headers.has('content-encoding')
  );
}
