import { buildApiCalls } from '../model/apiCalls/chain';
import { concerns } from '../model/apiCalls/recorded';
import type { ApiCall } from '../model/apiCall';
import type { CgroupReport } from '../model/cgroup';
import { isKnown } from '../model/fact';
import type { Inspection } from '../model/inspection';
import { findContainer } from '../model/inventory';
import { buildLineage } from '../model/lineage/buildLineage';
import { unreadReadings, type KernelReadings } from '../model/lineage/readings';
import type { LineageRow } from '../model/lineage/row';
import type { Problem } from '../model/problem';
import type { RecordedCall } from '../model/recording/recordedCall';
import { hostKeyOf } from '../model/snapshot/host';
import type { SeenOfContainer } from '../model/snapshot/snapshot';
import type { StoredContainer } from '../model/stored';
import type { Births, KnownBirth } from './births';
import type { HostsStore } from './hosts';

/** How this machine answers what an inspection does not hold. */
export interface LiveSources {
  readonly readKernel: (inspection: Inspection) => Promise<KernelReadings | undefined>;
  readonly observe: (inspection: Inspection) => Promise<Pick<SeenOfContainer, 'observations' | 'missing'>>;
  readonly rereadUsage: (report: CgroupReport) => Promise<CgroupReport>;
  readonly readStored: (inspection: Inspection, signal?: AbortSignal) => Promise<StoredContainer | undefined>;
  /** Calls that a relay has recorded, of any container, oldest first. */
  readonly recorded: () => readonly RecordedCall[];
}

/**
 * What pages and documents are made from besides an inspection. Of a container of this machine it is read now; of one in a
 * snapshot it is what was read when the snapshot was taken; of one on a live host elsewhere what its engine still knows.
 */
export class ContainerSources {
  /** What the kernel said at each inspection: of an earlier state it cannot be asked any more. */
  private readonly read = new WeakMap<Inspection, KernelReadings>();

  constructor(
    private readonly hosts: HostsStore,
    private readonly live: LiveSources,
    private readonly births: Births,
  ) {}

  /** The calls that made a container, secrets masked unless `reveal`. */
  calls(inspection: Inspection, reveal: boolean): readonly ApiCall[] {
    const inventory = this.hosts.inventoryOf(inspection.id);
    const container = inventory && findContainer(inventory, inspection.id);
    const recorded = this.recordedOf(inspection.id);
    return container ? buildApiCalls({ container, facts: inspection.facts, reveal, recorded }) : inspection.apiCalls;
  }

  /** What the kernel says of a container's first process; undefined when it has none. */
  kernel(inspection: Inspection): Promise<KernelReadings | undefined> {
    return hostKeyOf(inspection.id) === undefined
      ? this.live.readKernel(inspection)
      : Promise.resolve(this.hosts.otherOf(inspection.id)?.kernelOf(inspection.id));
  }

  /** What containerd stores for a container; undefined when no containerd of this machine holds it. */
  stored(inspection: Inspection, signal?: AbortSignal): Promise<StoredContainer | undefined> {
    return hostKeyOf(inspection.id) === undefined
      ? this.live.readStored(inspection, signal)
      : Promise.resolve(undefined);
  }

  /** Every setting as requested, specified and enforced. */
  async lineage(inspection: Inspection, reveal: boolean): Promise<readonly LineageRow[]> {
    const readings = await this.kernel(inspection);
    if (readings) this.read.set(inspection, readings);
    return buildLineage(inspection.facts, {
      reveal,
      neighbours: this.neighboursOf(inspection.id),
      ...(readings ? { readings } : {}),
    });
  }

  /** A lineage of what is known of an inspection, for whoever cannot wait for the kernel's side, or comes too late for it. */
  lineageSketch(inspection: Inspection, reveal: boolean): readonly LineageRow[] {
    const { id, facts } = inspection;
    const pid = isKnown(facts.initPid) ? facts.initPid.value : undefined;
    const readings =
      this.read.get(inspection) ?? (pid === undefined ? undefined : unreadReadings({ pid, startTicks: 0 }));
    return buildLineage(facts, { reveal, neighbours: this.neighboursOf(id), ...(readings ? { readings } : {}) });
  }

  /** What was recorded and observed of how a container came to be. */
  async seen(inspection: Inspection): Promise<SeenOfContainer> {
    if (hostKeyOf(inspection.id) !== undefined) {
      return { ...(await this.observed(inspection)), recorded: this.recordedOf(inspection.id) };
    }
    const current = this.hosts.inventoryOf(inspection.id);
    const container = current && findContainer(current, inspection.id);
    const seen = this.births.withTrace(inspection.id, await this.live.observe(inspection));
    const recorded = container ? this.live.recorded().filter((call) => concerns(call, container)) : [];
    return { ...seen, recorded };
  }

  /** How a container came to be. Without an inspection only what was traced. */
  async birth(containerId: string, inspection: Inspection | undefined, reveal: boolean): Promise<KnownBirth> {
    const id = inspection?.id ?? containerId;
    const inventory = this.hosts.inventoryOf(id);
    const container = inventory && findContainer(inventory, id);
    const seen = inspection ? await this.observed(inspection) : NOTHING;
    const about = { ...(inspection ? { inspection } : {}), container };
    return this.births.build(containerId, about, this.recordedOf(id), seen, reveal);
  }

  /** The files of the last report again: a chart asks every other second, and paths change only with the container. */
  async usage(containerId: string, signal: AbortSignal): Promise<CgroupReport | Problem> {
    const what = 'Reading its cgroups';
    const other = this.hosts.otherOf(containerId);
    if (other) return other.whyNoUsage(what);
    const { facts } = this.hosts.peek(containerId) ?? (await this.hosts.inspect(containerId, signal));
    if (isKnown(facts.cgroups)) return this.live.rereadUsage(facts.cgroups.value);
    return { code: 'absent', what, reason: facts.cgroups.unavailable, remedy: facts.cgroups.remedy };
  }

  private async observed(inspection: Inspection): Promise<Pick<SeenOfContainer, 'observations' | 'missing'>> {
    return hostKeyOf(inspection.id) === undefined
      ? this.live.observe(inspection)
      : ((await this.hosts.otherOf(inspection.id)?.observe(inspection)) ?? NOTHING);
  }

  private recordedOf(containerId: string): readonly RecordedCall[] {
    if (hostKeyOf(containerId) === undefined) return this.live.recorded();
    return this.hosts.otherOf(containerId)?.recordedOf(containerId) ?? [];
  }

  /** The namespaces of the other containers that have been inspected: who shares one is said by name. */
  private neighboursOf(id: string): ReadonlyMap<string, Readonly<Record<string, number>>> {
    const others = (this.hosts.inventoryOf(id)?.containers ?? []).filter((container) => container.id !== id);
    return new Map(
      others.flatMap((container) => {
        const namespaces = this.hosts.peek(container.id)?.facts.namespaces;
        return isKnown(namespaces) ? [[container.name ?? container.id, namespaces.value] as const] : [];
      }),
    );
  }
}

const NOTHING: Pick<SeenOfContainer, 'observations' | 'missing'> = { observations: [], missing: [] };
