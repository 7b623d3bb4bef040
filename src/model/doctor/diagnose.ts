import * as path from 'node:path';
import { checkBundles, checkOrphans, checkPids, checkSockets } from './containerChecks';
import { socketsEvidence } from './evidence';
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

/** Sockets that are nobody's known are told together: a node may have hundreds, and one is like the other. */
export function gathered(findings: readonly Finding[]): Finding[] {
  const folders = new Map<string, Finding[]>();
  for (const finding of findings) {
    if (finding.kind !== 'socket-left-behind' || finding.runtimeId !== undefined) continue;
    const folder = path.dirname(finding.where);
    folders.set(folder, [...(folders.get(folder) ?? []), finding]);
  }
  const several = [...folders].filter(([, members]) => members.length > 1);
  const told = new Set(several.flatMap(([, members]) => members));
  const together = several.map(([folder, members]): Finding => {
    const paths = members.map(({ where }) => where);
    const times = members.flatMap(({ sinceMs }) => sinceMs ?? []);
    return {
      key: `sockets-left-behind ${folder}`,
      kind: 'socket-left-behind',
      severity: 'leftover',
      subject: `${members.length} sockets in ${folder}`,
      where: folder,
      evidence: socketsEvidence(folder, paths, members[0]?.evidence ?? []),
      ...(times.length === 0 ? {} : { sinceMs: Math.max(...times) }),
    };
  });
  return [...findings.filter((finding) => !told.has(finding)), ...together].sort(byUrgency);
}

/** How long until everything in the findings is old enough to be no moment of a change; 0 when it is now. */
export function untilSettled(findings: readonly Finding[], nowMs: number, settledMs: number): number {
  const times = findings.map(({ sinceMs }) => sinceMs).filter((time) => time !== undefined);
  // A clock that was set back would make things of the future: nobody waits longer than once.
  return times.length === 0 ? 0 : Math.min(settledMs, Math.max(0, Math.max(...times) + settledMs - nowMs));
}
