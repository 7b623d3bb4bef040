import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { decodeSnapshot } from '../../src/adapters/snapshot/decode';
import { COMMANDS } from '../../src/contributions';
import { eventually } from '../support/fakeAdapter';
import { driver } from './driver';
import { openTree, row, rows } from './treeDriver';

const INPUT = '.quick-input-widget:not([style*="display: none"]) input';

describe('snapshot files in a real VS Code', function () {
  this.timeout(240_000);
  const folder = mkdtempSync(path.join(tmpdir(), 'cre-hosts-'));
  const file = vscode.Uri.file(path.join(folder, 'this-machine.snapshot.json.gz'));

  before(openTree);
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** File dialogs belong to the desktop: what they would answer is given here. */
  async function answering(dialogs: Partial<typeof vscode.window>, work: () => Promise<unknown>): Promise<void> {
    const { showSaveDialog, showOpenDialog } = vscode.window;
    Object.assign(vscode.window, dialogs);
    try {
      await work();
    } finally {
      Object.assign(vscode.window, { showSaveDialog, showOpenDialog });
    }
  }

  /** Runs a command that asks one question, and takes the answer that is offered first. */
  async function answered(command: string): Promise<void> {
    const running = vscode.commands.executeCommand(command);
    await driver.waitFor(INPUT);
    await driver.waitFor('.quick-input-list .monaco-list-row.focused');
    await driver.press('Enter');
    await running;
  }

  const hosts = async (): Promise<string[]> =>
    (await rows()).map(({ spoken }) => spoken).filter((spoken) => spoken.startsWith('Host '));

  it('exports this machine to the file that the dialog names, without its secrets', async () => {
    await answering({ showSaveDialog: () => Promise.resolve(file) }, () => answered(COMMANDS.exportSnapshot));
    const snapshot = decodeSnapshot(readFileSync(file.fsPath), 'Opening');
    assert.equal(snapshot.secrets.redacted, true);
    assert.ok(snapshot.secrets.count > 0);
    const names = snapshot.containers.map(({ container }) => container.name);
    for (const name of ['memory', 'secrets', 'exited-7']) assert.ok(names.includes(name), names.join());
  });

  it('opens the file that the dialog names as a host, and closes it', async () => {
    const open = (): Promise<vscode.Uri[]> => Promise.resolve([file]);
    await answering({ showOpenDialog: open }, async () => vscode.commands.executeCommand(COMMANDS.openSnapshot));
    await row('Host ', ({ spoken }) => /snapshot of/.test(spoken), 'is a snapshot');
    await answered(COMMANDS.closeSnapshot);
    await eventually(async () => (await hosts()).length === 0, 'it is closed');
  });
});
