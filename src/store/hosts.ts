import type { Inspection } from '../model/inspection';
import type { Inventory } from '../model/inventory';
import { RuntimeError } from '../model/problem';
import { hostKeyOf } from '../model/snapshot/host';
import { Disposables, type Disposable } from '../util/disposables';
import { Emitter, type Event } from '../util/emitter';
import type { FarHost } from './farHost';
import { FarHosts } from './farHosts';
import type { SnapshotStore } from './snapshotStore';
import type { InventoryChange, OtherHost, RefreshReason, RuntimeStore } from './store';

/** A store of several hosts: this machine, other live ones, and snapshots beside it. */
export interface HostsStore extends RuntimeStore {
  /** Live hosts beside this machine, connected or not. */
  readonly others: readonly FarHost[];
  /** The snapshots that are open, oldest first. */
  readonly snapshots: readonly SnapshotStore[];
  /** Fires when a snapshot was opened or closed, or a live host came, went or was let go of. */
  readonly onDidChangeHosts: Event<void>;
  /** The snapshot that a container's id belongs to; undefined for this machine's, and for those of closed snapshots. */
  snapshotOf(containerId: string): SnapshotStore | undefined;
  /** The live host beside this machine that a container's id belongs to; undefined for all other containers. */
  farOf(containerId: string): FarHost | undefined;
  /** A host beside this machine. @throws RuntimeError `absent` when it is closed, removed or hidden */
  other(hostKey: string): Promise<RuntimeStore>;
  /** The host that a container's id belongs to, when it is not this machine; undefined also when it is there no more. */
  otherOf(containerId: string): (OtherHost & Pick<RuntimeStore, 'inspect' | 'peek' | 'earlier'>) | undefined;
  /** The newest inventory of the host of a container; undefined where there is none. */
  inventoryOf(containerId: string): Inventory | undefined;
}

/**
 * This machine, the live hosts beside it, and the snapshots that are open. Without an id it is this machine that is meant; an id says itself which
 * host it belongs to.
 */
export class Hosts implements HostsStore {
  private readonly open = new Map<string, SnapshotStore>();
  private readonly opened = new Emitter<void>();
  private readonly changes = new Emitter<InventoryChange>();
  private readonly owned = new Disposables();
  private readonly attendants = new Set<symbol>();
  private restoring: Promise<void> | undefined;

  /** Fires for each of them; ids tell of which. */
  readonly onDidChange = this.changes.event;
  readonly onDidChangeHosts = this.opened.event;

  /** @param restore opens what was open before the window was reloaded; called once, when somebody first looks */
  constructor(
    readonly live: RuntimeStore,
    private readonly restore: (hosts: Hosts) => Promise<void> = () => Promise.resolve(),
    readonly far: FarHosts = new FarHosts(() => Promise.resolve([])),
  ) {
    this.owned.add(live.onDidChange((change) => this.changes.fire(change)));
    this.owned.add(far.onDidChange((change) => this.changes.fire(change)));
    this.owned.add(far.onDidList(() => this.opened.fire()));
  }

  get current(): Inventory | undefined {
    return this.live.current;
  }

  get others(): readonly FarHost[] {
    return this.far.all;
  }

  get snapshots(): readonly SnapshotStore[] {
    return [...this.open.values()];
  }

  /** Adds a snapshot; one of the same key takes the place of the one before. */
  add(snapshot: SnapshotStore): void {
    this.open.get(snapshot.about.key)?.dispose();
    this.open.set(snapshot.about.key, snapshot);
    this.opened.fire();
  }

  /** Closes a snapshot. False when none of this key is open. */
  close(key: string): boolean {
    const closed = this.open.get(key);
    if (!closed) return false;
    this.open.delete(key);
    closed.dispose();
    this.opened.fire();
    return true;
  }

  /** Resolves when what was open before is open again. */
  ready(): Promise<void> {
    return (this.restoring ??= Promise.all([this.restore(this), this.far.update()]).then(() => undefined));
  }

  otherOf(containerId: string): SnapshotStore | FarHost | undefined {
    return this.snapshotOf(containerId) ?? this.farOf(containerId);
  }

  farOf(containerId: string): FarHost | undefined {
    return this.far.get(hostKeyOf(containerId));
  }

  snapshotOf(containerId: string): SnapshotStore | undefined {
    const key = hostKeyOf(containerId);
    return key === undefined ? undefined : this.open.get(key);
  }

  inventoryOf(containerId: string): Inventory | undefined {
    return hostKeyOf(containerId) === undefined ? this.live.current : this.otherOf(containerId)?.current;
  }

  async inventory(signal?: AbortSignal): Promise<Inventory> {
    const [inventory] = await Promise.all([this.live.inventory(signal), this.ready()]);
    return inventory;
  }

  refresh(reason: RefreshReason, signal?: AbortSignal): Promise<Inventory> {
    if (reason === 'asked by the user' || reason === 'setting changed') {
      void this.far.update().then(() => this.far.refreshConnected());
    }
    return this.live.refresh(reason, signal);
  }

  complete(signal?: AbortSignal): Promise<Inventory> {
    return this.live.complete(signal);
  }

  async inspect(id: string, signal?: AbortSignal): Promise<Inspection> {
    const key = hostKeyOf(id);
    return key === undefined ? this.live.inspect(id, signal) : (await this.other(key)).inspect(id, signal);
  }

  async other(hostKey: string): Promise<SnapshotStore | FarHost> {
    await this.ready();
    const other = this.open.get(hostKey) ?? this.far.get(hostKey);
    if (other) return other;
    throw new RuntimeError({
      code: 'absent',
      what: 'Reading another host',
      reason: 'The snapshot is closed, or the host is removed or hidden.',
      remedy: 'Open the snapshot again, or show the host.',
    });
  }

  peek(id: string): Inspection | undefined {
    return hostKeyOf(id) === undefined ? this.live.peek(id) : this.otherOf(id)?.peek(id);
  }

  earlier(id: string): Inspection | undefined {
    return hostKeyOf(id) === undefined ? this.live.earlier(id) : this.otherOf(id)?.earlier(id);
  }

  attend(): Disposable {
    const attendant = Symbol('attendant');
    const here = this.live.attend();
    this.attendants.add(attendant);
    this.far.setAttended(true);
    return {
      dispose: () => {
        here.dispose();
        this.attendants.delete(attendant);
        if (this.attendants.size === 0) this.far.setAttended(false);
      },
    };
  }

  /** Lets go of all other hosts; this machine's store belongs to whoever made it. */
  dispose(): void {
    for (const snapshot of this.open.values()) snapshot.dispose();
    this.open.clear();
    this.owned.dispose();
    this.far.dispose();
    this.opened.dispose();
    this.changes.dispose();
  }
}
