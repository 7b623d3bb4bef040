import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  COMMANDS,
  CONTEXT_KEYS,
  LAYERS_VIEW,
  SETTINGS,
  VIEW_CONTAINER,
  WALKTHROUGH,
  WELCOMES,
} from '../../src/contributions';
import { asArray, asRecord, asString, memberAt } from '../../src/util/records';
import { MANIFEST, manifestTexts, resolveTexts } from '../support/manifest';

const ROOT = join(__dirname, '../..');
const ENGLISH = resolveTexts(MANIFEST, manifestTexts());
const contributed = (...path: readonly string[]): unknown => memberAt(ENGLISH, 'contributes', ...path);
const ids = (list: unknown, key: string): string[] =>
  asArray(list).map((item) => asString(asRecord(item)?.[key]) ?? '');
const COMMAND_IDS: readonly string[] = Object.values(COMMANDS);

/** Every `when` and `enablement` clause. */
function clauses(): string[] {
  const lists = [
    ...Object.values(asRecord(contributed('menus')) ?? {}),
    contributed('viewsWelcome'),
    contributed('commands'),
  ];
  return lists
    .flatMap(asArray)
    .flatMap((item) => [asString(asRecord(item)?.when), asString(asRecord(item)?.enablement)])
    .filter((clause) => clause !== undefined);
}

function sources(folder: string): string {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

describe('what package.json contributes', () => {
  it('has exactly the commands of the code, each with a title and the one category', () => {
    assert.deepEqual(ids(contributed('commands'), 'command').sort(), [...COMMAND_IDS].sort());
    for (const command of asArray(contributed('commands'))) {
      assert.ok(asString(asRecord(command)?.title));
      assert.equal(asRecord(command)?.category, 'Container Runtime');
    }
  });

  it('has work for every command', () => {
    const code = sources('src/commands');
    for (const key of Object.keys(COMMANDS)) assert.ok(code.includes(`[COMMANDS.${key}]:`), key);
  });

  it('names only commands of ours in its menus', () => {
    for (const [menu, items] of Object.entries(asRecord(contributed('menus')) ?? {})) {
      for (const id of ids(items, 'command')) assert.ok(COMMAND_IDS.includes(id), `${menu}: ${id}`);
    }
  });

  it('has the view in its container, and names no other', () => {
    assert.deepEqual(ids(contributed('viewsContainers', 'activitybar'), 'id'), [VIEW_CONTAINER]);
    assert.deepEqual(ids(contributed('views', VIEW_CONTAINER), 'id'), [LAYERS_VIEW]);
    for (const clause of clauses()) {
      for (const [, view] of clause.matchAll(/view == ([\w.]+)/g)) assert.equal(view, LAYERS_VIEW);
    }
  });

  it('has exactly the settings of the code; where to connect is a machine’s matter', () => {
    const properties = asRecord(contributed('configuration', 'properties')) ?? {};
    assert.deepEqual(Object.keys(properties).sort(), Object.values<string>(SETTINGS).sort());
    // Every list holds places to connect to, but for the names of hosts that are not shown.
    const isPlace = ([name, property]: [string, unknown]): boolean =>
      asRecord(property)?.type === 'array' && name !== SETTINGS.hiddenHosts;
    const places = Object.entries(properties).filter(isPlace);
    assert.ok(places.some(([name]) => name === SETTINGS.addedHosts));
    for (const [name, property] of Object.entries(properties)) {
      const scope = asRecord(property)?.scope;
      assert.equal(scope, isPlace([name, property]) ? 'machine' : 'application', name);
      assert.ok(asString(asRecord(property)?.markdownDescription), name);
    }
    const restricted = asArray(memberAt(ENGLISH, 'capabilities', 'untrustedWorkspaces', 'restrictedConfigurations'));
    assert.deepEqual([...restricted].sort(), places.map(([name]) => name).sort());
  });

  it('asks only for context keys that the code sets', () => {
    const known = new Set<string>([...Object.values(CONTEXT_KEYS), LAYERS_VIEW]);
    for (const clause of clauses()) {
      for (const [key] of clause.matchAll(/containerRuntime\.\w+/g)) assert.ok(known.has(key), key);
    }
    const code = sources('src/views') + sources('src/commands');
    for (const key of Object.keys(CONTEXT_KEYS)) assert.ok(code.includes(`setContextKey('${key}'`), key);
  });

  it('has a welcome for every reason, whose links lead to commands of ours, settings or https', () => {
    const welcomes = asArray(contributed('viewsWelcome'));
    assert.deepEqual(
      welcomes.map((welcome) => asString(asRecord(welcome)?.when)).sort(),
      WELCOMES.map((reason) => `${CONTEXT_KEYS.welcome} == ${reason}`).sort(),
    );
    for (const welcome of welcomes) {
      const contents = asString(asRecord(welcome)?.contents) ?? '';
      for (const [, link = ''] of contents.matchAll(/\]\(([^)]+)\)/g)) {
        const command = /^command:([\w.]+)/.exec(link)?.[1];
        assert.ok(
          link.startsWith('https://') ||
            COMMAND_IDS.includes(command ?? '') ||
            command === 'workbench.action.openSettings',
          link,
        );
      }
      assert.doesNotMatch(contents, /chmod/);
    }
  });

  it('has a walkthrough of four or five steps, with pictures that exist and commands of ours', () => {
    const [walkthrough] = asArray(contributed('walkthroughs'));
    assert.equal(asRecord(walkthrough)?.id, WALKTHROUGH);
    const steps = asArray(asRecord(walkthrough)?.steps);
    assert.ok(steps.length === 4 || steps.length === 5);
    for (const step of steps) {
      const media = asRecord(asRecord(step)?.media);
      const file = asString(media?.svg) ?? asString(media?.markdown) ?? '';
      assert.ok(existsSync(join(ROOT, file)), file);
      for (const [, command = ''] of (asString(asRecord(step)?.description) ?? '').matchAll(/\(command:([\w.]+)\)/g)) {
        assert.ok(COMMAND_IDS.includes(command) || command === `${LAYERS_VIEW}.focus`, command);
      }
    }
  });

  it('shows icons that exist', () => {
    const icons = [
      ...ids(contributed('viewsContainers', 'activitybar'), 'icon'),
      ...ids(contributed('views', VIEW_CONTAINER), 'icon'),
      ...ids(contributed('walkthroughs'), 'icon'),
    ];
    for (const icon of icons) assert.ok(existsSync(join(ROOT, icon)), icon);
    const glyphs = readFileSync(join(ROOT, 'node_modules/@vscode/codicons/dist/codicon.css'), 'utf8');
    const named = ids(contributed('commands'), 'icon').filter(Boolean);
    const inTree = [...sources('src/views/tree').matchAll(/\bid: '([a-z][a-z-]*)'/g)].map(([, id]) => `$(${id})`);
    for (const icon of [...named, ...inTree]) {
      const name = /^\$\(([\w-]+)\)$/.exec(icon)?.[1];
      assert.ok(name && glyphs.includes(`.codicon-${name}:before`), icon);
    }
  });
});
