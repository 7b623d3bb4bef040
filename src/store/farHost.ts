import type { Inspection } from '../model/inspection';
import type { Inventory } from '../model/inventory';
import { farRemedy } from '../model/farEngine';
import type { KernelReadings } from '../model/lineage/readings';
import type { Problem } from '../model/problem';
import type { RecordedCall } from '../model/recording/recordedCall';
import { idInHost, idWithoutHost } from '../model/snapshot/host';
import type { SeenOfContainer } from '../model/snapshot/snapshot';
import type { Disposable } from '../util/disposables';
import { Emitter } from '../util/emitter';
import type { InventoryChange, OtherHost, RefreshReason, RuntimeStore } from './store';

/** What views say of a live host beside this machine. */
export interface FarAbout {
  /** Names it among all hosts, and stays the same as long as its name and endpoint do. Letters and digits. */
  readonly key: string;
  /** The context's name, or the endpoint. */
  readonly name: string;
  /** As clients write it. */
  readonly endpoint: string;
  /** The rule that found it, for people. */
  readonly why: string;
  /** As the user added it; absent when it was found. */
  readonly added?: string;
}

/** What a host is read by, once it is connected. */
export interface FarParts {
  readonly store: RuntimeStore;
  readonly observe: (inspection: Inspection) => Promise<Pick<SeenOfContainer, 'observations' | 'missing'>>;
}

/** A host that was found, and how to build its parts; building them dials nothing. */
export interface FoundHost {
  readonly about: FarAbout;
  readonly build: () => FarParts;
}

/** `none`: nobody asked for it yet, so nothing was dialled. */
export type Connection =
  { readonly state: 'none' | 'connecting' | 'connected' } | { readonly state: 'failed'; readonly problem: Problem };

/**
 * A live host beside this machine, behind one endpoint. Until somebody asks it for something it is a name: no connection, no
 * file, no timer. Its ids begin with its key, as those of snapshots do.
 */
export class FarHost implements RuntimeStore, OtherHost {
  private parts: (FarParts & { readonly listening: Disposable }) | undefined;
  private watching: Disposable | undefined;
  private attended = false;
  private readonly changes = new Emitter<InventoryChange>();
  private readonly inventories = new WeakMap<Inventory, Inventory>();
  private readonly inspections = new WeakMap<Inspection, Inspection>();

  readonly onDidChange = this.changes.event;

  constructor(private readonly found: FoundHost) {}

  get about(): FarAbout {
    return this.found.about;
  }

  get current(): Inventory | undefined {
    const current = this.parts?.store.current;
    return current && this.inventoryHere(current);
  }

  get connection(): Connection {
    if (!this.parts) return { state: 'none' };
    const { current } = this.parts.store;
    if (!current) return { state: 'connecting' };
    const failed = current.layers.find(({ kind, status }) => kind === 'engine' && status === 'failed');
    return failed?.problem ? { state: 'failed', problem: failed.problem } : { state: 'connected' };
  }

  async inventory(signal?: AbortSignal): Promise<Inventory> {
    return this.inventoryHere(await this.connected().inventory(signal));
  }

  async refresh(reason: RefreshReason, signal?: AbortSignal): Promise<Inventory> {
    return this.inventoryHere(await this.connected().refresh(reason, signal));
  }

  async complete(signal?: AbortSignal): Promise<Inventory> {
    return this.inventoryHere(await this.connected().complete(signal));
  }

  async inspect(id: string, signal?: AbortSignal): Promise<Inspection> {
    return this.inspectionHere(await this.connected().inspect(idWithoutHost(id), signal));
  }

  peek(id: string): Inspection | undefined {
    const inspection = this.parts?.store.peek(idWithoutHost(id));
    return inspection && this.inspectionHere(inspection);
  }

  earlier(id: string): Inspection | undefined {
    const inspection = this.parts?.store.earlier(idWithoutHost(id));
    return inspection && this.inspectionHere(inspection);
  }

  /** Tells whether somebody looks at the hosts; only a host that is connected follows events then. */
  setAttended(attended: boolean): void {
    this.attended = attended;
    if (attended && this.parts) this.watching ??= this.parts.store.attend();
    if (!attended) this.ignore();
  }

  attend(): Disposable {
    this.setAttended(true);
    return { dispose: () => this.setAttended(false) };
  }

  /** Its first processes are in another machine's /proc. */
  kernelOf(): KernelReadings | undefined {
    return undefined;
  }

  /** The relay stands before this machine's engine alone. */
  recordedOf(): readonly RecordedCall[] {
    return [];
  }

  async observe(inspection: Inspection): Promise<Pick<SeenOfContainer, 'observations' | 'missing'>> {
    return this.parts?.observe(inspection) ?? { observations: [], missing: [] };
  }

  whyNoUsage(what: string): Problem {
    const { endpoint } = this.about;
    return {
      code: 'unsupported',
      what,
      reason: `This container is behind ${endpoint}: its cgroup files cannot be read from here.`,
      remedy: farRemedy(endpoint),
    };
  }

  /** Lets go of the connection; whoever asks next connects anew. */
  disconnect(): void {
    this.ignore();
    this.parts?.listening.dispose();
    this.parts?.store.dispose();
    this.parts = undefined;
  }

  dispose(): void {
    this.disconnect();
    this.changes.dispose();
  }

  private connected(): RuntimeStore {
    if (!this.parts) {
      const parts = this.found.build();
      const listening = parts.store.onDidChange((change) => this.changes.fire(this.changeHere(change)));
      this.parts = { ...parts, listening };
      if (this.attended) this.watching = parts.store.attend();
    }
    return this.parts.store;
  }

  private ignore(): void {
    this.watching?.dispose();
    this.watching = undefined;
  }

  private changeHere(change: InventoryChange): InventoryChange {
    return {
      ...change,
      inventory: this.inventoryHere(change.inventory),
      containerIds: change.containerIds.map((id) => idInHost(this.about.key, id)),
    };
  }

  private inventoryHere(inventory: Inventory): Inventory {
    const known = this.inventories.get(inventory);
    if (known) return known;
    const { key } = this.about;
    const here: Inventory = {
      ...inventory,
      layers: inventory.layers.map((layer) => ({
        ...layer,
        containerIds: layer.containerIds.map((id) => idInHost(key, id)),
      })),
      containers: inventory.containers.map((container) => ({ ...container, id: idInHost(key, container.id) })),
    };
    this.inventories.set(inventory, here);
    return here;
  }

  private inspectionHere(inspection: Inspection): Inspection {
    const known = this.inspections.get(inspection);
    if (known) return known;
    const { id, name, observedAt, facts } = inspection;
    const here: Inspection = {
      id: idInHost(this.about.key, id),
      name,
      observedAt,
      facts,
      // They are built when somebody looks at them: a copy of all members would build them each time.
      get apiCalls() {
        return inspection.apiCalls;
      },
    };
    this.inspections.set(inspection, here);
    return here;
  }
}
