import type { ClusterReader } from '../adapters/adapter';
import type { ClusterReport, KubePod, Listed, NodeCgroups } from '../model/kubernetes/cluster';
import type { Disposable } from '../util/disposables';
import { Emitter, type Event } from '../util/emitter';

/** An answer that was asked for: on its way, there, or refused. */
export interface Asked<T> {
  readonly promise: Promise<T>;
  /** The answer once it is there. */
  value?: T;
}

/**
 * What clusters have answered, kept until somebody asks for a fresh look. Nothing is asked by itself, ever: no timer, no
 * event. Each question runs once, however many wait for it; a failure is not kept.
 */
export class ClusterStore implements Disposable {
  private readonly answers = new Map<string, Asked<unknown>>();
  private readonly arrivals = new Emitter<void>();
  private running = new AbortController();

  /** Fires when an answer has come: rows that were drawn without it may say more now. */
  readonly onDidAnswer: Event<void> = this.arrivals.event;

  constructor(private readonly reader: ClusterReader) {}

  cluster(contextName: string): Asked<ClusterReport> {
    return this.ask(['cluster', contextName], (signal) => this.reader.readCluster(contextName, signal));
  }

  pods(contextName: string, nodeName: string): Asked<Listed<KubePod>> {
    return this.ask(['pods', contextName, nodeName], (signal) => this.reader.readPods(contextName, nodeName, signal));
  }

  cgroups(contextName: string, nodeName: string): Asked<NodeCgroups> {
    return this.ask(['cgroups', contextName, nodeName], (signal) =>
      this.reader.readCgroups(contextName, nodeName, signal),
    );
  }

  /** What a cluster has answered before; undefined when it was not asked, or has not answered. */
  knownCluster(contextName: string): ClusterReport | undefined {
    return this.answers.get(keyOf(['cluster', contextName]))?.value as ClusterReport | undefined;
  }

  knownPods(contextName: string, nodeName: string): Listed<KubePod> | undefined {
    return this.answers.get(keyOf(['pods', contextName, nodeName]))?.value as Listed<KubePod> | undefined;
  }

  knownCgroups(contextName: string, nodeName: string): NodeCgroups | undefined {
    return this.answers.get(keyOf(['cgroups', contextName, nodeName]))?.value as NodeCgroups | undefined;
  }

  /** Forgets all answers, and gives up those on their way: the next question asks anew. */
  forget(): void {
    this.answers.clear();
    this.running.abort();
    this.running = new AbortController();
  }

  dispose(): void {
    this.arrivals.dispose();
    this.forget();
  }

  private ask<T>(parts: readonly string[], work: (signal: AbortSignal) => Promise<T>): Asked<T> {
    const key = keyOf(parts);
    const known = this.answers.get(key);
    if (known) return known as Asked<T>;
    const asked: Asked<T> = { promise: work(this.running.signal) };
    this.answers.set(key, asked);
    asked.promise.then(
      (value) => {
        asked.value = value;
        if (this.answers.get(key) === asked) this.arrivals.fire();
      },
      () => {
        if (this.answers.get(key) === asked) this.answers.delete(key);
      },
    );
    return asked;
  }
}

function keyOf(parts: readonly string[]): string {
  return JSON.stringify(parts);
}
