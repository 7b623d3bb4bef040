import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCriSockets } from '../../../../src/adapters/cri/sockets';
import { tableOf } from '../../../../src/model/process';

describe('finding CRI sockets', () => {
  let folder: string;
  const servers: Server[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cre-cri-'));
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
    rmSync(folder, { recursive: true, force: true });
  });

  async function listen(name: string): Promise<string> {
    const server = createServer();
    servers.push(server);
    const path = join(folder, name);
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return path;
  }

  it('takes CONTAINER_RUNTIME_ENDPOINT before the sockets of containerd, each once', async () => {
    const [told, containerd] = [await listen('told.sock'), await listen('containerd.sock')];
    const env = { CONTAINER_RUNTIME_ENDPOINT: `unix://${told}` };
    const found = await findCriSockets(tableOf([]), env, [containerd, told]);
    const ours = found.filter(({ path }) => path.startsWith(folder));
    assert.deepEqual(
      ours.map(({ path, expected }) => [path, expected]),
      [
        [told, true],
        [containerd, false],
      ],
    );
  });

  it('takes only what a setting names, also where nothing is', async () => {
    const containerd = await listen('containerd.sock');
    const env = { CONTAINER_RUNTIME_ENDPOINT: `unix://${containerd}` };
    const set = [`unix://${folder}/set.sock`, `${folder}/too.sock`, 'tcp://127.0.0.1:1', 'relative.sock'];
    const why = 'A setting names it.';
    assert.deepEqual(await findCriSockets(tableOf([]), env, [containerd], set), [
      { path: join(folder, 'set.sock'), why, expected: true },
      { path: join(folder, 'too.sock'), why, expected: true },
    ]);
  });
});
