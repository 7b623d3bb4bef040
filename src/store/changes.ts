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
    // One of whom nothing new was said is the very same object.
    if (previous === container) continue;
    if (!previous || fingerprint(previous) !== fingerprint(container)) changed.push(container.id);
  }
  changed.push(...old.keys());
  return { containerIds: changed, layersChanged: !sameLayers(before?.layers ?? [], after.layers) };
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

function sameLayers(before: readonly Layer[], after: readonly Layer[]): boolean {
  return before.length === after.length && before.every((layer, index) => sameLayer(layer, after[index]));
}

function sameLayer(before: Layer, after: Layer | undefined): boolean {
  return after !== undefined && wordsOf(before) === wordsOf(after) && sameIds(before.containerIds, after.containerIds);
}

function wordsOf({ id, name, version, status, problem, kubeContexts }: Layer): string {
  return JSON.stringify([id, name, version, status, problem, kubeContexts]);
}

/** The order of a layer's containers means nothing. */
function sameIds(before: readonly string[], after: readonly string[]): boolean {
  if (before.length !== after.length) return false;
  if (before.every((id, index) => id === after[index])) return true;
  const ids = new Set(before);
  return after.every((id) => ids.has(id));
}
