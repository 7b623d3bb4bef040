import { asArray, asRecord, asString } from '../../util/records';

/** Deeper than anything real. */
export const DEEPEST = 60;

/** Lists of which the order means nothing: what counts is what is in them. */
const SETS =
  /^(?:bounding|effective|inheritable|permitted|ambient|CapAdd|CapDrop|maskedPaths|readonlyPaths|MaskedPaths|ReadonlyPaths|SecurityOpt|GroupAdd|options|Binds|BoundingCaps|EffectiveCaps)$/;
/** Members by which the objects of a list are told apart. */
const NAMES = [
  'destination',
  'Destination',
  'Target',
  'container_path',
  'type',
  'path',
  'name',
  'Name',
  'key',
] as const;

/**
 * The members of an object or a list by a name that is the same on both sides of a comparison: variables by theirs, mounts
 * by their destination, capabilities by themselves. Undefined for a plain value.
 *
 * @param key under which the value stands
 */
export function membersOf(value: unknown, key: string): ReadonlyMap<string, unknown> | undefined {
  if (Array.isArray(value)) return listMembers(asArray(value), key);
  const record = asRecord(value);
  return record && new Map(Object.entries(record));
}

function listMembers(list: readonly unknown[], key: string): ReadonlyMap<string, unknown> {
  const named = new Map<string, unknown>();
  list.forEach((member, index) => {
    const name = nameOf(member, key) ?? String(index);
    // A second one of the same name is told apart by its place.
    named.set(named.has(name) ? `${name} [${index}]` : name, member);
  });
  return named;
}

function nameOf(member: unknown, key: string): string | undefined {
  if (typeof member === 'string') {
    if (/^env$/i.test(key)) return member.split('=', 1)[0];
    return SETS.test(key) ? member : undefined;
  }
  const record = asRecord(member);
  if (!record) return undefined;
  for (const name of NAMES) {
    const value = asString(record[name]);
    if (value !== undefined) return value;
  }
  return undefined;
}
