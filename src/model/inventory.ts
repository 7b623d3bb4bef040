import type { Container } from './container';
import type { Layer } from './layer';
import type { ProcessTable } from './process';

/** The whole host at one moment. */
export interface Inventory {
  readonly observedAt: string;
  /** Top to bottom. */
  readonly layers: readonly Layer[];
  readonly containers: readonly Container[];
  readonly processes: ProcessTable;
}

/** The container of an id, a unique id prefix (12 digits or more), or a unique name. */
export function findContainer(inventory: Inventory, idOrName: string): Container | undefined {
  const wanted = idOrName.replace(/^\//, '');
  const { containers } = inventory;
  const exact = containers.find((container) => container.id === wanted || container.runtimeId === wanted);
  if (exact) return exact;
  const prefixed = wanted.length >= 12 ? containers.filter((container) => container.runtimeId.startsWith(wanted)) : [];
  if (prefixed.length === 1) return prefixed[0];
  const named = containers.filter((container) => container.name === wanted);
  return named.length === 1 ? named[0] : undefined;
}
