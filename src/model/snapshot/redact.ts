import { maskRecordedCall } from '../recording/mask';
import type { RecordedCall } from '../recording/recordedCall';
import { maskPayload } from '../secrets';
import { pathOf, type Place } from '../../util/schema';
import type { Redaction, Snapshot } from './snapshot';

/** So many places are listed; all are counted. */
const MOST_PATHS = 1_000;

/**
 * A copy with its secrets replaced by a mask, and a list of where they stood. What counts as a secret is what pages and
 * documents mask: values of variables, options, labels and members by their names, and texts by their form.
 */
export function redact(snapshot: Snapshot): Snapshot {
  const containers = snapshot.containers.map((one) => {
    const masked = maskPayload(one).value as typeof one;
    const recorded = one.inspected?.seen.recorded;
    if (!recorded || !masked.inspected) return masked;
    // Calls hold secrets in their paths too, and bodies that are text and not JSON.
    const calls: readonly RecordedCall[] = recorded.map(maskRecordedCall);
    return { ...masked, inspected: { ...masked.inspected, seen: { ...masked.inspected.seen, recorded: calls } } };
  });
  const inventory = maskPayload(snapshot.inventory).value as Snapshot['inventory'];
  const masked = { ...snapshot, inventory, containers };
  const places = new Places();
  places.compare(snapshot.inventory, inventory, { key: 'inventory', in: undefined });
  places.compare(snapshot.containers, containers, { key: 'containers', in: undefined });
  const secrets: Redaction = { redacted: true, count: places.count, paths: places.paths };
  return { ...masked, secrets };
}

/** Where two values of the same shape differ. */
class Places {
  count = 0;
  readonly paths: string[] = [];

  compare(before: unknown, after: unknown, place: Place): void {
    if (before === after) return;
    if (Array.isArray(before) && Array.isArray(after)) {
      before.forEach((one: unknown, key) => this.compare(one, after[key], { key, in: place }));
    } else if (isObject(before) && isObject(after)) {
      for (const key of Object.keys(before)) this.compare(before[key], after[key], { key, in: place });
    } else {
      this.count++;
      if (this.paths.length < MOST_PATHS) this.paths.push(pathOf(place));
    }
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
