/** Allows so many actions a second over any longer time, and a few at once after a rest. */
export class Pace {
  private left: number;
  private at: number;

  /** @param now milliseconds of a clock that never goes back */
  constructor(
    private readonly perSecond: number,
    private readonly atOnce: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.left = atOnce;
    this.at = now();
  }

  /** Milliseconds until the next one may begin; 0: now. */
  wait(): number {
    this.refill();
    return this.left >= 1 ? 0 : Math.ceil(((1 - this.left) * 1_000) / this.perSecond);
  }

  /** Counts one that begins now, whether it had to or not: those that may wait then wait the longer. */
  take(): void {
    this.refill();
    this.left = Math.max(-this.atOnce, this.left - 1);
  }

  private refill(): void {
    const now = this.now();
    this.left = Math.min(this.atOnce, this.left + ((now - this.at) * this.perSecond) / 1_000);
    this.at = now;
  }
}

/** Does something a moment after it is asked to, once for all who ask meanwhile, and never twice within a gap. */
export class Gatherer {
  private timer: NodeJS.Timeout | undefined;
  private ranAt = -Infinity;

  /** Both in milliseconds: how long the first to ask waits for others, and how far apart two runs are at least. */
  constructor(
    private readonly run: () => void,
    private readonly times: { readonly moment: number; readonly gap: number },
  ) {}

  ask(): void {
    const { moment, gap } = this.times;
    this.timer ??= setTimeout(
      () => {
        this.timer = undefined;
        this.ranAt = performance.now();
        this.run();
      },
      Math.max(moment, this.ranAt + gap - performance.now()),
    );
  }
}

/** How soon, and how often at most, an event thread tells what it heard: at once when it is quiet, in batches in a storm. */
export const EVENT_BATCHES = { moment: 5, gap: 50 } as const;
