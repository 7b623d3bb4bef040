import { Worker } from 'node:worker_threads';
import { ConnectionRecorder, type RecordingContext, type RelayedProtocol } from '../model/recording/connection';
import { keptOf, withoutBodies, type UnreadEntry } from '../model/recording/unreadCall';
import { asNumber, asRecord } from '../util/records';
import { CopyingTap } from './copyingTap';
import type { RecorderData, ToRecorder } from './messages';
import { ReadingTap } from './readingTap';
import type { Tap } from './tap';

/** Bytes that may be on their way to the recorder's thread. Past this less is recorded; no connection waits. */
export const MOST_PENDING_BYTES = 8 * 1024 * 1024;
/** What the bodies of all calls under way may keep together. */
const BUDGET_BYTES = 32 * 1024 * 1024;
/** Connections that are recorded at a time. */
const MOST_CONNECTIONS = 1000;
const MOST_STARTS = 5;
const TOO_MUCH = 'the recorder could not keep up';

/**
 * Records what connections carry. How calls are framed is read here, which is cheap; their bodies are read, and written down,
 * by a thread of its own. When that dies, connections go on.
 */
export class Recorder {
  private readonly pending = new Int32Array(new SharedArrayBuffer(4));
  private readonly taps = new Map<number, ReadingTap | CopyingTap>();
  private readonly context: RecordingContext<UnreadEntry>;
  private worker: Worker | undefined;
  private connections = 0;
  private starts = 0;
  private finishing = false;

  constructor(
    private readonly workerFile: string,
    private readonly recordings: string,
    private readonly protocol: RelayedProtocol = 'http',
  ) {
    let seq = 0;
    this.context = {
      run: this.runName(),
      nextSeq: () => ++seq,
      budget: { left: BUDGET_BYTES },
      emit: (entry) => this.tell(entry),
    };
    this.start();
  }

  private runName(): string {
    return `${Date.now().toString(36)}${process.pid.toString(36)}${this.starts}`;
  }

  private start(): void {
    this.starts++;
    Atomics.store(this.pending, 0, 0);
    const data: RecorderData = { recordings: this.recordings, run: this.runName(), pending: this.pending };
    const worker = new Worker(this.workerFile, { workerData: data, resourceLimits: { maxOldGenerationSizeMb: 64 } });
    worker.on('message', (message: unknown) => this.hear(message));
    // An exit follows, and is what counts.
    worker.on('error', () => undefined);
    worker.on('exit', () => this.startAgain());
    this.worker = worker;
  }

  /** A tap for a new connection. */
  open(): Tap {
    const connection = ++this.connections;
    const isTooMany = this.taps.size >= MOST_CONNECTIONS;
    const onClose = (): void => void this.taps.delete(connection);
    const tap =
      this.protocol === 'grpc'
        ? new CopyingTap(
            connection,
            (bytes) => this.hasRoom(bytes),
            (message, bytes) => this.post(message, bytes ? [bytes] : []),
            onClose,
          )
        : new ReadingTap(new ConnectionRecorder(connection, this.context), onClose);
    this.taps.set(connection, tap);
    if (isTooMany) giveUp(tap);
    return tap;
  }

  /** Resolves when all that was recorded is written. */
  async finish(): Promise<void> {
    const worker = this.worker;
    this.finishing = true;
    if (!worker) return;
    const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    this.post({ kind: 'finish' }, []);
    await gone;
  }

  private hasRoom(bytes: number): boolean {
    return Atomics.load(this.pending, 0) + bytes <= MOST_PENDING_BYTES;
  }

  private tell(entry: UnreadEntry): void {
    const bytes = keptOf(entry).reduce((sum, kept) => sum + kept.length, 0);
    const told = this.hasRoom(bytes) ? entry : withoutBodies(entry, `Its bodies were not kept: ${TOO_MUCH}.`);
    this.post(
      { kind: 'entry', entry: told },
      keptOf(told).map(({ buffer }) => buffer),
    );
  }

  private post(message: ToRecorder, move: readonly ArrayBuffer[]): void {
    const bytes = move.reduce((sum, { byteLength }) => sum + byteLength, 0);
    Atomics.add(this.pending, 0, bytes);
    this.worker?.postMessage(message, move);
  }

  private hear(message: unknown): void {
    const record = asRecord(message);
    const tap = record?.kind === 'enough' ? this.taps.get(asNumber(record.connection) ?? 0) : undefined;
    if (tap instanceof CopyingTap) tap.enough();
  }

  /** A thread that died starts anew. What it had not written is lost, and so is what it knew of open connections. */
  private startAgain(): void {
    this.worker = undefined;
    if (this.finishing || this.starts >= MOST_STARTS) return;
    this.start();
    const at = new Date().toISOString();
    this.tell({
      kind: 'gap',
      at,
      connection: 0,
      incomplete: 'The recorder has died, and what it had not written is lost.',
    });
    for (const tap of this.taps.values()) if (tap instanceof CopyingTap) giveUp(tap);
  }
}

function giveUp(tap: ReadingTap | CopyingTap): void {
  if (tap instanceof CopyingTap) tap.giveUp('request');
  else tap.giveUp(TOO_MUCH);
}
