import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { asRecord, asString } from '../../src/util/records';
import { assertKeepsMarks } from '../support/translations';

const ROOT = join(__dirname, '../..');

function bundle(name: string): ReadonlyMap<string, string> {
  const parsed: unknown = JSON.parse(readFileSync(join(ROOT, 'l10n', name), 'utf8'));
  return new Map(Object.entries(asRecord(parsed) ?? {}).map(([key, text]) => [key, asString(text) ?? '']));
}

/** Every text of the sources, as `npm run l10n` collects them. */
async function collected(): Promise<readonly string[]> {
  const module = (await import(pathToFileURL(join(ROOT, 'scripts/lib/texts.mjs')).href)) as {
    collectTexts: () => Map<string, string>;
  };
  return [...module.collectTexts().keys()].sort();
}

describe('the translations in l10n', () => {
  const korean = bundle('bundle.l10n.ko.json');

  it('have every text of the sources, and no other: npm run l10n', async function () {
    this.timeout(60_000);
    const texts = await collected();
    assert.ok(texts.length > 1500, String(texts.length));
    const known = new Set(texts);
    assert.deepEqual(
      texts.filter((text) => !korean.has(text)),
      [],
    );
    assert.deepEqual(
      [...korean.keys()].filter((text) => !known.has(text)),
      [],
    );
  });

  it('keep placeholders, code and links in Korean', () => {
    assert.ok(korean.size > 1500, String(korean.size));
    for (const [text, translated] of korean) assertKeepsMarks(text, translated);
  });
});
