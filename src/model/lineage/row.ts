import type { Fact } from '../fact';

/**
 * - `in-force`: the kernel has what was asked for;
 * - `differs`: it has something else, and `why` says what is known of the reason;
 * - `not-enforced`: it was asked for and has no effect;
 * - `unreadable`: what the kernel has cannot be read here; the enforced fact names the remedy;
 * - `unset`: nobody asked for anything, and the kernel's or a higher layer's default holds.
 */
export type Verdict = 'in-force' | 'differs' | 'not-enforced' | 'unreadable' | 'unset';

/** Who wanted it: whoever made the container, the image, the engine's defaults, or nobody. */
export type Origin = 'request' | 'image' | 'engine' | 'nobody';

export const LINEAGE_GROUPS = [
  'Memory',
  'CPU',
  'Processes',
  'Disk',
  'Devices',
  'Privileges',
  'User',
  'Limits',
  'Namespaces',
  'Files',
  'Program',
  'Environment',
  'Runtime',
] as const;
export type LineageGroup = (typeof LINEAGE_GROUPS)[number];

export interface RequestedValue {
  /** The API's field: `HostConfig.Memory`. */
  readonly field: string;
  /** For people; "not set" when nothing was asked. */
  readonly value: string;
  readonly origin: Origin;
}

export interface SpecifiedValue {
  /** The field of config.json: `linux.resources.memory.limit`. */
  readonly path: string;
  readonly value: string;
  /** Where in this very config.json it stands, or would stand: keys and indices from the root. Empty: in no field of it. */
  readonly places: readonly Place[];
}

/** Keys from the root of a document; indices of arrays as decimal digits. */
export type Place = readonly string[];

export interface EnforcedValue {
  /** The kernel's file, absolute where it is known. */
  readonly file: string;
  /** Other files that the value was read from as well. */
  readonly besides?: readonly string[];
  /** The file's own words. */
  readonly raw: string;
  /** For people. */
  readonly readable: string;
}

/** One setting on its way: requested, specified, enforced. JSON-serialisable. */
export interface LineageRow {
  readonly setting: string;
  readonly group: LineageGroup;
  readonly requested: Fact<RequestedValue>;
  readonly specified: Fact<SpecifiedValue>;
  readonly enforced: Fact<EnforcedValue>;
  readonly verdict: Verdict;
  /** One or two sentences: why this verdict. */
  readonly why: string;
}
