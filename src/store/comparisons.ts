import type { Subject } from '../model/compare/aspects';
import { recordOf, type AskedRecord } from '../model/compose/record';
import { serviceIn } from '../model/compose/service';
import type { Container } from '../model/container';
import { farEngineOf, farRemedy } from '../model/farEngine';
import type { Inspection } from '../model/inspection';
import type { LineageRow } from '../model/lineage/row';
import { RuntimeError } from '../model/problem';
import { canonicalPath } from '../util/text';
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

/** A container, and what its Compose file asks for. */
export interface ComposeComparison {
  readonly composeOf: string;
}

/** A container with what its Compose file asks for. */
export interface ReadCompose extends Subject {
  readonly inspection: Inspection;
  readonly asked: AskedRecord;
  /** Absolute paths. */
  readonly files: readonly string[];
  readonly service: string;
}

/** Reads files of this machine and parses them. @throws RuntimeError */
export type ReadComposeFiles = (files: readonly string[], signal?: AbortSignal) => Promise<readonly unknown[]>;

/** A side that was read. */
export interface ReadSide extends Subject {
  readonly side: Side;
  readonly inspection: Inspection;
}

/** Reads what is compared, and keeps what was chosen last for the page. */
export class Comparisons {
  /** What the page shows; undefined until somebody has chosen. */
  chosen: Comparison | ComposeComparison | undefined;

  constructor(
    private readonly store: Pick<RuntimeStore, 'inspect' | 'peek' | 'earlier'>,
    private readonly build: BuildLineage,
    /** A lineage of what an inspection holds alone: the process of an earlier one is another now. */
    private readonly sketch: (inspection: Inspection, reveal: boolean) => readonly LineageRow[],
    /** A container of this machine. */
    private readonly container: (containerId: string) => Container | undefined,
    private readonly readFiles: ReadComposeFiles,
  ) {}

  /**
   * Reads a container and the Compose files that its labels name.
   *
   * @throws RuntimeError `absent` without such labels or without the service in the files, `unsupported` for a container of
   *   another machine, and whatever reading the files throws
   */
  async readCompose(containerId: string, signal?: AbortSignal): Promise<ReadCompose> {
    const what = 'Comparing a container with its Compose file';
    const container = this.container(containerId);
    if (!container) {
      const reason = 'Its files are on another machine, or nobody knows the container here.';
      throw new RuntimeError({ code: 'unsupported', what, reason });
    }
    const far = farEngineOf(container);
    if (far !== undefined) {
      const reason = 'Its engine is on another machine, and so are the files that its labels name.';
      throw new RuntimeError({ code: 'unsupported', what, reason, remedy: farRemedy(far) });
    }
    const { compose } = container;
    const folder = compose?.workingDir ?? '';
    const files = (compose?.configFiles ?? []).map((file) =>
      canonicalPath(file.startsWith('/') ? file : `${folder}/${file}`),
    );
    if (!compose || files.length === 0) {
      throw new RuntimeError({
        code: 'absent',
        what,
        reason: 'It has no labels of Compose that name a file: docker compose did not make it.',
        remedy: 'Choose a container that docker compose has made.',
      });
    }
    const [inspection, documents] = await Promise.all([
      this.store.inspect(containerId, signal),
      this.readFiles(files, signal),
    ]);
    const service = serviceIn(documents, compose.service);
    if (!service) {
      const reason = `No file of the project has a service ${compose.service.slice(0, 80)} any more, or an include has it, which is not followed.`;
      throw new RuntimeError({ code: 'absent', what, reason });
    }
    const asked = recordOf(service, { project: compose.project, folder });
    const lineage = await this.build(inspection, true);
    return { inspection, facts: inspection.facts, lineage, asked, files, service: compose.service };
  }

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
