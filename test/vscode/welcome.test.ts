import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { SETTINGS } from '../../src/contributions';
import { driver } from './driver';
import { expand, openTree, row } from './treeDriver';

describe('what is said when a daemon does not answer', function () {
  this.timeout(240_000);

  beforeEach(openTree);

  it('is a row with endpoint, reason and remedy', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cre-welcome-'));
    const path = join(folder, 'docker.sock');
    const configuration = vscode.workspace.getConfiguration();
    try {
      // A socket whose daemon was killed: the file stays, and nobody listens.
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(join(folder, 'first.sock'), resolve));
      renameSync(join(folder, 'first.sock'), path);
      await new Promise((resolve) => server.close(resolve));
      await configuration.update(SETTINGS.dockerEndpoints, [`unix://${path}`], vscode.ConfigurationTarget.Global);
      const layer = 'Runtime layer Docker Engine, does not answer,';
      await row(layer, ({ description }) => description.includes(path), 'names the socket');
      await expand(layer);
      await row(`Endpoint: unix://${path}`);
      await row('Reason: ', ({ description }) => /ECONNREFUSED|nobody listens/i.test(description), 'tells the reason');
      await row('Remedy: ');
      await driver.screenshot('tree-refused');
    } finally {
      await configuration.update(SETTINGS.dockerEndpoints, undefined, vscode.ConfigurationTarget.Global);
      rmSync(folder, { recursive: true, force: true });
    }
    await row('Runtime layer Docker Engine, answers,');
  });
});
