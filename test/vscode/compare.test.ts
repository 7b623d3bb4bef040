import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { COMMANDS, DOCUMENT_SCHEME } from '../../src/contributions';
import { asArray, asString, memberAt } from '../../src/util/records';
import { eventually } from '../support/fakeAdapter';
import { inspectAll, printed } from '../support/groundTruth';
import { driver } from './driver';
import { inThemes } from './themes';
import { filter, onlyLayer, openTree, row, rowSelector } from './treeDriver';

const INPUT = '.quick-input-widget:not([style*="display: none"]) input';

describe('comparing containers in a real VS Code', function () {
  this.timeout(240_000);
  let records: Map<string, unknown>;

  before(async () => {
    records = await inspectAll();
    await driver.resize(1400, 900);
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  function idOf(name: string): string {
    const record = [...records.values()].find((candidate) => memberAt(candidate, 'Name') === `/${name}`);
    assert.ok(record, `the lab has a container ${name}`);
    return asString(memberAt(record, 'Id')) ?? '';
  }

  /** Types into the list that is open, once it is about what is expected, and takes the first entry. */
  async function pick(title: string, text: string): Promise<void> {
    await driver.waitFor(`.quick-input-widget:has-text(${JSON.stringify(title)})`);
    await driver.click(INPUT);
    await driver.type(text);
    await driver.waitFor(`.quick-input-list .monaco-list-row.focused:has-text(${JSON.stringify(text)})`);
    await driver.press('Enter');
  }

  const cell = (aspect: string, what: string): string =>
    `[data-aspect="${aspect}"] tr:has(th:text-is(${JSON.stringify(what)}))`;

  it('shows a table of what differs, by keyboard alone (screenshots in three themes)', async () => {
    const done = vscode.commands.executeCommand(COMMANDS.compareWith, idOf('memory'));
    await pick('Compare: the Second Container', 'secrets');
    await pick('Compare: What', 'Table of Differences');
    await done;
    await driver.webview.waitFor(cell('lineage', 'Memory › Memory limit'));
    assert.match(await driver.webview.text(cell('lineage', 'Memory › Memory limit')), /64 MiB/);
    assert.match(await driver.webview.text(cell('config', 'linux › resources › memory › limit')), /67108864/);
    assert.match(await driver.webview.text(cell('environment', 'DB_PASSWORD')), /not there.*••••••/s);
    const whole = await driver.evalInWebview<string>('() => document.documentElement.outerHTML');
    assert.ok(!whole.includes('correct-horse-battery-staple'));
    await inThemes(async (theme) => {
      await driver.screenshot(`compare-${theme}`);
    });
    // A part of the table that is wider than the page can be scrolled by keyboard.
    assert.equal(await driver.webview.attribute('[data-scroll^="compare:"]', 'tabindex'), '0');
  });

  it('opens the diff editor on both documents, secrets masked', async () => {
    const done = vscode.commands.executeCommand(COMMANDS.compareWith, idOf('memory'));
    await pick('Compare: the Second Container', 'secrets');
    await pick('Compare: What', 'config.json');
    await done;
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    assert.ok(input instanceof vscode.TabInputTextDiff);
    assert.equal(input.original.scheme, DOCUMENT_SCHEME);
    const [left, right] = await Promise.all(
      [input.original, input.modified].map((uri) => vscode.workspace.openTextDocument(uri)),
    );
    assert.equal(memberAt(JSON.parse(left?.getText() ?? ''), 'linux', 'resources', 'memory', 'limit'), 67108864);
    assert.match(right?.getText() ?? '', /DB_PASSWORD=/);
    assert.doesNotMatch(right?.getText() ?? '', /correct-horse/);
    await driver.waitFor('.monaco-diff-editor .line-insert, .monaco-diff-editor .char-insert');
    await driver.screenshot('compare-diff');
  });

  it('compares a container with itself before it was updated', async () => {
    const name = `compare-${process.pid}`;
    const image = asString(memberAt(records.get(idOf('plain')) ?? [...records.values()][0], 'Config', 'Image')) ?? '';
    const run = ['run', '--detach', '--network=none', '--memory=64m', '--memory-swap=64m', '--name', name, image];
    const id = (await printed('docker', ...run, 'sleep', '3600')).trim();
    try {
      await vscode.commands.executeCommand(COMMANDS.openEngineRecord, id);
      await eventually(
        () => vscode.window.activeTextEditor?.document.getText().includes('67108864') === true,
        'the record is open',
      );
      await printed('docker', 'update', '--memory=48m', '--memory-swap=48m', name);
      await eventually(
        () => vscode.window.activeTextEditor?.document.getText().includes('50331648') === true,
        'the record follows the update',
      );
      const done = vscode.commands.executeCommand(COMMANDS.compareEarlier, id);
      await pick('Compare: What', 'Table of Differences');
      await done;
      const row = cell('lineage', 'Memory › Memory limit');
      await driver.webview.waitFor(row);
      assert.match(await driver.webview.text(row), /64 MiB.*48 MiB/s);
      // Nothing but what docker update changed.
      assert.deepEqual(await driver.webview.texts('[data-aspect="lineage"] > .scroll-x th[scope="row"]'), [
        'Memory › Memory limit',
        'Memory › Memory and swap limit',
      ]);
      await driver.screenshot('compare-earlier');
    } finally {
      await printed('docker', 'rm', '--force', id).catch(() => undefined);
    }
  });

  describe('with its Compose file', () => {
    const NAME = `asked-${process.pid}-web-1`;
    let folder: string;
    let id: string;

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'cre-compare-'));
      const image = asString(memberAt(records.get(idOf('plain')), 'Config', 'Image')) ?? '';
      writeFileSync(
        join(folder, 'compose.yaml'),
        `services:
  web:
    image: ${image}
    network_mode: none
    mem_limit: 64m
    cpus: 0.5
    cap_add: [NET_ADMIN]
    pids_limit: \${PIDS}
    environment: { MODE: fast, DB_PASSWORD: correct-horse-battery-staple }
    command: [sleep, "3600"]
    restart: always
`,
      );
      const labels = {
        project: `asked-${process.pid}`,
        service: 'web',
        'project.config_files': join(folder, 'compose.yaml'),
        'project.working_dir': folder,
      };
      const labelled = Object.entries(labels).map(([key, value]) => `--label=com.docker.compose.${key}=${value}`);
      // The same CPU time as the file asks for; all else otherwise.
      const options = ['--network=none', '--memory=48m', '--cpus=0.5', '--env=MODE=slow', '--env=DB_PASSWORD=hunter2'];
      const run = ['run', '--detach', '--name', NAME, ...options, ...labelled, image, 'sleep', '3600'];
      id = (await printed('docker', ...run)).trim();
    });
    after(async () => {
      await vscode.commands.executeCommand(COMMANDS.clearFilter);
      await printed('docker', 'rm', '--force', id).catch(() => undefined);
      rmSync(folder, { recursive: true, force: true });
    });

    it('from the menu of its row: the table is what docker inspect, the kernel and the file say (screenshots in three themes)', async () => {
      await openTree();
      await filter(`name:${NAME}`);
      await onlyLayer('Docker Engine');
      const beginning = `Container ${NAME},`;
      await row(beginning);
      await driver.click(`${rowSelector(beginning)} .label-name`, { button: 'right' });
      await driver.click('.monaco-menu .action-label:has-text("Compare with Its Compose File")');
      await driver.webview.waitFor('body[data-page="compare"] [data-aspect="lineage"]');
      await driver.webview.waitFor(cell('lineage', 'Memory › Memory limit'));

      const [record] = asArray(JSON.parse(await printed('docker', 'inspect', id)));
      assert.equal(memberAt(record, 'HostConfig', 'Memory'), 48 * 1024 * 1024);
      const memory = await driver.webview.texts(`${cell('lineage', 'Memory › Memory limit')} td`);
      assert.match(memory[0] ?? '', /^64 MiB \(67,108,864 bytes\)$/);
      assert.match(memory[1] ?? '', /Requested: 48 MiB \(50,331,648 bytes\)[\s\S]*Kernel: 48 MiB/);
      const mode = await driver.webview.texts(`${cell('lineage', 'Environment › MODE')} td`);
      assert.equal(mode[0], 'fast');
      assert.match(mode[1] ?? '', /Requested: slow/);
      assert.match(
        await driver.webview.text(cell('lineage', 'Environment › DB_PASSWORD')),
        /masked: the values differ/,
      );
      assert.match(await driver.webview.text(cell('engine', 'HostConfig › RestartPolicy › Name')), /always.*no/s);
      // All that differs, and nothing besides: the quota of the CPU is as the file asks.
      assert.deepEqual(
        (await driver.webview.texts('[data-aspect="lineage"] > .scroll-x th[scope="row"]')).sort(),
        [
          'Environment › DB_PASSWORD',
          'Environment › MODE',
          'Memory › Memory limit',
          'Privileges › Capabilities: bounding',
        ].sort(),
      );
      assert.match(await driver.webview.text('[data-aspect="unread"]'), /pids_limit.*variable/s);
      const whole = await driver.evalInWebview<string>('() => document.documentElement.outerHTML');
      assert.doesNotMatch(whole, /correct-horse|hunter2/);
      await inThemes(async (theme) => {
        await driver.screenshot(`compare-compose-${theme}`);
      });
    });

    it('from the palette: it offers those alone that docker compose has made', async () => {
      const done = vscode.commands.executeCommand(COMMANDS.compareCompose);
      await driver.waitFor('.quick-input-widget:has-text("Compare with Its Compose File")');
      await driver.waitFor(`.quick-input-list .monaco-list-row:has-text("${NAME}")`);
      // The second line of an entry, its id, is a label too.
      const labels = await driver.texts('.quick-input-list .monaco-list-row .label-name');
      const offered = labels.filter((label) => !/^[0-9a-f]{12}$/.test(label));
      const labelled = [...(await inspectAll()).values()].filter(
        (record) => memberAt(record, 'Config', 'Labels', 'com.docker.compose.project') !== undefined,
      );
      assert.deepEqual(offered.sort(), labelled.map((record) => String(memberAt(record, 'Name')).slice(1)).sort());
      await driver.click('.quick-input-widget:not([style*="display: none"]) input');
      await driver.type(NAME);
      await driver.waitFor(`.quick-input-list .monaco-list-row.focused:has-text("${NAME}")`);
      await driver.press('Enter');
      await done;
      await driver.webview.waitFor(cell('lineage', 'Memory › Memory limit'));
    });
  });
});
