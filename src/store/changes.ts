import type { Container } from '../model/container';
import type { Inventory } from '../model/inventory';
import type { Layer } from '../model/layer';

/** What differs between two inventories, in what views show. */
export interface Difference {
  /** Containers that came, went or changed. */
  readonly containerIds: readonly string[];
  /** A layer came, went, or says something else of itself. */
  readonly layersChanged: boolean;
}

/** Compares two inventories; the time of observation and the process table do not count. */
export function differenceOf(before: Inventory | undefined, after: Inventory): Difference {
  const old = new Map(before?.containers.map((container) => [container.id, container]));
  const changed: string[] = [];
  for (const container of after.containers) {
    const previous = old.get(container.id);
    old.delete(container.id);
    if (!previous || fingerprint(previous) !== fingerprint(container)) changed.push(container.id);
  }
  changed.push(...old.keys());
  const layersChanged = layersText(before?.layers ?? []) !== layersText(after.layers);
  return { containerIds: changed, layersChanged };
}

/** Everything a view shows of a container; "Up 3 minutes" counts as "Up", or every minute would be a change. */
function fingerprint(container: Container): string {
  return JSON.stringify([
    container.name,
    container.image,
    container.state,
    container.stateText?.replace(/\d+|About an?|Less than an?/g, ''),
    container.layers,
    container.sightings.map((sighting) => [
      sighting.initPid,
      sighting.initStartTicks,
      sighting.shim?.pid,
      sighting.bundle,
      sighting.name,
    ]),
    container.letGo.length,
  ]);
}

function layersText(layers: readonly Layer[]): string {
  return JSON.stringify(
    layers.map(({ id, name, version, status, problem, containerIds, kubeContexts }) => [
      id,
      name,
      version,
      status,
      problem,
      [...containerIds].sort(),
      kubeContexts,
    ]),
  );
}
