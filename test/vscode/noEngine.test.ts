import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { LAYERS_VIEW, SETTINGS } from '../../src/contributions';
import { driver } from './driver';
import { inThemes } from './themes';

describe('a machine without containers @no-engine', function () {
  this.timeout(240_000);
  let folder: string;
  let proxy: Server;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cre-welcome-'));
    // A socket whose daemon was killed: the file stays, and nobody listens.
    const dead = createServer();
    await new Promise<void>((resolve) => dead.listen(join(folder, 'first.sock'), resolve));
    renameSync(join(folder, 'first.sock'), join(folder, 'dead.sock'));
    await new Promise((resolve) => dead.close(resolve));
    // Tests run as root, whom no socket's mode keeps out: a proxy that refuses everything does.
    proxy = createServer((_request, response) => response.writeHead(403).end());
    await new Promise<void>((resolve) => proxy.listen(join(folder, 'proxy.sock'), resolve));
  });

  after(async () => {
    await settings(undefined);
    proxy.closeAllConnections();
    proxy.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function settings(endpoint: string | undefined): Promise<void> {
    const value = endpoint === undefined ? undefined : [`unix://${join(folder, endpoint)}`];
    await vscode.workspace
      .getConfiguration()
      .update(SETTINGS.dockerEndpoints, value, vscode.ConfigurationTarget.Global);
  }

  for (const [state, socket, words] of [
    ['absent', 'none.sock', 'No container engine was found'],
    ['refused', 'dead.sock', 'does not answer'],
    ['denied', 'proxy.sock', 'may not open its socket'],
  ] as const) {
    it(`says what keeps the tree empty, and what helps: ${state} (screenshots in three themes)`, async () => {
      await settings(socket);
      await vscode.commands.executeCommand(`${LAYERS_VIEW}.focus`);
      const welcome = '.welcome-view-content';
      await driver.waitFor(`${welcome}:has-text(${JSON.stringify(words)})`, { timeoutMs: 60_000 });
      const text = (await driver.texts(welcome)).join(' ');
      assert.match(text, /Look Again/);
      assert.doesNotMatch(text, /chmod|666/);
      await inThemes(async (theme) => {
        await driver.screenshot(`welcome-${state}-${theme}`);
      });
    });
  }
});
