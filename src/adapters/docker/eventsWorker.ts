import { request, type ClientRequest } from 'node:http';
import { parentPort } from 'node:worker_threads';
import { EventLines } from './eventLines';
import type { FromWorker, StreamTarget, ToWorker } from './events';

/*
 * Reads the event streams of Docker engines in a thread of its own. A reader that falls behind slows every call of the
 * engine that makes an event, so this thread does nothing but read: it keeps an id and a word of each event, and tells the
 * main thread at most ten times a second, which may be as late as it likes.
 */

const TELL_MS = 100;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

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
const FILTERS = encodeURIComponent(JSON.stringify({ type: ['container'], event: EVENTS }));

class Stream {
  private call: ClientRequest | undefined;
  private retry: NodeJS.Timeout | undefined;
  private wait = FIRST_WAIT_MS;
  private ended = false;

  constructor(private readonly target: StreamTarget) {
    this.connect();
  }

  end(): void {
    this.ended = true;
    clearTimeout(this.retry);
    this.call?.destroy();
  }

  private connect(): void {
    if (this.ended) return;
    const lines = new EventLines();
    let connected = false;
    let over = false;
    const again = (): void => {
      if (over) return;
      over = true;
      if (connected) tell({ layerId: this.target.layerId, kind: 'lost' });
      if (this.ended) return;
      this.retry = setTimeout(() => this.connect(), this.wait);
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
    };
    const path = `/v${this.target.apiVersion}/events?filters=${FILTERS}`;
    const call = request({
      socketPath: this.target.socketPath,
      path,
      method: 'GET',
      headers: { Host: 'docker' },
      agent: false,
    });
    this.call = call;
    call.on('response', (response) => {
      if (response.statusCode !== 200) {
        response.destroy();
        return again();
      }
      connected = true;
      this.wait = FIRST_WAIT_MS;
      // What happened while nobody listened is lost, so every connection is a reason to list anew.
      tell({ layerId: this.target.layerId, kind: 'connected' });
      response.on('data', (chunk: Buffer) => {
        for (const { id, action } of lines.push(chunk)) {
          tell({ layerId: this.target.layerId, kind: 'changed', runtimeId: id, event: action });
        }
      });
      response.on('error', again);
      response.on('close', again);
    });
    call.on('error', again);
    call.on('close', again);
    call.end();
  }
}

const streams = new Map<string, Stream>();
let untold: FromWorker = [];
let telling: NodeJS.Timeout | undefined;

function tell(hint: FromWorker[number]): void {
  // Thousands of events between two tellings mean no more than one does: that the list differs.
  if (untold.length < 200) untold = [...untold, hint];
  telling ??= setTimeout(() => {
    telling = undefined;
    const batch = untold;
    untold = [];
    parentPort?.postMessage(batch);
  }, TELL_MS);
}

parentPort?.on('message', (message: ToWorker) => {
  if ('follow' in message) {
    streams.get(message.follow.layerId)?.end();
    streams.set(message.follow.layerId, new Stream(message.follow));
  } else {
    streams.get(message.unfollow)?.end();
    streams.delete(message.unfollow);
  }
});
