import type { Container } from '../model/container';
import type { Inspection } from '../model/inspection';
import type { KernelReadings } from '../model/lineage/readings';
import { RuntimeError } from '../model/problem';
import { buildSnapshot, type Reading } from '../model/snapshot/build';
import type { SeenOfContainer, Snapshot } from '../model/snapshot/snapshot';
import { mapPooled } from '../util/pool';
import type { RuntimeStore } from './store';

/** Containers inspected at a time: an engine answers four as fast as one, and is not kept from others by them. */
const AT_ONCE = 4;

export interface SnapshotSources {
  readonly store: Pick<RuntimeStore, 'complete' | 'inspect' | 'attend'>;
  readonly readKernel: (inspection: Inspection) => Promise<KernelReadings | undefined>;
  /** What was recorded and observed of a container. */
  readonly seen: (inspection: Inspection) => Promise<SeenOfContainer>;
}

export interface SnapshotRequest {
  readonly host: Snapshot['host'];
  readonly takenBy: string;
  readonly withSecrets: boolean;
  readonly onProgress?: (done: number, all: number, container: Container) => void;
  readonly signal?: AbortSignal;
}

/**
 * Looks at the host, with its slowest layer, and inspects all of its containers. One that cannot be inspected is in the snapshot with its reason.
 *
 * @throws RuntimeError `cancelled`, or when the host cannot be looked at
 */
export async function takeSnapshot(sources: SnapshotSources, request: SnapshotRequest): Promise<Snapshot> {
  const { signal, onProgress } = request;
  // While nobody looks, every inspection would begin with a look at the whole host.
  const attention = sources.store.attend();
  try {
    return await taken(sources, request, signal, onProgress);
  } finally {
    attention.dispose();
  }
}

async function taken(
  sources: SnapshotSources,
  request: SnapshotRequest,
  signal: AbortSignal | undefined,
  onProgress: SnapshotRequest['onProgress'],
): Promise<Snapshot> {
  const inventory = await sources.store.complete(signal);
  const { containers } = inventory;
  const readings = new Map<string, Reading>();
  await mapPooled(containers, AT_ONCE, async (container) => {
    onProgress?.(readings.size, containers.length, container);
    readings.set(container.id, await read(sources, container, signal));
  });
  return buildSnapshot({
    inventory,
    readings,
    takenAt: new Date().toISOString(),
    takenBy: request.takenBy,
    host: request.host,
    withSecrets: request.withSecrets,
  });
}

async function read(
  { store, readKernel, seen }: SnapshotSources,
  container: Container,
  signal: AbortSignal | undefined,
): Promise<Reading> {
  const what = `Inspecting ${container.name ?? container.runtimeId}`;
  const cancelled = (): boolean => signal?.aborted === true;
  if (cancelled()) throw new RuntimeError({ code: 'cancelled', what, reason: 'The export was cancelled.' });
  try {
    const inspection = await store.inspect(container.id, signal);
    const [kernel, known] = await Promise.all([readKernel(inspection), seen(inspection)]);
    return { inspection, kernel, seen: known };
  } catch (error) {
    if (cancelled()) throw RuntimeError.from(error, what);
    return { problem: RuntimeError.from(error, what).problem };
  }
}
