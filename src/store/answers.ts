import type { Disposable } from '../util/disposables';
import { Emitter, type Event } from '../util/emitter';

/** An answer that was asked for: on its way, there, or refused. */
export interface Asked<T> {
  readonly promise: Promise<T>;
  /** The answer once it is there. */
  value?: T;
}

/**
 * What was asked because somebody wanted to see it, kept until somebody asks for a fresh look. Nothing is asked by itself,
 * ever: no timer, no event. Each question runs once, however many wait for it; a failure is not kept.
 */
export class Answers implements Disposable {
  private readonly asked = new Map<string, Asked<unknown>>();
  private readonly arrivals = new Emitter<void>();
  private running = new AbortController();

  /** Fires when an answer has come: rows that were drawn without it may say more now. */
  readonly onDidAnswer: Event<void> = this.arrivals.event;

  /** @param parts what is asked: the same parts are the same question, so all must ask it by the same `work` */
  ask<T>(parts: readonly string[], work: (signal: AbortSignal) => Promise<T>): Asked<T> {
    const key = JSON.stringify(parts);
    const known = this.asked.get(key);
    if (known) return known as Asked<T>;
    const asked: Asked<T> = { promise: work(this.running.signal) };
    this.asked.set(key, asked);
    asked.promise.then(
      (value) => {
        asked.value = value;
        if (this.asked.get(key) === asked) this.arrivals.fire();
      },
      () => {
        if (this.asked.get(key) === asked) this.asked.delete(key);
      },
    );
    return asked;
  }

  /** What was answered before; undefined when it was not asked, or has not been answered. */
  known(parts: readonly string[]): unknown {
    return this.asked.get(JSON.stringify(parts))?.value;
  }

  /** Forgets all answers, and gives up those on their way: the next question asks anew. */
  forget(): void {
    this.asked.clear();
    this.running.abort();
    this.running = new AbortController();
  }

  dispose(): void {
    this.arrivals.dispose();
    this.forget();
  }
}
