import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { COMMANDS } from '../../src/contributions';
import { eventually } from '../support/fakeAdapter';
import { pictureLimitHover } from './configHover';
import { driver } from './driver';
import { inThemes } from './themes';
import { expand, filter, onlyLayer, openTree, row, rowSelector } from './treeDriver';

const HOVER = '.monaco-hover:not(.hidden)';

describe('hovers, as they are drawn', function () {
  this.timeout(240_000);

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.commands.executeCommand(COMMANDS.clearFilter);
  });

  it('explain a container in the tree (screenshots in three themes)', async () => {
    await driver.resize(1400, 900);
    await openTree();
    await filter('name:memory');
    await onlyLayer('Docker Engine');
    const beginning = 'Container memory,';
    await row(beginning);
    await inThemes(async (theme) => {
      // A hover goes when the row is drawn anew just then: pointing again brings it back.
      await eventually(async () => {
        await driver.moveMouse(1200, 800);
        await driver.hover(`${rowSelector(beginning)} .label-name`);
        return driver.waitFor(`${HOVER}:has-text("Known to")`, { timeoutMs: 5000 }).then(
          () => true,
          () => false,
        );
      }, 'the hover is drawn');
      await driver.screenshot(`hover-tree-${theme}`);
    });
    await driver.moveMouse(1200, 800);
  });

  it('explain a field of config.json, with its lineage (screenshots in three themes)', async () => {
    await expand('Container memory,');
    await pictureLimitHover('Lineage: Memory limit', 'hover-config');
  });

  it('tell in the tree who set the limit in a cgroup file (screenshot)', async () => {
    await openTree();
    await filter('name:memory');
    await onlyLayer('Docker Engine');
    await expand('Container memory,');
    await expand('Cgroups,');
    await expand('Controller memory,');
    const beginning = 'Memory limit: ';
    await row(beginning);
    await eventually(async () => {
      await driver.moveMouse(1200, 800);
      await driver.hover(`${rowSelector(beginning)} .label-name`);
      return driver.waitFor(`${HOVER}:has-text("HostConfig.Memory, by the request")`, { timeoutMs: 5000 }).then(
        () => true,
        () => false,
      );
    }, 'the hover is drawn');
    await driver.screenshot('hover-cgroup-row');
    await driver.moveMouse(1200, 800);
  });

  it('tell on the page OCI Config, beside what the pointer rests on (screenshots in three themes)', async () => {
    await vscode.commands.executeCommand(COMMANDS.showConfig, 'memory');
    await driver.webview.waitFor('body[data-page="config"] .page-head');
    await driver.webview.click('[data-key="search"]');
    await driver.press('Control+A');
    await driver.type('67108864');
    // The size of /dev/shm is the same number, and may come first.
    await eventually(async () => {
      if ((await driver.webview.texts('.side-path'))[0] === 'linux › resources › memory › limit') return true;
      await driver.press('Enter');
      return false;
    }, 'the limit is selected');
    const line = '.tree-row.selected';
    // The same beside the tree, for those who use no pointer.
    await driver.webview.waitFor('.side .lineage-card:has-text("Lineage: Memory limit")');
    await inThemes(async (theme) => {
      await eventually(async () => {
        await driver.webview.hover('.page-head');
        await driver.webview.hover(line);
        return driver.webview.waitFor('.hover-card:has-text("HostConfig.Memory")', { timeoutMs: 5000 }).then(
          () => true,
          () => false,
        );
      }, 'the card is drawn');
      assert.match(await driver.webview.text('.hover-card'), /in force/i);
      await driver.screenshot(`hover-page-${theme}`);
    });
    await driver.press('Escape');
    await driver.webview.waitFor('.hover-card', { state: 'detached' });
  });

  it('tell on the page Cgroups, opened by keyboard (screenshot)', async () => {
    await vscode.commands.executeCommand(COMMANDS.showCgroups, 'memory');
    await driver.webview.waitFor('body[data-page="cgroups"] .page-head');
    const summary = '.reading-lineage:has-text("HostConfig.Memory") summary';
    await driver.webview.focus(summary);
    await driver.press('Enter');
    await driver.webview.waitFor('.reading-lineage[open] .lineage-card:has-text("linux.resources.memory.limit")');
    await driver.screenshot('hover-page-cgroups');
  });
});
