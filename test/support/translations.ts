import assert from 'node:assert/strict';

/**
 * Checks that a translation kept what is no word: {0} placeholders, `code`, and where links lead. Their order is free, as
 * a language wants it.
 */
export function assertKeepsMarks(text: string, translated: string): void {
  assert.deepEqual(marks(translated), marks(text), `${text}\n→ ${translated}`);
  assert.match(translated, /\S/, text);
}

function marks(text: string): readonly string[] {
  const found = [...text.matchAll(/\{(?:\d+|n)\}|`[^`]+`|\]\([^)]*\)/g)].map(([mark]) => mark);
  return found.sort();
}
