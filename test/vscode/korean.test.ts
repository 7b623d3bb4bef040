import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { COMMANDS, LAYERS_VIEW } from '../../src/contributions';
import { asArray, asRecord, memberAt } from '../../src/util/records';
import { eventually } from '../support/fakeAdapter';
import { pictureLimitHover } from './configHover';
import { driver } from './driver';
import { inThemes } from './themes';
import { expand, filter, row, rowSelector } from './treeDriver';

const HOVER = '.monaco-hover:not(.hidden)';

/** The window's display language is Korean, as a language pack would have it; VS Code's own words stay English here. */
describe('in a Korean window @korean', function () {
  this.timeout(240_000);

  before(async () => {
    assert.equal(vscode.env.language, 'ko');
    await driver.resize(1400, 900);
    await vscode.commands.executeCommand(`${LAYERS_VIEW}.focus`);
    await row('런타임 계층 Docker Engine,');
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.commands.executeCommand(COMMANDS.clearFilter);
  });

  it('names views and commands in Korean', async () => {
    const extension = vscode.extensions.getExtension('container-runtime-explorer.container-runtime-explorer');
    const contributes = asRecord(asRecord(extension?.packageJSON)?.['contributes']);
    // VS Code keeps the English title beside the translated one, for people who search by it.
    const titles = asArray(contributes?.['commands']).map((command) => memberAt(command, 'title', 'value'));
    assert.ok(titles.includes('OCI 구성 표시'), titles.join(', '));
    assert.ok(
      titles.every((title) => /[가-힣]/.test(String(title))),
      titles.join(', '),
    );
    await driver.waitFor('.part.sidebar .composite.title:has-text("컨테이너 런타임")');
  });

  it('draws, speaks and explains rows in Korean (screenshots in three themes)', async () => {
    await filter('name:memory');
    await expand('런타임 계층 Docker Engine,');
    const { spoken } = await row('컨테이너 memory,');
    assert.match(spoken, /Docker Engine에서/);
    await inThemes(async (theme) => {
      await eventually(async () => {
        await driver.moveMouse(1200, 800);
        await driver.hover(`${rowSelector('컨테이너 memory,')} .label-name`);
        return driver.waitFor(`${HOVER}:has-text("아는 계층")`, { timeoutMs: 5000 }).then(
          () => true,
          () => false,
        );
      }, 'the hover is drawn');
      await driver.screenshot(`korean-tree-${theme}`);
    });
    await driver.moveMouse(1200, 800);
  });

  it('explains a field of config.json in Korean (screenshots in three themes)', async () => {
    await pictureLimitHover('메모리의 하드 제한(바이트)입니다', 'korean-config');
  });

  it('shows pages in Korean, names and numbers untouched (screenshots in three themes)', async () => {
    await vscode.commands.executeCommand(COMMANDS.showShim, 'memory');
    await driver.webview.waitFor('.why:has-text("심(shim)이 있는 이유")');
    const text = await driver.webview.text('#page');
    assert.match(text, /memory/);
    assert.match(text, /명령줄/);
    assert.doesNotMatch(text, /Command line|Why there is/);
    await inThemes(async (theme) => void (await driver.screenshot(`korean-page-${theme}`)));
  });

  it('leaves no English sentence on any page (screenshots)', async () => {
    const pages = {
      config: COMMANDS.showConfig,
      shim: COMMANDS.showShim,
      cgroups: COMMANDS.showCgroups,
      calls: COMMANDS.showCalls,
      chain: COMMANDS.showChain,
      lineage: COMMANDS.showLineage,
      birth: COMMANDS.showBirth,
      history: COMMANDS.showHistory,
      costs: COMMANDS.showCosts,
    };
    const left: string[] = [];
    for (const [page, command] of Object.entries(pages)) {
      await vscode.commands.executeCommand(command, 'memory');
      await driver.webview.waitFor(`body[data-page="${page}"] .page-head`);
      const lines = await driver.evalInWebview<string[]>(
        `() => [...document.querySelectorAll('#page *')]
          .filter((one) => !one.closest('code, pre, .mono, .code, .command') && one.children.length === 0)
          .map((one) => one.textContent.trim())`,
      );
      for (const line of new Set(lines)) if (isEnglish(line)) left.push(`${page}: ${line}`);
      await driver.screenshot(`korean-${page}`);
    }
    assert.deepEqual(left, []);
  });
});

/** Words of a sentence, and none of them Korean: names, paths, commands and values are no sentences. */
function isEnglish(line: string): boolean {
  return !line.startsWith('/') && /[A-Za-z]+ [a-z]+ [a-z]+/.test(line) && !/[가-힣]/.test(line);
}
