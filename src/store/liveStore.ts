import type { Hint, RuntimeAdapter } from '../adapters/adapter';
import type { Inspection } from '../model/inspection';
import { findContainer, type Inventory } from '../model/inventory';
import { RuntimeError } from '../model/problem';
import type { ProcessTable } from '../model/process';
import { Disposables, type Disposable } from '../util/disposables';
import { withDeadline } from '../util/deadline';
import { Emitter } from '../util/emitter';
import { Pace } from '../util/pace';
import { differenceOf } from './changes';
import { EarlierInspections } from './earlier';
import type { Inspector } from './inspector';
import type { InventoryChange, RefreshReason, RuntimeStore } from './store';
import { Survey } from './survey';

/** Hints within this time become one look. */
const GATHER_MS = 10;
/** With one look a second that is fewer than four refreshes, however many events come; a few at once are soon done. */
const GLANCES_PER_SECOND = 2.5;
const GLANCES_AT_ONCE = 3;
/** The threads that read events have gathered them already. */
const GLANCE_MOMENT_MS = 2;
/** In milliseconds, how long a look waits for more reasons to look, and how long after the one before it comes. */
const AT_ONCE = { moment: GATHER_MS, gap: 250 };
/** After a glance at the layer that told of a change, all are looked at: by then the others have settled. */
const FOLLOW_UP = { moment: 250, gap: 1_000 };
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
  /** What was heard while a look was running: that look may have missed it, so another is planned when it has ended. */
  private heardMeanwhile: RefreshReason | undefined;
  private settling: NodeJS.Timeout | undefined;
  /** Adapters that heard of a change of one container, since the last glance. */
  private readonly heardBy = new Set<RuntimeAdapter>();
  private glancing: NodeJS.Timeout | undefined;
  private readonly pace = new Pace(GLANCES_PER_SECOND, GLANCES_AT_ONCE);
  private lastLookEndedAt = 0;
  /** Runtime ids of containers that an event said were updated, since the last look. */
  private readonly updated = new Set<string>();
  /** Ids of containers that a glance found changed, since the last look: it tells of them again, with all that is known then. */
  private readonly glanced = new Set<string>();
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
      this.nextReason = moreThorough(this.nextReason, reason);
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

  async complete(signal?: AbortSignal): Promise<Inventory> {
    const inventory = await this.refresh('asked by the user', signal);
    await untilAborted(this.survey.settled(), signal);
    const latest = this.survey.latest();
    return latest && !this.disposed ? this.take(latest, 'asked by the user') : inventory;
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
        this.planWhatWasHeard();
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
    for (const adapter of this.parts.adapters) this.watching.add(adapter.watch((hint) => this.hear(hint, adapter)));
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

  private hear(hint: Hint, adapter: RuntimeAdapter): void {
    // No list shows what an update changes: limits. Whoever shows the container must read it again all the same.
    if (hint.runtimeId !== undefined && /(?:^|\/)update$/.test(hint.event ?? '')) this.updated.add(hint.runtimeId);
    // Before the first look there is nothing to correct; the first look is asked for by whoever wants to see.
    if (!this.current && !this.looking) return;
    if (hint.kind === 'changed') this.planGlance(adapter);
    this.plan(hint.kind === 'changed' ? 'event' : 'reconnected');
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.plan('event'), SETTLE_MS);
  }

  /** What one container's event tells is asked for at once, of the layer that told it, and shown; all else follows. */
  private planGlance(adapter: RuntimeAdapter): void {
    this.heardBy.add(adapter);
    this.glancing ??= setTimeout(() => void this.glance(), Math.max(GLANCE_MOMENT_MS, this.pace.wait()));
  }

  private async glance(): Promise<void> {
    const adapters = [...this.heardBy];
    this.heardBy.clear();
    this.pace.take();
    const begun = Date.now();
    const inventory = await this.survey.glance(adapters);
    this.glancing = undefined;
    if (inventory && !this.disposed) {
      this.take(inventory, 'glance');
      this.parts.onLook?.('glance', Date.now() - begun);
    }
    const [next] = this.heardBy;
    if (next && this.watching) this.planGlance(next);
  }

  private plan(reason: RefreshReason): void {
    if (this.disposed) return;
    // The gap is counted from the end of a look, and a running one has no end yet.
    if (this.looking) {
      this.heardMeanwhile = moreThorough(this.heardMeanwhile, reason);
      return;
    }
    if (this.planned) {
      this.planned.reason = moreThorough(this.planned.reason, reason);
      return;
    }
    const { moment, gap } = reason === 'event' ? FOLLOW_UP : AT_ONCE;
    const wait = Math.max(moment, this.lastLookEndedAt + gap - Date.now());
    const planned = {
      reason,
      timer: setTimeout(() => {
        this.planned = undefined;
        void this.refresh(planned.reason).catch(() => undefined);
      }, wait),
    };
    this.planned = planned;
  }

  private planWhatWasHeard(): void {
    const reason = this.heardMeanwhile;
    this.heardMeanwhile = undefined;
    if (reason !== undefined && this.next === undefined) this.plan(reason);
  }

  private forgetPlan(): void {
    if (this.planned) clearTimeout(this.planned.timer);
    this.planned = undefined;
    this.heardMeanwhile = undefined;
  }

  private stopWatching(): void {
    this.forgetPlan();
    clearTimeout(this.settling);
    this.settling = undefined;
    clearTimeout(this.glancing);
    this.glancing = undefined;
    this.heardBy.clear();
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
    const difference = this.withHeard(differenceOf(this.current, inventory), inventory, reason);
    this.current = inventory;
    if (first || difference.layersChanged || difference.containerIds.length > 0) {
      this.changes.fire({ inventory, reason, ...difference });
    }
    return inventory;
  }

  private withHeard(
    difference: ReturnType<typeof differenceOf>,
    { containers }: Inventory,
    reason: RefreshReason,
  ): ReturnType<typeof differenceOf> {
    const ids = new Set(difference.containerIds);
    if (this.updated.size > 0) for (const { id, runtimeId } of containers) if (this.updated.has(runtimeId)) ids.add(id);
    this.updated.clear();
    if (reason === 'glance') for (const id of ids) this.glanced.add(id);
    else {
      for (const id of this.glanced) ids.add(id);
      this.glanced.clear();
    }
    return { ...difference, containerIds: [...ids] };
  }

  private keep(inspection: Inspection): void {
    this.before.note(this.inspections.get(inspection.id), inspection);
    this.inspections.delete(inspection.id);
    this.inspections.set(inspection.id, inspection);
    const oldest = this.inspections.keys().next().value;
    if (this.inspections.size > INSPECTIONS_KEPT && oldest !== undefined) this.inspections.delete(oldest);
  }
}

/** For an event a look trusts what is remembered, for any other reason it reads all anew. */
function moreThorough(first: RefreshReason | undefined, second: RefreshReason): RefreshReason {
  return first === undefined || first === 'event' ? second : first;
}

/** Lets one caller stop waiting without ending what others wait for. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return withDeadline('Looking at this host', 60_000, signal, () => work);
}
