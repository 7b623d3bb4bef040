import type { Hint, RuntimeAdapter } from '../adapters/adapter';
import type { Inspection } from '../model/inspection';
import { findContainer, type Inventory } from '../model/inventory';
import { RuntimeError } from '../model/problem';
import type { ProcessTable } from '../model/process';
import { Disposables, type Disposable } from '../util/disposables';
import { withDeadline } from '../util/deadline';
import { Emitter } from '../util/emitter';
import { differenceOf } from './changes';
import { EarlierInspections } from './earlier';
import type { Inspector } from './inspector';
import type { InventoryChange, RefreshReason, RuntimeStore } from './store';
import { Survey } from './survey';

/** Hints within this time become one look. */
const GATHER_MS = 20;
/** No more than four looks a second, however many events come. */
const SHORTEST_GAP_MS = 250;
/** An engine tells that a container is gone before its shim has ended: so long after the last event all is looked at again. */
const SETTLE_MS = 1_000;
/** Event streams lose events, and a frozen one looks like a quiet one: so while visible, one look a minute. */
const RECONCILE_MS = 60_000;
/** A look younger than this answers a returning gaze. */
const FRESH_MS = 1_000;
/** How many inspections are kept for hovers. */
const INSPECTIONS_KEPT = 100;

export interface LiveStoreParts {
  readonly adapters: readonly RuntimeAdapter[];
  readonly inspector: Inspector;
  readonly readProcesses: (signal: AbortSignal) => Promise<ProcessTable>;
  /** Told of every look: for the log. */
  readonly onLook?: (reason: RefreshReason, milliseconds: number) => void;
}

/** The store over real adapters: looks when asked, follows events while visible, and does nothing at all while hidden. */
export class LiveStore implements RuntimeStore {
  private readonly changes = new Emitter<InventoryChange>();
  private readonly survey: Survey;
  private readonly inspections = new Map<string, Inspection>();
  private readonly before = new EarlierInspections();
  private watching: Disposables | undefined;
  private readonly attendants = new Set<symbol>();
  private looking: Promise<Inventory> | undefined;
  private next: Promise<Inventory> | undefined;
  private nextReason: RefreshReason | undefined;
  private planned: { timer: NodeJS.Timeout; reason: RefreshReason } | undefined;
  private settling: NodeJS.Timeout | undefined;
  private lastLookEndedAt = 0;
  /** Runtime ids of containers that an event said were updated, since the last look. */
  private readonly updated = new Set<string>();
  private disposed = false;

  current: Inventory | undefined;
  readonly onDidChange = this.changes.event;

  constructor(private readonly parts: LiveStoreParts) {
    this.survey = new Survey(parts.adapters, parts.readProcesses, () => this.takeLatest());
  }

  async inventory(signal?: AbortSignal): Promise<Inventory> {
    return this.current ?? this.refresh('first look', signal);
  }

  async refresh(reason: RefreshReason, signal?: AbortSignal): Promise<Inventory> {
    // A look that began before the question may have missed what the question is about, so a new one follows it;
    // all who ask meanwhile share that one.
    if (this.looking) {
      const running = this.looking;
      // For an event a look may trust what is remembered; if anybody wants more, all get more.
      if (this.nextReason === undefined || this.nextReason === 'event') this.nextReason = reason;
      this.next ??= running
        .catch(() => undefined)
        .then(() => {
          const why = this.nextReason ?? reason;
          this.next = undefined;
          this.nextReason = undefined;
          return this.look(why);
        });
      return untilAborted(this.next, signal);
    }
    return untilAborted(this.look(reason), signal);
  }

  private look(reason: RefreshReason): Promise<Inventory> {
    const begun = Date.now();
    this.forgetPlan();
    const look = this.survey
      .look(reason === 'event')
      .then((inventory) => this.take(inventory, reason))
      .finally(() => {
        this.looking = undefined;
        this.lastLookEndedAt = Date.now();
        this.parts.onLook?.(reason, this.lastLookEndedAt - begun);
      });
    this.looking = look;
    return look;
  }

  async inspect(id: string, signal?: AbortSignal): Promise<Inspection> {
    let inventory = await this.inventory(signal);
    let container = findContainer(inventory, id);
    const isCurrent = this.watching !== undefined || Date.now() - this.lastLookEndedAt < FRESH_MS;
    if (!container || !isCurrent) {
      // Nobody keeps the inventory current while hidden, and a container may be newer than it.
      inventory = await this.refresh('asked by the user', signal);
      container = findContainer(inventory, id);
    }
    if (!container) {
      throw new RuntimeError({
        code: 'absent',
        what: `Inspecting the container ${id.slice(0, 80)}`,
        reason: 'No layer that could be asked knows a container of this id or name.',
        remedy: 'Refresh the tree. If it is there under a layer that failed, see that layer for what is missing.',
      });
    }
    const inspection = await this.parts.inspector.inspect(container, inventory.processes, signal);
    this.keep(inspection);
    return inspection;
  }

  peek(id: string): Inspection | undefined {
    return this.inspections.get(id);
  }

  /** Tells all who show a container that there is more to know of it: something was read on purpose. */
  announce(containerId: string): void {
    const inventory = this.current;
    if (!inventory || this.disposed) return;
    this.changes.fire({ inventory, reason: 'asked by the user', containerIds: [containerId], layersChanged: false });
  }

  earlier(id: string): Inspection | undefined {
    return this.before.of(id);
  }

  attend(): Disposable {
    const attendant = Symbol('attendant');
    this.attendants.add(attendant);
    this.startWatching();
    return {
      dispose: () => {
        if (this.attendants.delete(attendant) && this.attendants.size === 0) this.stopWatching();
      },
    };
  }

  private startWatching(): void {
    if (this.disposed || this.watching) return;
    this.watching = new Disposables();
    for (const adapter of this.parts.adapters) this.watching.add(adapter.watch((hint) => this.hear(hint)));
    const reconcile = setInterval(() => void this.refresh('reconcile').catch(() => undefined), RECONCILE_MS);
    this.watching.add({ dispose: () => clearInterval(reconcile) });
    if (this.current && Date.now() - this.lastLookEndedAt > FRESH_MS) this.plan('focus');
  }

  dispose(): void {
    this.disposed = true;
    this.stopWatching();
    this.changes.dispose();
    for (const adapter of this.parts.adapters) adapter.dispose();
  }

  private hear(hint: Hint): void {
    // No list shows what an update changes: limits. Whoever shows the container must read it again all the same.
    if (hint.runtimeId !== undefined && /(?:^|\/)update$/.test(hint.event ?? '')) this.updated.add(hint.runtimeId);
    // Before the first look there is nothing to correct; the first look is asked for by whoever wants to see.
    if (!this.current && !this.looking) return;
    this.plan(hint.kind === 'changed' ? 'event' : 'reconnected');
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.plan('event'), SETTLE_MS);
  }

  private plan(reason: RefreshReason): void {
    if (this.planned || this.disposed) return;
    const wait = Math.max(GATHER_MS, this.lastLookEndedAt + SHORTEST_GAP_MS - Date.now());
    const timer = setTimeout(() => {
      this.planned = undefined;
      void this.refresh(reason).catch(() => undefined);
    }, wait);
    this.planned = { timer, reason };
  }

  private forgetPlan(): void {
    if (this.planned) clearTimeout(this.planned.timer);
    this.planned = undefined;
  }

  private stopWatching(): void {
    this.forgetPlan();
    clearTimeout(this.settling);
    this.settling = undefined;
    const watching: Disposable | undefined = this.watching;
    this.watching = undefined;
    watching?.dispose();
  }

  private takeLatest(): void {
    const latest = this.survey.latest();
    if (latest && !this.looking && !this.disposed) this.take(latest, 'reconnected');
  }

  private take(inventory: Inventory, reason: RefreshReason): Inventory {
    const first = this.current === undefined;
    const difference = this.withUpdated(differenceOf(this.current, inventory), inventory);
    this.current = inventory;
    if (first || difference.layersChanged || difference.containerIds.length > 0) {
      this.changes.fire({ inventory, reason, ...difference });
    }
    return inventory;
  }

  private withUpdated(
    difference: ReturnType<typeof differenceOf>,
    { containers }: Inventory,
  ): ReturnType<typeof differenceOf> {
    if (this.updated.size === 0) return difference;
    const ids = containers.filter(({ runtimeId }) => this.updated.has(runtimeId)).map(({ id }) => id);
    this.updated.clear();
    return { ...difference, containerIds: [...new Set([...difference.containerIds, ...ids])] };
  }

  private keep(inspection: Inspection): void {
    this.before.note(this.inspections.get(inspection.id), inspection);
    this.inspections.delete(inspection.id);
    this.inspections.set(inspection.id, inspection);
    const oldest = this.inspections.keys().next().value;
    if (this.inspections.size > INSPECTIONS_KEPT && oldest !== undefined) this.inspections.delete(oldest);
  }
}

/** Lets one caller stop waiting without ending what others wait for. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return withDeadline('Looking at this host', 60_000, signal, () => work);
}
