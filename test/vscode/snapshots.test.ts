import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { decodeSnapshot } from '../../src/adapters/snapshot/decode';
import { COMMANDS, LAYERS_VIEW } from '../../src/contributions';
import { eventually } from '../support/fakeAdapter';
import { driver } from './driver';
import { openTree, row, rows, rowSelector } from './treeDriver';

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

  it('has the page "How Did We Get Here" of its own, with the parts lit that its machine had', async () => {
    await vscode.commands.executeCommand(COMMANDS.openSampleHost);
    try {
      // Its rows would fill the screen.
      await vscode.commands.executeCommand(`workbench.actions.treeView.${LAYERS_VIEW}.collapseAll`);
      await row('Host ', ({ expanded }) => expanded === false, 'is collapsed');
      await driver.click(rowSelector('Host '), { button: 'right' });
      await driver.click('.monaco-menu .action-label:has-text("How Did We Get Here")');
      await driver.webview.waitFor('body[data-page="history"] .era');
      assert.match(await driver.webview.text('.page-head'), /snapshot of/);
      assert.equal(await driver.webview.attribute('body', 'data-container'), '@sample/');

      const root = vscode.extensions.getExtension('container-runtime-explorer.container-runtime-explorer');
      const file = path.join(root?.extensionPath ?? '', 'media/sample-host.json.br');
      const { layers, processes } = decodeSnapshot(readFileSync(file), 'Opening').inventory;
      const versions = layers.filter(({ kind, name }) => kind === 'engine' && name === 'Docker Engine');
      const today = async (part: string): Promise<string> =>
        (await driver.webview.texts(`[data-era="today"] [data-part="${part}"] .node-pid`))[0] ?? '';
      assert.equal(await today('dockerd'), versions[0]?.version);
      // Its shims ran there: none of their PIDs is looked for here.
      const shims = processes.records.filter(({ argv }) => /containerd-shim-runc-v2$/.test(argv[0] ?? ''));
      assert.equal(await today('shimV2'), `${shims.length} processes`);
      await driver.screenshot('history-of-a-snapshot');

      await vscode.commands.executeCommand(COMMANDS.showHistory);
      await driver.webview.waitFor('body[data-page="history"][data-container=""] .era');
      assert.doesNotMatch(await driver.webview.text('.page-head'), /snapshot of/);
    } finally {
      await answered(COMMANDS.closeSnapshot);
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    }
  });
});
