import { Worker } from 'node:worker_threads';
import type { Disposable } from '../../util/disposables';
import { Emitter } from '../../util/emitter';
import type { Hint } from '../adapter';

/** An engine whose events are to be read. */
export interface StreamTarget {
  readonly layerId: string;
  readonly socketPath: string;
  readonly apiVersion: string;
}

export type ToWorker = { readonly follow: StreamTarget } | { readonly unfollow: string };
export type FromWorker = readonly Hint[];

/** The event streams of all followed engines, read by one worker thread that runs only while somebody watches. */
export class EventStreams implements Disposable {
  private readonly targets = new Map<string, StreamTarget>();
  private readonly hints = new Emitter<Hint>();
  private worker: Worker | undefined;

  constructor(private readonly workerFile: string) {}

  /** Follows an engine from now on; the same one again changes nothing. */
  follow(layerId: string, socketPath: string, apiVersion: string): void {
    const before = this.targets.get(layerId);
    if (before?.socketPath === socketPath && before.apiVersion === apiVersion) return;
    const target = { layerId, socketPath, apiVersion };
    this.targets.set(layerId, target);
    this.send({ follow: target });
  }

  unfollow(layerId: string): void {
    if (this.targets.delete(layerId)) this.send({ unfollow: layerId });
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
    this.hints.dispose();
    this.stop();
  }

  private start(): void {
    if (this.worker) return;
    const worker = new Worker(this.workerFile);
    this.worker = worker;
    worker.on('message', (hints: FromWorker) => {
      for (const hint of hints) this.hints.fire(hint);
    });
    // A thread that breaks takes the streams with it, not the product: whoever watches is told, and it begins anew.
    worker.on('error', () => this.restart(worker));
    worker.unref();
    for (const target of this.targets.values()) this.send({ follow: target });
  }

  private restart(broken: Worker): void {
    if (this.worker !== broken) return;
    this.worker = undefined;
    for (const { layerId } of this.targets.values()) this.hints.fire({ layerId, kind: 'lost' });
    setTimeout(() => {
      if (this.hints.hasListeners) this.start();
    }, 1_000).unref();
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
