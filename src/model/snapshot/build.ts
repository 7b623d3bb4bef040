import type { Container } from '../container';
import type { Inspection } from '../inspection';
import type { Inventory } from '../inventory';
import type { KernelReadings } from '../lineage/readings';
import type { Problem } from '../problem';
import type { ProcessRecord, ProcessTable } from '../process';
import { redact } from './redact';
import {
  SNAPSHOT_FORMAT,
  SNAPSHOT_VERSION,
  type SeenOfContainer,
  type Snapshot,
  type SnapshotContainer,
  type StoredContainer,
} from './snapshot';

/** What was read of one container for a snapshot, or why it could not be. */
export type Reading =
  | {
      readonly inspection: Inspection;
      readonly kernel?: KernelReadings | undefined;
      readonly seen: SeenOfContainer;
    }
  | { readonly problem: Problem };

export interface SnapshotParts {
  readonly inventory: Inventory;
  /** By container id. */
  readonly readings: ReadonlyMap<string, Reading>;
  readonly takenAt: string;
  readonly takenBy: string;
  readonly host: Snapshot['host'];
  /** True keeps the secrets. */
  readonly withSecrets: boolean;
}

/** Programs that views look for by their names, besides those that have to do with a container. */
const PROGRAMS =
  /^(?:docker|dockerd|docker-init|docker-proxy|containerd.*|cri-containerd|cri-dockerd|runc|crun|conmon|podman|crio|kubelet|lxc-start)$/;

/** Puts a snapshot together: plain data, secrets masked unless they are to be kept. */
export function buildSnapshot(parts: SnapshotParts): Snapshot {
  const { inventory, readings, takenAt, takenBy, host } = parts;
  const snapshot: Snapshot = {
    format: SNAPSHOT_FORMAT,
    schemaVersion: SNAPSHOT_VERSION,
    takenAt,
    takenBy,
    host,
    secrets: { redacted: false, count: 0, paths: [] },
    inventory: {
      observedAt: inventory.observedAt,
      layers: inventory.layers.map(({ awaits: _, ...layer }) => layer),
      processes: { observedAt: inventory.processes.observedAt, records: processesOf(inventory, readings) },
    },
    containers: inventory.containers.map((container) => storedOf(container, readings.get(container.id))),
  };
  return parts.withSecrets ? snapshot : redact(snapshot);
}

function storedOf(container: Container, reading: Reading | undefined): SnapshotContainer {
  const stored: StoredContainer = {
    ...container,
    labels: Object.fromEntries(container.labels),
    sightings: container.sightings.map(({ labels, ...sighting }) => ({
      ...sighting,
      ...(labels ? { labels: Object.fromEntries(labels) } : {}),
    })),
  };
  if (reading && 'inspection' in reading) {
    const { inspection, kernel, seen } = reading;
    const { observedAt, facts } = inspection;
    return { container: stored, inspected: { observedAt, facts, ...(kernel ? { kernel } : {}), seen } };
  }
  const problem: Problem = reading?.problem ?? {
    code: 'cancelled',
    what: `Inspecting ${container.name ?? container.runtimeId}`,
    reason: 'It was not inspected when the snapshot was taken.',
  };
  return { container: stored, problem };
}

/** The processes that have to do with containers, their ancestors, and the runtimes' own programs. */
function processesOf({ containers, processes }: Inventory, readings: SnapshotParts['readings']): ProcessRecord[] {
  const wanted = new Set<number>();
  const withAncestors = (pid: number | undefined): void => {
    for (let at = pid; at !== undefined && !wanted.has(at); at = processes.byPid.get(at)?.parentPid) wanted.add(at);
  };
  for (const { sightings } of containers) {
    for (const { initPid, shim } of sightings) {
      withAncestors(initPid);
      withAncestors(shim?.pid);
      addBelow(processes, shim?.pid ?? initPid, wanted);
    }
  }
  for (const reading of readings.values()) {
    const found = 'inspection' in reading ? reading.inspection.facts.processes : undefined;
    if (found && 'value' in found) for (const { hostPid } of found.value) withAncestors(hostPid);
  }
  const all = [...processes.byPid.values()];
  for (const { pid, comm } of all) if (PROGRAMS.test(comm)) wanted.add(pid);
  return all.filter(({ pid }) => wanted.has(pid));
}

function addBelow(processes: ProcessTable, pid: number | undefined, wanted: Set<number>): void {
  const waiting = pid === undefined ? [] : [pid];
  const seen = new Set(waiting);
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    wanted.add(at);
    for (const child of processes.childrenOf(at)) {
      if (seen.has(child.pid)) continue;
      seen.add(child.pid);
      waiting.push(child.pid);
    }
  }
}
