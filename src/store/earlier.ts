import { isKnown } from '../model/fact';
import type { Inspection } from '../model/inspection';
import { asRecord } from '../util/records';

/** How many containers' earlier inspections are kept; one is 50 to 200 KB. */
const CAPACITY = 50;

/**
 * Remembers how a container was before it changed: the last inspection whose settings were others than now. In memory alone,
 * because an inspection holds the container's environment.
 */
export class EarlierInspections {
  private readonly kept = new Map<string, Inspection>();

  /** Notes that `next` has taken the place of `previous`. */
  note(previous: Inspection | undefined, next: Inspection): void {
    if (!previous || settingsOf(previous) === settingsOf(next)) return;
    this.kept.delete(next.id);
    this.kept.set(next.id, previous);
    const oldest = this.kept.keys().next().value;
    if (this.kept.size > CAPACITY && oldest !== undefined) this.kept.delete(oldest);
  }

  /** The inspection before the last change; undefined when no change was seen. */
  of(id: string): Inspection | undefined {
    return this.kept.get(id);
  }
}

/** What makes two inspections differ: how the container is set up, and not what it uses at the moment. */
function settingsOf({ name, facts }: Inspection): string {
  const record = isKnown(facts.engineRecord) ? asRecord(facts.engineRecord.value) : undefined;
  const limits = isKnown(facts.cgroups)
    ? facts.cgroups.value.controllers.flatMap(({ readings }) =>
        readings.filter(({ role }) => role === 'limit').map(({ path, raw }) => [path, raw]),
      )
    : undefined;
  return JSON.stringify([
    name,
    isKnown(facts.initPid) ? facts.initPid.value : undefined,
    isKnown(facts.ociConfig) ? facts.ociConfig.value : undefined,
    record?.HostConfig,
    record?.Config,
    record?.Mounts,
    limits,
  ]);
}
