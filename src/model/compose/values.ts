import { asRecord, asString } from '../../util/records';

/** More members than any setting of a service has: aliases of YAML can make a small file a very large one. */
const MOST_MEMBERS = 2000;

/** A single value as text: what Compose takes for a string. Undefined for lists, mappings and null. */
export function scalar(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

/** True where a value holds a variable (`$NAME`, `${NAME:-default}`), or more than can be looked at. */
export function hasVariable(value: unknown): boolean {
  let left = MOST_MEMBERS;
  const look = (member: unknown): boolean => {
    if (--left < 0) return true;
    if (typeof member === 'string') return /(?:^|[^$])(?:\$\$)*\$(?:\{|[A-Za-z_])/.test(member.slice(0, 100_000));
    const record = asRecord(member);
    const members: readonly unknown[] = Array.isArray(member) ? member : record ? Object.values(record) : [];
    return members.some(look);
  };
  return look(value);
}

/** `$$` is a dollar sign. */
export function unescaped(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$$', '$');
  if (Array.isArray(value)) return value.map(unescaped);
  const record = asRecord(value);
  return record ? Object.fromEntries(Object.entries(record).map(([key, member]) => [key, unescaped(member)])) : value;
}

const SIZES: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
  p: 2 ** 50,
};

/** Bytes of "64m", "1.5gb", 1024, "-1". Source: docker/go-units, RAMInBytes, which Compose uses. */
export function bytesOf(value: unknown): number | undefined {
  const match = /^(-?\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i.exec(scalar(value)?.trim() ?? '');
  const size = SIZES[match?.[2]?.toLowerCase() ?? '?'];
  const bytes = match && size !== undefined ? Math.trunc(Number(match[1]) * size) : undefined;
  return bytes !== undefined && Number.isSafeInteger(bytes) ? bytes : undefined;
}

const DURATIONS: Readonly<Record<string, number>> = { us: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9, d: 86_400e9 };

/** Nanoseconds of "1m30s", "1.5h". Source: compose-spec, 11-extension, "Specifying durations". */
export function nanosecondsOf(value: unknown): number | undefined {
  const text = scalar(value) ?? '';
  const parts = text.length > 100 ? [''] : text.split(/(?<=[a-z])(?=\d)/);
  return parts.reduce<number | undefined>((sum, part) => {
    const match = /^(\d{1,15}(?:\.\d{1,9})?)(us|ms|[smhd])$/.exec(part);
    return match && sum !== undefined ? sum + Number(match[1]) * (DURATIONS[match[2] ?? ''] ?? 0) : undefined;
  }, 0);
}

/** A whole number, of a number or its digits. */
export function integerOf(value: unknown): number | undefined {
  const text = scalar(value) ?? '';
  return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** True or false, as YAML and people write it. */
export function booleanOf(value: unknown): boolean | undefined {
  const text = scalar(value);
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

/** The texts of a list, or of one value alone. Undefined where something else stands among them. */
export function textsOf(value: unknown): readonly string[] | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const texts = list.map(scalar);
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

/** The words of a command as a shell takes them apart, without doing anything else that a shell does. */
export function wordsOf(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? '';
    if (quote === '' && /\s/.test(letter)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (letter === quote) quote = '';
    else if (quote === '' && (letter === '"' || letter === "'")) {
      quote = letter;
      word ??= '';
    } else if (letter === '\\' && quote !== "'") {
      const next = text[++at] ?? '';
      word = (word ?? '') + (quote === '"' && !/["\\$`]/.test(next) ? `\\${next}` : next);
    } else word = (word ?? '') + letter;
  }
  if (word !== undefined) words.push(word);
  return quote === '' ? words : undefined;
}

/** A mapping, also where Compose lets people write a list of "NAME=value". A name without a value has null. */
export function mappingOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const record = asRecord(value);
  if (record) return record;
  if (!Array.isArray(value)) return undefined;
  const entries = value.map((entry): [string, unknown] => {
    const text = asString(entry) ?? '';
    const at = text.indexOf('=');
    return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
  });
  return Object.fromEntries(entries);
}
