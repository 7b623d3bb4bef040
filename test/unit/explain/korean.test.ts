import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainCapability } from '../../../src/explain/capabilities';
import type { Explanation } from '../../../src/explain/explanation';
import { explainSpecPath } from '../../../src/explain/specPath';
import { CAPABILITY_NAMES } from '../../../src/model/capabilities';
import { Phrasebook } from '../../../src/util/phrasebook';
import { FULL_CONFIG } from '../../support/specFields';

const BUNDLE = join(__dirname, '../../../l10n/bundle.l10n.ko.json');
const korean = new Phrasebook(JSON.parse(readFileSync(BUNDLE, 'utf8')) as Record<string, string>);

/** Four English words in a row, outside of what is quoted and of lists of names: a part that was left behind. */
const LEFT_BEHIND = /(?:^|[^A-Za-z-])(?:[A-Za-z]+ ){3}[a-z]+/;

/** English where nothing is Korean, unless all of it is names: "rbind, ro." */
const ENGLISH = /(?:^|[ (])[a-z]{4,}(?:[ ,.)]|$)/;
const NAMES = /^[a-z]+(?:, [a-z]+)*\.$/;

function textsOf({ meaning, valueInWords, consequence }: Explanation): readonly string[] {
  return [meaning, valueInWords, consequence].filter((text) => text !== undefined);
}

function explanationsIn(value: unknown, path: readonly string[]): readonly Explanation[] {
  const own = explainSpecPath(path, value);
  const members = value !== null && typeof value === 'object' ? Object.entries(value) : [];
  return [...(own ? [own] : []), ...members.flatMap(([key, member]) => explanationsIn(member, [...path, key]))];
}

describe('explanations in Korean', () => {
  const leftBehind = (explanations: readonly Explanation[]): readonly string[] =>
    [...new Set(explanations.flatMap(textsOf))]
      .map((text) => `${text} → ${korean.translate(text)}`)
      .filter((line) => {
        const said = line.slice(line.indexOf(' → ') + 3).replace(/“[^”]*”/g, '');
        return LEFT_BEHIND.test(said) || (!/[가-힣]/.test(said) && ENGLISH.test(said) && !NAMES.test(said));
      });

  it('leave no sentence of a field of config.json in English, whatever it is put together of', () => {
    const all = explanationsIn(FULL_CONFIG, []);
    assert.ok(all.length > 200, String(all.length));
    assert.deepEqual(leftBehind(all), []);
  });

  it('nor of a capability', () => {
    const all = CAPABILITY_NAMES.flatMap((name) => explainCapability(name) ?? []);
    assert.equal(all.length, CAPABILITY_NAMES.length);
    assert.deepEqual(leftBehind(all), []);
  });
});
