/*
 * Schemas for data from files that anybody may have written. A schema takes `unknown` and gives back a typed copy, or throws
 * a SchemaError that names the place and the reason. A copy holds only what its schema knows, so nothing else of the file
 * gets any further.
 */

/** Where in a document something stands: a list from the inside out. */
export interface Place {
  readonly key: string | number;
  readonly in: Place | undefined;
}

/**
 * Reads a value, or throws a SchemaError.
 *
 * @param place undefined for the document itself
 * @param prunes leaves members out that the schema does not know, instead of refusing them
 */
export type Schema<T> = (value: unknown, place: Place | undefined, prunes?: boolean) => T;

/** A value that is not as its schema says. */
export class SchemaError extends Error {
  constructor(
    /** The place, such as `$.inventory.layers[3].kind`. */
    readonly path: string,
    readonly reason: string,
  ) {
    super(`${path}: ${reason}`);
    this.name = 'SchemaError';
  }
}

/** Reads a whole document. @throws SchemaError */
export function readWith<T>(schema: Schema<T>, value: unknown): T {
  return schema(value, undefined);
}

/** A copy of our own data with only what the schema knows: objects in memory may have more members than their types say. */
export function pruneWith<T>(schema: Schema<T>, value: T): T {
  return schema(value, undefined, true);
}

/** A place as people and tools write it: `$.containers[2].labels["a.b"]`. Keys come from the file, so they are cut. */
export function pathOf(place: Place | undefined): string {
  const parts: string[] = [];
  for (let at = place; at; at = at.in) parts.push(part(at.key));
  return `$${parts.reverse().join('')}`;
}

function part(key: string | number): string {
  if (typeof key === 'number') return `[${key}]`;
  return /^[A-Za-z_]\w{0,80}$/.test(key) ? `.${key}` : `[${JSON.stringify(key.slice(0, 80))}]`;
}

function refuse(place: Place | undefined, reason: string): never {
  throw new SchemaError(pathOf(place), reason);
}

/** What a value is, for "is …, must be …". */
function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** @param longest in UTF-16 units */
export function text(longest = 1_000_000): Schema<string> {
  return (value, place) => {
    if (typeof value !== 'string') refuse(place, `It is ${kindOf(value)} and must be a text.`);
    if (value.length > longest) refuse(place, `The text has ${value.length} characters; ${longest} are the most.`);
    return value;
  };
}

/** An ISO 8601 time, as `Date` writes and reads it. */
export const time: Schema<string> = (value, place) => {
  const read = text(40)(value, place);
  if (!/^\d{4}-\d\d-\d\dT[\d:.]{5,20}(?:Z|[+-]\d\d:\d\d)$/.test(read) || Number.isNaN(Date.parse(read))) {
    refuse(place, 'It is no time such as 2026-01-02T03:04:05.000Z.');
  }
  return read;
};

export const flag: Schema<boolean> = (value, place) => {
  if (typeof value !== 'boolean') refuse(place, `It is ${kindOf(value)} and must be true or false.`);
  return value;
};

/** A finite number. */
export const number: Schema<number> = (value, place) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    refuse(place, `It is ${kindOf(value)} and must be a number.`);
  }
  return value;
};

/** A whole number that JavaScript holds exactly. */
export const integer: Schema<number> = (value, place) => {
  const read = number(value, place);
  if (!Number.isSafeInteger(read)) refuse(place, 'It must be a whole number.');
  return read;
};

/** One of some texts or numbers. */
export function oneOf<const T extends string | number>(...allowed: readonly T[]): Schema<T> {
  return (value, place) => {
    const found = allowed.find((one) => one === value);
    if (found === undefined) refuse(place, `It must be one of: ${allowed.join(', ')}.`);
    return found;
  };
}

/** Any JSON: what an engine or a file said, in the sayer's own form. Depth and size are bounded before, for the whole. */
export const anything: Schema<unknown> = (value, place) => {
  if (value === undefined) refuse(place, 'It is missing.');
  return value;
};

export function list<T>(item: Schema<T>, most: number): Schema<readonly T[]> {
  return (value, place, prunes) => {
    if (!Array.isArray(value)) refuse(place, `It is ${kindOf(value)} and must be an array.`);
    if (value.length > most) refuse(place, `It has ${value.length} entries; ${most} are the most.`);
    return value.map((one: unknown, index) => item(one, { key: index, in: place }, prunes));
  };
}

/** Exactly two values. */
export function pair<A, B>(first: Schema<A>, second: Schema<B>): Schema<readonly [A, B]> {
  return (value, place) => {
    if (!Array.isArray(value) || value.length !== 2) refuse(place, 'It must be an array of two.');
    return [first(value[0], { key: 0, in: place }), second(value[1], { key: 1, in: place })];
  };
}

/** An object whose keys are data, such as labels. Keys such as `__proto__` stay own members. */
export function dictionary<T>(item: Schema<T>, most = 10_000): Schema<Readonly<Record<string, T>>> {
  return (value, place, prunes) => {
    const entries = Object.entries(plainObject(value, place));
    if (entries.length > most) refuse(place, `It has ${entries.length} members; ${most} are the most.`);
    return Object.fromEntries(entries.map(([key, one]) => [key, item(one, { key, in: place }, prunes)]));
  };
}

/** Marks a member that may be missing. */
export interface Optional<T> {
  readonly optional: Schema<T>;
}

export function optional<T>(schema: Schema<T>): Optional<T> {
  return { optional: schema };
}

type IsOptional<T, K extends keyof T> = Record<never, never> extends Pick<T, K> ? true : false;

/** A schema for every member of a type, so that a member that is added to the type without one does not compile. */
export type Members<T> = {
  readonly [K in keyof T]-?: IsOptional<T, K> extends true ? Optional<Exclude<T[K], undefined>> : Schema<T[K]>;
};

/** An object with exactly these members. */
export function object<T>(members: Members<T>): Schema<T> {
  const known = new Map(Object.entries<Schema<unknown> | Optional<unknown>>(members));
  return (value, place, prunes = false) => {
    const source = plainObject(value, place);
    for (const key of Object.keys(source)) {
      if (!prunes && !known.has(key)) refuse({ key, in: place }, 'A snapshot has no such member.');
    }
    const copy: Record<string, unknown> = {};
    for (const [key, member] of known) {
      const found = Object.hasOwn(source, key) ? source[key] : undefined;
      if (typeof member === 'function') copy[key] = member(found, { key, in: place }, prunes);
      else if (found !== undefined) copy[key] = member.optional(found, { key, in: place }, prunes);
    }
    // Each member was read by the schema of its name, which the mapped type above demands.
    return copy as T;
  };
}

/** One of several objects, told apart by the text in one member. */
export function variant<T>(
  name: keyof T & string,
  schemas: Readonly<Record<T[keyof T & string] & string, Schema<T>>>,
): Schema<T> {
  const known = new Map<string, Schema<T>>(Object.entries<Schema<T>>(schemas));
  return (value, place, prunes) => {
    const tag = plainObject(value, place)[name];
    const schema = typeof tag === 'string' ? known.get(tag) : undefined;
    if (!schema) refuse({ key: name, in: place }, `It must be one of: ${[...known.keys()].join(', ')}.`);
    return schema(value, place, prunes);
  };
}

function plainObject(value: unknown, place: Place | undefined): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse(place, `It is ${kindOf(value)} and must be an object.`);
  }
  return value as Readonly<Record<string, unknown>>;
}
