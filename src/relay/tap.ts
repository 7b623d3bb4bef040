import { Worker } from 'node:worker_threads';
import type { RelayedProtocol, Side } from '../model/recording/connection';
import { asNumber, asRecord } from '../util/records';
import type { RecorderData, ToRecorder } from './messages';

/** Bytes that may be on their way to the recorder. Past this the recording of a connection ends, never the connection. */
export const MOST_PENDING_BYTES = 8 * 1024 * 1024;
/** Connections that are recorded at a time. */
const MOST_CONNECTIONS = 1000;
const MOST_STARTS = 5;

/** Takes copies of what one connection carries. Never waits and never throws. */
export interface Tap {
  bytes(side: Side, bytes: Uint8Array): void;
  end(side: Side): void;
  close(): void;
}

/** The recorder in a thread of its own. When it dies, connections go on unrecorded. */
export class Recorder {
  private readonly pending = new Int32Array(new SharedArrayBuffer(4));
  private readonly taps = new Map<number, ConnectionTap>();
  private worker: Worker | undefined;
  private connections = 0;
  private starts = 0;
  private finishing = false;

  constructor(
    private readonly workerFile: string,
    private readonly recordings: string,
    private readonly protocol: RelayedProtocol = 'http',
  ) {
    this.start();
  }

  private start(): void {
    const run = `${Date.now().toString(36)}${process.pid.toString(36)}${++this.starts}`;
    Atomics.store(this.pending, 0, 0);
    const data: RecorderData = {
      recordings: this.recordings,
      protocol: this.protocol,
      run,
      pending: this.pending,
    };
    const worker = new Worker(this.workerFile, { workerData: data, resourceLimits: { maxOldGenerationSizeMb: 64 } });
    worker.on('message', (message: unknown) => this.onlyCount(message));
    // An exit follows, and is what counts.
    worker.on('error', () => undefined);
    worker.on('exit', () => this.startAgain());
    this.worker = worker;
  }

  /** A tap for a new connection. */
  open(): Tap {
    const connection = ++this.connections;
    const tap = new ConnectionTap(
      connection,
      this.pending,
      (message, move) => this.post(message, move),
      () => this.taps.delete(connection),
    );
    if (this.taps.size >= MOST_CONNECTIONS) tap.giveUp('request');
    this.taps.set(connection, tap);
    return tap;
  }

  /** Resolves when all that was recorded is written. */
  async finish(): Promise<void> {
    const worker = this.worker;
    this.finishing = true;
    if (!worker) return;
    const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    this.post({ kind: 'finish' });
    await gone;
  }

  private post(message: ToRecorder, move: readonly ArrayBuffer[] = []): void {
    this.worker?.postMessage(message, move);
  }

  private onlyCount(message: unknown): void {
    const record = asRecord(message);
    const connection = record?.kind === 'only-counts' ? asNumber(record.connection) : undefined;
    if (connection !== undefined) this.taps.get(connection)?.onlyCount();
  }

  /** A recorder that died starts anew, for new connections: those that are open are said to be incomplete. */
  private startAgain(): void {
    this.worker = undefined;
    if (!this.finishing && this.starts < MOST_STARTS) this.start();
    for (const tap of this.taps.values()) tap.giveUp('request');
  }
}

/** Counted bytes are told in steps of this: a stream of many small pieces is not many messages. */
const COUNT_STEP_BYTES = 1024 * 1024;

class ConnectionTap implements Tap {
  private readonly carried = { request: 0, response: 0 };
  private readonly uncounted = { request: 0, response: 0 };
  private copies = true;

  constructor(
    private readonly connection: number,
    private readonly pending: Int32Array,
    private readonly post: (message: ToRecorder, move?: readonly ArrayBuffer[]) => void,
    private readonly onClose: () => void,
  ) {}

  bytes(side: Side, bytes: Uint8Array): void {
    const { connection } = this;
    if (!this.copies) {
      this.uncounted[side] += bytes.length;
      if (this.uncounted[side] >= COUNT_STEP_BYTES) this.tellCount(side);
      return;
    }
    if (Atomics.load(this.pending, 0) + bytes.length > MOST_PENDING_BYTES) {
      this.giveUp(side);
      return;
    }
    this.carried[side] += bytes.length;
    Atomics.add(this.pending, 0, bytes.length);
    const buffer = new ArrayBuffer(bytes.length);
    const copy = new Uint8Array(buffer);
    copy.set(bytes);
    this.post({ kind: 'bytes', connection, side, at: Date.now(), bytes: copy }, [buffer]);
  }

  end(side: Side): void {
    this.post({ kind: 'end', connection: this.connection, side, at: Date.now() });
  }

  close(): void {
    this.tellCount('request');
    this.tellCount('response');
    this.post({ kind: 'close', connection: this.connection, at: Date.now() });
    this.onClose();
  }

  /** The recorder cannot keep up, or has too many connections. */
  giveUp(side: Side): void {
    this.copies = false;
    const byte = this.carried[side];
    this.post({ kind: 'overload', connection: this.connection, side, at: Date.now(), byte });
  }

  onlyCount(): void {
    this.copies = false;
  }

  private tellCount(side: Side): void {
    const bytes = this.uncounted[side];
    this.uncounted[side] = 0;
    if (bytes > 0) this.post({ kind: 'count', connection: this.connection, side, bytes });
  }
}
