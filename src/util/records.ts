/*
 * Readers for answers from outside, which are `unknown` until looked at. Each is total: what is not there, or is of
 * another type, is undefined (or empty), so that one odd element never sinks a whole answer.
 */

/** An object with unknown members. */
export type UnknownRecord = Readonly<Record<string, unknown>>;

/** The value as an object; undefined for null, arrays and everything else. */
export function asRecord(value: unknown): UnknownRecord | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as UnknownRecord) : undefined;
}

/** The value as an array; empty for everything else. */
export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

export function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A finite number. */
export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function asBoolean(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** The strings of an array; other elements are left out. */
export function asStrings(value: unknown): readonly string[] {
  return asArray(value).filter((item): item is string => typeof item === 'string');
}

/** The own string members of an object. A map, because foreign keys such as `__proto__` are only safe there. */
export function asStringMap(value: unknown): ReadonlyMap<string, string> {
  const record = asRecord(value);
  const entries = record ? Object.entries(record) : [];
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** The member at a path of own keys, or undefined where the path ends early. */
export function memberAt(value: unknown, ...path: readonly string[]): unknown {
  let current: unknown = value;
  for (const key of path) {
    const record = asRecord(current);
    if (!record || !Object.hasOwn(record, key)) return undefined;
    current = record[key];
  }
  return current;
}
