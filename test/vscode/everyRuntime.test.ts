import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { isKnown } from '../../src/model/fact';
import type { PublicApi } from '../../src/publicApi';
import { printed } from '../support/groundTruth';
import type { Made } from '../lab/everyRuntime';
import { driver } from './driver';
import { inThemes } from './themes';
import { collapse, expand, openTree, rows, tree } from './treeDriver';

/** What the lab wrote of itself: 5 Docker containers, 3 by ctr, 2 pods, 3 of Podman, one by runc. */
interface LabNews {
  readonly dir: string;
  readonly containerdPid: number;
  readonly made: readonly Made[];
}

describe('every runtime at once in a real VS Code @every-runtime', function () {
  this.timeout(240_000);
  let api: PublicApi;
  let made: readonly Made[];
  let dir: string;

  before(async () => {
    ({ made, dir } = JSON.parse(process.env['CRE_LAB'] ?? '') as LabNews);
    const extension = vscode.extensions.getExtension<PublicApi>(
      'container-runtime-explorer.container-runtime-explorer',
    );
    assert.ok(extension, 'the extension is installed');
    api = await extension.activate();
    await driver.resize(1400, 2600);
    await openTree();
  });

  after(async () => {
    await vscode.workspace.getConfiguration('workbench').update('colorTheme', undefined, true);
    await driver.resize(1400, 900);
  });

  it('shows each container once, under exactly the layers that know it', async () => {
    assert.equal(made.length, 5 + 3 + 2 * 3 + 3 + 1);
    const { containers, layers } = await api.inventory();
    const kindOf = (id: string): string => layers.find((layer) => layer.id === id)?.kind ?? '?';
    const shown = containers
      // Other engines of this machine may have containers too.
      .filter(({ id }) => made.some((one) => one.id === id || one.runtimeId === id))
      .map(({ id, layers: ids }) => `${id}: ${ids.map(kindOf).join(' ')}`);
    assert.deepEqual(shown.sort(), made.map(({ id, kinds }) => `${id}: ${kinds.join(' ')}`).sort());
    // The facts are the same as those in plain Node, which test/integration/everyRuntime.test.ts compares in full.
    for (const { id, pid } of made) {
      const { facts } = await api.inspect(id);
      assert.ok(isKnown(facts.initPid) && facts.initPid.value === pid, `${id}: init`);
      assert.ok(isKnown(facts.namespaces), `${id}: namespaces`);
      const link = (await printed('readlink', `/proc/${pid}/ns/mnt`)).trim();
      assert.equal(`mnt:[${facts.namespaces.value['mnt']}]`, link, id);
      assert.ok(isKnown(facts.bundlePath) && isKnown(facts.ociConfig), `${id}: bundle`);
      const onDisk: unknown = JSON.parse(readFileSync(join(facts.bundlePath.value, 'config.json'), 'utf8'));
      assert.deepEqual(facts.ociConfig.value, onDisk, id);
    }
  });

  it('draws Docker’s and Podman’s by name, the pods as groups, and those of ctr in their namespaces', async () => {
    for (const { spoken, expanded } of await rows()) {
      if (expanded === true && spoken.startsWith('Runtime layer ')) await collapse(`${spoken.split(',')[0]},`);
    }
    await expand('Runtime layer Docker Engine,');
    await expand('Runtime layer Podman,');
    const names = made.flatMap(({ name }) => name ?? []);
    await tree(
      (seen) => names.every((name) => seen.some(({ spoken }) => spoken.startsWith(`Container ${name},`))),
      'all containers with names are there',
    );
    // Another containerd of this machine may serve CRI too.
    const cri = (await rows()).find(({ spoken }) => spoken.startsWith('Runtime layer CRI ') && spoken.includes(dir));
    assert.ok(cri, 'the CRI of the lab is there');
    await expand(cri.spoken);
    await tree(
      (all) => ['one', 'two'].every((pod) => all.some(({ label }) => label === `lab/${pod}`)),
      'both pods are there, as groups',
    );
    await expand('Runtime layer containerd · alpha,');
    await expand('Runtime layer containerd · beta,');
    const ofCtr = made.filter(({ id, kinds }) => kinds[0] === 'containerd' && /^(?:alpha|beta)\//.test(id));
    assert.equal(new Set(ofCtr.map(({ runtimeId }) => runtimeId)).size, 2, 'one of the three ids is there twice');
    await tree(
      (all) =>
        ofCtr.every(({ runtimeId }) => {
          const wanted = ofCtr.filter((one) => one.runtimeId === runtimeId).length;
          return all.filter(({ label }) => label === runtimeId).length === wanted;
        }),
      'one id is there in two namespaces',
    );
  });

  it('screenshots in three themes', async () => {
    await inThemes(async (theme) => {
      await driver.screenshot(`every-runtime-${theme}`);
    });
  });
});
