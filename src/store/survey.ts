import type { Report, RuntimeAdapter } from '../adapters/adapter';
import type { Sighting } from '../model/container';
import type { Inventory } from '../model/inventory';
import { LAYER_KINDS, type Layer } from '../model/layer';
import { tableOf, type ProcessTable } from '../model/process';
import { RuntimeError } from '../model/problem';
import { withDeadline } from '../util/deadline';
import { Joiner } from './identity';

/** How long the tree waits for a layer before it is drawn without it. Whatever comes later is drawn then. */
const PATIENCE_MS = 3_000;
/** After this a layer's look is given up. Adapters have shorter deadlines of their own; this one is the net below. */
const LIMIT_MS = 30_000;

/**
 * Looks at the whole host: all adapters at once, each at its own pace. A slow one does not hold up the others: its last
 * report stands in for it, and `onLate` is told when the new one has come.
 */
export class Survey {
  private readonly reports = new Map<string, Report>();
  private readonly running = new Map<string, Promise<void>>();
  private readonly joiner = new Joiner();
  private processes: ProcessTable | undefined;

  constructor(
    private readonly adapters: readonly RuntimeAdapter[],
    private readonly readProcesses: (signal: AbortSignal) => Promise<ProcessTable>,
    private readonly onLate: () => void,
  ) {}

  /** Looks now. Rejects only when even the list of processes cannot be had in time. */
  async look(trustsEvents = false): Promise<Inventory> {
    const processes = withDeadline('Listing the processes of this machine', LIMIT_MS, undefined, this.readProcesses);
    await Promise.all([
      processes.then((table) => (this.processes = table)),
      ...this.adapters.map(async (adapter) =>
        // Who asks an engine need not wait for what the kernel tells.
        this.askPatiently(adapter, adapter.needsNoProcesses ? NO_PROCESSES : await processes, trustsEvents),
      ),
    ]);
    return this.assemble(await processes);
  }

  /**
   * Asks only those adapters that heard of a change, and only for what changed, with the processes as they were.
   * Undefined before the first look.
   */
  async glance(adapters: Iterable<RuntimeAdapter>): Promise<Inventory | undefined> {
    const { processes } = this;
    if (!processes) return undefined;
    const ask = async (adapter: RuntimeAdapter): Promise<void> => {
      // What is being asked already may have been answered before the change.
      await this.running.get(adapter.id)?.catch(() => undefined);
      await this.askPatiently(adapter, processes, true);
    };
    await Promise.all([...adapters].map(ask));
    return this.latest();
  }

  /** Resolves when the layers that are late now have answered, or were given up. Never rejects. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.running.values());
  }

  /** The inventory of the newest reports, without asking anybody. */
  latest(): Inventory | undefined {
    return this.processes && this.assemble(this.processes);
  }

  private async askPatiently(adapter: RuntimeAdapter, processes: ProcessTable, trustsEvents: boolean): Promise<void> {
    // One question at a time: a layer that hangs must not be asked ever more often.
    let late = false;
    const asking = this.running.get(adapter.id) ?? this.ask(adapter, processes, trustsEvents);
    this.running.set(adapter.id, asking);
    const answered = asking.finally(() => {
      if (this.running.get(adapter.id) === asking) this.running.delete(adapter.id);
      if (late) this.onLate();
    });
    await withDeadline(adapter.id, PATIENCE_MS, undefined, () => answered).catch(() => {
      late = true;
    });
  }

  private async ask(adapter: RuntimeAdapter, processes: ProcessTable, trustsEvents: boolean): Promise<void> {
    try {
      const report = await withDeadline(`Looking at ${adapter.id}`, LIMIT_MS, undefined, (signal) =>
        adapter.look({ processes, trustsEvents }, signal),
      );
      this.reports.set(adapter.id, report);
    } catch (error) {
      this.reports.set(
        adapter.id,
        brokenReport(adapter.id, RuntimeError.from(error, `Looking at ${adapter.id}`), this.reports.get(adapter.id)),
      );
    }
  }

  private assemble(processes: ProcessTable): Inventory {
    const reports = this.adapters.flatMap((adapter) => this.reports.get(adapter.id) ?? []);
    const layers = reports.flatMap((report) => report.layers);
    const sightings = reports.flatMap((report) => report.sightings);
    const containers = this.joiner.join([...sightings, ...unservedInits(sightings, layers, processes)], layers);
    const holding = new Map<string, string[]>(layers.map((layer) => [layer.id, []]));
    for (const container of containers)
      for (const layerId of container.layers) holding.get(layerId)?.push(container.id);
    return {
      observedAt: new Date().toISOString(),
      processes,
      containers,
      layers: layers
        .map((layer): Layer => ({ ...layer, containerIds: holding.get(layer.id) ?? [] }))
        .sort((a, b) => LAYER_KINDS.indexOf(a.kind) - LAYER_KINDS.indexOf(b.kind)),
    };
  }
}

const NO_PROCESSES = tableOf([]);

/**
 * Init processes that only a runtime's state names: nobody's shim serves them, but the kernel holds them all the same.
 * A process counts when it is the very one that was noted, by its start time.
 */
function unservedInits(sightings: readonly Sighting[], layers: Report['layers'], processes: ProcessTable): Sighting[] {
  const kernel = layers.find((layer) => layer.kind === 'kernel');
  if (!kernel) return [];
  const held = new Set(sightings.filter(({ layerId }) => layerId === kernel.id).map(({ initPid }) => initPid));
  return sightings.flatMap(({ runtimeId, initPid, initStartTicks, containerdNamespace, bundle }): Sighting[] => {
    if (initPid === undefined || initStartTicks === undefined || held.has(initPid)) return [];
    if (processes.byPid.get(initPid)?.startTicks !== initStartTicks) return [];
    held.add(initPid);
    const optional = { ...(containerdNamespace ? { containerdNamespace } : {}), ...(bundle ? { bundle } : {}) };
    return [{ layerId: kernel.id, runtimeId, initPid, initStartTicks, ...optional }];
  });
}

/** An adapter that broke its promise not to reject: its layers stay visible, with what went wrong. */
function brokenReport(adapterId: string, error: RuntimeError, last: Report | undefined): Report {
  const layers = last?.layers.length
    ? last.layers.map((layer) => ({ ...layer, status: 'failed' as const, problem: error.problem }))
    : [
        {
          id: `adapter:${adapterId}`,
          kind: 'engine' as const,
          name: adapterId,
          status: 'failed' as const,
          problem: error.problem,
          details: [],
        },
      ];
  return { layers, sightings: [] };
}
