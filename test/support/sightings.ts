import type { Sighting } from '../../src/model/container';
import type { LayerKind, LayerReport } from '../../src/model/layer';

/** A layer that answered, for tests of what is made from reports. */
export function layer(id: string, kind: LayerKind, more: Partial<LayerReport> = {}): LayerReport {
  return { id, kind, name: id, status: 'ok', details: [], ...more };
}

/** 64 hex digits that begin with `start`. */
export function hexId(start: string): string {
  return start.padEnd(64, '0');
}

export function sighting(layerId: string, runtimeId: string, more: Partial<Sighting> = {}): Sighting {
  return { layerId, runtimeId, ...more };
}
