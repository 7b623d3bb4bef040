import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asRecord, asString } from '../../src/util/records';
import { assertKeepsMarks } from '../support/translations';

const ROOT = join(__dirname, '../..');

function bundle(name: string): ReadonlyMap<string, string> {
  const parsed: unknown = JSON.parse(readFileSync(join(ROOT, 'l10n', name), 'utf8'));
  return new Map(Object.entries(asRecord(parsed) ?? {}).map(([key, text]) => [key, asString(text) ?? '']));
}

describe('the translations in l10n', () => {
  const korean = bundle('bundle.l10n.ko.json');

  it('keep placeholders, code and links in Korean', () => {
    assert.ok(korean.size > 1500, String(korean.size));
    for (const [text, translated] of korean) assertKeepsMarks(text, translated);
  });
});
