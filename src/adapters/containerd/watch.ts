import * as path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Disposable } from '../../util/disposables';
import type { ContainerdEvent as ObservedEvent } from '../../model/trace/observation';
import type { EventMemory } from '../../model/trace/eventMemory';
import { asArray, asString, memberAt } from '../../util/records';
import type { Hint } from '../adapter';
import { waitBefore } from './eventStream';
import { namespaceLayerId, socketLayerId } from './look';

/** Watches the events of all containerds through one worker thread, which runs only while somebody watches. */
export class EventWatch implements Disposable {
  private readonly watchers = new Set<(hint: Hint) => void>();
  private sockets: readonly string[] | undefined;
  private worker: Worker | undefined;
  private restart: NodeJS.Timeout | undefined;
  private failures = 0;

  /** @param memory where events are kept word for word */
  constructor(
    private readonly workerFile = path.join(__dirname, 'containerdEventsWorker.js'),
    private readonly memory?: EventMemory,
  ) {}

  /** Names the sockets to follow; those no longer named are let go. */
  setSockets(sockets: readonly string[]): void {
    this.sockets = sockets;
    this.worker?.postMessage({ sockets });
  }

  /** A question on this socket was answered: if its stream cannot be connected then, whoever was told so must hear it. */
  answered(socket: string): void {
    this.worker?.postMessage({ answered: socket });
  }

  /**
   * Reports hints until disposed.
   *
   * @param findSockets asked when no look has named the sockets yet
   */
  watch(onHint: (hint: Hint) => void, findSockets: () => Promise<readonly { readonly path: string }[]>): Disposable {
    // Its own function: the same listener may watch twice.
    const watcher = (hint: Hint): void => onHint(hint);
    this.watchers.add(watcher);
    if (this.sockets === undefined) {
      findSockets().then(
        (found) => this.sockets ?? this.setSockets(found.map((socket) => socket.path)),
        // Nothing found now: the next look names them.
        () => undefined,
      );
    }
    if (!this.worker && !this.restart) this.start();
    return {
      dispose: () => {
        this.watchers.delete(watcher);
        if (this.watchers.size === 0) this.stop();
      },
    };
  }

  dispose(): void {
    this.watchers.clear();
    this.stop();
  }

  private start(): void {
    this.restart = undefined;
    const worker = new Worker(this.workerFile);
    this.worker = worker;
    worker.unref();
    worker.on('message', (message: unknown) => {
      this.failures = 0;
      if (worker === this.worker) this.hear(message);
    });
    // 'exit' follows; without a listener the error would end the whole process.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      if (worker === this.worker) this.startAgain();
    });
    if (this.sockets) worker.postMessage({ sockets: this.sockets });
  }

  /** The thread ended by itself: says so, and starts it again after a while. */
  private startAgain(): void {
    this.worker = undefined;
    for (const socket of this.sockets ?? []) this.tell({ layerId: socketLayerId(socket), kind: 'lost' });
    this.restart = setTimeout(() => this.start(), waitBefore(this.failures++));
    this.restart.unref();
  }

  private stop(): void {
    clearTimeout(this.restart);
    this.restart = undefined;
    const { worker } = this;
    this.worker = undefined;
    // It holds nothing but its connections, which end with it.
    void worker?.terminate();
  }

  private hear(message: unknown): void {
    const socket = asString(memberAt(message, 'socket'));
    const kind = memberAt(message, 'kind');
    if (socket === undefined) return;
    if (kind === 'connected') this.memory?.watched();
    // The thread is ours: what it tells has the shape of WorkerMessage.
    this.memory?.add(asArray(memberAt(message, 'observed')) as readonly ObservedEvent[]);
    if (kind === 'connected' || kind === 'lost') this.tell({ layerId: socketLayerId(socket), kind });
    for (const event of asArray(memberAt(message, 'events'))) {
      const namespace = asString(memberAt(event, 'namespace')) ?? '';
      const runtimeId = asString(memberAt(event, 'containerId'));
      this.tell({
        layerId: namespaceLayerId(socket, namespace),
        kind: 'changed',
        event: asString(memberAt(event, 'topic')) ?? '',
        ...(runtimeId === undefined ? {} : { runtimeId }),
      });
    }
  }

  private tell(hint: Hint): void {
    for (const watcher of [...this.watchers]) watcher(hint);
  }
}
