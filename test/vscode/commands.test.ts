import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { COMMANDS } from '../../src/contributions';
import { asString, memberAt } from '../../src/util/records';
import { inspectAll } from '../support/groundTruth';
import { eventually } from '../support/fakeAdapter';
import { driver } from './driver';
import { openTree } from './treeDriver';

const INPUT = '.quick-input-widget input';

describe('the commands in a real VS Code', function () {
  this.timeout(240_000);

  before(openTree);

  afterEach(async () => {
    await driver.press('Escape');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  async function idOf(name: string): Promise<string> {
    const record = [...(await inspectAll()).values()].find((one) => memberAt(one, 'Name') === `/${name}`);
    return asString(memberAt(record, 'Id')) ?? '';
  }

  it('are all registered', async () => {
    const registered = await vscode.commands.getCommands(true);
    for (const id of Object.values(COMMANDS)) assert.ok(registered.includes(id), id);
  });

  it('ask for a container when called from nowhere, and find it by name, image and state', async () => {
    const done = vscode.commands.executeCommand(COMMANDS.openEngineRecord);
    await driver.waitFor(INPUT);
    await driver.type('plain');
    await driver.waitFor('.quick-input-list .monaco-list-row:has-text("plain")');
    await driver.press('Escape');
    await done;
    const again = vscode.commands.executeCommand(COMMANDS.openEngineRecord);
    await driver.waitFor(INPUT);
    await driver.type('Paused');
    await driver.waitFor('.quick-input-list .monaco-list-row:has-text("paused")');
    await driver.press('Enter');
    await again;
    const text = vscode.window.activeTextEditor?.document.getText() ?? '';
    assert.equal(memberAt(JSON.parse(text), 'Name'), '/paused');
  });

  it('copy the whole id of a container', async () => {
    const id = await idOf('plain');
    await vscode.commands.executeCommand(COMMANDS.copyContainerId, id);
    await eventually(async () => (await vscode.env.clipboard.readText()) === id, 'the id is on the clipboard');
  });

  it('say what went wrong, with the reason', async () => {
    await vscode.commands.executeCommand(COMMANDS.copyFactCommand, 'f'.repeat(64));
    // In a window that has no focus a notification waits in the list.
    await vscode.commands.executeCommand('notifications.showList');
    await driver.waitFor('.notifications-center .notification-list-item:has-text("Show Log")');
    await vscode.commands.executeCommand('notifications.clearAll');
  });

  it('open the walkthrough and the log', async () => {
    await vscode.commands.executeCommand(COMMANDS.openWalkthrough);
    await driver.waitFor('text="Read the Runtime Stack"');
    await vscode.commands.executeCommand(COMMANDS.showLog);
    await driver.waitFor('.part.panel');
    await vscode.commands.executeCommand('workbench.action.closePanel');
  });

  it('look again when asked', async () => {
    await vscode.commands.executeCommand(COMMANDS.refresh);
  });
});
