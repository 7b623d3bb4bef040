import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');

/** The pages' own files with an ending, and their texts. */
function files(ending: string): readonly (readonly [string, string])[] {
  return readdirSync(join(ROOT, 'media'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => [name, readFileSync(join(ROOT, 'media', name), 'utf8')] as const);
}

describe('the rules of the pages', () => {
  it('never make markup or code of text', () => {
    const scripts = files('.ts');
    assert.ok(scripts.length > 15);
    for (const [name, text] of scripts) {
      assert.doesNotMatch(
        text,
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser/,
        name,
      );
    }
  });

  it('take every colour from the theme', () => {
    const styles = files('.css');
    assert.ok(styles.length >= 4);
    for (const [name, text] of styles) {
      assert.doesNotMatch(text, /#[0-9a-f]{3,8}\b(?=[^{]*;)|\brgba?\(|\bhsla?\(/i, name);
      assert.doesNotMatch(text, /url\(|@import/, name);
    }
  });

  it('allow by policy what the page needs and nothing unsafe', () => {
    const frame = readFileSync(join(ROOT, 'src/views/panels/html.ts'), 'utf8');
    assert.match(frame, /default-src 'none'/);
    assert.match(frame, /script-src 'nonce-/);
    assert.doesNotMatch(frame, /unsafe-/);
    // Only the nonce lets a script run: no source by address.
    assert.doesNotMatch(frame, /script-src[^`]*cspSource/);
  });

  it('know the UI toolkit in one file only', () => {
    const users = files('.ts').filter(([, text]) => text.includes('@vscode/webview-ui-toolkit'));
    assert.deepEqual(
      users.map(([name]) => name),
      [join('components', 'toolkit.ts')],
    );
  });
});
