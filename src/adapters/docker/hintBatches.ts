import type { Hint } from '../adapter';

const GATHER_MS = 100;
/** Thousands of events between two batches mean no more than a few do: that the list differs. */
const MOST_CHANGES = 200;

/** Gathers hints and hands them on at most ten times a second, in their order, each change once. */
export class HintBatches {
  private batch: Hint[] = [];
  private readonly changes = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly deliver: (batch: readonly Hint[]) => void) {}

  add(hint: Hint): void {
    if (hint.kind === 'changed') {
      const key = JSON.stringify([hint.layerId, hint.runtimeId, hint.event]);
      if (this.changes.has(key) || this.changes.size >= MOST_CHANGES) return;
      this.changes.add(key);
    }
    // Connections and their ends are never left out: whoever hears of them lists anew.
    this.batch.push(hint);
    this.timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  private flush(): void {
    this.timer = undefined;
    const { batch } = this;
    this.batch = [];
    this.changes.clear();
    this.deliver(batch);
  }
}
