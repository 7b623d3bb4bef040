import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { COMMANDS, SETTINGS } from '../../src/contributions';
import { mustRun, run } from '../lab/run';
import { eventually } from '../support/fakeAdapter';
import { printed } from '../support/groundTruth';
import { driver } from './driver';
import { inThemes } from './themes';

const IMAGE = 'lab/busybox:1';
const NOTICE = '.notifications-center .notification-list-item:has-text("Waiting for a container to start")';

describe('the birth of a container in a real VS Code', function () {
  this.timeout(240_000);
  const names: string[] = [];
  let folder: string;

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'cre-birth-'));
    await vscode.commands.executeCommand('workbench.action.closeSidebar');
    // Containers that start in another lab of this machine are none of this test's.
    const { containerdSocket } = JSON.parse(process.env['CRE_LAB'] ?? '{}') as { containerdSocket?: string };
    assert.ok(containerdSocket, 'the lab has a containerd');
    await onlyContainerd([containerdSocket]);
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  after(async () => {
    if (names.length > 0) await run('docker', ['rm', '--force', ...names]);
    await onlyContainerd(undefined);
    rmSync(folder, { recursive: true, force: true });
    await vscode.workspace.getConfiguration('workbench').update('colorTheme', undefined, true);
  });

  async function onlyContainerd(addresses: readonly string[] | undefined): Promise<void> {
    await vscode.workspace.getConfiguration().update(SETTINGS.containerdAddresses, addresses, true);
  }

  /** Waits as a user does, starts a container when it says that it listens, and gives the container's id. */
  async function trace(name: string, ...command: string[]): Promise<string> {
    names.push(name);
    const tracing = vscode.commands.executeCommand(COMMANDS.traceNextContainer);
    await noticed();
    await run('docker', [
      'run',
      '--detach',
      '--network=none',
      '--name',
      name,
      '--env',
      'TOKEN=canary-0815',
      IMAGE,
      ...command,
    ]);
    await tracing;
    const id = (await printed('docker', 'inspect', '--format', '{{.Id}}', name)).trim();
    await driver.webview.waitFor(`body[data-page="birth"][data-container="${id}"] .stack[data-live="false"]`);
    return id;
  }

  /** The notification is there. In a window that has no focus it waits in the list. */
  async function noticed(): Promise<void> {
    await eventually(async () => {
      await vscode.commands.executeCommand('notifications.showList');
      return (await driver.count(NOTICE)) > 0;
    }, 'it says what it waits for');
  }

  /** SVG has no inner text: its texts are asked for otherwise. */
  const labelsShown = (): Promise<string[]> =>
    driver.evalInWebview(`() => [...document.querySelectorAll('.seq-row .seq-label')].map((e) => e.textContent)`);
  const texts = (selector: string): Promise<string[]> => driver.webview.texts(selector);

  it('says what it waits for, follows what starts, and shows the true processes', async () => {
    const id = await trace('vscode-born', 'sleep', '600');
    await driver.webview.waitFor('.stack[data-status="running"] .sequence');
    const pid = (await printed('docker', 'inspect', '--format', '{{.State.Pid}}', id)).trim();
    const labels = await labelsShown();
    assert.ok(
      labels.some((label) => label.includes(`PID ${pid}`)),
      labels.join(' | '),
    );
    for (const label of ['/containers/create', '/tasks/create', '/tasks/start', 'event container start'])
      assert.ok(labels.includes(label), `${label} in ${labels.join(' | ')}`);
    assert.equal((await texts('.birth-steps tbody tr')).length, labels.length);
    assert.ok((await texts('.birth-times tbody tr')).length >= 4);
    assert.match((await texts('.birth-sources li')).join(' '), /docker\.sock/);
    assert.ok(
      !(await driver.evalInWebview<string>('() => document.documentElement.outerHTML')).includes('canary-0815'),
    );
  });

  it('reaches every step by keyboard, and says its clock and precision', async () => {
    await trace('vscode-keys', 'sleep', '600');
    await driver.webview.focus('.seq-row >> nth=0');
    await driver.press('End');
    const isSelected = (which: string): Promise<boolean> =>
      driver.evalInWebview(
        `() => [...document.querySelectorAll('.seq-row')].at(${which}).getAttribute('aria-selected') === 'true'`,
      );
    await eventually(() => isSelected('-1'), 'the last step is selected');
    await driver.press('Home');
    await eventually(() => isSelected('0'), 'the first step is selected');
    const steps = await driver.evalInWebview<string[]>(
      `() => [...document.querySelectorAll('.seq-row')].map((row) => row.getAttribute('data-step'))`,
    );
    for (let at = 0; at < steps.indexOf('shim'); at++) await driver.press('ArrowDown');
    await driver.webview.waitFor('.birth-detail:has-text("boot clock")');
    assert.match(await driver.webview.text('.birth-detail'), /10 ms: the kernel counts it in ticks/);
  });

  it('shows a failed start with the engine’s own words', async () => {
    await trace('vscode-unborn', 'no-such-program');
    await driver.webview.waitFor('.stack[data-status="failed"]');
    assert.match(await driver.webview.text('.birth-failure'), /no-such-program/);
    await driver.screenshot('page-birth-failed');
  });

  it('exports Mermaid and SVG as documents and files', async () => {
    await trace('vscode-exported', 'sleep', '600');
    await driver.webview.click('[data-key="open:mermaid"]');
    await eventually(
      () => vscode.window.activeTextEditor?.document.getText().startsWith('sequenceDiagram') === true,
      'Mermaid is open',
    );
    assert.match(vscode.window.activeTextEditor!.document.getText(), /shim->>containerd: .*tasks.start/);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    const file = vscode.Uri.file(path.join(folder, 'birth.svg'));
    const ask = vscode.window.showSaveDialog;
    // The dialog belongs to the desktop: what it would answer is given here.
    Object.assign(vscode.window, { showSaveDialog: () => Promise.resolve(file) });
    try {
      await driver.webview.click('[data-key="save:svg"]');
      await eventually(
        () => existsSync(file.fsPath) && readFileSync(file.fsPath, 'utf8').endsWith('</svg>\n'),
        'the SVG is written',
      );
    } finally {
      Object.assign(vscode.window, { showSaveDialog: ask });
    }
    assert.equal(await driver.webview.count('[data-key="open:har"]'), 0, 'nothing was recorded');
  });

  it('shows the birth of a container that nobody watched, and says what is missing', async () => {
    const name = 'vscode-earlier';
    names.push(name);
    const id = (
      await mustRun('docker', ['run', '--detach', '--network=none', '--name', name, IMAGE, 'sleep', '600'])
    ).stdout.trim();
    await vscode.commands.executeCommand(COMMANDS.showBirth, id);
    await driver.webview.waitFor(`body[data-container="${id}"] .sequence`);
    const pid = (await printed('docker', 'inspect', '--format', '{{.State.Pid}}', id)).trim();
    assert.ok((await labelsShown()).some((label) => label.includes(`PID ${pid}`)));
    assert.match((await texts('.birth-status')).join(' '), /Nobody watched/);
  });

  it('can be cancelled', async () => {
    const tracing = vscode.commands.executeCommand(COMMANDS.traceNextContainer);
    await noticed();
    await driver.click(`${NOTICE} .monaco-button:has-text("Cancel")`);
    await tracing;
    await driver.waitFor(NOTICE, { state: 'hidden' });
  });

  it('screenshots in three themes', async () => {
    const id = await trace('vscode-pictured', 'sleep', '600');
    await inThemes(async (theme) => {
      await driver.webview.waitFor(`body[data-container="${id}"] .sequence`);
      await driver.screenshot(`page-birth-traced-${theme}`);
    });
    await driver.webview.focus('.seq-row >> nth=-1');
    await driver.screenshot('page-birth-traced-end');
  });

  it('has met no violation of its policy and no error on the page', async () => {
    assert.deepEqual(
      (await driver.problems()).filter(({ source }) => source === 'webview'),
      [],
    );
  });
});
