import { Worker } from 'node:worker_threads';
import { RuntimeError } from '../../model/problem';
import { chooseSubject, observationsOf, progressOf } from '../../model/trace/subject';
import type { Observation } from '../../model/trace/observation';
import type { StreamState, Trace } from '../../model/trace/trace';
import type { ProcessTable } from '../../model/process';
import type { Disposable } from '../../util/disposables';
import { Emitter } from '../../util/emitter';
import type { ContainerdSocket } from '../containerd/sockets';
import { connectionTo } from '../docker/connection';
import type { FoundEndpoints } from '../docker/endpoints';
import type { FromTracer, TraceTargets } from './messages';

/** How a tracer finds what it watches. */
export interface TracerOptions {
  readonly endpoints: () => Promise<FoundEndpoints>;
  readonly containerdSockets: (processes: ProcessTable) => Promise<readonly ContainerdSocket[]>;
  readonly readProcesses: () => Promise<ProcessTable>;
  /** The built file of traceWorker.ts. */
  readonly workerFile: string;
}

/** What comes right after the start (the engine's own event, the end of `runc start`) is still taken. */
const SETTLE_MS = 700;
const READY_WITHIN_MS = 15_000;
const MOST_OBSERVATIONS = 20_000;

/** Waits for containers to be born, and follows each from its first call until it runs or has failed. */
export class Tracer implements Disposable {
  private readonly changes = new Emitter<Trace>();
  private readonly running = new Set<AbortController>();

  /** Fires at every step of a birth that is followed. */
  readonly onDidChange = this.changes.event;

  constructor(private readonly options: TracerOptions) {}

  /**
   * Follows the next container that starts.
   *
   * @param onWaiting called when all streams stand or have failed: what starts from then on is seen
   * @returns the finished trace @throws RuntimeError `cancelled`; `absent` when there is nothing to listen to
   */
  async next(onWaiting: (streams: readonly StreamState[]) => void, signal: AbortSignal): Promise<Trace> {
    const what = 'Tracing the next container';
    const targets = await this.targets();
    if (signal.aborted) throw cancelled(what);
    const own = new AbortController();
    this.running.add(own);
    const worker = new Worker(this.options.workerFile);
    try {
      return await new Promise<Trace>((resolve, reject) => {
        const watch = new TraceWatch(targets, onWaiting, (trace) => this.changes.fire(trace), resolve, reject);
        const cancel = (): void => reject(cancelled(what));
        signal.addEventListener('abort', cancel, { once: true });
        own.signal.addEventListener('abort', cancel, { once: true });
        worker.on('message', (message: FromTracer) => watch.take(message));
        worker.on('error', (error) => reject(RuntimeError.from(error, what)));
        worker.on('exit', () => reject(cancelled(what)));
        worker.postMessage(targets);
        own.signal.addEventListener('abort', () => watch.dispose());
      });
    } finally {
      own.abort();
      this.running.delete(own);
      await worker.terminate();
    }
  }

  dispose(): void {
    for (const one of this.running) one.abort();
    this.changes.dispose();
  }

  /** Everything of this machine that tells of containers. Engines of other machines have other clocks and other processes. */
  private async targets(): Promise<TraceTargets> {
    const [found, processes] = await Promise.all([this.options.endpoints(), this.options.readProcesses()]);
    const sockets = await this.options.containerdSockets(processes);
    const engines = await Promise.all(
      found.endpoints
        .filter(({ address }) => address?.kind === 'unix')
        .map(async (endpoint) => ({ name: endpoint.url, connection: await connectionTo(endpoint) })),
    );
    return {
      engines,
      containerds: sockets
        .filter(({ exists }) => exists)
        .map(({ path }) => ({ name: `containerd at unix://${path}`, socketPath: path })),
    };
  }
}

/** The state of one wait: what the thread told, and when it is over. */
class TraceWatch implements Disposable {
  private readonly streams = new Map<string, StreamState>();
  private observations: Observation[] = [];
  private readonly waitingSince = new Date().toISOString();
  private readonly patience: NodeJS.Timeout;
  private settle: NodeJS.Timeout | undefined;
  private waiting = false;
  private settlesFor: string | undefined;

  constructor(
    targets: TraceTargets,
    private readonly onWaiting: (streams: readonly StreamState[]) => void,
    private readonly onTrace: (trace: Trace) => void,
    private readonly resolve: (trace: Trace) => void,
    private readonly reject: (error: RuntimeError) => void,
  ) {
    for (const { name } of [...targets.engines, ...targets.containerds, { name: '/proc' }])
      this.streams.set(name, { name, state: 'connecting' });
    this.patience = setTimeout(() => this.beginWaiting(), READY_WITHIN_MS);
  }

  take(message: FromTracer): void {
    if (message.kind === 'stream') {
      const { name, state } = message;
      this.streams.set(name, state === 'lost' ? { name, state, reason: message.reason } : { name, state });
      if ([...this.streams.values()].every((stream) => stream.state !== 'connecting')) this.beginWaiting();
      return;
    }
    this.observations = [...this.observations, ...message.observations].slice(-MOST_OBSERVATIONS);
    this.look();
  }

  /** Ends the wait; what has begun to be followed stays as it was last seen. */
  dispose(): void {
    clearTimeout(this.patience);
    clearTimeout(this.settle);
    if (this.settlesFor?.endsWith('false')) this.end();
  }

  private beginWaiting(): void {
    if (this.waiting) return;
    this.waiting = true;
    clearTimeout(this.patience);
    const streams = [...this.streams.values()];
    const listens = streams.some(({ name, state }) => name !== '/proc' && state === 'connected');
    if (listens) return this.onWaiting(streams);
    this.reject(
      new RuntimeError({
        code: 'absent',
        what: 'Tracing the next container',
        reason: streams.map(({ name, reason }) => `${name}: ${reason ?? 'no answer'}`).join(' '),
        remedy: 'Start an engine or containerd, or run VS Code as a user who may open its socket.',
      }),
    );
  }

  private look(): void {
    const subject = chooseSubject(this.observations);
    if (!subject) return;
    const isOver = progressOf(this.observations, subject) !== 'starting';
    const key = `${subject.containerId} ${isOver}`;
    if (this.settlesFor !== key) {
      this.settlesFor = key;
      clearTimeout(this.settle);
      // One that was only created may be started in an hour: the wait goes on.
      if (isOver) this.settle = setTimeout(() => this.resolve(this.end()), SETTLE_MS);
    }
    this.onTrace(this.trace(true));
  }

  /** Tells the last state. */
  private end(): Trace {
    const trace = this.trace(false);
    this.onTrace(trace);
    return trace;
  }

  private trace(live: boolean): Trace {
    const subject = chooseSubject(this.observations);
    return {
      containerId: subject?.containerId ?? '',
      ...(subject?.containerdNamespace === undefined ? {} : { containerdNamespace: subject.containerdNamespace }),
      waitingSince: this.waitingSince,
      live,
      streams: [...this.streams.values()],
      observations: subject ? observationsOf(this.observations, subject) : [],
    };
  }
}

function cancelled(what: string): RuntimeError {
  return new RuntimeError({ code: 'cancelled', what, reason: 'It was cancelled.' });
}
