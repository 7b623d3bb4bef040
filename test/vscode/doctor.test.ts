import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { COMMANDS } from '../../src/contributions';
import { asNumber, asString, memberAt } from '../../src/util/records';
import { eventually } from '../support/fakeAdapter';
import { inspectAll, printed } from '../support/groundTruth';
import { driver } from './driver';
import { inThemes } from './themes';
import { below, collapse, expand, openTree, row, rows, tree } from './treeDriver';

describe('the shim doctor in a real VS Code', function () {
  this.timeout(240_000);
  let shim = 0;
  let id = '';
  const lab = asString(memberAt(JSON.parse(process.env['CRE_LAB'] ?? '{}') as unknown, 'dir')) ?? '';

  before(async () => {
    const records = [...(await inspectAll()).values()];
    const record = records.find((candidate) => memberAt(candidate, 'Name') === '/plain');
    id = asString(memberAt(record, 'Id')) ?? '';
    const init = asNumber(memberAt(record, 'State', 'Pid')) ?? 0;
    shim = Number((await printed('ps', '-o', 'ppid=', '-p', String(init))).trim());
    assert.ok(shim > 1);
  });

  afterEach(async () => {
    process.kill(shim, 'SIGCONT');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  after(async () => {
    await driver.resize(1400, 900);
    await vscode.workspace.getConfiguration('workbench').update('colorTheme', undefined, true);
  });

  /** What the page says of the lab's containers: each finding's kind and subject. */
  const findings = (): Promise<string[]> =>
    driver.evalInWebview<string[]>(
      `(lab) => [...document.querySelectorAll('.finding')]
        .filter((one) => one.textContent.includes(lab))
        .map((one) => one.dataset.finding + ' ' + one.getAttribute('aria-label'))`,
      lab,
    );

  async function openReport(): Promise<void> {
    await vscode.commands.executeCommand(COMMANDS.shimDoctor);
    await driver.webview.waitFor('body[data-page="doctor"] .doctor-examined');
  }

  it('finds nothing to attend to in the lab, and tells how many shims it looked at', async () => {
    await openReport();
    assert.deepEqual(
      (await findings()).filter((one) => one.includes('Needs attention')),
      [],
    );
    await eventually(async () => {
      const shims = (await printed('pgrep', '-c', '-f', '^[^ ]*containerd-shim-runc-v2 ')).trim();
      return (await driver.webview.texts('.doctor-examined .fact-value'))[0] === shims;
    }, 'it counted the shims that pgrep counts');
    await driver.webview.click('.doctor-examined .provenance-toggle');
    assert.match(await driver.webview.text('.doctor-examined .provenance-body code'), /^pgrep -af containerd-shim$/);
  });

  it('tells of a stopped shim in words, with evidence that ps shows too and with what people do', async () => {
    process.kill(shim, 'SIGSTOP');
    await openReport();
    const expected = `shim-stopped Needs attention: A shim or monitor is stopped, shim ${shim} of moby/${id.slice(0, 12)}`;
    assert.ok((await findings()).includes(expected), (await findings()).join('\n'));
    const card = '[data-finding="shim-stopped"]';
    const [state] = await driver.webview.texts(`${card} .fact-value`);
    const parent = (await printed('ps', '-o', 'ppid=', '-p', String(shim))).trim();
    assert.match(state ?? '', new RegExp(`^PID ${shim} .*, state T, parent ${parent} `));
    assert.ok((await driver.webview.texts(`${card} .todo li`)).length > 0);
    assert.match(await driver.webview.text(card), /man|proc_pid_status/);
    await driver.resize(1400, 1300);
    await inThemes(async (theme) => {
      await driver.webview.waitFor(card);
      await driver.screenshot(`doctor-${theme}`);
    });
    process.kill(shim, 'SIGCONT');
    await driver.webview.click('[data-key="refresh"]');
    await eventually(async () => !(await findings()).some((one) => one.startsWith('shim-stopped')), 'it is well again');
  });

  it('is a row of the tree that examines when it is opened', async () => {
    process.kill(shim, 'SIGSTOP');
    await driver.resize(1400, 2400);
    await openTree();
    await vscode.commands.executeCommand(COMMANDS.refresh);
    for (const { spoken, expanded } of await rows()) {
      if (expanded && spoken.startsWith('Runtime layer ')) await collapse(`${spoken.split(',')[0] ?? spoken},`);
    }
    await row('Shim Doctor, examines when opened', ({ expanded }) => expanded === false, 'is closed');
    await expand('Shim Doctor,');
    await row('A shim or monitor is stopped, Needs attention', ({ description }) =>
      description.includes(`shim ${shim} of`),
    );
    await expand('A shim or monitor is stopped,');
    const seen = await tree(
      (all) => below(all, 'A shim or monitor is stopped,').some(({ label }) => label === 'The shim'),
      'the evidence is below it',
    );
    assert.ok(
      below(seen, 'Shim Doctor,').some(({ description }) => description.includes(`PID ${shim} (containerd-shim)`)),
    );
    await inThemes(async (theme) => void (await driver.screenshot(`doctor-tree-${theme}`)));
    process.kill(shim, 'SIGCONT');
  });
});
