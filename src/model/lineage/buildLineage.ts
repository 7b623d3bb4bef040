import { asStrings, memberAt } from '../../util/records';
import { valueOf } from '../fact';
import type { ContainerFacts } from '../inspection';
import type { Sources } from './columns';
import { cgroupFileSettings } from './cgroupFileRows';
import { diskSettings } from './diskRows';
import { fileSettings } from './fileRows';
import { judge } from './judge';
import { limitSettings } from './limitRows';
import { namespaceSettings } from './namespaceRows';
import { noteSettings } from './noteRows';
import { privilegeSettings } from './privilegeRows';
import { environmentSettings, programSettings } from './programRows';
import type { KernelReadings } from './readings';
import { resourceSettings } from './resourceRows';
import { rootSettings } from './rootRows';
import { LINEAGE_GROUPS, type LineageRow } from './row';
import { runtimeSettings } from './runtimeRows';
import { userSettings } from './userRows';

export interface LineageExtra {
  /** What the kernel says of the first process; absent when there is none. */
  readonly readings?: KernelReadings;
  /** Other containers' namespaces by container name, to say who shares one. Type as /proc/PID/ns names it → inode. */
  readonly neighbours?: ReadonlyMap<string, Readonly<Record<string, number>>>;
  /** True shows secrets in variables and arguments. */
  readonly reveal?: boolean;
}

/**
 * For every setting what was requested, what the OCI spec says, what the kernel enforces, and a verdict. Pure: everything
 * comes from the facts, and what they do not hold is an unknown fact in its column.
 */
export function buildLineage(facts: ContainerFacts, extra: LineageExtra = {}): readonly LineageRow[] {
  const sources: Sources = {
    facts,
    neighbours: extra.neighbours ?? new Map(),
    reveal: extra.reveal ?? false,
    ...(extra.readings ? { readings: extra.readings } : {}),
  };
  const rows = [
    ...resourceSettings(sources),
    ...diskSettings(sources),
    ...cgroupFileSettings(sources),
    ...privilegeSettings(sources),
    ...userSettings(sources),
    ...limitSettings(sources),
    ...namespaceSettings(sources),
    ...rootSettings(sources),
    ...fileSettings(sources),
    ...programSettings(sources),
    ...environmentSettings(sources),
    ...runtimeSettings(sources),
    ...noteSettings(sources),
  ].map(judge);
  const rank = (row: LineageRow): number => LINEAGE_GROUPS.indexOf(row.group);
  return rows.sort((a, b) => rank(a) - rank(b));
}

/** The masked and read-only paths of a spec: those of which a reader of the kernel must be asked whether they exist. */
export function kernelPathsOf(facts: ContainerFacts): readonly string[] {
  const linux = memberAt(valueOf(facts.ociConfig), 'linux');
  return [...asStrings(memberAt(linux, 'maskedPaths')), ...asStrings(memberAt(linux, 'readonlyPaths'))];
}
