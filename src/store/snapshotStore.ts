import type { Inspection } from '../model/inspection';
import { findContainer, type Inventory } from '../model/inventory';
import type { KernelReadings } from '../model/lineage/readings';
import { RuntimeError, type Problem } from '../model/problem';
import type { RecordedCall } from '../model/recording/recordedCall';
import { hostKeyOf, idInHost, idWithoutHost, inspectionOf, inventoryOf } from '../model/snapshot/host';
import type { SeenOfContainer, Snapshot, SnapshotContainer } from '../model/snapshot/snapshot';
import type { Disposable } from '../util/disposables';
import { Emitter } from '../util/emitter';
import type { InventoryChange, OtherHost, RuntimeStore } from './store';

/** What views say of a host that is a snapshot. */
export interface SnapshotAbout {
  /** Names it among all hosts, and stays the same whenever the same file is opened. */
  readonly key: string;
  /** What people call the host. */
  readonly name: string;
  readonly description?: string;
  /** The file's place, for people. */
  readonly file: string;
  /** ISO 8601. */
  readonly takenAt: string;
  readonly takenBy: string;
  readonly secrets: Snapshot['secrets'];
}

/** A host as it was when its snapshot was taken. It never changes, and asks nobody anything. */
export class SnapshotStore implements RuntimeStore, OtherHost {
  readonly current: Inventory;
  readonly about: SnapshotAbout;
  private readonly inspections = new Map<string, Inspection>();
  private readonly stored: ReadonlyMap<string, SnapshotContainer>;
  private readonly silence = new Emitter<InventoryChange>();

  readonly onDidChange = this.silence.event;

  /** @param key letters, digits, `_` and `-` */
  constructor(
    key: string,
    readonly snapshot: Snapshot,
    file: string,
  ) {
    const { host, takenAt, takenBy, secrets } = snapshot;
    this.about = { key, ...host, file, takenAt, takenBy, secrets };
    this.current = inventoryOf(snapshot, key);
    this.stored = new Map(snapshot.containers.map((one) => [idInHost(key, one.container.id), one]));
  }

  inventory(): Promise<Inventory> {
    return Promise.resolve(this.current);
  }

  refresh(): Promise<Inventory> {
    return Promise.resolve(this.current);
  }

  complete(): Promise<Inventory> {
    return Promise.resolve(this.current);
  }

  async inspect(id: string): Promise<Inspection> {
    const container = findContainer(this.current, this.idOf(id)) ?? findContainer(this.current, idWithoutHost(id));
    const what = `Inspecting the container ${idWithoutHost(id).slice(0, 80)}`;
    if (!container) {
      throw new RuntimeError({
        code: 'absent',
        what,
        reason: `The snapshot of ${this.about.name} has no container of this id or name.`,
        remedy: 'Choose a container below the snapshot in the tree.',
      });
    }
    const known = this.peek(container.id);
    if (known) return known;
    const problem = this.stored.get(container.id)?.problem;
    throw new RuntimeError({
      code: problem?.code ?? 'absent',
      what: problem?.what ?? what,
      reason: `${problem?.reason ?? 'It was not inspected.'} So it was when the snapshot was taken.`,
      remedy: 'A snapshot cannot be asked again.',
    });
  }

  peek(id: string): Inspection | undefined {
    const known = this.inspections.get(id);
    if (known) return known;
    const stored = this.stored.get(id);
    const container = stored && this.current.containers.find((one) => one.id === id);
    if (!container || !stored?.inspected) return undefined;
    const inspection = inspectionOf({ ...stored, inspected: stored.inspected }, container);
    this.inspections.set(id, inspection);
    return inspection;
  }

  earlier(): undefined {
    return undefined;
  }

  attend(): Disposable {
    return { dispose: () => undefined };
  }

  /** What the kernel said of the container's first process. */
  kernelOf(id: string): KernelReadings | undefined {
    return this.stored.get(id)?.inspected?.kernel;
  }

  recordedOf(id: string): readonly RecordedCall[] {
    return this.stored.get(id)?.inspected?.seen.recorded ?? [];
  }

  /** What was seen of how the container came to be, until the snapshot was taken. */
  observe({ id }: Inspection): Promise<Pick<SeenOfContainer, 'observations' | 'missing'>> {
    const { observations = [], missing = [] } = this.stored.get(id)?.inspected?.seen ?? {};
    return Promise.resolve({ observations, missing });
  }

  whyNoUsage(what: string): Problem {
    return {
      code: 'unsupported',
      what,
      reason: `This container is in a snapshot, taken at ${this.about.takenAt}: its numbers stand still.`,
      remedy: 'Charts move only for containers of this machine.',
    };
  }

  dispose(): void {
    this.silence.dispose();
    this.inspections.clear();
  }

  private idOf(id: string): string {
    return hostKeyOf(id) === undefined ? idInHost(this.about.key, id) : id;
  }
}
