import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { asArray, asRecord, asString, memberAt } from '../../src/util/records';
import { MANIFEST, manifestTexts } from '../support/manifest';
import { assertKeepsMarks } from '../support/translations';

const ROOT = join(__dirname, '../..');
const ENGLISH = manifestTexts();
const KOREAN = manifestTexts('ko');
/** What VS Code shows of a manifest, by the name of the property. */
const SHOWN = new Set([
  'displayName',
  'description',
  'title',
  'name',
  'contextualTitle',
  'contents',
  'category',
  'markdownDescription',
  'enumDescriptions',
  'altText',
]);

/** Every text that VS Code shows, with the path of property names that leads to it. */
function shownTexts(value: unknown, path: readonly string[] = []): [path: string, text: string][] {
  if (typeof value === 'string') return SHOWN.has(path.at(-1) ?? '') ? [[path.join('.'), value]] : [];
  if (Array.isArray(value)) return value.flatMap((item: unknown) => shownTexts(item, path));
  return Object.entries(asRecord(value) ?? {}).flatMap(([key, inner]) => shownTexts(inner, [...path, key]));
}

describe('the texts of package.json', () => {
  const shown = [
    ...shownTexts(memberAt(MANIFEST, 'displayName'), ['displayName']),
    ...shownTexts(memberAt(MANIFEST, 'description'), ['description']),
    ...shownTexts(memberAt(MANIFEST, 'capabilities'), ['capabilities']),
    ...shownTexts(memberAt(MANIFEST, 'contributes'), ['contributes']),
  ];

  it('are all keys, each with an English and a Korean text', () => {
    assert.ok(shown.length > 80, String(shown.length));
    for (const [path, text] of shown) {
      const key = /^%([\w.]+)%$/.exec(text)?.[1];
      assert.ok(key, `${path}: “${text}” belongs into package.nls.json and package.nls.ko.json, with its key here`);
      assert.ok(ENGLISH.get(key), `package.nls.json has no ${key}`);
      assert.ok(KOREAN.get(key), `package.nls.ko.json has no ${key}`);
    }
  });

  it('are all used', () => {
    const used = new Set(shown.map(([, text]) => text.slice(1, -1)));
    assert.deepEqual(
      [...ENGLISH.keys()].filter((key) => !used.has(key)),
      [],
    );
    assert.deepEqual([...KOREAN.keys()], [...ENGLISH.keys()]);
  });

  it('keep their code and links in Korean, and are Korean', () => {
    for (const [key, text] of ENGLISH) {
      const korean = KOREAN.get(key) ?? '';
      assertKeepsMarks(text, korean);
      if (key !== 'displayName') assert.match(korean, /[가-힣]/, key);
    }
  });

  it('have a Korean page for every page of the walkthrough', () => {
    const steps = asArray(memberAt(MANIFEST, 'contributes', 'walkthroughs')).flatMap((walkthrough) =>
      asArray(asRecord(walkthrough)?.steps),
    );
    const pages = steps.flatMap((step) => asString(memberAt(step, 'media', 'markdown')) ?? []);
    assert.ok(pages.length > 0);
    for (const page of pages) assert.ok(existsSync(join(ROOT, page.replace(/\.md$/, '.nls.ko.md'))), page);
  });
});
