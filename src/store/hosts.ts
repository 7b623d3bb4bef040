import type { Inspection } from '../model/inspection';
import type { Inventory } from '../model/inventory';
import { RuntimeError } from '../model/problem';
import { hostKeyOf } from '../model/snapshot/host';
import type { Disposable } from '../util/disposables';
import { Emitter, type Event } from '../util/emitter';
import type { SnapshotStore } from './snapshotStore';
import type { InventoryChange, RefreshReason, RuntimeStore } from './store';

/** A store of several hosts: this machine, and snapshots beside it. */
export interface HostsStore extends RuntimeStore {
  /** The snapshots that are open, oldest first. */
  readonly snapshots: readonly SnapshotStore[];
  /** Fires when a snapshot was opened or closed. */
  readonly onDidChangeSnapshots: Event<void>;
  /** The snapshot that a container's id belongs to; undefined for this machine's, and for those of closed snapshots. */
  snapshotOf(containerId: string): SnapshotStore | undefined;
  /** The newest inventory of the host of a container; undefined where there is none. */
  inventoryOf(containerId: string): Inventory | undefined;
}

/**
 * This machine and the snapshots that are open. Without an id it is this machine that is meant; an id says itself which
 * host it belongs to.
 */
export class Hosts implements HostsStore {
  private readonly open = new Map<string, SnapshotStore>();
  private readonly opened = new Emitter<void>();
  private restoring: Promise<void> | undefined;

  readonly onDidChange: Event<InventoryChange>;
  readonly onDidChangeSnapshots = this.opened.event;

  /** @param restore opens what was open before the window was reloaded; called once, when somebody first looks */
  constructor(
    readonly live: RuntimeStore,
    private readonly restore: (hosts: Hosts) => Promise<void> = () => Promise.resolve(),
  ) {
    this.onDidChange = live.onDidChange;
  }

  get current(): Inventory | undefined {
    return this.live.current;
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
    return (this.restoring ??= this.restore(this));
  }

  snapshotOf(containerId: string): SnapshotStore | undefined {
    const key = hostKeyOf(containerId);
    return key === undefined ? undefined : this.open.get(key);
  }

  inventoryOf(containerId: string): Inventory | undefined {
    return hostKeyOf(containerId) === undefined ? this.live.current : this.snapshotOf(containerId)?.current;
  }

  async inventory(signal?: AbortSignal): Promise<Inventory> {
    const [inventory] = await Promise.all([this.live.inventory(signal), this.ready()]);
    return inventory;
  }

  refresh(reason: RefreshReason, signal?: AbortSignal): Promise<Inventory> {
    return this.live.refresh(reason, signal);
  }

  async inspect(id: string, signal?: AbortSignal): Promise<Inspection> {
    if (hostKeyOf(id) === undefined) return this.live.inspect(id, signal);
    await this.ready();
    const snapshot = this.snapshotOf(id);
    if (snapshot) return snapshot.inspect(id);
    throw new RuntimeError({
      code: 'absent',
      what: 'Reading a container of a snapshot',
      reason: 'The snapshot that it belongs to is closed.',
      remedy: 'Open the snapshot again.',
    });
  }

  peek(id: string): Inspection | undefined {
    return hostKeyOf(id) === undefined ? this.live.peek(id) : this.snapshotOf(id)?.peek(id);
  }

  /** A snapshot is one moment: there is no earlier one of its containers. */
  earlier(id: string): Inspection | undefined {
    return hostKeyOf(id) === undefined ? this.live.earlier(id) : undefined;
  }

  attend(): Disposable {
    return this.live.attend();
  }

  /** Lets go of the snapshots; this machine's store belongs to whoever made it. */
  dispose(): void {
    for (const snapshot of this.open.values()) snapshot.dispose();
    this.open.clear();
    this.opened.dispose();
  }
}
