import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asRecord, asString } from '../../src/util/records';

const ROOT = join(__dirname, '../..');

/** package.json as it is written: its texts are keys such as `%command.refresh%`. */
export const MANIFEST: unknown = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** The texts of package.json by key; without a language in English. */
export function manifestTexts(language?: string): ReadonlyMap<string, string> {
  const file = language ? `package.nls.${language}.json` : 'package.nls.json';
  const texts: unknown = JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
  return new Map(Object.entries(asRecord(texts) ?? {}).map(([key, text]) => [key, asString(text) ?? '']));
}

/** The same value with the text in place of each key that has one. */
export function resolveTexts(value: unknown, texts: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return texts.get(/^%(.+)%$/.exec(value)?.[1] ?? '') ?? value;
  if (Array.isArray(value)) return value.map((item: unknown) => resolveTexts(item, texts));
  const record = asRecord(value);
  if (!record) return value;
  return Object.fromEntries(Object.entries(record).map(([key, inner]) => [key, resolveTexts(inner, texts)]));
}
