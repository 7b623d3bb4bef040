import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { PublicApi } from '../../src/publicApi';
import { asString, memberAt } from '../../src/util/records';
import { eventually } from '../support/fakeAdapter';
import { inspectAll, printed } from '../support/groundTruth';
import { driver } from './driver';

const HOVER = '.monaco-hover:not(.hidden)';

describe('hovers in documents that are none of ours', function () {
  this.timeout(240_000);
  let folder: string;
  let id: string;
  let api: PublicApi;

  before(async () => {
    const extension = vscode.extensions.getExtension<PublicApi>(
      'container-runtime-explorer.container-runtime-explorer',
    );
    assert.ok(extension);
    api = await extension.activate();
    folder = mkdtempSync(join(tmpdir(), 'cre-elsewhere-'));
    mkdirSync(join(folder, '.devcontainer'));
    const [record] = (await inspectAll()).values();
    const image = asString(memberAt(record, 'Config', 'Image')) ?? '';
    const labels = {
      'com.docker.compose.project': 'elsewhere',
      'com.docker.compose.service': 'web',
      'com.docker.compose.project.config_files': join(folder, 'compose.yaml'),
      'com.docker.compose.project.working_dir': folder,
      'devcontainer.local_folder': folder,
      'devcontainer.config_file': join(folder, '.devcontainer', 'devcontainer.json'),
    };
    const options = ['--network=none', '--memory=64m', '--memory-swap=64m', '--env=MODE=fast', '--cap-add=NET_ADMIN'];
    const labelled = Object.entries(labels).map(([name, value]) => `--label=${name}=${value}`);
    const name = `elsewhere-${process.pid}`;
    id = (
      await printed('docker', 'run', '--detach', '--name', name, ...options, ...labelled, image, 'sleep', '3600')
    ).trim();
    await eventually(
      async () => JSON.stringify(await (await extension.activate()).inventory()).includes(id),
      'the explorer knows the container',
    );
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await printed('docker', 'rm', '--force', id).catch(() => undefined);
  });

  async function write(name: string, text: string): Promise<vscode.TextDocument> {
    const file = join(folder, name);
    writeFileSync(file, text);
    return vscode.workspace.openTextDocument(file);
  }

  /** All hovers at a part of a document, without markdown's own signs. */
  async function hoverAt(document: vscode.TextDocument, part: string): Promise<string> {
    const at = document.getText().indexOf(part);
    assert.ok(at >= 0, part);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      document.positionAt(at + 1),
    );
    const texts = hovers
      .flatMap(({ contents }) => contents)
      .map((content) => {
        if (typeof content === 'string') return content;
        if (content instanceof vscode.MarkdownString) assert.ok(!content.isTrusted && !content.supportHtml);
        return content.value;
      });
    return texts.join('\n').replaceAll('&nbsp;', ' ').replaceAll('\\', '');
  }

  it('docker inspect: a field with its lineage, and the container by its id', async () => {
    assert.ok(api);
    const document = await write('inspected.json', await printed('docker', 'inspect', id));
    const memory = await hoverAt(document, '"Memory":');
    assert.match(memory, /Lineage: Memory limit: in force/);
    assert.match(memory, /HostConfig\.Memory, by the request/);
    assert.match(await hoverAt(document, '"MODE=fast"'), /Lineage: MODE/);
    assert.match(await hoverAt(document, id), /Known to/);
  });

  it('ids in a log, in full and shortened; other digits are left alone', async () => {
    const other = 'f'.repeat(64);
    const document = await write('run.log', `started ${id}\nstopped ${id.slice(0, 12)} after ${other}\n`);
    assert.match(await hoverAt(document, id), /Known to/);
    assert.match(await hoverAt(document, `${id.slice(0, 12)} after`), /Known to/);
    assert.equal(await hoverAt(document, other), '');
  });

  it('Compose files: a service, and each of its settings (screenshot)', async () => {
    const document = await write(
      'compose.yaml',
      'services:\n  web:\n    image: x\n    mem_limit: 64m\n    environment:\n      MODE: fast\n  db:\n    image: y\n',
    );
    const service = await hoverAt(document, 'web:');
    assert.match(service, new RegExp(id.slice(0, 12)));
    assert.match(service, /Lineage: Memory limit: in force/);
    assert.match(await hoverAt(document, 'mem_limit'), /Lineage: Memory limit: in force/);
    assert.match(await hoverAt(document, 'MODE'), /Lineage: MODE: in force/);
    assert.equal(await hoverAt(document, 'db:'), '');
    const editor = await vscode.window.showTextDocument(document);
    const at = document.positionAt(document.getText().indexOf('mem_limit') + 2);
    editor.selection = new vscode.Selection(at, at);
    await eventually(async () => {
      await vscode.window.showTextDocument(document, { preserveFocus: false });
      await vscode.commands.executeCommand('editor.action.showHover');
      return driver.waitFor(`${HOVER}:has-text("Lineage: Memory limit")`, { timeoutMs: 5000 }).then(
        () => true,
        () => false,
      );
    }, 'the hover is drawn');
    await driver.screenshot('hover-compose');
  });

  it('devcontainer.json: the container that runs, and its settings', async () => {
    const document = await write(
      '.devcontainer/devcontainer.json',
      '{\n  // a comment\n  "name": "x",\n  "capAdd": ["NET_ADMIN"]\n}\n',
    );
    assert.match(await hoverAt(document, '"name"'), new RegExp(id.slice(0, 12)));
    assert.match(await hoverAt(document, '"capAdd"'), /Lineage: Capabilities: bounding: in force/);
  });
});
