import { performance } from 'node:perf_hooks';
import { RuntimeError } from '../../model/problem';

/** A question that timed out is left alone for this long: each try would hold one more request in the engine. */
const REST_MS = 30_000;

/**
 * Leaves questions alone that the engine does not answer, each for itself: one stuck shim makes `inspect` of its container
 * hang, a stopped containerd makes `info` hang, and everything else still answers in milliseconds.
 */
export class Breaker {
  private readonly restingUntil = new Map<string, number>();

  /**
   * Asks, unless the same question timed out less than 30 s ago.
   *
   * @param key what hangs together: a container's id, or a path
   * @throws RuntimeError `deadline` without asking, or what `ask` throws
   */
  async guard<T>(key: string, what: string, ask: () => Promise<T>): Promise<T> {
    const rest = (this.restingUntil.get(key) ?? 0) - performance.now();
    if (rest > 0) {
      throw new RuntimeError({
        code: 'deadline',
        what,
        reason: 'The engine did not answer this a moment ago, so it is not asked again yet.',
        remedy: `Something behind it is stuck: often a shim, or containerd. It is asked again in ${Math.ceil(rest / 1_000)} s.`,
      });
    }
    try {
      const answer = await ask();
      this.restingUntil.delete(key);
      return answer;
    } catch (error) {
      if (error instanceof RuntimeError && error.problem.code === 'deadline') this.rest(key);
      throw error;
    }
  }

  /** Forgets everything: after a restart of the engine nothing of it holds. */
  reset(): void {
    this.restingUntil.clear();
  }

  private rest(key: string): void {
    const now = performance.now();
    for (const [other, until] of this.restingUntil) if (until <= now) this.restingUntil.delete(other);
    this.restingUntil.set(key, now + REST_MS);
  }
}
