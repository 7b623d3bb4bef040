import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { SETTINGS } from '../../src/contributions';
import type { PublicApi } from '../../src/publicApi';
import { eventually } from '../support/fakeAdapter';

describe('in an untrusted workspace @restricted', function () {
  this.timeout(120_000);

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
      (await api.inventory()).layers.filter(({ kind }) => kind === 'engine').map(({ endpoint }) => endpoint);
    const before = await endpoints();
    assert.ok(before.includes(process.env['DOCKER_HOST']), `the lab’s engine is shown: ${before.join()}`);

    const settingsFolder = join(folder.uri.fsPath, '.vscode');
    mkdirSync(settingsFolder, { recursive: true });
    try {
      writeFileSync(
        join(settingsFolder, 'settings.json'),
        JSON.stringify({
          [SETTINGS.dockerEndpoints]: ['unix:///tmp/of-the-workspace.sock'],
          [SETTINGS.containerdAddresses]: ['/tmp/of-the-workspace-too.sock'],
          'editor.tabSize': 7,
        }),
      );
      await eventually(
        () => vscode.workspace.getConfiguration('editor').get('tabSize') === 7,
        'the workspace’s settings are read',
      );
      assert.deepEqual(vscode.workspace.getConfiguration().get(SETTINGS.dockerEndpoints), []);
      assert.deepEqual(await endpoints(), before);
      assert.ok(!JSON.stringify((await api.inventory()).layers).includes('of-the-workspace'));
    } finally {
      rmSync(settingsFolder, { recursive: true, force: true });
    }
  });
});
