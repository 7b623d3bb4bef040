import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import * as vscode from 'vscode';
import { COMMANDS } from '../../src/contributions';
import type { PublicApi } from '../../src/publicApi';
import { asNumber, asString, memberAt } from '../../src/util/records';
import { visible } from '../../src/util/text';
import { eventually } from '../support/fakeAdapter';
import { inspectAll, printed } from '../support/groundTruth';
import { driver } from './driver';
import { below, expand, filter, onlyLayer, openTree, row, rows, rowSelector, tree } from './treeDriver';
import { inThemes } from './themes';

const ENGINE = 'Docker Engine';
describe('the tree in a real VS Code', function () {
  this.timeout(240_000);
  let api: PublicApi;

  before(async () => {
    const extension = vscode.extensions.getExtension<PublicApi>(
      'container-runtime-explorer.container-runtime-explorer',
    );
    assert.ok(extension, 'the extension is installed');
    api = await extension.activate();
    await driver.resize(1400, 2400);
  });

  beforeEach(openTree);

  after(async () => {
    await vscode.commands.executeCommand(COMMANDS.clearFilter);
    await vscode.workspace.getConfiguration('workbench').update('colorTheme', undefined, true);
    await driver.resize(1400, 900);
  });

  /** The id and the init PID of a sample, by the docker command line. */
  async function sample(name: string): Promise<{ id: string; pid: number }> {
    const records = [...(await inspectAll()).values()];
    const record = records.find((candidate) => memberAt(candidate, 'Name') === `/${name}`);
    assert.ok(record, `the lab has a container ${name}`);
    return { id: asString(memberAt(record, 'Id')) ?? '', pid: asNumber(memberAt(record, 'State', 'Pid')) ?? 0 };
  }

  async function parentOf(pid: number): Promise<number> {
    return Number((await printed('ps', '-o', 'ppid=', '-p', String(pid))).trim());
  }

  it('shows in the engine every container that docker ps --all lists, under its name', async () => {
    await onlyLayer(ENGINE);
    const listed = async (): Promise<string[]> =>
      (await printed('docker', 'ps', '--all', '--format', '{{.Names}}')).split('\n').filter(Boolean);
    const expected = (await listed()).map((name) => visible(name, 120)).sort();
    await tree((seen) => {
      const shown = below(seen, `Runtime layer ${ENGINE},`)
        .filter(({ spoken }) => spoken.startsWith('Container '))
        .map(({ label }) => label);
      return JSON.stringify(shown.sort()) === JSON.stringify(expected);
    }, 'the engine shows all containers');
    await row('shop, Compose project', ({ level }) => level === 2, 'is a group in the engine');
    await row('Container shop-web-1,', ({ level }) => level === 3, 'is in its project');
  });

  it('shows a container under each layer by the name that this layer uses', async () => {
    const { id, pid } = await sample('plain');
    const shim = await parentOf(pid);
    await filter('name:plain');
    const short = id.slice(0, 12);
    const names: [string, string][] = [
      [ENGINE, 'Container plain, running, in Docker Engine'],
      ['containerd · moby', `Container ${short}, running, in containerd · moby`],
      ['Shims and monitors', `Shim process ${shim}, serves plain`],
      ['runc', `Container ${short}, running, in runc`],
      ['Linux kernel', `Container PID ${pid}, running, in Linux kernel`],
    ];
    for (const [layer, words] of names) {
      await onlyLayer(layer);
      await row(words);
    }
  });

  it('shows the shim, the namespaces and the processes of a container as ps and /proc do', async () => {
    const { pid } = await sample('plain');
    await filter('name:plain');
    await onlyLayer(ENGINE);
    await expand('Container plain,');
    await row(`Shim, PID ${await parentOf(pid)}`);
    await expand('Namespaces,');
    for (const type of ['ipc', 'mnt', 'net', 'pid', 'uts', 'user']) {
      const inode = /\d+/.exec(readlinkSync(`/proc/${pid}/ns/${type}`))?.[0];
      const shared = readlinkSync(`/proc/${pid}/ns/${type}`) === readlinkSync(`/proc/self/ns/${type}`);
      await row(`${type} namespace, ${inode} · ${shared ? 'shared with host' : 'its own'}`);
    }
    await expand('Processes,');
    await row('Process sh, ', ({ description }) => description.startsWith(`PID ${pid} · 1 inside · init`), 'is init');
  });

  it('says which namespaces are shared, with the host and with other containers', async () => {
    await filter('name:host-pid');
    await onlyLayer(ENGINE);
    await expand('Container host-pid,');
    await expand('Namespaces,');
    await row('pid namespace, ', ({ description }) => description.endsWith('shared with host'), 'is the host’s');
    await filter('name:shared-pid');
    await expand('Container shared-pid,');
    await expand('Namespaces,');
    await row('pid namespace, ', ({ description }) => description.endsWith('shared with plain'), 'is another’s');
  });

  it('says of a container that ended which layers let go of it, and why', async () => {
    await filter('name:exited-0');
    await onlyLayer(ENGINE);
    await expand('Container exited-0, exited,');
    const [container] = (await api.inventory()).containers.filter(({ name }) => name === 'exited-0');
    assert.ok(container && container.letGo.length > 0);
    for (const { because } of container.letGo) {
      await tree((seen) => seen.some(({ description }) => description === because), because);
    }
  });

  it('filters by state and label, says so, and shows all again', async () => {
    await filter('state:paused');
    await driver.waitFor('text=/^Filter: state:paused \\(1 of \\d+ containers\\)$/');
    await onlyLayer(ENGINE);
    const containers = (seen: { spoken: string; label: string }[]): string =>
      seen
        .filter(({ spoken }) => spoken.startsWith('Container '))
        .map(({ label }) => label)
        .join();
    await tree((seen) => containers(seen) === 'paused', 'only the paused container is there');
    await filter('label:com.docker.compose.service=db');
    await tree((seen) => containers(seen) === 'shop-db-1', 'only the service db is there');
    await vscode.commands.executeCommand(COMMANDS.clearFilter);
    await driver.waitFor('text=/^Filter: /', { state: 'hidden' });
    await row('Container plain,');
  });

  it('groups by container: the whole chain, top to bottom', async () => {
    await filter('name:plain');
    await vscode.commands.executeCommand(COMMANDS.groupByContainer);
    await row('Container plain,', ({ level }) => level === 1, 'is at the top');
    await expand('Container plain,');
    const inventory = await api.inventory();
    const [container] = inventory.containers.filter(({ name }) => name === 'plain');
    const chain = container?.layers.map((id) => inventory.layers.find((layer) => layer.id === id)?.name) ?? [];
    assert.ok(chain.length >= 5, `the chain is ${chain.join(' → ')}`);
    await tree(
      (seen) => {
        const links = seen.filter(({ level, spoken }) => level === 2 && / knows it as /.test(spoken));
        return JSON.stringify(links.map(({ label }) => label)) === JSON.stringify(chain);
      },
      `the chain is ${chain.join(' → ')}`,
    );
  });

  it('goes with a container from layer to layer', async () => {
    const { id, pid } = await sample('plain');
    await vscode.commands.executeCommand(COMMANDS.revealBelow, id);
    await row(`Container PID ${pid}, running, in Linux kernel`, ({ selected }) => selected, 'is selected');
    for (const words of ['in runc', 'in Shims and monitors', 'in containerd · moby', 'in Docker Engine']) {
      await eventually(async () => {
        const selected = (await rows()).find((one) => one.selected);
        return selected?.spoken.startsWith('Container ') === true;
      }, 'a container is selected');
      await vscode.commands.executeCommand(COMMANDS.revealAbove);
      await tree(
        (seen) => seen.some(({ selected, spoken }) => selected && spoken.includes(words)),
        `the row ${words} is selected`,
      );
    }
    assert.equal((await rows()).find(({ selected }) => selected)?.label, 'plain');
  });

  it('follows what happens: containers come, pause and go', async () => {
    const name = `comes-and-goes-${process.pid}`;
    await filter(`name:${name}`);
    await onlyLayer(ENGINE);
    const image = (await printed('docker', 'inspect', '--format', '{{.Config.Image}}', 'plain')).trim();
    const program = ['sh', '-c', 'trap "exit 0" TERM; sleep 3600 & wait'];
    try {
      await printed('docker', 'run', '--detach', '--network=none', '--name', name, image, ...program);
      await row(`Container ${name}, running,`);
      await printed('docker', 'pause', name);
      await row(`Container ${name}, paused,`);
      await printed('docker', 'unpause', name);
      await row(`Container ${name}, running,`);
    } finally {
      await printed('docker', 'rm', '--force', name).catch(() => undefined);
    }
    await tree((seen) => !seen.some(({ spoken }) => spoken.startsWith(`Container ${name},`)), 'the container is gone');
  });

  it('explains a row to who points at it', async () => {
    await filter('name:plain');
    await onlyLayer(ENGINE);
    const pointAt = async (beginning: string, text: string): Promise<void> => {
      await row(beginning);
      // A hover goes when the row is drawn anew just then: pointing again brings it back.
      await eventually(async () => {
        await driver.moveMouse(1200, 1200);
        await driver.hover(`${rowSelector(beginning)} .label-name`);
        return driver.waitFor(`.monaco-hover:has-text(${JSON.stringify(text)})`, { timeoutMs: 5000 }).then(
          () => true,
          () => false,
        );
      }, `a hover over ${beginning} says ${text}`);
    };
    await pointAt('Container plain,', 'Known to');
    await pointAt(`Runtime layer ${ENGINE},`, 'Endpoint');
    assert.equal(await driver.count('.monaco-hover img, .monaco-hover script'), 0);
  });

  it('shows hostile labels and long names as text', async () => {
    await filter('name:long-name');
    await onlyLayer(ENGINE);
    await row('Container long-name-', ({ label }) => label.endsWith('… (230 characters)'), 'is cut');
    await filter('name:hostile-labels');
    await expand('Container hostile-labels,');
    await row('OCI config,');
    assert.equal(await driver.count('.customview-tree img, .customview-tree script'), 0);
  });

  it('screenshots in three themes', async () => {
    await driver.resize(1400, 1000);
    await filter('name:plain');
    await onlyLayer(ENGINE);
    await expand('Container plain,');
    await expand('Namespaces,');
    await inThemes(async (theme) => {
      await row('uts namespace,');
      await driver.screenshot(`tree-${theme}`);
    });
    await vscode.commands.executeCommand(COMMANDS.groupByContainer);
    await row('Container plain,', ({ level }) => level === 1, 'is at the top');
    await driver.screenshot('tree-by-container');
  });
});
