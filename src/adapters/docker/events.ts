import { Worker } from 'node:worker_threads';
import type { Disposable } from '../../util/disposables';
import { Emitter } from '../../util/emitter';
import type { Hint } from '../adapter';
import type { Connection } from './connection';

/** An engine whose events are to be read. */
export interface StreamTarget {
  readonly layerId: string;
  readonly connection: Connection;
  /** Path and query of the stream, for engines that have another than Docker's. */
  readonly path?: string;
}

/** `now` asks to connect at once where a stream is waiting to try again, `prove` to connect anew where it is connected. */
export type ToWorker =
  | { readonly follow: StreamTarget }
  | { readonly unfollow: string }
  | { readonly now: string }
  | { readonly prove: string };
export type FromWorker = readonly Hint[];

const RESTART_MS = 1_000;

/** The event streams of all followed engines, read by one worker thread that runs only while somebody watches. */
export class EventStreams implements Disposable {
  private readonly targets = new Map<string, StreamTarget>();
  private readonly hints = new Emitter<Hint>();
  private worker: Worker | undefined;
  private disposed = false;

  constructor(private readonly workerFile: string) {}

  /** Follows an engine from now on; the same one again changes nothing. */
  follow(layerId: string, connection: Connection, path?: string): void {
    const target: StreamTarget = { layerId, connection, ...(path === undefined ? {} : { path }) };
    if (JSON.stringify(this.targets.get(layerId)) === JSON.stringify(target)) return;
    this.targets.set(layerId, target);
    this.send({ follow: target });
  }

  unfollow(layerId: string): void {
    if (this.targets.delete(layerId)) this.send({ unfollow: layerId });
  }

  /** The engine is known to answer: whoever waits to connect to it need not wait. */
  connectNow(layerId: string): void {
    this.send({ now: layerId });
  }

  /** The engine is known not to answer, whatever its stream says: the next hint comes when it does. */
  prove(layerId: string): void {
    this.send({ prove: layerId });
  }

  /** Tells all who watch. */
  tell(hint: Hint): void {
    this.hints.fire(hint);
  }

  get isWatched(): boolean {
    return this.worker !== undefined;
  }

  watch(onHint: (hint: Hint) => void): Disposable {
    const subscription = this.hints.event(onHint);
    this.start();
    return {
      dispose: () => {
        subscription.dispose();
        if (!this.hints.hasListeners) this.stop();
      },
    };
  }

  dispose(): void {
    this.disposed = true;
    this.hints.dispose();
    this.stop();
  }

  private start(): void {
    if (this.worker || this.disposed) return;
    const worker = new Worker(this.workerFile);
    this.worker = worker;
    worker.on('message', (hints: FromWorker) => {
      if (this.worker === worker) for (const hint of hints) this.hints.fire(hint);
    });
    // 'exit' follows; without a listener the error would end the whole process.
    worker.on('error', () => undefined);
    worker.on('exit', () => this.restart(worker));
    worker.unref();
    for (const target of this.targets.values()) this.send({ follow: target });
  }

  /** A thread that breaks takes the streams with it, not the product: whoever watches is told, and it begins anew. */
  private restart(ended: Worker): void {
    if (this.worker !== ended) return;
    this.worker = undefined;
    for (const { layerId } of this.targets.values()) this.hints.fire({ layerId, kind: 'lost' });
    setTimeout(() => {
      if (this.hints.hasListeners) this.start();
    }, RESTART_MS).unref();
  }

  private stop(): void {
    const worker = this.worker;
    this.worker = undefined;
    void worker?.terminate();
  }

  private send(message: ToWorker): void {
    this.worker?.postMessage(message);
  }
}
