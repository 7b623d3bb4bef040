import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { COMMANDS, DOCUMENT_SCHEME, type CommandId } from '../../src/contributions';
import { asNumber, asString, memberAt } from '../../src/util/records';
import { eventually } from '../support/fakeAdapter';
import { inspectAll, printed } from '../support/groundTruth';

describe('the documents in a real VS Code', function () {
  this.timeout(240_000);
  let records: Map<string, unknown>;

  before(async () => {
    records = await inspectAll();
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  function sample(name: string): { id: string; record: unknown; pid: number } {
    const record = [...records.values()].find((candidate) => memberAt(candidate, 'Name') === `/${name}`);
    assert.ok(record, `the lab has a container ${name}`);
    return { id: asString(memberAt(record, 'Id')) ?? '', record, pid: asNumber(memberAt(record, 'State', 'Pid')) ?? 0 };
  }

  /** Opens a document by its command and gives it. */
  async function open(command: CommandId, id: string): Promise<vscode.TextDocument> {
    await vscode.commands.executeCommand(command, id);
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.uri.scheme, DOCUMENT_SCHEME);
    assert.ok(document);
    return document;
  }

  /** The text of a document, once it is as expected. */
  async function says(
    document: vscode.TextDocument,
    condition: (text: string) => boolean,
    what: string,
  ): Promise<void> {
    await eventually(() => condition(document.getText()), what).catch((error: unknown) => {
      throw new Error(`${String(error)}. It says:\n${document.getText().slice(0, 2000)}`);
    });
  }

  async function hoverAt(document: vscode.TextDocument, part: string): Promise<string> {
    const at = document.getText().indexOf(part);
    assert.ok(at >= 0, `the document has ${part}`);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      document.positionAt(at + 1),
    );
    const contents = hovers.flatMap(({ contents }) => contents);
    for (const content of contents) {
      if (content instanceof vscode.MarkdownString) assert.ok(!content.isTrusted && !content.supportHtml);
    }
    return contents.map((content) => (typeof content === 'string' ? content : content.value)).join('\n');
  }

  it('config.json equals the one in the bundle, for every kind of container', async () => {
    for (const name of ['plain', 'memory', 'cap-drop', 'host-pid', 'hostile-labels', 'tty']) {
      const { id, pid } = sample(name);
      const shim = (await printed('ps', '-o', 'ppid=', '-p', String(pid))).trim();
      const bundle = (await printed('readlink', `/proc/${shim}/cwd`)).trim();
      const onDisk: unknown = JSON.parse(await printed('cat', `${bundle}/config.json`));
      const document = await open(COMMANDS.openConfig, id);
      assert.equal(document.languageId, 'json');
      await vscode.commands.executeCommand(COMMANDS.revealSecrets);
      await says(
        document,
        (text) => JSON.stringify(JSON.parse(text)) === JSON.stringify(onDisk),
        `the document of ${name} equals ${bundle}/config.json`,
      );
    }
  });

  it('the engine record equals what docker inspect prints', async () => {
    const { id, record } = sample('memory');
    const document = await open(COMMANDS.openEngineRecord, id);
    await vscode.commands.executeCommand(COMMANDS.revealSecrets);
    await says(
      document,
      (text) => {
        const shown: unknown = JSON.parse(text);
        return ['Id', 'HostConfig', 'Config', 'State', 'Mounts'].every(
          (part) => JSON.stringify(memberAt(shown, part)) === JSON.stringify(memberAt(record, part)),
        );
      },
      'the document equals docker inspect',
    );
  });

  it('the runtime state and the containerd record name the container', async () => {
    const { id, pid } = sample('memory');
    const state = await open(COMMANDS.openRuntimeState, id);
    await says(state, (text) => memberAt(JSON.parse(text), 'init_process_pid') === pid, 'the state names the init PID');
    const record = await open(COMMANDS.openContainerdRecord, id);
    await says(record, (text) => text.includes(id), 'the record names the id');
  });

  it('secrets are masked until they are revealed, and again after the document was closed', async () => {
    const { id } = sample('secrets');
    const secret = 'correct-horse-battery-staple';
    const document = await open(COMMANDS.openConfig, id);
    assert.ok(document.getText().includes('DB_PASSWORD='));
    assert.ok(!document.getText().includes(secret));
    await vscode.commands.executeCommand(COMMANDS.revealSecrets);
    await says(document, (text) => text.includes(secret), 'the secret is revealed');
    await vscode.commands.executeCommand(COMMANDS.hideSecrets);
    await says(document, (text) => !text.includes(secret), 'the secret is masked again');
  });

  it('of a container that ended say what is left, or why there is nothing', async () => {
    const { id } = sample('exited-0');
    const state = await open(COMMANDS.openRuntimeState, id);
    assert.equal(state.languageId, 'plaintext');
    assert.match(state.getText(), /Not known: .+\nRemedy: .+/);
    const record = await open(COMMANDS.openEngineRecord, id);
    assert.equal(memberAt(JSON.parse(record.getText()), 'State', 'ExitCode'), 0);
  });

  it('follow the container, and keep what was read when it goes', async () => {
    const name = `document-${process.pid}`;
    const image = asString(memberAt(sample('plain').record, 'Config', 'Image')) ?? '';
    const id = (await printed('docker', 'create', '--network=none', '--name', name, image, 'true')).trim();
    try {
      const document = await open(COMMANDS.openEngineRecord, id);
      assert.equal(memberAt(JSON.parse(document.getText()), 'Name'), `/${name}`);
      await printed('docker', 'rename', id, `${name}-new`);
      await says(document, (text) => text.includes(`"/${name}-new"`), 'the document has the new name');
    } finally {
      await printed('docker', 'rm', '--force', id).catch(() => undefined);
    }
    assert.match(vscode.window.activeTextEditor?.document.getText() ?? '', new RegExp(`/${name}-new`));
  });

  it('hovers explain config.json: ours, and any file of that name that is a spec', async () => {
    const { id } = sample('memory');
    const document = await open(COMMANDS.openConfig, id);
    assert.match(await hoverAt(document, '"cgroupsPath"'), /cgroupsPath/);
    assert.match(await hoverAt(document, '67108864'), /64(?:&nbsp;| )MiB/);
    const folder = mkdtempSync(join(tmpdir(), 'cre-documents-'));
    try {
      const file = join(folder, 'config.json');
      writeFileSync(file, JSON.stringify({ ociVersion: '1.2.0', process: { noNewPrivileges: true }, root: {} }));
      const spec = await vscode.workspace.openTextDocument(file);
      assert.match(await hoverAt(spec, '"noNewPrivileges"'), /noNewPrivileges/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
