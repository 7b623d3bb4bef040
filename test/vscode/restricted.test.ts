import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { COMMANDS, LAYERS_VIEW, SETTINGS } from '../../src/contributions';
import type { PublicApi } from '../../src/publicApi';
import { asStrings, memberAt } from '../../src/util/records';
import { startByteRelay, type ByteRelay } from '../support/byteRelay';
import { eventually } from '../support/fakeAdapter';
import { openTree, row, rows } from './treeDriver';

describe('in an untrusted workspace @restricted', function () {
  this.timeout(120_000);
  let relay: ByteRelay;
  let endpoint: string;

  before(async () => {
    const engine = (process.env['DOCKER_HOST'] ?? '').replace('unix://', '');
    relay = await startByteRelay(engine, { host: '127.0.0.1', port: 0 });
    endpoint = `tcp://127.0.0.1:${relay.port}`;
  });
  after(async () => {
    const { Global } = vscode.ConfigurationTarget;
    await vscode.workspace.getConfiguration().update(SETTINGS.addedHosts, undefined, Global);
    relay?.dispose();
  });

  const hosts = async (): Promise<string[]> =>
    (await rows()).map(({ spoken }) => spoken).filter((spoken) => spoken.startsWith('Host '));

  it('a workspace’s settings do not change where the explorer connects', async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder, 'a folder is open');
    const extension = vscode.extensions.getExtension<PublicApi>(
      'container-runtime-explorer.container-runtime-explorer',
    );
    assert.ok(extension, 'the extension is installed');
    const api = await extension.activate();
    const endpoints = async (): Promise<(string | undefined)[]> =>
      (await api.inventory()).layers.filter(({ kind }) => kind === 'engine').map(({ endpoint: where }) => where);
    const before = await endpoints();
    assert.ok(before.includes(process.env['DOCKER_HOST']), `the lab’s engine is shown: ${before.join()}`);

    const { packageJSON } = extension as { readonly packageJSON: unknown };
    const places = asStrings(memberAt(packageJSON, 'capabilities', 'untrustedWorkspaces', 'restrictedConfigurations'));
    assert.ok(places.includes(SETTINGS.addedHosts));
    const settingsFolder = join(folder.uri.fsPath, '.vscode');
    mkdirSync(settingsFolder, { recursive: true });
    try {
      writeFileSync(
        join(settingsFolder, 'settings.json'),
        JSON.stringify({
          ...Object.fromEntries(places.map((setting) => [setting, ['unix:///tmp/of-the-workspace.sock']])),
          [SETTINGS.addedHosts]: [endpoint],
          [SETTINGS.hiddenHosts]: [endpoint],
          'editor.tabSize': 7,
        }),
      );
      await eventually(
        () => vscode.workspace.getConfiguration('editor').get('tabSize') === 7,
        'the workspace’s settings are read',
      );
      for (const setting of [...places, SETTINGS.hiddenHosts]) {
        assert.deepEqual(vscode.workspace.getConfiguration().get(setting), [], setting);
      }
      await openTree();
      await vscode.commands.executeCommand(COMMANDS.refresh);
      assert.deepEqual(await endpoints(), before);
      assert.ok(!JSON.stringify((await api.inventory()).layers).includes('of-the-workspace'));
      // The hosts stand below the doctor, which is the last row of this machine.
      await vscode.commands.executeCommand(`workbench.actions.treeView.${LAYERS_VIEW}.collapseAll`);
      await row('Shim Doctor');
      assert.deepEqual(await hosts(), []);

      // What the user says of the same endpoint counts, and the workspace cannot hide it.
      const { Global } = vscode.ConfigurationTarget;
      await vscode.workspace.getConfiguration().update(SETTINGS.addedHosts, [endpoint], Global);
      await row(`Host ${endpoint},`, ({ spoken }) => spoken.includes('not connected'), 'is not connected');
      assert.equal(relay.dialled, 0);
    } finally {
      rmSync(settingsFolder, { recursive: true, force: true });
    }
  });
});
