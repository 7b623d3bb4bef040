import { buildApiCalls } from '../apiCalls/chain';
import type { Container } from '../container';
import type { Inspection } from '../inspection';
import type { Inventory } from '../inventory';
import { tableOf } from '../process';
import type { Snapshot, SnapshotContainer, StoredContainer } from './snapshot';

/*
 * Ids of containers in snapshots begin with the key of their host, so that no id names two containers. `@` is in no id that
 * a runtime gives: containerd and engines allow letters, digits, `_`, `.` and `-`.
 */

/** The id of a snapshot's container among those of all hosts. */
export function idInHost(hostKey: string, containerId: string): string {
  return `@${hostKey}/${containerId}`;
}

/** The key of the host that an id names; undefined for a container of this machine. */
export function hostKeyOf(containerId: string): string | undefined {
  return /^@([\w-]+)\//.exec(containerId)?.[1];
}

/** A container's id without its host: as its own machine named it. */
export function idWithoutHost(containerId: string): string {
  return containerId.replace(/^@[\w-]+\//, '');
}

/** The inventory of a snapshot as views read it. */
export function inventoryOf(snapshot: Snapshot, hostKey: string): Inventory {
  const { observedAt, layers, processes } = snapshot.inventory;
  return {
    observedAt,
    layers: layers.map((layer) => ({
      ...layer,
      containerIds: layer.containerIds.map((id) => idInHost(hostKey, id)),
    })),
    containers: snapshot.containers.map(({ container }) => containerOf(container, hostKey)),
    processes: tableOf(processes.records, processes.observedAt),
  };
}

function containerOf(stored: StoredContainer, hostKey: string): Container {
  return {
    ...stored,
    id: idInHost(hostKey, stored.id),
    labels: new Map(Object.entries(stored.labels)),
    sightings: stored.sightings.map(({ labels, ...sighting }) => ({
      ...sighting,
      ...(labels ? { labels: new Map(Object.entries(labels)) } : {}),
    })),
  };
}

/** An inspection of a snapshot's container; the calls that made it are built from its facts, as they are for a live one. */
export function inspectionOf(
  { inspected }: SnapshotContainer & { readonly inspected: NonNullable<SnapshotContainer['inspected']> },
  container: Container,
): Inspection {
  const { facts, observedAt, seen } = inspected;
  return {
    id: container.id,
    name: container.name ?? container.runtimeId,
    observedAt,
    facts,
    apiCalls: buildApiCalls({ container, facts, recorded: seen.recorded }),
  };
}
