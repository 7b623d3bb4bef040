import { performance } from 'node:perf_hooks';

const MOST = 8;
/** How many questions may be open to an engine that has not been heard of lately: a stopped one keeps them all. */
const MOST_UNHEARD = 2;
const HEARD_MS = 1_000;

interface Waiting {
  start(): void;
}

/**
 * Bounds how many questions are open to one engine: eight while it answers, two while nobody knows whether it will. A
 * stopped engine accepts thousands of connections and answers none, so more of them would only pile up.
 */
export class RequestSlots {
  private open = 0;
  private heardAt = -Infinity;
  private readonly waiting = new Set<Waiting>();

  /** Runs the question when it is its turn. Rejects with the signal's reason when that aborts before. */
  async run<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
    await this.turn(signal);
    try {
      return await ask();
    } finally {
      // A refusal is an answer too; only silence, which ends by the signal, is none.
      if (!signal.aborted) this.heardAt = performance.now();
      this.open--;
      this.startNext();
    }
  }

  private turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(reasonOf(signal));
      const onAbort = (): void => {
        this.waiting.delete(waiting);
        reject(reasonOf(signal));
      };
      const waiting: Waiting = {
        start: () => {
          signal.removeEventListener('abort', onAbort);
          this.open++;
          resolve();
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.waiting.add(waiting);
      this.startNext();
    });
  }

  private startNext(): void {
    for (const waiting of this.waiting) {
      const most = performance.now() - this.heardAt < HEARD_MS ? MOST : MOST_UNHEARD;
      if (this.open >= most) return;
      this.waiting.delete(waiting);
      waiting.start();
    }
  }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted');
}
