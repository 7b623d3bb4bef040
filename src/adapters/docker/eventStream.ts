import { performance } from 'node:perf_hooks';
import type { ClientRequest } from 'node:http';
import type { Hint } from '../adapter';
import { openRequest, type Connection } from './connection';
import { EventLines, readEvent } from './eventLines';
import type { StreamTarget } from './events';

const SHORTEST_WAIT_MS = 100;
/** A try on a socket of this machine costs nobody anything; one on another machine is a connection, or an ssh that logs in. */
const LONGEST_WAIT_MS = { here: 5_000, elsewhere: 30_000 };
/** An engine that is being started answers late, one that never does is asked anew. */
const HEAD_MS = 60_000;
/** Finds out that the other machine is gone, of which a silent connection tells nothing. */
const PROBE_MS = 30_000;

/** Those after which a list differs. exec_* are left out: health checks would fill the stream with them. */
const EVENTS = [
  'create',
  'start',
  'restart',
  'die',
  'stop',
  'kill',
  'oom',
  'destroy',
  'pause',
  'unpause',
  'rename',
  'update',
  'health_status',
];
/** Without a version: of an event only its id and its name are read, which every version tells. */
const PATH = `/events?filters=${encodeURIComponent(JSON.stringify({ type: ['container'], event: EVENTS }))}`;

/** How long to wait before the next try: a fifth of the time without a connection, from 0.1 s to 5 s here or 30 s elsewhere. */
export function waitAfter(absentMs: number, kind: Connection['kind'] = 'unix'): number {
  const longest = kind === 'unix' ? LONGEST_WAIT_MS.here : LONGEST_WAIT_MS.elsewhere;
  return Math.min(longest, Math.max(SHORTEST_WAIT_MS, absentMs / 5));
}

/** One engine's event stream, connected for ever: after each end it is opened again. */
export class EventStream {
  private call: ClientRequest | undefined;
  private retry: NodeJS.Timeout | undefined;
  private lostAt = performance.now();
  private isToldLost = false;
  private ended = false;

  constructor(
    private readonly target: StreamTarget,
    private readonly tell: (hint: Hint) => void,
  ) {
    this.connect();
  }

  /** Connects at once when it is waiting to. */
  connectNow(): void {
    if (this.retry === undefined) return;
    clearTimeout(this.retry);
    this.connect(true);
  }

  /** A question to the engine had no answer, so what is connected may lead nowhere: connects anew. */
  prove(): void {
    if (this.retry === undefined) this.call?.destroy();
  }

  end(): void {
    this.ended = true;
    clearTimeout(this.retry);
    this.call?.destroy();
  }

  /** @param isAnswered a question to the engine was answered a moment ago */
  private connect(isAnswered = false): void {
    this.retry = undefined;
    if (this.ended) return;
    const { layerId, connection, path = PATH } = this.target;
    const lines = new EventLines(readEvent);
    let connected = false;
    let over = false;
    const again = (): void => {
      if (over) return;
      over = true;
      clearTimeout(patience);
      call.destroy();
      if (this.ended) return;
      if (connected) this.lostAt = performance.now();
      // Also when it never was connected: whoever was answered a moment before must hear that it is over.
      if (!this.isToldLost) this.tell({ layerId, kind: 'lost' });
      this.isToldLost = true;
      this.retry = setTimeout(() => this.connect(), waitAfter(performance.now() - this.lostAt, connection.kind));
    };
    const call = openRequest(connection, path, { agent: false });
    const patience = setTimeout(again, HEAD_MS);
    this.call = call;
    call.on('socket', (socket) => socket.setKeepAlive(true, PROBE_MS));
    call.on('response', (response) => {
      clearTimeout(patience);
      response.on('error', again);
      response.on('close', again);
      if (response.statusCode !== 200) return again();
      connected = true;
      this.isToldLost = false;
      // What happened while nobody listened is lost, so every connection is a reason to list anew.
      this.tell({ layerId, kind: 'connected' });
      response.on('data', (chunk: Buffer) => {
        for (const { id, action } of lines.push(chunk)) {
          this.tell({ layerId, kind: 'changed', runtimeId: id, event: action });
        }
      });
    });
    call.on('error', () => {
      // Whoever was answered a moment ago must hear that it is over. An engine that refuses its events alone is not over.
      if (isAnswered) this.isToldLost = false;
      again();
    });
    call.on('close', again);
    call.end();
  }
}
