import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import * as vscode from 'vscode';
import { COMMANDS, LAYERS_VIEW, type CommandId } from '../../src/contributions';
import { idInHost } from '../../src/model/snapshot/host';
import { asArray, asString, memberAt } from '../../src/util/records';
import { driver } from './driver';
import { inThemes } from './themes';
import { expand, row } from './treeDriver';

describe('the sample host, on a machine without containers @no-engine', function () {
  this.timeout(240_000);

  before(async () => {
    await vscode.commands.executeCommand(`${LAYERS_VIEW}.focus`);
    await vscode.commands.executeCommand(COMMANDS.openSampleHost);
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.workspace.getConfiguration('workbench').update('colorTheme', undefined, true);
  });

  it('is a row of its own with its layers (screenshots in three themes)', async () => {
    const host = await row('Host ', ({ spoken }) => /snapshot/i.test(spoken), 'is a snapshot');
    assert.equal(host.level, 1);
    await expand('Host ');
    await row('Runtime layer Docker Engine', ({ level }) => level === 2);
    await inThemes(async (theme) => {
      await driver.screenshot(`sample-host-${theme}`);
    });
  });

  it('has every page of a running container', async () => {
    const root = vscode.extensions.getExtension('container-runtime-explorer.container-runtime-explorer');
    const file = join(root?.extensionPath ?? '', 'media/sample-host.json.br');
    const snapshot: unknown = JSON.parse(brotliDecompressSync(readFileSync(file)).toString('utf8'));
    const running = asArray(memberAt(snapshot, 'containers'))
      .map((one) => memberAt(one, 'container'))
      .find((container) => memberAt(container, 'state') === 'running' && memberAt(container, 'name') !== undefined);
    const id = idInHost('sample', asString(memberAt(running, 'id')) ?? '');
    const pages: readonly [string, CommandId][] = [
      ['config', COMMANDS.showConfig],
      ['shim', COMMANDS.showShim],
      ['cgroups', COMMANDS.showCgroups],
      ['calls', COMMANDS.showCalls],
      ['chain', COMMANDS.showChain],
      ['lineage', COMMANDS.showLineage],
    ];
    for (const [page, command] of pages) {
      await vscode.commands.executeCommand(command, id);
      await driver.webview.waitFor(`body[data-page="${page}"] .page-head`);
      const text = await driver.webview.text('#page');
      assert.match(text, /snapshot/i, `${page} says what it shows`);
      assert.ok(text.includes(asString(memberAt(running, 'name')) ?? '?'), page);
      if (page === 'chain') await driver.screenshot('sample-host-chain');
    }
    const onPages = (await driver.problems()).filter(({ source }) => source === 'webview');
    assert.deepEqual(onPages, []);
  });

  it('goes when it is closed', async () => {
    const host = await row('Host ');
    assert.ok(host);
    const closing = vscode.commands.executeCommand(COMMANDS.closeSnapshot);
    await driver.waitFor('.quick-input-widget .monaco-list-row');
    await driver.press('Enter');
    await closing;
    await driver.waitFor('.welcome-view-content', { timeoutMs: 60_000 });
  });
});
