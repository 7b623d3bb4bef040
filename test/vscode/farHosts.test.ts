// The lab's own engine once more, behind a plain byte relay on a TCP port: as that of another machine is.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { COMMANDS, LAYERS_VIEW, SETTINGS } from '../../src/contributions';
import { startByteRelay, type ByteRelay } from '../support/byteRelay';
import { eventually } from '../support/fakeAdapter';
import { printed } from '../support/groundTruth';
import { driver } from './driver';
import { below, expand, openTree, row, rows, rowSelector, tree } from './treeDriver';

const INPUT = '.quick-input-widget:not([style*="display: none"]) input';

describe('a host that the user adds', function () {
  this.timeout(240_000);
  let relay: ByteRelay;
  let endpoint: string;
  let host: string;

  before(async () => {
    await openTree();
    const engine = (process.env['DOCKER_HOST'] ?? '').replace('unix://', '');
    relay = await startByteRelay(engine, { host: '127.0.0.1', port: 0 });
    endpoint = `tcp://127.0.0.1:${relay.port}`;
    host = `Host ${endpoint},`;
    // The tree draws only rows that are on the screen: those of this machine would fill it.
    await vscode.commands.executeCommand(`workbench.actions.treeView.${LAYERS_VIEW}.collapseAll`);
    await tree((seen) => seen.every(({ expanded }) => expanded !== true), 'everything is collapsed');
  });

  after(async () => {
    for (const setting of [SETTINGS.addedHosts, SETTINGS.hiddenHosts]) {
      await vscode.workspace.getConfiguration().update(setting, undefined, vscode.ConfigurationTarget.Global);
    }
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    relay?.dispose();
  });

  /** Chooses a command of ours by its title in the palette. */
  async function palette(title: string): Promise<void> {
    await vscode.commands.executeCommand('workbench.action.focusActiveEditorGroup');
    await driver.press('F1');
    await driver.waitFor(`${INPUT}[placeholder*="command"]`);
    await driver.type(title);
    await driver.waitFor(`.quick-input-list .monaco-list-row.focused:has-text(${JSON.stringify(title)})`);
    await driver.press('Enter');
  }

  /** Takes the only host that a command of the palette offers. */
  async function chooseHost(): Promise<void> {
    await driver.waitFor(`.quick-input-list .monaco-list-row.focused:has-text("${endpoint}")`);
    await driver.press('Enter');
  }

  const isShown = async (): Promise<boolean> => (await rows()).some(({ spoken }) => spoken.startsWith(host));

  it('adds an endpoint as a host, and dials nobody before it is expanded', async () => {
    await palette('Add Endpoint…');
    await driver.waitFor(`${INPUT}[placeholder^="ssh://user@host"]`);
    await driver.type(endpoint);
    await driver.press('Enter');
    const added = await row(host, ({ spoken }) => spoken.includes('not connected'), 'is not connected');
    assert.equal(added.level, 1);
    assert.equal(added.expanded, false);
    await vscode.commands.executeCommand(COMMANDS.refresh);
    await driver.screenshot('far-host-added');
    assert.equal(relay.dialled, 0, 'neither finding it nor looking again has dialled it');
    assert.deepEqual(vscode.workspace.getConfiguration().inspect(SETTINGS.addedHosts)?.globalValue, [endpoint]);
  });

  it('connects it when it is expanded, and counts its containers', async () => {
    const listed = (await printed('docker', '--host', endpoint, 'ps', '--all', '--quiet')).trim().split('\n');
    assert.ok(listed.length > 10);
    const before = relay.dialled;
    await expand(host);
    await row(host, ({ spoken }) => spoken.includes(`${listed.length} containers`), `has ${listed.length} containers`);
    assert.ok(relay.dialled > before);
    await driver.screenshot('far-host-connected');
  });

  it('opens a page of one of its containers, which names the host', async () => {
    const container = 'Container shop-web-1,';
    await tree((seen) => below(seen, host).some(({ spoken }) => spoken.startsWith(container)), 'has the container');
    await driver.hover(rowSelector(container));
    await driver.click(`${rowSelector(container)} .actions .action-label[aria-label*="OCI Config"]`);
    await driver.webview.waitFor('body[data-page="config"] .page-head');
    const id = (await printed('docker', '--host', endpoint, 'inspect', '--format', '{{.Id}}', 'shop-web-1')).trim();
    const head = await driver.webview.text('.page-head');
    assert.ok(head.includes(id.slice(0, 12)), head);
    assert.ok(head.includes(endpoint), head);
    assert.match((await driver.webview.attribute('body', 'data-container')) ?? '', new RegExp(`^@\\w+/${id}$`));
    await driver.screenshot('far-host-page');
  });

  it('hides it, shows it again, and removes it', async () => {
    await palette('Hide Host');
    await chooseHost();
    await eventually(async () => !(await isShown()), 'it is hidden');
    await palette('Show Hidden Hosts');
    await row(host);
    await palette('Remove Endpoint');
    await chooseHost();
    await eventually(async () => !(await isShown()), 'it is removed');
    assert.equal(vscode.workspace.getConfiguration().inspect(SETTINGS.addedHosts)?.globalValue, undefined);
  });
});
