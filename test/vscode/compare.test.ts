import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { COMMANDS, DOCUMENT_SCHEME } from '../../src/contributions';
import { asString, memberAt } from '../../src/util/records';
import { eventually } from '../support/fakeAdapter';
import { inspectAll, printed } from '../support/groundTruth';
import { driver } from './driver';
import { inThemes } from './themes';

const INPUT = '.quick-input-widget:not([style*="display: none"]) input';

describe('comparing containers in a real VS Code', function () {
  this.timeout(240_000);
  let records: Map<string, unknown>;

  before(async () => {
    records = await inspectAll();
    await driver.resize(1400, 900);
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  function idOf(name: string): string {
    const record = [...records.values()].find((candidate) => memberAt(candidate, 'Name') === `/${name}`);
    assert.ok(record, `the lab has a container ${name}`);
    return asString(memberAt(record, 'Id')) ?? '';
  }

  /** Types into the list that is open, once it is about what is expected, and takes the first entry. */
  async function pick(title: string, text: string): Promise<void> {
    await driver.waitFor(`.quick-input-widget:has-text(${JSON.stringify(title)})`);
    await driver.click(INPUT);
    await driver.type(text);
    await driver.waitFor(`.quick-input-list .monaco-list-row.focused:has-text(${JSON.stringify(text)})`);
    await driver.press('Enter');
  }

  const cell = (aspect: string, what: string): string =>
    `[data-aspect="${aspect}"] tr:has(th:text-is(${JSON.stringify(what)}))`;

  it('shows a table of what differs, by keyboard alone (screenshots in three themes)', async () => {
    const done = vscode.commands.executeCommand(COMMANDS.compareWith, idOf('memory'));
    await pick('Compare: the Second Container', 'secrets');
    await pick('Compare: What', 'Table of Differences');
    await done;
    await driver.webview.waitFor(cell('lineage', 'Memory › Memory limit'));
    assert.match(await driver.webview.text(cell('lineage', 'Memory › Memory limit')), /64 MiB/);
    assert.match(await driver.webview.text(cell('config', 'linux › resources › memory › limit')), /67108864/);
    assert.match(await driver.webview.text(cell('environment', 'DB_PASSWORD')), /not there.*••••••/s);
    const whole = await driver.evalInWebview<string>('() => document.documentElement.outerHTML');
    assert.ok(!whole.includes('correct-horse-battery-staple'));
    await inThemes(async (theme) => {
      await driver.screenshot(`compare-${theme}`);
    });
    // A part of the table that is wider than the page can be scrolled by keyboard.
    assert.equal(await driver.webview.attribute('[data-scroll^="compare:"]', 'tabindex'), '0');
  });

  it('opens the diff editor on both documents, secrets masked', async () => {
    const done = vscode.commands.executeCommand(COMMANDS.compareWith, idOf('memory'));
    await pick('Compare: the Second Container', 'secrets');
    await pick('Compare: What', 'config.json');
    await done;
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    assert.ok(input instanceof vscode.TabInputTextDiff);
    assert.equal(input.original.scheme, DOCUMENT_SCHEME);
    const [left, right] = await Promise.all(
      [input.original, input.modified].map((uri) => vscode.workspace.openTextDocument(uri)),
    );
    assert.equal(memberAt(JSON.parse(left?.getText() ?? ''), 'linux', 'resources', 'memory', 'limit'), 67108864);
    assert.match(right?.getText() ?? '', /DB_PASSWORD=/);
    assert.doesNotMatch(right?.getText() ?? '', /correct-horse/);
    await driver.waitFor('.monaco-diff-editor .line-insert, .monaco-diff-editor .char-insert');
    await driver.screenshot('compare-diff');
  });

  it('compares a container with itself before it was updated', async () => {
    const name = `compare-${process.pid}`;
    const image = asString(memberAt(records.get(idOf('plain')) ?? [...records.values()][0], 'Config', 'Image')) ?? '';
    const run = ['run', '--detach', '--network=none', '--memory=64m', '--memory-swap=64m', '--name', name, image];
    const id = (await printed('docker', ...run, 'sleep', '3600')).trim();
    try {
      await vscode.commands.executeCommand(COMMANDS.openEngineRecord, id);
      await eventually(
        () => vscode.window.activeTextEditor?.document.getText().includes('67108864') === true,
        'the record is open',
      );
      await printed('docker', 'update', '--memory=48m', '--memory-swap=48m', name);
      await eventually(
        () => vscode.window.activeTextEditor?.document.getText().includes('50331648') === true,
        'the record follows the update',
      );
      const done = vscode.commands.executeCommand(COMMANDS.compareEarlier, id);
      await pick('Compare: What', 'Table of Differences');
      await done;
      const row = cell('lineage', 'Memory › Memory limit');
      await driver.webview.waitFor(row);
      assert.match(await driver.webview.text(row), /64 MiB.*48 MiB/s);
      // Nothing but what docker update changed.
      assert.deepEqual(await driver.webview.texts('[data-aspect="lineage"] > .scroll-x th[scope="row"]'), [
        'Memory › Memory limit',
        'Memory › Memory and swap limit',
      ]);
      await driver.screenshot('compare-earlier');
    } finally {
      await printed('docker', 'rm', '--force', id).catch(() => undefined);
    }
  });
});
