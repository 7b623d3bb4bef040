import type { Subject } from '../model/compare/aspects';
import type { Inspection } from '../model/inspection';
import type { LineageRow } from '../model/lineage/row';
import { RuntimeError } from '../model/problem';
import type { BuildLineage } from './lineages';
import type { RuntimeStore } from './store';

/** A container now, or as it was before it last changed. */
export interface Side {
  readonly containerId: string;
  readonly when: 'now' | 'earlier';
}

/** Two containers, or one at two moments. */
export interface Comparison {
  readonly left: Side;
  readonly right: Side;
}

/** A side that was read. */
export interface ReadSide extends Subject {
  readonly side: Side;
  readonly inspection: Inspection;
}

/** Reads what is compared, and keeps what was chosen last for the page. */
export class Comparisons {
  /** What the page shows; undefined until somebody has chosen. */
  chosen: Comparison | undefined;

  constructor(
    private readonly store: Pick<RuntimeStore, 'inspect' | 'peek' | 'earlier'>,
    private readonly build: BuildLineage,
    /** A lineage of what an inspection holds alone: the process of an earlier one is another now. */
    private readonly sketch: (inspection: Inspection, reveal: boolean) => readonly LineageRow[],
  ) {}

  /** @throws RuntimeError `absent` when no layer knows the container, or no earlier state of it was seen */
  async read(side: Side, signal?: AbortSignal): Promise<ReadSide> {
    const inspection = await this.store.inspect(side.containerId, signal);
    if (side.when === 'now') {
      return { side, inspection, facts: inspection.facts, lineage: await this.build(inspection, true) };
    }
    const earlier = this.store.earlier(inspection.id);
    if (!earlier) {
      throw new RuntimeError({
        code: 'absent',
        what: `Comparing ${inspection.name.slice(0, 80)} with itself earlier`,
        reason: 'It was not seen to change: there is no earlier state to compare with.',
        remedy:
          'Look at the container (open a page or a document of it), change it, as with docker update, and compare again.',
      });
    }
    return { side, inspection: earlier, facts: earlier.facts, lineage: this.sketch(earlier, true) };
  }
}
