import type { Inspection } from '../model/inspection';
import type { Inventory } from '../model/inventory';
import type { KernelReadings } from '../model/lineage/readings';
import type { Problem } from '../model/problem';
import type { RecordedCall } from '../model/recording/recordedCall';
import type { SeenOfContainer } from '../model/snapshot/snapshot';
import type { Disposable } from '../util/disposables';
import type { Event } from '../util/emitter';

/** Why the host was looked at; `glance`: only at what an event told of, by the layer that told it. A look follows, and tells of it again. */
export type RefreshReason =
  'first look' | 'glance' | 'asked by the user' | 'event' | 'reconnected' | 'focus' | 'reconcile' | 'setting changed';

/** A new inventory, and what is different in it. */
export interface InventoryChange {
  readonly inventory: Inventory;
  readonly reason: RefreshReason;
  /** Containers that came, went or changed, by id; empty when only layers changed. */
  readonly containerIds: readonly string[];
  /** True when a layer came, went or changed its status. */
  readonly layersChanged: boolean;
}

/**
 * What the views see of the world: one inventory, kept current by events while somebody looks, and the facts of a
 * container on demand. It does no I/O until first asked.
 */
export interface RuntimeStore extends Disposable {
  readonly current: Inventory | undefined;
  /** Fires after each look at which something differs, and after the first. */
  readonly onDidChange: Event<InventoryChange>;
  /** The current inventory; looks first when there is none yet. */
  inventory(signal?: AbortSignal): Promise<Inventory>;
  /** Looks again now. */
  refresh(reason: RefreshReason, signal?: AbortSignal): Promise<Inventory>;
  /**
   * Looks again now, and waits for every layer, however late it answers: for what is kept, and not merely drawn. A layer that
   * has not answered by its deadline is in it with that reason.
   */
  complete(signal?: AbortSignal): Promise<Inventory>;
  /**
   * All facts of one container, read now.
   * @param id id, unique prefix of 12 or more digits, or unique name
   * @throws RuntimeError `absent` when no layer knows it
   */
  inspect(id: string, signal?: AbortSignal): Promise<Inspection>;
  /** The last inspection of a container if there was one: for hovers, which must answer at once. */
  peek(id: string): Inspection | undefined;
  /** How a container was before it last changed, as far as it was inspected both before and after. */
  earlier(id: string): Inspection | undefined;
  /** Somebody looks, until the handle is disposed. While nobody does there is no request, no connection and no timer. */
  attend(): Disposable;
}

/** What pages need besides an inspection, of a host that is not this machine. Ids begin with the host's key. */
export interface OtherHost {
  readonly current: Inventory | undefined;
  /** What the kernel said of a container's first process; undefined where nobody can know. */
  kernelOf(id: string): KernelReadings | undefined;
  /** Recorded calls that concern the container. */
  recordedOf(id: string): readonly RecordedCall[];
  /** What is known of how the container came to be. */
  observe(inspection: Inspection): Promise<Pick<SeenOfContainer, 'observations' | 'missing'>>;
  /** Why no charts move for its containers. */
  whyNoUsage(what: string): Problem;
}
