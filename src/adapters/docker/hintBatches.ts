import { EVENT_BATCHES, Gatherer } from '../../util/pace';
import type { Hint } from '../adapter';

/** Thousands of events between two batches mean no more than a few do: that the list differs. */
const MOST_CHANGES = 200;

/** Gathers hints and hands them on in batches, in their order, each change once. */
export class HintBatches {
  private batch: Hint[] = [];
  private readonly changes = new Set<string>();
  private readonly gatherer = new Gatherer(() => this.flush(), EVENT_BATCHES);

  constructor(private readonly deliver: (batch: readonly Hint[]) => void) {}

  add(hint: Hint): void {
    if (hint.kind === 'changed') {
      const key = JSON.stringify([hint.layerId, hint.runtimeId, hint.event]);
      if (this.changes.has(key) || this.changes.size >= MOST_CHANGES) return;
      this.changes.add(key);
    }
    // Connections and their ends are never left out: whoever hears of them lists anew.
    this.batch.push(hint);
    this.gatherer.ask();
  }

  private flush(): void {
    const { batch } = this;
    this.batch = [];
    this.changes.clear();
    this.deliver(batch);
  }
}
