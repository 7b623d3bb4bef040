import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { createPodmanAdapter } from '../../../../src/adapters/podman/adapter';
import { normalizeInfo, normalizeList } from '../../../../src/adapters/podman/normalize';
import { findPodmanSockets } from '../../../../src/adapters/podman/sockets';
import { isKnown } from '../../../../src/model/fact';
import { noProcesses } from '../../../support/fakeAdapter';
import { runs } from '../../../support/runs';

describe('what Podman says, as sightings', () => {
  it('reads a row as Podman 5 writes it', () => {
    const row = {
      Id: 'a'.repeat(64),
      Names: ['shop-web'],
      State: 'running',
      Status: '',
      Created: '2026-11-23T20:53:00.470541988Z',
      Pid: 4362,
      Image: 'localhost/demo/busybox:1',
      Labels: null,
      Pod: 'b'.repeat(64),
      PodName: 'shop',
      IsInfra: false,
    };
    assert.deepEqual(normalizeList('engine:x', [row]), [
      {
        layerId: 'engine:x',
        runtimeId: 'a'.repeat(64),
        name: 'shop-web',
        state: 'running',
        stateText: 'running',
        labels: new Map(),
        image: 'localhost/demo/busybox:1',
        createdAtMs: Date.parse('2026-11-23T20:53:00.470Z'),
        initPid: 4362,
        sandbox: { id: 'b'.repeat(64), name: 'shop', isSandbox: false },
      },
    ]);
  });

  it('says which details Podman does not tell', () => {
    const details = normalizeInfo({ host: { ociRuntime: { name: 'crun' }, security: { rootless: false } } }, 'curl');
    const byLabel = new Map(details.map(({ label, fact }) => [label, fact]));
    const runtime = byLabel.get('OCI runtime');
    assert.ok(isKnown(runtime) && runtime.value === 'crun');
    const rootless = byLabel.get('Rootless');
    assert.ok(isKnown(rootless) && rootless.value === 'no');
    assert.ok(!isKnown(byLabel.get('Graph root')));
  });

  it('makes something of any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (answer) => {
        normalizeList('x', answer);
        normalizeList('x', [answer, { Id: 'x', ...(answer as object) }]);
        normalizeInfo(answer, 'curl');
      }),
      { numRuns: runs(2_000) },
    );
  });
});

describe('a Podman service that misbehaves', () => {
  let folder: string;
  let server: Server;
  let answer: (path: string) => { status?: number; type?: string; body: string } | undefined;

  beforeEach((done) => {
    folder = mkdtempSync(join(tmpdir(), 'cre-podman-'));
    server = createServer((request, response) => {
      const reply = answer(request.url ?? '');
      if (!reply) return; // never answers
      response.writeHead(reply.status ?? 200, { 'content-type': reply.type ?? 'application/json' });
      response.end(reply.body);
    });
    server.listen(join(folder, 'p.sock'), done);
  });
  afterEach((done) => {
    server.closeAllConnections();
    server.close(() => {
      rmSync(folder, { recursive: true, force: true });
      done();
    });
  });

  const look = () =>
    createPodmanAdapter({ sockets: async () => [{ path: join(folder, 'p.sock'), why: 'test' }] }).look({
      processes: noProcesses,
    });

  it('is a failed layer with the reason, whatever it answers', async () => {
    for (const reply of [
      { status: 500, body: '{"message":"boom"}' },
      { body: 'no JSON' },
      { status: 404, body: 'not found', type: 'text/plain' },
    ]) {
      answer = () => reply;
      const { layers, sightings } = await look();
      assert.deepEqual([layers[0]?.status, sightings.length], ['failed', 0], reply.body);
      assert.ok(layers[0]?.problem?.reason);
    }
  });

  it('shows no container when the list is of another shape', async () => {
    for (const body of ['null', '{}', '"x"', '[null, 1, {"Id": 5}]']) {
      answer = (path) => ({ body: path.includes('/containers/') ? body : '{}' });
      const { layers, sightings } = await look();
      assert.deepEqual([layers[0]?.status, sightings], ['ok', []], body);
    }
  });
});

describe("finding Podman's sockets", () => {
  it('leaves out usual places that do not exist, and keeps what a setting names', async () => {
    const found = await findPodmanSockets({ CONTAINER_HOST: 'unix:///nonexistent.sock' }, []);
    assert.ok(!found.some(({ path }) => path === '/nonexistent.sock'));
    const set = await findPodmanSockets({ CONTAINER_HOST: 'unix:///other.sock' }, ['unix:///nonexistent.sock']);
    assert.deepEqual(set, [{ path: '/nonexistent.sock', why: 'A setting names it.' }]);
  });

  it('finds for root the sockets of all users who serve one themselves, each with its owner', async () => {
    const uid = process.getuid?.() ?? 0;
    const folder = mkdtempSync(join(tmpdir(), 'cre-users-'));
    const server = createSocket();
    try {
      const own = join(folder, String(uid), 'podman');
      mkdirSync(own, { recursive: true });
      await new Promise<void>((resolve) => server.listen(join(own, 'podman.sock'), resolve));
      // Another's socket, only linked to; a file; and a folder of another user than its name says.
      const linked = join(folder, String(uid + 1), 'podman');
      mkdirSync(linked, { recursive: true });
      symlinkSync(join(own, 'podman.sock'), join(linked, 'podman.sock'));
      const plain = join(folder, String(uid + 2), 'podman');
      mkdirSync(plain, { recursive: true });
      writeFileSync(join(plain, 'podman.sock'), '');
      mkdirSync(join(folder, 'systemd'));

      const seen = async (who: number) =>
        (await findPodmanSockets({}, [], { userFolders: folder, uid: who })).filter(({ path }) =>
          path.startsWith(folder),
        );
      const found = await seen(0);
      assert.deepEqual(
        found.map(({ path, owner }) => [path, owner?.uid]),
        [[join(own, 'podman.sock'), uid]],
      );
      assert.match(found[0]?.why ?? '', new RegExp(`uid ${uid} `));
      assert.deepEqual(await seen(uid === 0 ? 1 : uid), [], 'who is not root looks only at his own');
    } finally {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('rootless Podman as recorded', () => {
  // Recorded on Debian 13 with Podman 5.4.2 under cgroup v2 and systemd, of the user dev (uid 1000); shortened.
  const info = {
    host: {
      cgroupManager: 'systemd',
      cgroupVersion: 'v2',
      conmon: { version: 'conmon version 2.1.12, commit: unknown' },
      ociRuntime: { name: 'crun', version: 'crun version 1.21\ncommit: 1026984\nrundir: /run/user/1000/crun' },
      security: { rootless: true },
    },
    store: { graphRoot: '/home/dev/.local/share/containers/storage', runRoot: '/run/user/1000/containers' },
  };
  const rows = [
    {
      Id: 'e66e31232753f91e6161af313f0031e2704b3535acbed4dce44b2f7bf7c126b5',
      Names: ['r-plain'],
      State: 'running',
      Pid: 4896,
      Pod: '',
    },
    {
      Id: '9fb6d8584dfca9fa1cd33c8ab5cb66779569d7fd70b69ac4b1600342a00529c8',
      Names: ['r-exited'],
      State: 'exited',
      Pid: 0,
      Pod: '',
    },
  ];

  it('names crun as its runtime, and that it is rootless', () => {
    const values = new Map(
      normalizeInfo(info, 'curl').map(({ label, fact }) => [label, isKnown(fact) ? fact.value : '']),
    );
    assert.deepEqual(
      ['OCI runtime', 'OCI runtime version', 'Rootless', 'Cgroup manager', 'Run root'].map((label) =>
        values.get(label),
      ),
      ['crun', 'crun version 1.21', 'yes', 'systemd', '/run/user/1000/containers'],
    );
  });

  it('tells host PIDs of what runs, and none of what has ended', () => {
    assert.deepEqual(
      normalizeList('engine:x', rows).map(({ name, state, initPid, sandbox }) => [name, state, initPid, sandbox]),
      [
        ['r-plain', 'running', 4896, undefined],
        ['r-exited', 'exited', undefined, undefined],
      ],
    );
  });
});
