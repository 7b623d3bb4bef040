import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { COMMANDS, type CommandId } from '../../src/contributions';
import type { PublicApi } from '../../src/publicApi';
import type { PageKind } from '../../src/protocol/pages';
import { asArray, asNumber, asString, asStrings, memberAt } from '../../src/util/records';
import { eventually } from '../support/fakeAdapter';
import { inspectAll, printed } from '../support/groundTruth';
import { driver } from './driver';
import { inThemes } from './themes';

const OPENERS: Readonly<Record<PageKind, CommandId>> = {
  config: COMMANDS.showConfig,
  shim: COMMANDS.showShim,
  cgroups: COMMANDS.showCgroups,
  calls: COMMANDS.showCalls,
  chain: COMMANDS.showChain,
  lineage: COMMANDS.showLineage,
  birth: COMMANDS.showBirth,
};
const PAGES = Object.keys(OPENERS) as PageKind[];
describe('the pages in a real VS Code', function () {
  this.timeout(240_000);
  let records: Map<string, unknown>;

  before(async () => {
    const extension = vscode.extensions.getExtension<PublicApi>(
      'container-runtime-explorer.container-runtime-explorer',
    );
    assert.ok(extension, 'the extension is installed');
    await (await extension.activate()).inventory();
    records = await inspectAll();
    await vscode.commands.executeCommand('workbench.action.closeSidebar');
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  after(async () => {
    await driver.resize(1400, 900);
    await vscode.workspace.getConfiguration('workbench').update('colorTheme', undefined, true);
  });

  /** The id, the record and the init PID of a sample, by the docker command line. */
  function sample(name: string): { id: string; record: unknown; pid: number } {
    const record = [...records.values()].find((candidate) => memberAt(candidate, 'Name') === `/${name}`);
    assert.ok(record, `the lab has a container ${name}`);
    return { id: asString(memberAt(record, 'Id')) ?? '', record, pid: asNumber(memberAt(record, 'State', 'Pid')) ?? 0 };
  }

  /** Opens a page and waits until it shows its container. */
  async function open(page: PageKind, id: string): Promise<void> {
    await vscode.commands.executeCommand(OPENERS[page], id);
    await shown(page, id);
  }

  const shown = (page: PageKind, id: string): Promise<void> =>
    driver.webview.waitFor(`body[data-page="${page}"][data-container="${id}"] .page-head`);

  async function shimOf(pid: number): Promise<number> {
    return Number((await printed('ps', '-o', 'ppid=', '-p', String(pid))).trim());
  }

  async function bundledConfig(pid: number): Promise<unknown> {
    const bundle = (await printed('readlink', `/proc/${await shimOf(pid)}/cwd`)).trim();
    return JSON.parse(await printed('cat', `${bundle}/config.json`));
  }

  /** Finds a text in config.json by the page's own search, and goes on to the match at a place. */
  async function find(text: string, place: string): Promise<void> {
    await driver.webview.click('[data-key="search"]');
    await driver.press('Control+A');
    await driver.type(text);
    await eventually(async () => (await driver.webview.texts('.match-count'))[0] !== '', 'the search counts');
    const [count = ''] = await driver.webview.texts('.match-count');
    for (let match = 1; match < Number(/\d+$/.exec(count)?.[0] ?? 0); match++) {
      if ((await driver.webview.texts('.side-path'))[0] === place) break;
      await driver.press('Enter');
    }
    await says('.side-path', place);
  }

  /** The text of an element, once it is as expected. */
  async function says(selector: string, expected: string): Promise<void> {
    let text = '';
    await eventually(async () => {
      [text = ''] = await driver.webview.texts(selector);
      return text === expected;
    }, `${selector} says ${expected}`).catch((error: unknown) => {
      throw new Error(`${String(error)}, but it says ${text}`);
    });
  }

  it('OCI Config: shows the values of the file on disk, found by search, each with an explanation', async () => {
    const { id, pid } = sample('memory');
    const config = await bundledConfig(pid);
    await open('config', id);
    await find('cgroupsPath', 'linux › cgroupsPath');
    await says('.side-value', asString(memberAt(config, 'linux', 'cgroupsPath')) ?? '');
    await find('67108864', 'linux › resources › memory › limit');
    await says('.side-value', String(memberAt(config, 'linux', 'resources', 'memory', 'limit')));
    await driver.webview.waitFor('.side .explanation');
  });

  it('OCI Config: masks secrets until they are revealed', async () => {
    const { id, pid } = sample('secrets');
    await open('config', id);
    const whole = await driver.evalInWebview<string>('() => document.documentElement.outerHTML');
    assert.ok(!whole.includes('correct-horse-battery-staple'));
    const variables = asStrings(memberAt(await bundledConfig(pid), 'process', 'env'));
    const place = variables.findIndex((variable) => variable.startsWith('DB_PASSWORD='));
    await find('DB_PASSWORD', `process › env › ${place}`);
    assert.match(await driver.webview.text('.side-value'), /^DB_PASSWORD=•+$/);
    await driver.webview.click('[data-key="reveal"]');
    await says('.side-value', 'DB_PASSWORD=correct-horse-battery-staple');
  });

  it('OCI Config: keeps what was selected when the page is loaded again', async () => {
    const { id } = sample('memory');
    await open('config', id);
    await find('cgroupsPath', 'linux › cgroupsPath');
    await vscode.commands.executeCommand('workbench.action.webview.reloadWebviewAction');
    // The frame that is looked at may be the one that is just going away.
    await eventually(
      () =>
        driver.webview.waitFor('.side-path', { timeoutMs: 2_000 }).then(
          () => true,
          () => false,
        ),
      'the page is there again',
    );
    await says('.side-path', 'linux › cgroupsPath');
  });

  it('Shim: shows PID, parent, command line and every process that runs below it', async () => {
    const { id, pid } = sample('process-tree');
    const shim = await shimOf(pid);
    await open('shim', id);
    await says('.fact:has(.fact-label:text-is("PID")) .fact-value', String(shim));
    const parent = (await printed('ps', '-o', 'ppid=', '-p', String(shim))).trim();
    const [shownParent] = await driver.webview.texts('.fact:has(.fact-label:text-is("Parent")) .fact-value');
    assert.match(shownParent ?? '', new RegExp(`^${parent}\\b`));
    const words = (await driver.webview.texts('.words code')).join(' ');
    assert.equal(words, (await printed('ps', '-ww', '-o', 'args=', '-p', String(shim))).trim());
    const listed = asStrings(
      (await printed('docker', 'top', id, '-eo', 'pid'))
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.trim()),
    );
    const pids = (await driver.webview.texts('.processes .pid')).map((text) => text.replace(/\D/g, ''));
    // The shell of a sample starts a new `sleep` now and then; what stays is there.
    assert.ok(pids.includes(String(pid)) && pids.includes(String(shim)));
    assert.ok(listed.filter((one) => pids.includes(one)).length >= 3, `listed ${listed.join()}, shown ${pids.join()}`);
  });

  it('Cgroups: shows each file as cat does, and draws what is used', async () => {
    const { id } = sample('memory');
    await open('cgroups', id);
    const limits = await driver.evalInWebview<[string, string][]>(
      `() => [...document.querySelectorAll('.reading.limit')].map((e) => [e.querySelector('.reading-file code').title, e.querySelector('.reading-value').title])`,
    );
    assert.ok(limits.length > 0, 'there are limits');
    for (const [path, raw] of limits) {
      // A title shows what is invisible by its name, as line ends.
      if (!raw.includes('\\u{')) assert.equal(raw, (await printed('cat', path)).trim(), path);
    }
    assert.ok(
      limits.some(([, raw]) => raw === '67108864'),
      'the limit of 64 MiB is there',
    );
    await eventually(
      async () =>
        (await driver.evalInWebview<number>(
          `() => Math.max(0, ...[...document.querySelectorAll('.spark-line')].map((e) => e.getAttribute('points').split(' ').length))`,
        )) >= 2,
      'a chart has two points',
    );
  });

  it('API Calls: lists them in order, by mouse and keyboard, each with its evidence', async () => {
    const { id } = sample('memory');
    await open('calls', id);
    const numbers = (await driver.webview.texts('.call-number')).map(Number);
    assert.ok(numbers.length >= 3, `only ${numbers.length} calls`);
    assert.deepEqual(
      numbers,
      [...numbers].sort((a, b) => a - b),
    );
    assert.equal(await driver.webview.count('.call .badge'), numbers.length);
    await driver.webview.click('.call:has-text("/containers/create")');
    await driver.webview.waitFor('.call-detail .payload .code');
    assert.match(await driver.webview.text('.call-detail .payload .code'), /67108864/);
    await driver.webview.focus('.call >> nth=0');
    await driver.press('ArrowDown');
    await driver.webview.waitFor('.call[aria-selected="true"] .call-number:text-is("2")');
    await driver.press('End');
    await driver.webview.waitFor(`.call[aria-selected="true"] .call-number:text-is("${numbers[numbers.length - 1]}")`);
  });

  it('API Calls: masks secrets in payloads and copies until they are revealed', async () => {
    const { id } = sample('secrets');
    const holds = (): Promise<boolean> =>
      driver.evalInWebview(`() => document.documentElement.outerHTML.includes('correct-horse-battery-staple')`);
    await open('calls', id);
    await driver.webview.click('.call:has-text("/containers/create")');
    await driver.webview.waitFor('.call-detail .copy-block');
    assert.equal(await holds(), false);
    await driver.webview.click('[data-key="reveal"]');
    await eventually(holds, 'the secret is shown');
  });

  it('Runtime Chain: names the true PIDs, and its boxes open their pages by keyboard', async () => {
    const { id, pid } = sample('memory');
    await open('chain', id);
    await says('[data-node="init"] .node-pid', String(pid));
    await says('[data-node="shim"] .node-pid', String(await shimOf(pid)));
    const daemons = asArray((await printed('pgrep', '-x', 'dockerd')).trim().split('\n'));
    const [shownDaemon] = await driver.webview.texts('[data-node="engine"] .node-pid');
    if (daemons.length === 1) assert.equal(shownDaemon, daemons[0]);
    else assert.equal(shownDaemon, '–');
    await driver.webview.focus('[data-node="shim"]');
    await driver.press('Enter');
    await shown('shim', id);
  });

  it('opens one panel per page and container', async () => {
    const { id } = sample('memory');
    const tabs = (): number => vscode.window.tabGroups.all.flatMap((group) => group.tabs).length;
    await open('shim', id);
    await open('chain', id);
    await open('shim', id);
    assert.equal(tabs(), 2);
    await open('shim', sample('plain').id);
    assert.equal(tabs(), 3);
  });

  it('says so when the container has gone, and keeps what was read', async () => {
    const image = asString(memberAt(sample('plain').record, 'Config', 'Image')) ?? '';
    // One that never ran goes at once. What runs ends before it goes, and its page then tells that it has no process any more.
    const id = (await printed('docker', 'create', '--network=none', image, 'sleep', '3600')).trim();
    try {
      await open('calls', id);
      await driver.webview.waitFor('.page-head .liveness-stopped');
      const calls = await driver.webview.texts('.call');
      assert.ok(calls.length > 0);
      await printed('docker', 'rm', id);
      await driver.webview.waitFor('.page-head .liveness-ended', { timeoutMs: 120_000 });
      assert.deepEqual(await driver.webview.texts('.call'), calls);
    } finally {
      await printed('docker', 'rm', '--force', id).catch(() => undefined);
    }
  });

  it('shows hostile names and labels as text', async () => {
    const { id } = sample('hostile-labels');
    for (const page of PAGES) {
      await open(page, id);
      assert.equal(
        await driver.evalInWebview<number>(
          `() => document.querySelectorAll('#page img, #page script, #page iframe').length`,
        ),
        0,
        page,
      );
    }
  });

  it('cuts nothing at a width of 400 pixels', async () => {
    const { id } = sample('memory');
    await driver.resize(450, 900);
    try {
      for (const page of PAGES) {
        await open(page, id);
        const beyond = await driver.evalInWebview<number>(
          `() => document.documentElement.scrollWidth - document.documentElement.clientWidth`,
        );
        assert.ok(beyond <= 0, `${page} is ${beyond} px wider than its panel`);
      }
    } finally {
      await driver.resize(1400, 900);
    }
  });

  it('screenshots of every page in three themes', async () => {
    const { id } = sample('memory');
    await inThemes(async (theme) => {
      for (const page of PAGES) {
        await open(page, id);
        await driver.evalInWebview(`() => document.fonts.ready.then(() => true)`);
        await driver.screenshot(`page-${page}-${theme}`);
      }
    });
  });

  it('has met no violation of its policy and no error on any page', async () => {
    assert.deepEqual(
      (await driver.problems()).filter(({ source }) => source === 'webview'),
      [],
    );
  });
});
