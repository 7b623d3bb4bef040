import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { COMMANDS } from '../../src/contributions';
import { eventually } from '../support/fakeAdapter';
import { driver } from './driver';
import { inThemes } from './themes';
import { expand, filter, onlyLayer, openTree, row, rowSelector } from './treeDriver';

const HOVER = '.monaco-hover:not(.hidden)';

describe('hovers, as they are drawn', function () {
  this.timeout(240_000);

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.commands.executeCommand(COMMANDS.clearFilter);
  });

  it('explain a container in the tree (screenshots in three themes)', async () => {
    await driver.resize(1400, 900);
    await openTree();
    await filter('name:memory');
    await onlyLayer('Docker Engine');
    const beginning = 'Container memory,';
    await row(beginning);
    await inThemes(async (theme) => {
      // A hover goes when the row is drawn anew just then: pointing again brings it back.
      await eventually(async () => {
        await driver.moveMouse(1200, 800);
        await driver.hover(`${rowSelector(beginning)} .label-name`);
        return driver.waitFor(`${HOVER}:has-text("Known to")`, { timeoutMs: 5000 }).then(
          () => true,
          () => false,
        );
      }, 'the hover is drawn');
      await driver.screenshot(`hover-tree-${theme}`);
    });
    await driver.moveMouse(1200, 800);
  });

  it('explain a field of config.json (screenshots in three themes)', async () => {
    await expand('Container memory,');
    await vscode.commands.executeCommand(COMMANDS.openConfig, 'memory');
    await eventually(
      () => vscode.window.activeTextEditor?.document.getText().includes('"limit": 67108864') === true,
      'config.json is open',
    );
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    const at = editor.document.positionAt(editor.document.getText().indexOf('"limit": 67108864') + 12);
    editor.selection = new vscode.Selection(at, at);
    editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenter);
    await inThemes(async (theme) => {
      await eventually(async () => {
        await vscode.window.showTextDocument(editor.document, { preserveFocus: false });
        await vscode.commands.executeCommand('editor.action.showHover');
        return driver.waitFor(`${HOVER}:has-text("64 MiB")`, { timeoutMs: 5000 }).then(
          () => true,
          () => false,
        );
      }, 'the hover is drawn');
      await driver.screenshot(`hover-config-${theme}`);
    });
  });
});
