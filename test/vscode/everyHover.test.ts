import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseTree, type Node } from 'jsonc-parser';
import * as vscode from 'vscode';
import { COMMANDS } from '../../src/contributions';
import { mapPooled } from '../../src/util/pool';
import { asString, memberAt } from '../../src/util/records';
import { eventually } from '../support/fakeAdapter';
import { inspectAll, printed } from '../support/groundTruth';
import { driver } from './driver';

const HOVER = '.monaco-hover:not(.hidden)';
/** How many are asked at once. */
const AT_ONCE = 8;
const NAME = `every-hover-${process.pid}`;

/** What a container can be asked for on any of the labs, all at once. */
const SETTINGS = [
  ...['--memory=64m', '--memory-swap=96m', '--memory-reservation=32m', '--cpus=0.5', '--cpu-shares=512'],
  ...['--cpuset-cpus=0', '--cpuset-mems=0', '--pids-limit=50', '--ulimit=nofile=256:512', '--oom-score-adj=500'],
  ...['--cap-drop=ALL', '--cap-add=NET_ADMIN', '--security-opt=no-new-privileges', '--read-only'],
  ...['--user=1000:1000', '--group-add=4242', '--hostname=every', '--domainname=example.test'],
  ...['--sysctl=net.core.somaxconn=512', '--tmpfs=/scratch:size=1m,noexec', '--volume=/var/made', '--shm-size=32m'],
  ...['--device=/dev/null:/dev/every:r', '--env=MODE=fast', '--env=DB_PASSWORD=hunter2-hunter2', '--init', '--tty'],
  ...['--workdir=/tmp', '--stop-signal=SIGINT', '--label=a=b'],
];

/** Fields of many kinds, drawn: a text to point at in the fixture, and what the picture is called. */
const DRAWN = [
  ['"CAP_NET_BIND_SERVICE"', 'capability'],
  ['"RLIMIT_NOFILE"', 'rlimit'],
  ['"rbind"', 'mount-option'],
  ['"noNewPrivileges"', 'no-new-privileges'],
  ['"quota"', 'cpu-quota'],
  ['"SCMP_ACT_ERRNO"', 'seccomp-action'],
  ['"maskedPaths"', 'masked-paths'],
  ['"cgroupsPath"', 'cgroups-path'],
] as const;

for (const [language, marker] of [
  ['en', ''],
  ['ko', ' @korean'],
] as const) {
  describe(`hovers on every field of a full config.json${marker}`, function () {
    this.timeout(240_000);
    let folder: string;
    let full: vscode.TextDocument;

    before(async () => {
      assert.equal(vscode.env.language, language);
      await vscode.extensions.getExtension('container-runtime-explorer.container-runtime-explorer')?.activate();
      folder = mkdtempSync(join(tmpdir(), 'cre-every-hover-'));
      const file = join(folder, 'config.json');
      // The bundle of the tests is out/test/vscode/index.js.
      copyFileSync(join(__dirname, '../../../test/fixtures/oci/full-config.json'), file);
      full = await vscode.workspace.openTextDocument(file);
    });

    after(async () => {
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      rmSync(folder, { recursive: true });
    });

    it('has one at every key and value of a file that has all fields of the specification', async () => {
      await checkAll(full, 400);
    });

    it('has one at every key and value of a container with many settings, and keeps what it enforces apart', async () => {
      const records = await inspectAll();
      const plain = [...records.values()].find((record) => memberAt(record, 'Name') === '/plain');
      const image = asString(memberAt(plain, 'Config', 'Image')) ?? '';
      const run = ['run', '--detach', '--network=none', '--name', NAME, ...SETTINGS, image, 'sleep', '600'];
      const id = (await printed('docker', ...run)).trim();
      try {
        await vscode.commands.executeCommand(COMMANDS.openConfig, id);
        await eventually(
          () => vscode.window.activeTextEditor?.document.getText().includes('"limit": 67108864') === true,
          'config.json is open',
        );
        const document = vscode.window.activeTextEditor?.document;
        assert.ok(document);
        await checkAll(document, 700);
        const limit = await hoversAt(document, document.getText().indexOf('"limit": 67108864') + 1);
        assert.match(limit.join('\n'), /HostConfig\.Memory/);
      } finally {
        await printed('docker', 'rm', '--force', '--volumes', id);
      }
    });

    it('draws them (screenshots)', async () => {
      await driver.resize(1400, 900);
      for (const [text, name] of DRAWN) {
        const at = full.positionAt(full.getText().indexOf(text) + 2);
        const [explained = ''] = await hoversAt(full, full.offsetAt(at));
        assert.notEqual(explained, '', text);
        await eventually(async () => {
          const editor = await vscode.window.showTextDocument(full, { preserveFocus: false });
          editor.selection = new vscode.Selection(at, at);
          editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenter);
          await vscode.commands.executeCommand('editor.action.showHover');
          return driver.waitFor(HOVER, { timeoutMs: 5000 }).then(
            () => true,
            () => false,
          );
        }, `the hover of ${text} is drawn`);
        await driver.screenshot(`hover-every-${name}-${language}`);
        await driver.press('Escape');
      }
    });

    /** Asks VS Code for the hovers of each key and value. What one takes is printed, and never tested: it is the machine's affair. */
    async function checkAll(document: vscode.TextDocument, atLeast: number): Promise<void> {
      const text = document.getText();
      const places = placesOf(parseTree(text));
      const started = performance.now();
      const found = await mapPooled(places, AT_ONCE, async (node) => {
        const hovers = await hoversAt(document, node.offset + Math.min(1, node.length - 1));
        const where = `line ${document.positionAt(node.offset).line + 1}: ${text.slice(node.offset, node.offset + 60)}`;
        if (hovers.length === 0) return [`${where} has no hover`];
        return language === 'ko' ? hovers.flatMap(englishIn).map((line) => `${where}: ${line}`) : [];
      });
      const each = (performance.now() - started) / places.length;
      await driver.print(`      ${places.length} places, ${each.toFixed(1)} ms for the hovers of each`);
      const wrong = found.flat();
      assert.deepEqual(wrong, []);
      assert.ok(places.length >= atLeast, `${places.length} places`);
    }
  });
}

/** Keys and values without members of their own. */
function placesOf(node: Node | undefined): readonly Node[] {
  if (!node) return [];
  if (node.type === 'property')
    return node.children ? [...node.children.slice(0, 1), ...placesOf(node.children[1])] : [];
  return node.children ? node.children.flatMap(placesOf) : [node];
}

async function hoversAt(document: vscode.TextDocument, offset: number): Promise<readonly string[]> {
  const found = await vscode.commands.executeCommand<vscode.Hover[]>(
    'vscode.executeHoverProvider',
    document.uri,
    document.positionAt(offset),
  );
  return found
    .flatMap(({ contents }) => contents)
    .map((content) => (typeof content === 'string' ? content : content.value))
    .filter((text) => text.trim() !== '');
}

/** Lines of a hover that are sentences, but not Korean ones: names, paths, commands and values are no sentences. */
function englishIn(hover: string): readonly string[] {
  const prose = hover.replace(/```[\s\S]*?```/g, '').replaceAll('&nbsp;', ' ');
  return prose.split('\n').filter((line) => /[A-Za-z]+ [a-z]+ [a-z]+ [a-z]+/.test(line) && !/[가-힣]/.test(line));
}
