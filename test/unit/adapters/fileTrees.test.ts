import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findContainerdSockets } from '../../../src/adapters/containerd/sockets';
import { FileTrees, OWN_TREE, reachIn } from '../../../src/adapters/fileTrees';
import { readProcessTable } from '../../../src/adapters/kernel/procTable';
import { FakeProc, statLine } from '../../support/fakeProc';

describe('file trees of daemons', () => {
  let proc: FakeProc;
  let folder: string;

  beforeEach(() => {
    proc = new FakeProc();
    folder = mkdtempSync(join(tmpdir(), 'cre-tree-'));
    mkdirSync(join(proc.root, 'self/ns'), { recursive: true });
    symlinkSync('pid:[1]', join(proc.root, 'self/ns/pid'));
  });
  afterEach(() => {
    proc.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A daemon or shim with a root; the PID namespace is ours unless another is named. */
  function put(pid: number, root: string, { argv = ['containerd'], pids = 'pid:[1]', startTicks = pid } = {}): void {
    const ns = { pid: pids, mnt: 'mnt:[7]' };
    proc.put({ pid, stat: statLine(pid, 1, startTicks, argv[0]), cmdline: argv, ns });
    symlinkSync(root, join(proc.root, String(pid), 'root'));
  }

  const look = async () => new FileTrees(proc.root).look(await readProcessTable(proc.root));
  async function treeOf(pid: number): Promise<string | undefined> {
    const process = (await readProcessTable(proc.root)).byPid.get(pid);
    assert.ok(process);
    return (await look()).of(process)?.prefix;
  }

  it('are ours when the root is the same folder, or when that cannot be told', async () => {
    put(10, '/');
    proc.put({ pid: 11, stat: statLine(11, 1, 11, 'dockerd'), cmdline: ['dockerd'] });
    put(12, folder, { argv: ['sleep'] });
    assert.deepEqual([await treeOf(10), await treeOf(11), await treeOf(12)], ['', '', '']);
    assert.deepEqual((await look()).others, []);
  });

  it('are reached through the oldest of the processes that share one', async () => {
    put(20, folder, { startTicks: 500 });
    put(30, folder, { startTicks: 400, argv: ['dockerd'] });
    const prefix = `${proc.root}/30/root`;
    assert.deepEqual([await treeOf(20), await treeOf(30)], [prefix, prefix]);
    assert.deepEqual((await look()).others, [{ prefix }]);
  });

  it('are not followed into another PID namespace: a container could show anything there', async () => {
    put(40, folder, { pids: 'pid:[2]' });
    assert.equal(await treeOf(40), undefined);
    assert.deepEqual((await look()).others, []);
    const table = await readProcessTable(proc.root);
    const found = await findContainerdSockets(table, { env: {}, trees: new FileTrees(proc.root) });
    assert.ok(found.every(({ path }) => !path.startsWith(proc.root)));
  });

  it('keep their links to themselves', async () => {
    const tree = { prefix: folder };
    mkdirSync(join(folder, 'run/docker'), { recursive: true });
    mkdirSync(join(folder, 'var'));
    writeFileSync(join(folder, 'run/docker/sock'), '');
    symlinkSync('/run', join(folder, 'var/run'));
    symlinkSync('../../../../run/docker', join(folder, 'var/up'));
    symlinkSync('loop', join(folder, 'loop'));
    assert.equal(await reachIn(tree, '/var/run/docker/sock'), join(folder, 'run/docker/sock'));
    assert.equal(await reachIn(tree, '/var/up/sock'), join(folder, 'run/docker/sock'));
    assert.equal(await reachIn(tree, '/../../etc/passwd'), join(folder, 'etc/passwd'));
    assert.equal(await reachIn(tree, '/loop/x'), join(folder, 'loop/x'));
    assert.equal(await reachIn(tree, '/none/there'), join(folder, 'none/there'));
    assert.equal(await reachIn(OWN_TREE, '/var/run/x'), '/var/run/x');
    assert.equal(dirname(await reachIn(tree, '/var/run/x')), join(folder, 'run'));
  });
});
