import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('the extension', () => {
  it('is found and activates', async () => {
    const extension = vscode.extensions.getExtension('container-runtime-explorer.container-runtime-explorer');
    assert.ok(extension, 'not found');
    await extension.activate();
    assert.ok(extension.isActive);
  });
});
