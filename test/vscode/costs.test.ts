import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { COMMANDS } from '../../src/contributions';
import { eventually } from '../support/fakeAdapter';
import { driver } from './driver';
import { inThemes } from './themes';

describe('the page "What the Explorer Costs" in a real VS Code', function () {
  this.timeout(240_000);

  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('tells whom the explorer has asked, how often, and its last looks', async () => {
    await vscode.commands.executeCommand(COMMANDS.showCosts);
    const engine = `[data-endpoint="${process.env['DOCKER_HOST'] ?? ''}"]`;
    await driver.webview.waitFor(engine);
    const lists = async (): Promise<number> => {
      const rows = await driver.evalInWebview<string[]>(
        `() => [...document.querySelectorAll('${engine} tbody tr')].map((row) => row.innerText)`,
      );
      const [, times] = /GET \/containers\/json\s+([\d,]+)/.exec(rows.join('\n')) ?? [];
      return Number((times ?? '0').replaceAll(',', ''));
    };
    const before = await lists();
    assert.ok(before > 0, 'the engine was asked for its list');
    await vscode.commands.executeCommand(COMMANDS.refresh);
    await vscode.commands.executeCommand(COMMANDS.showCosts);
    await driver.webview.click('.page-head [aria-label="Read again"]');
    await eventually(async () => (await lists()) > before, 'another look has asked again');
    const looks = await driver.webview.texts('.costs-looks tbody tr');
    assert.ok(
      looks.some((text) => text.includes('asked by the user')),
      looks.join('\n'),
    );
    await inThemes(async (theme) => {
      await driver.webview.waitFor('.costs-looks tbody tr');
      await driver.screenshot(`costs-${theme}`);
    });
    await vscode.workspace.getConfiguration('workbench').update('colorTheme', undefined, true);
  });
});
