import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileTree, FileTrees } from '../../../../src/adapters/fileTrees';
import { ShimFolders } from '../../../../src/adapters/oci/roots';
import { containerdShims } from '../../../../src/adapters/shimProcess';
import { tableOf } from '../../../../src/model/process';

describe('the folders that shims tell of', () => {
  let proc: string;
  beforeEach(() => (proc = mkdtempSync(join(tmpdir(), 'cre-roots-'))));
  afterEach(() => rmSync(proc, { recursive: true, force: true }));

  it('are reached through another process of their file tree when the one before has ended', async () => {
    const bundle = join(proc, 'tree/state/default/one');
    mkdirSync(bundle, { recursive: true });
    writeFileSync(join(bundle, 'options.json'), JSON.stringify({ root: '/runc' }));
    for (const pid of [10, 20, 30]) mkdirSync(join(proc, String(pid)));
    for (const pid of [10, 20]) symlinkSync(join(proc, 'tree'), join(proc, String(pid), 'root'));
    symlinkSync('/state/default/one', join(proc, '30/cwd'));
    const argv = ['/usr/bin/containerd-shim-runc-v2', '-namespace', 'default', '-id', 'one', '-address', '/c.sock'];
    const processes = tableOf([{ pid: 30, parentPid: 1, comm: 'containerd-shim', startTicks: 7, state: 'S', argv }]);
    const [shim] = containerdShims(processes);
    assert.ok(shim);
    let tree: FileTree = { prefix: join(proc, '10/root') };
    const trees: Pick<FileTrees, 'look'> = { look: async () => ({ of: () => tree, others: [tree] }) };
    const folders = new ShimFolders(proc, trees as FileTrees);

    const first = await folders.placesOf(shim, processes);
    assert.equal(first?.stateRoot.path, join(proc, '10/root/runc/default'));
    assert.equal(await folders.placesOf(shim, processes), first, 'it is remembered');
    rmSync(join(proc, '10'), { recursive: true });
    tree = { prefix: join(proc, '20/root') };
    const second = await folders.placesOf(shim, processes);
    assert.equal(second?.stateRoot.path, join(proc, '20/root/runc/default'));
    assert.equal(second.bundles, join(proc, '20/root/state/default'));
  });
});
