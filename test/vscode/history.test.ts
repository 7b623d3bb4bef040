import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { COMMANDS } from '../../src/contributions';
import { eventually } from '../support/fakeAdapter';
import { printed } from '../support/groundTruth';
import { driver } from './driver';
import { inThemes } from './themes';

describe('the page "How Did We Get Here" in a real VS Code', function () {
  this.timeout(240_000);

  beforeEach(async () => {
    await vscode.commands.executeCommand(COMMANDS.showHistory);
    await driver.webview.waitFor('body[data-page="history"] .era');
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('lights what runs on this machine, and says in which version', async () => {
    const engine = (await printed('docker', 'version', '--format', '{{.Server.Version}}')).trim();
    const today = '[data-era="today"] [data-part="dockerd"]';
    await eventually(
      async () => (await driver.webview.texts(`${today} .node-pid`)).includes(engine),
      `dockerd is lit with ${engine}`,
    );
    for (const part of ['dockerd', 'containerd', 'shimV2', 'runc', 'kernel']) {
      const [presence] = await driver.evalInWebview<string[]>(
        `() => [document.querySelector('[data-era="today"] [data-part="${part}"]').className]`,
      );
      assert.match(presence ?? '', /part-here/, part);
    }
    // Nothing on this machine can have what the kubelet once carried inside.
    const gone = await driver.evalInWebview<string>(
      `() => document.querySelector('[data-era="cri"] [data-part="dockershim"]').className`,
    );
    assert.match(gone, /part-away part-gone/);
  });

  it('tells of a part where its presence comes from, and a command that shows it', async () => {
    await driver.webview.click('[data-era="today"] [data-part="shimV2"]');
    await driver.webview.waitFor('.part-detail');
    const command = await driver.webview.text('.part-detail code');
    const listed = (await printed('sh', '-c', command)).trim().split('\n').slice(1);
    assert.ok(listed.length > 0 && listed.every((line) => line.includes('containerd-shim-runc-v2')), listed.join('\n'));
  });

  it('screenshots in three themes', async () => {
    await driver.resize(1400, 1000);
    await inThemes(async (theme) => {
      await driver.webview.waitFor('[data-era="today"]');
      await driver.screenshot(`history-${theme}`);
    });
    await driver.resize(1400, 900);
    await vscode.workspace.getConfiguration('workbench').update('colorTheme', undefined, true);
  });
});
