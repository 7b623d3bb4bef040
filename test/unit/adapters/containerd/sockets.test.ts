import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { optionOf } from '../../../../src/adapters/commandLine';
import { findContainerdSockets } from '../../../../src/adapters/containerd/sockets';
import type { ProcessRecord, ProcessTable } from '../../../../src/model/process';

describe('sockets of containerd', () => {
  let folder: string;
  const servers: Server[] = [];
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cre-sockets-'))));
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
    rmSync(folder, { recursive: true, force: true });
  });

  async function socketAt(...names: string[]): Promise<string> {
    const path = join(folder, ...names);
    mkdirSync(join(path, '..'), { recursive: true });
    const server = createServer();
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return path;
  }

  /** Those in the test's folder: the machine may have its own containerd. */
  async function found(processes: ProcessTable, env: NodeJS.ProcessEnv = {}): Promise<[string, string][]> {
    const sockets = await findContainerdSockets(processes, { env });
    return sockets.filter(({ path }) => path.startsWith(folder)).map(({ path, reason }) => [path, reason]);
  }

  it('come from the environment and from the command lines of shims, containerd and dockerd', async () => {
    const byEnv = await socketAt('env.sock');
    const byShim = await socketAt('shim.sock');
    const byFlag = await socketAt('flag.sock');
    const byDockerd = await socketAt('dockerd.sock');
    const table = processes(
      ['/usr/bin/containerd-shim-runc-v2', '-namespace', 'moby', '-id', 'a', '-address', byShim],
      ['containerd', `--address=${byFlag}`],
      ['/usr/bin/dockerd', '--containerd', byDockerd],
      ['sh', '-c', 'containerd', '--address', join(folder, 'not-this.sock')],
    );
    assert.deepEqual(await found(table, { CONTAINERD_ADDRESS: `unix://${byEnv}` }), [
      [byEnv, 'named by CONTAINERD_ADDRESS'],
      [byShim, 'named by the shim with PID 1'],
      [byFlag, 'containerd runs with PID 2'],
      [byDockerd, 'named by dockerd with PID 3'],
    ]);
  });

  it('are one when several names lead to it', async () => {
    const real = await socketAt('run', 'c.sock');
    symlinkSync(join(folder, 'run'), join(folder, 'var-run'));
    const other = join(folder, 'var-run', 'c.sock');
    const table = processes(['containerd', '-a', real], ['containerd', '-a', other]);
    assert.deepEqual(await found(table), [[real, 'containerd runs with PID 1']]);
  });

  it('are only those that exist and are sockets', async () => {
    writeFileSync(join(folder, 'file'), '');
    const table = processes(
      ['containerd', '-a', join(folder, 'file')],
      ['containerd', '-a', join(folder, 'nothing')],
      ['containerd', '-a', 'relative.sock'],
      ['containerd', '-a', 'tcp://127.0.0.1:1'],
      ['containerd', '-a'],
    );
    assert.deepEqual(await found(table), []);
  });

  it('that the user names are used alone, and shown even when they are missing', async () => {
    const named = await socketAt('named.sock');
    const other = await socketAt('other.sock');
    const missing = join(folder, 'missing.sock');
    const table = processes(['containerd', '-a', other]);
    const sockets = await findContainerdSockets(table, { env: {}, addresses: [`unix://${named}`, missing] });
    assert.deepEqual(sockets, [
      { path: named, reason: 'named in the settings', exists: true },
      { path: missing, reason: 'named in the settings', exists: false },
    ]);
  });

  it('options are read in both spellings, and not beyond --', () => {
    assert.equal(optionOf(['p', '-a', 'x'], ['-a']), 'x');
    assert.equal(optionOf(['p', '--address=x'], ['--address']), 'x');
    assert.equal(optionOf(['p', '--', '-a', 'x'], ['-a']), undefined);
    assert.equal(optionOf(['-a', 'x'], ['-a']), undefined);
  });
});

function processes(...lines: string[][]): ProcessTable {
  const records = lines.map((argv, index): [number, ProcessRecord] => [
    index + 1,
    { pid: index + 1, parentPid: 0, startTicks: 1, comm: '', argv, state: 'S' },
  ]);
  return { observedAt: '', byPid: new Map(records), childrenOf: () => [] };
}
