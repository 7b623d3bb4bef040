import type { Inspection } from '../model/inspection';
import type { LineageRow } from '../model/lineage/row';
import type { RuntimeStore } from './store';

/** How many lineages are kept; one is about 100 KB. */
const CAPACITY = 30;
/** A lineage older than this is made anew when somebody looks at it. */
const FRESH_MS = 5_000;

/** So long a hover waits for what is newer than what it has. */
const PATIENCE_MS = 250;

/** Makes a lineage of an inspection, with what the kernel says now. */
export type BuildLineage = (inspection: Inspection, reveal: boolean) => Promise<readonly LineageRow[]>;

interface Kept {
  readonly inspection: Inspection;
  readonly rows: readonly LineageRow[];
  readonly madeAt: number;
}

/**
 * The lineages that were made last, secrets masked: for hovers, which say at once what is known. In memory alone, because
 * a lineage holds the container's environment.
 */
export class Lineages {
  private readonly kept = new Map<string, Kept>();
  private readonly making = new Map<string, Promise<readonly LineageRow[]>>();

  constructor(
    private readonly store: Pick<RuntimeStore, 'inspect' | 'peek'>,
    private readonly build: BuildLineage,
    private readonly sketch: (inspection: Inspection) => readonly LineageRow[],
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * What is known of a container without asking anybody: after an inspection alone all but what its process says. Undefined
   * before it was ever inspected. What is newer is fetched behind it, for the next who looks.
   */
  peek(containerId: string): readonly LineageRow[] | undefined {
    const kept = this.kept.get(containerId);
    const inspection = this.store.peek(containerId);
    if (!kept && !inspection) return undefined;
    void this.of(containerId).catch(() => undefined);
    if (kept && (!inspection || kept.inspection === inspection)) return kept.rows;
    return inspection && this.sketch(inspection);
  }

  /**
   * The lineage of a container: what was just made, at once; else a new one, for which it waits a moment before it takes
   * what was known before. Only where nothing is known it waits as long as it takes.
   *
   * @throws RuntimeError `absent` when no layer knows the container
   */
  async of(containerId: string): Promise<readonly LineageRow[]> {
    const kept = this.kept.get(containerId);
    if (!kept) return this.make(containerId);
    const inspected = this.store.peek(containerId);
    if ((!inspected || inspected === kept.inspection) && this.now() - kept.madeAt < FRESH_MS) return kept.rows;
    // Who asks has an answer in any case; that a container is gone is told where it is shown.
    const newer = this.make(containerId).catch(() => kept.rows);
    return Promise.race([newer, after(PATIENCE_MS, kept.rows)]);
  }

  /** Makes it now; all who ask meanwhile share it. */
  private make(containerId: string): Promise<readonly LineageRow[]> {
    const running = this.making.get(containerId);
    if (running) return running;
    const work = this.read(containerId).finally(() => this.making.delete(containerId));
    this.making.set(containerId, work);
    return work;
  }

  private async read(containerId: string): Promise<readonly LineageRow[]> {
    const kept = this.kept.get(containerId);
    const seen = this.store.peek(containerId);
    // An inspection that somebody just made is as good as a new one; the same one twice is not.
    const inspection = seen && seen !== kept?.inspection ? seen : await this.store.inspect(containerId);
    const rows = await this.build(inspection, false);
    this.keep(containerId, { inspection, rows, madeAt: this.now() });
    return rows;
  }

  private keep(containerId: string, lineage: Kept): void {
    this.kept.delete(containerId);
    this.kept.set(containerId, lineage);
    const oldest = this.kept.keys().next().value;
    if (this.kept.size > CAPACITY && oldest !== undefined) this.kept.delete(oldest);
  }
}

function after<T>(milliseconds: number, value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(() => resolve(value), milliseconds));
}
