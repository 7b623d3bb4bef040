import type { Container } from './container';
import type { Layer, LayerKind } from './layer';
import type { ProcessTable } from './process';

/** The whole host at one moment. */
export interface Inventory {
  readonly observedAt: string;
  /** Top to bottom. */
  readonly layers: readonly Layer[];
  readonly containers: readonly Container[];
  readonly processes: ProcessTable;
}

const KEEPERS: readonly LayerKind[] = ['engine', 'cri', 'containerd', 'shim'];

/**
 * True for a container that an OCI runtime keeps and no engine: somebody has called the runtime by hand, or who made it is
 * gone. False while a daemon does not answer, since the container may be its.
 */
export function isWithoutEngine(container: Container, layers: readonly Layer[]): boolean {
  const kinds = new Set(layers.filter(({ id }) => container.layers.includes(id)).map(({ kind }) => kind));
  if (!kinds.has('oci-runtime') || KEEPERS.some((kind) => kinds.has(kind))) return false;
  return !layers.some(({ kind, status }) => KEEPERS.includes(kind) && status === 'failed');
}

/** The container of an id, a unique runtime id, a unique prefix of one (12 digits or more), or a unique name. */
export function findContainer(inventory: Inventory, idOrName: string): Container | undefined {
  const wanted = idOrName.replace(/^\//, '');
  const { containers } = inventory;
  const exact = containers.find((container) => container.id === wanted);
  if (exact) return exact;
  // Two containers may have the same runtime id: in two namespaces, or in two containerds.
  const only = (of: (container: Container) => boolean): Container | undefined => {
    const [first, ...others] = containers.filter(of);
    return others.length === 0 ? first : undefined;
  };
  return (
    only(({ runtimeId }) => runtimeId === wanted) ??
    (wanted.length >= 12 ? only(({ runtimeId }) => runtimeId.startsWith(wanted)) : undefined) ??
    only(({ name }) => name === wanted)
  );
}
