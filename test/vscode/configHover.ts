import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { COMMANDS } from '../../src/contributions';
import { eventually } from '../support/fakeAdapter';
import { driver } from './driver';
import { inThemes } from './themes';

const LIMIT = '"limit": 67108864';
const HOVER = '.monaco-hover:not(.hidden)';

/** Opens the config.json of the container `memory`, and takes a picture in each theme of the hover at its limit. */
export async function pictureLimitHover(text: string, name: string): Promise<void> {
  await vscode.commands.executeCommand(COMMANDS.openConfig, 'memory');
  await eventually(
    () => vscode.window.activeTextEditor?.document.getText().includes(LIMIT) === true,
    'config.json is open',
  );
  const editor = vscode.window.activeTextEditor;
  assert.ok(editor);
  const at = editor.document.positionAt(editor.document.getText().indexOf(LIMIT) + 12);
  editor.selection = new vscode.Selection(at, at);
  editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenter);
  await inThemes(async (theme) => {
    await eventually(async () => {
      await vscode.window.showTextDocument(editor.document, { preserveFocus: false });
      await vscode.commands.executeCommand('editor.action.showHover');
      return driver.waitFor(`${HOVER}:has-text("${text}")`, { timeoutMs: 5000 }).then(
        () => true,
        () => false,
      );
    }, 'the hover is drawn');
    await driver.screenshot(`${name}-${theme}`);
  });
}
