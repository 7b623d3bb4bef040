import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as vscode from 'vscode';
import { COMMANDS, type CommandId } from '../../src/contributions';
import type { PublicApi } from '../../src/publicApi';
import { eventually } from '../support/fakeAdapter';
import { inspectAll, printed } from '../support/groundTruth';
import { hostileTexts } from '../support/hostileTexts';
import { asString, memberAt } from '../../src/util/records';
import { driver } from './driver';
import { expand, filter, onlyLayer, openTree, row, rowSelector } from './treeDriver';

const PAGES: readonly CommandId[] = [
  COMMANDS.showConfig,
  COMMANDS.showShim,
  COMMANDS.showCgroups,
  COMMANDS.showCalls,
  COMMANDS.showChain,
  COMMANDS.showLineage,
  COMMANDS.showBirth,
];

/** What a page has become: elements that ours never have, scripts that ran, and whether the texts are there as text. */
interface Seen {
  readonly elements: number;
  readonly ran: boolean;
  readonly text: string;
}

describe('more than 400 hostile texts in a real container', function () {
  this.timeout(240_000);
  let server: Server;
  const asked: string[] = [];
  let texts: string[] = [];
  let id = '';

  before(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    texts = hostileTexts(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    assert.ok(texts.length > 400, `${texts.length}`);
    const records = [...(await inspectAll()).values()];
    const image = asString(memberAt(records[0], 'Config', 'Image')) ?? '';
    const planted = texts.flatMap((text, index) => [
      `--label=hostile.${index}=${text}`,
      `--env=HOSTILE_${index}=${text}`,
    ]);
    const keys = ['__proto__', 'constructor', '<b>bold</b>'].map((key) => `--label=${key}=x`);
    const run = ['run', '--detach', '--network=none', '--name=hostile-texts', ...keys, ...planted];
    id = (await printed('docker', ...run, image, 'sleep', '3600', ...texts.slice(0, 50))).trim();
    const extension = vscode.extensions.getExtension<PublicApi>(
      'container-runtime-explorer.container-runtime-explorer',
    );
    const api = await extension?.activate();
    await api?.inventory();
    await eventually(
      async () => (await api?.inventory())?.containers.some((one) => one.id === id) === true,
      'it is known',
    );
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await printed('docker', 'rm', '--force', id).catch(() => undefined);
    server.close();
  });

  it('are text on every page: no element, no script, no request', async () => {
    let shown = '';
    for (const command of PAGES) {
      await vscode.commands.executeCommand(command, id);
      await driver.webview.waitFor(`body[data-container="${id}"] .page-head`);
      const seen = await driver.evalInWebview<Seen>(`() => ({
        elements: document.querySelectorAll(
          '#page img, #page script, #page iframe, #page object, #page embed, #page video, #page base, #page meta, ' +
          '#page link, #page style, #page math, #page template, #page [onerror], #page [onload], #page [onfocus], ' +
          '#page a[href^="javascript:"], #page a[href^="command:"], #page a[href^="http://127.0.0.1"]').length,
        ran: 'hostile' in window,
        text: document.body.textContent,
      })`);
      assert.deepEqual([seen.elements, seen.ran], [0, false], command);
      shown += seen.text;
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    }
    // Labels are no secrets: what was planted is there to read, or the test has shown nothing.
    const plain = texts.filter((text) => /^<\w[^\n]*>$/.test(text));
    const missing = plain.filter((text) => !shown.includes(text));
    assert.deepEqual(missing, [], `${plain.length} texts are shown as they are`);
    assert.deepEqual(asked, []);
  });

  it('are text in the tree and in what it says to who points at it', async () => {
    await openTree();
    await filter('name:hostile-texts');
    await onlyLayer('Docker Engine');
    await expand('Container hostile-texts,');
    const selector = rowSelector('Container hostile-texts,');
    await row('Container hostile-texts,');
    await driver.hover(`${selector} .label-name`);
    await driver.waitFor('.monaco-hover');
    const bad = '.customview-tree img, .customview-tree script, .customview-tree .codicon-zap, .monaco-hover img';
    assert.equal(await driver.count(bad), 0);
    assert.equal(await driver.evaluate<boolean>(`() => 'hostile' in window`), false);
    assert.deepEqual(asked, []);
  });

  it('make no link and no picture in hovers over a document', async () => {
    await vscode.commands.executeCommand(COMMANDS.openConfig, id);
    const document = vscode.window.activeTextEditor?.document;
    assert.ok(document, 'the document is open');
    const lines = [...document.getText().split('\n').entries()].filter(([, line]) => line.includes('HOSTILE_'));
    assert.ok(lines.length > 100, `${lines.length} lines`);
    for (const [line, text] of lines.filter((_, index) => index % 10 === 0)) {
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
        'vscode.executeHoverProvider',
        document.uri,
        new vscode.Position(line, Math.min(text.length - 1, 12)),
      );
      for (const content of hovers.flatMap(({ contents }) => contents)) {
        const markdown = typeof content === 'string' ? content : content.value;
        assert.doesNotMatch(markdown, /\]\((?:http:\/\/127|javascript:|command:workbench)|^\s*<(?:img|script)/im);
      }
    }
    assert.deepEqual(asked, []);
  });
});
