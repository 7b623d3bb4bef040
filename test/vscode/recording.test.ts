import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { COMMANDS } from '../../src/contributions';
import { eventually } from '../support/fakeAdapter';
import { mustRun } from '../lab/run';
import type { PublicApi } from '../../src/publicApi';
import { driver } from './driver';

const ITEM = '.statusbar-item:has-text("Recording API calls")';
const NAME = 'recorded-in-terminal';

describe('recording of API calls in a real VS Code', function () {
  this.timeout(240_000);
  let folder: string;
  const links: string[] = [];

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'cre-recording-'));
  });

  after(async () => {
    await vscode.commands.executeCommand(COMMANDS.stopRecording);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    for (const terminal of vscode.window.terminals) terminal.dispose();
    for (const link of links) for (const end of ['sock', 'real']) rmSync(link.replace(/sock$/, end), { force: true });
    await mustRun('docker', ['rm', '--force', NAME]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts recording. VS Code shows no modal dialogs in tests: what it would ask is read and answered here. */
  async function start(): Promise<void> {
    const asked: string[] = [];
    const ask = vscode.window.showWarningMessage;
    const answer = async (
      text: string,
      options: vscode.MessageOptions,
      ...items: string[]
    ): Promise<string | undefined> => {
      asked.push(`${text} ${options.detail ?? ''}`);
      return items[0];
    };
    Object.assign(vscode.window, { showWarningMessage: answer });
    try {
      await vscode.commands.executeCommand(COMMANDS.recordCalls);
    } finally {
      Object.assign(vscode.window, { showWarningMessage: ask });
    }
    for (const words of asked)
      for (const word of [
        'a process of its own',
        'a socket',
        'DOCKER_HOST',
        'CONTAINERD_ADDRESS',
        'nerdctl',
        '40 MB',
        'secrets',
      ])
        assert.ok(words.includes(word), `${word} in ${words}`);
    await driver.waitFor(ITEM);
  }

  /** Runs a command in a new terminal, as a user does, and gives what it wrote. */
  async function inTerminal(name: string, command: string): Promise<string> {
    const file = path.join(folder, `${name}-${Date.now()}`);
    const script = `{ ${command}; } > ${file}.part 2>&1; mv ${file}.part ${file}`;
    const terminal = vscode.window.createTerminal({ name, shellPath: '/bin/sh', shellArgs: ['-c', script] });
    terminal.show();
    await eventually(() => existsSync(file), `the terminal has run ${command}`);
    return readFileSync(file, 'utf8');
  }

  it('records what runs in a new terminal, shows it as recorded, and leaves terminals a way when it stops', async () => {
    await mustRun('docker', ['rm', '--force', NAME]);
    await start();
    const host = (await inTerminal('where', 'echo $DOCKER_HOST')).trim();
    assert.match(host, /^unix:\/\/\/.*\.sock$/);
    const containerd = (await inTerminal('which', 'echo $CONTAINERD_ADDRESS')).trim();
    links.push(host.replace('unix://', ''), containerd);
    for (const link of links) assert.match(readlinkSync(link), /\.relay$/);
    const said = await inTerminal(
      'run',
      `docker run --name ${NAME} --network=none --env PASSWORD=canary-4711 lab/busybox:1 echo done`,
    );
    assert.equal(said, 'done\n');
    assert.match(await inTerminal('ctr', 'ctr --namespace moby tasks list'), /^TASK +PID +STATUS/);

    const extension = vscode.extensions.getExtension<PublicApi>(
      'container-runtime-explorer.container-runtime-explorer',
    );
    const api = await extension!.activate();
    const id = (await mustRun('docker', ['inspect', '--format', '{{.Id}}', NAME])).stdout.trim();
    await eventually(async () => {
      const inspection = await api.inspect(id).catch(() => undefined);
      const recorded = inspection?.apiCalls.filter(({ evidence }) => evidence === 'recorded') ?? [];
      const words = recorded.map(({ target }) => target.split('?')[0]?.split('/').at(-1));
      return ['create', 'attach', 'wait', 'start'].every((word) => words.includes(word));
    }, 'the calls are shown as recorded');

    await vscode.commands.executeCommand(COMMANDS.showRecordedCalls);
    const document = vscode.window.activeTextEditor!.document;
    await eventually(() => document.getText().includes('v1.Tasks/List'), 'calls to containerd are shown too');
    const shown = document.getText();
    assert.ok(Array.isArray(JSON.parse(shown)));
    assert.match(shown, /\/containers\/create\?name=recorded-in-terminal/);
    assert.doesNotMatch(shown, /canary-4711/);

    await vscode.commands.executeCommand(COMMANDS.stopRecording);
    await driver.waitFor(ITEM, { state: 'hidden' });
    for (const link of links) assert.ok(!readlinkSync(link).endsWith('.relay'));
    const env = { ...process.env, DOCKER_HOST: host };
    assert.equal((await mustRun('docker', ['ps', '--quiet', '--filter', 'name=no-such'], { env })).stdout, '');

    await vscode.commands.executeCommand(COMMANDS.clearRecordedCalls);
    assert.ok((await api.inspect(id)).apiCalls.every(({ evidence }) => evidence !== 'recorded'));
  });
});
