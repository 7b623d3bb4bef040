import { buildSnapshot } from '../../src/model/snapshot/build';
import type { Snapshot } from '../../src/model/snapshot/snapshot';
import { AT, shop, shopInspection } from './shop';

/** The small host of tests as a snapshot: one container is inspected, the others could not be. */
export function shopSnapshot(more: { readonly withSecrets?: boolean } = {}): Snapshot {
  const inventory = shop();
  const [first] = inventory.containers;
  if (!first) throw new Error('the shop is empty');
  const seen = { recorded: [], observations: [], missing: [] };
  return buildSnapshot({
    inventory,
    readings: new Map([[first.id, { inspection: shopInspection(first.id), seen }]]),
    takenAt: AT,
    takenBy: 'a test',
    host: { name: 'shop' },
    withSecrets: more.withSecrets ?? false,
  });
}
