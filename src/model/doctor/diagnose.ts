import { checkBundles, checkOrphans, checkPids, checkSockets } from './containerChecks';
import { byUrgency, type Finding } from './finding';
import type { Observation } from './observation';
import { checkShims, checkZombies } from './shimChecks';

/**
 * All that one observation shows. A container that is being made or removed at this moment looks broken too, so one
 * observation is never enough: see `stillThere`.
 */
export function diagnose(seen: Observation): Finding[] {
  return [
    ...checkOrphans(seen),
    ...checkShims(seen),
    ...checkZombies(seen),
    ...checkPids(seen),
    ...checkBundles(seen),
    ...checkSockets(seen),
  ]
    .filter(({ runtimeId }) => runtimeId === undefined || !seen.busy.has(runtimeId))
    .sort(byUrgency);
}

/** Of what an earlier look found, what a later one finds too, with the later one's evidence. */
export function stillThere(before: readonly Finding[], now: readonly Finding[]): Finding[] {
  const keys = new Set(before.map(({ key }) => key));
  return now.filter(({ key }) => keys.has(key));
}

/** How long until everything in the findings is old enough to be no moment of a change; 0 when it is now. */
export function untilSettled(findings: readonly Finding[], nowMs: number, settledMs: number): number {
  const times = findings.map(({ sinceMs }) => sinceMs).filter((time) => time !== undefined);
  // A clock that was set back would make things of the future: nobody waits longer than once.
  return times.length === 0 ? 0 : Math.min(settledMs, Math.max(0, Math.max(...times) + settledMs - nowMs));
}
