import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { COMMANDS } from '../../src/contributions';
import type { Made } from '../lab/everyRuntime';
import { asString, memberAt } from '../../src/util/records';
import { inspectAll } from '../support/groundTruth';
import { driver } from './driver';
import { inThemes } from './themes';

/** What the page shows, row by row: setting, the three columns, the verdict and its reason. */
async function shownRows(id: string, picture: string): Promise<readonly (readonly string[])[]> {
  await vscode.commands.executeCommand(COMMANDS.showLineage, id);
  await driver.webview.waitFor(`body[data-page="lineage"][data-container="${id}"] .lineage tbody tr`);
  const rows = await driver.evalInWebview<string[][]>(
    `() => [...document.querySelectorAll('table.lineage tbody tr')].map((row) =>
      [...row.children].map((cell) => cell.innerText.trim().replaceAll(/\\s*\\n\\s*/g, ' | ')))`,
  );
  // For whoever reads the words of all pages at once: beside the pictures.
  const folder = join(__dirname, '../../screenshots');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${picture}.txt`), rows.map((row) => row.join(' ‖ ')).join('\n'));
  return rows;
}

/** Each row has all its columns and a verdict, and none says that something is not as it was asked for. */
function assertWhole(rows: readonly (readonly string[])[], allowed: readonly string[] = []): void {
  assert.ok(rows.length > 40, `${rows.length} rows`);
  for (const row of rows) assert.ok(row.length === 5 && row.every((cell) => cell !== ''), row.join(' ‖ '));
  const bad = rows.filter(([setting = '', , , , verdict = '']) => {
    return /^(?:differs|not enforced)/i.test(verdict) && !allowed.includes(setting);
  });
  assert.deepEqual(bad, []);
}

/** A window that shows many rows at once, for the tests of a suite. */
function inTallWindow(): void {
  before(() => driver.resize(1600, 2200));
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await driver.resize(1400, 900);
  });
}

describe('the page Lineage of many containers', function () {
  this.timeout(240_000);

  inTallWindow();

  for (const name of ['plain', 'memory', 'nearly-privileged', 'user', 'tmpfs']) {
    it(`of ${name} is whole (screenshots)`, async () => {
      const record = [...(await inspectAll()).values()].find((one) => memberAt(one, 'Name') === `/${name}`);
      const id = asString(memberAt(record, 'Id')) ?? '';
      const rows = await shownRows(id, `lineage-of-${name}`);
      // An ordinary user keeps the bounding set alone: the page says so.
      assertWhole(rows, name === 'user' ? ['Capabilities: permitted', 'Capabilities: effective'] : []);
      if (name === 'memory') {
        await inThemes(async (theme) => void (await driver.screenshot(`lineage-of-${name}-${theme}`)));
      } else await driver.screenshot(`lineage-of-${name}`);
    });
  }
});

describe('the page Lineage of containers of every runtime @every-runtime', function () {
  this.timeout(240_000);

  inTallWindow();

  it('is whole for a pod’s container, its sandbox and one of Podman (screenshots)', async () => {
    const { made } = JSON.parse(process.env['CRE_LAB'] ?? '') as { readonly made: readonly Made[] };
    const cri = made.filter(({ kinds }) => kinds[0] === 'cri');
    const podman = made.find(({ name }) => name === 'podman-0');
    assert.ok(cri[0] && cri[1] && podman);
    for (const [name, { id }] of [
      ['sandbox', cri[0]],
      ['cri', cri[1]],
      ['podman', podman],
    ] as const) {
      const rows = await shownRows(id, `lineage-of-${name}`);
      // Idle programs of busybox handle no signal.
      assertWhole(rows, ['Stop signal']);
      await driver.screenshot(`lineage-of-${name}`);
    }
  });
});
