import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKubernetesAdapter } from '../../src/adapters/kubernetes/adapter';
import { BOUNDS, type Bounds } from '../../src/adapters/kubernetes/client';
import type { ClusterReader, RuntimeAdapter } from '../../src/adapters/adapter';
import { valueOf } from '../../src/model/fact';
import type { KubeContext } from '../../src/model/kubernetes/context';
import { RuntimeError, type Problem } from '../../src/model/problem';
import { makeCertificates, type Certificates } from '../support/certificates';
import { noProcesses } from '../support/fakeAdapter';
import { base64, kubeconfig, startKubeServer, status, type KubeServer, type NodeFixture } from '../support/kubeServer';

const OWN = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** Answers are written from the API reference, not recorded: see test/support/kubeServer.ts. */
describe('Kubernetes on a local HTTPS server', () => {
  let folder: string;
  let certificates: Certificates;
  let server: KubeServer;
  let file: string;
  const allowed = new Set<string>();

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'cre-kube-'));
    certificates = makeCertificates(folder);
  });
  beforeEach(async () => {
    allowed.clear();
    server = await startKubeServer(certificates);
    file = write('config', {});
  });
  afterEach(async () => server?.close());
  after(() => folder && rmSync(folder, { recursive: true, force: true }));

  function write(name: string, more: Partial<Parameters<typeof kubeconfig>[0]>): string {
    const path = join(folder, name);
    const text = kubeconfig({
      server: server.url,
      ca: certificates.ca,
      users: {
        alice: {
          'client-certificate-data': base64(certificates.clientCert),
          'client-key-data': base64(certificates.clientKey),
        },
        bot: { token: 'good-token' },
        stranger: { token: 'stale-token' },
      },
      contexts: { lab: { user: 'alice', namespace: 'shop' }, bot: { user: 'bot' }, stranger: { user: 'stranger' } },
      current: 'lab',
      ...more,
    });
    writeFileSync(path, text);
    return path;
  }

  function adapter(bounds: Partial<Bounds> = {}, files: readonly string[] = [file]): RuntimeAdapter & ClusterReader {
    return createKubernetesAdapter({
      places: () => ({ env: {}, home: folder, settings: files }),
      readProcesses: async () => noProcesses,
      isAllowed: (fingerprint) => allowed.has(fingerprint),
      bounds: { ...BOUNDS, ...bounds },
    });
  }

  async function contexts(files: readonly string[] = [file]): Promise<Map<string, KubeContext>> {
    const { layers } = await adapter({}, files).look({ processes: noProcesses });
    return new Map(layers[0]?.kubeContexts?.map((context) => [context.name, context]));
  }

  async function problemOf(work: Promise<unknown>): Promise<Problem> {
    const error = await work.then(
      () => assert.fail('it succeeded'),
      (caught: unknown) => caught,
    );
    assert.ok(error instanceof RuntimeError, String(error));
    assert.ok(error.problem.remedy, `a remedy for: ${error.problem.reason}`);
    return error.problem;
  }

  const node = (name: string, more: Partial<NodeFixture> = {}): NodeFixture => ({
    name,
    kubelet: 'v1.29.3',
    runtime: 'containerd://1.7.2',
    ...more,
  });

  it('lists contexts without dialling anybody, also on this machine', async () => {
    const found = await contexts();
    assert.deepEqual([...found.keys()], ['lab', 'bot', 'stranger']);
    assert.equal(found.get('lab')?.current, true);
    assert.equal(found.get('lab')?.server, server.url);
    assert.equal(found.get('lab')?.auth.kind, 'certificate');
    assert.equal(found.get('bot')?.auth.kind, 'token');
    const { layers } = await adapter().look({ processes: noProcesses });
    assert.doesNotMatch(JSON.stringify(layers), /good-token|BEGIN/);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(server.requests, []);
  });

  it('reads nodes with what they say of their runtime, and which is this machine', async () => {
    server.world.nodes = [
      node('here', { bootID: OWN, criSocket: 'unix:///run/containerd/containerd.sock' }),
      node('old', {
        kubelet: 'v1.23.1',
        runtime: 'docker://20.10.12',
        criSocket: '/var/run/dockershim.sock',
        bootID: 'x',
      }),
    ];
    const { nodes, version, pods } = await adapter().readCluster('lab');
    assert.equal(version, 'v1.29.3');
    assert.equal(pods, undefined);
    const shown = nodes.items.map((one) => [
      one.name,
      valueOf(one.containerRuntime),
      one.place.verdict,
      one.dockershim.verdict,
    ]);
    assert.deepEqual(shown, [
      ['here', 'containerd://1.7.2', 'here', 'migrated'],
      ['old', 'docker://20.10.12', 'elsewhere', 'works'],
    ]);
    assert.ok(server.requests.every(({ user }) => user === 'alice'));
  });

  it('reads long lists page by page, up to a bound that it names', async () => {
    server.world.nodes = Array.from({ length: 25 }, (_, index) => node(`n${index}`));
    const all = await adapter({ pageSize: 10 }).readCluster('lab');
    assert.deepEqual(
      all.nodes.items.map(({ name }) => name),
      server.world.nodes.map(({ name }) => name),
    );
    assert.equal(all.nodes.problem, undefined);
    assert.equal(server.requests.filter(({ path }) => path.startsWith('/api/v1/nodes')).length, 3);
    const cut = await adapter({ pageSize: 10, items: 20 }).readCluster('lab');
    assert.equal(cut.nodes.items.length, 20);
    assert.equal(cut.nodes.problem?.code, 'too-large');
  });

  it('keeps what it has read when a later page fails, or the server repeats itself', async () => {
    server.world.nodes = Array.from({ length: 25 }, (_, index) => node(`n${index}`));
    server.world.special = [
      {
        path: /continue=20/,
        answer: (_, response) => status(response, 410, 'Expired', 'The provided continue parameter is too old'),
      },
    ];
    const { nodes } = await adapter({ pageSize: 10 }).readCluster('lab');
    assert.equal(nodes.items.length, 20);
    assert.equal(nodes.problem?.code, 'gone');
    assert.match(nodes.problem?.reason ?? '', /too old.*first 20/);
    server.world.special = [
      {
        path: /^\/api\/v1\/nodes/,
        answer: (_, response) =>
          response.end(JSON.stringify({ items: [{ metadata: { name: 'a' } }], metadata: { continue: 'same' } })),
      },
    ];
    assert.match((await adapter().readCluster('lab')).nodes.problem?.reason ?? '', /repeats itself/);
  });

  it('shows the pods that may be seen where nodes may not, down to one namespace', async () => {
    server.world.pods = [
      { namespace: 'shop', name: 'web', uid: 'u1', node: 'n1', containers: [{ name: 'web', id: 'containerd://a' }] },
      { namespace: 'other', name: 'db', uid: 'u2', node: 'n1', containers: [] },
    ];
    server.world.forbidden = /nodes$/;
    const some = await adapter().readCluster('lab');
    assert.equal(some.nodes.problem?.code, 'denied');
    assert.match(some.nodes.problem?.reason ?? '', /403.*User "alice" cannot list resource "nodes"/);
    assert.deepEqual(
      some.pods?.items.map(({ name }) => name),
      ['web', 'db'],
    );
    server.world.forbidden = /^\/api\/v1\/(nodes|pods)$/;
    const own = await adapter().readCluster('lab');
    assert.deepEqual(
      own.pods?.items.map(({ name }) => name),
      ['web'],
    );
    assert.match(own.pods?.problem?.reason ?? '', /namespace shop alone/);
  });

  it('reads the pods of one node, with init and ephemeral containers', async () => {
    const id = 'c'.repeat(64);
    server.world.pods = [
      {
        ...{ namespace: 'shop', name: 'web', uid: 'u1', node: 'n1' },
        containers: [
          { name: 'setup', role: 'init', id: `containerd://${'a'.repeat(64)}`, exitCode: 0 },
          { name: 'web', id: `containerd://${id}` },
          { name: 'starting' },
          { name: 'debugger', role: 'ephemeral', id: `containerd://${'b'.repeat(64)}`, exitCode: 7 },
        ],
      },
      { namespace: 'shop', name: 'far', uid: 'u2', node: 'n2', containers: [] },
    ];
    const { items } = await adapter().readPods('lab', 'n1');
    assert.deepEqual(
      items.map(({ name, uid }) => [name, uid]),
      [['web', 'u1']],
    );
    assert.deepEqual(
      items[0]?.containers.map(({ name, role, state, stateText }) => [name, role, state, stateText]),
      [
        ['setup', 'init', 'exited', 'terminated: Completed (0)'],
        ['web', 'main', 'running', 'running'],
        ['starting', 'main', 'created', 'waiting: ContainerCreating'],
        ['debugger', 'ephemeral', 'exited', 'terminated: Error (7)'],
      ],
    );
    assert.equal(items[0]?.containers[1]?.runtimeId, id);
    assert.equal(items[0]?.containers[2]?.runtimeId, undefined);
  });

  it('finds cgroup paths in the kubelet’s metrics, with both cgroup drivers', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string];
    const scope = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podu1.slice/cri-containerd-${b}.scope`;
    server.world.cadvisor.n1 = [
      '# HELP container_cpu_usage_seconds_total Cumulative cpu time consumed in seconds.',
      'container_cpu_usage_seconds_total{container="",cpu="total",id="/",image="",name="",namespace="",pod=""} 1 1',
      `container_start_time_seconds{container="web",id="/kubepods/podu1/${a}",image="x",name="${a}",namespace="s",pod="p"} 1.7e+09`,
      `container_start_time_seconds{container="odd",id="${scope}",name="has \\"quotes\\", commas and id=\\"x\\""} 1.7e+09`,
      'x'.repeat(100_000),
      `container_last_seen{id="/docker/${c}"} 1`,
    ];
    const paths = await adapter().readCgroups('lab', 'n1');
    assert.deepEqual(Object.fromEntries(paths), { [a]: `/kubepods/podu1/${a}`, [b]: scope, [c]: `/docker/${c}` });
  });

  it('says why the metrics cannot be had: no right, kubelet away, too much of them', async () => {
    server.world.forbidden = /proxy/;
    const denied = await problemOf(adapter().readCgroups('lab', 'n1'));
    assert.equal(denied.code, 'denied');
    assert.match(denied.remedy ?? '', /nodes\/proxy/);
    server.world.forbidden = undefined;
    assert.match((await problemOf(adapter().readCgroups('lab', 'n1'))).reason, /503.*i\/o timeout/);
    server.world.special = [
      {
        path: /cadvisor/,
        answer: (_, response) => {
          const more = (): void => {
            while (!response.destroyed && response.write('y'.repeat(60_000) + '\n'));
            if (!response.destroyed) response.once('drain', more);
          };
          more();
        },
      },
    ];
    const flood = await problemOf(adapter({ streamBytes: 2 * 1024 * 1024 }).readCgroups('lab', 'n1'));
    assert.equal(flood.code, 'too-large');
  });

  it('tells of each failure its cause and its remedy', async () => {
    assert.match((await problemOf(adapter().readCluster('stranger'))).reason, /401/);
    server.world.special = [
      { path: /nodes/, answer: (_, response) => response.writeHead(302, { Location: 'https://evil.example/' }).end() },
    ];
    assert.match((await problemOf(adapter().readCluster('lab'))).reason, /302.*not followed/);
    server.world.special = [{ path: /nodes/, answer: (_, response) => response.end('<html>') }];
    assert.equal((await problemOf(adapter().readCluster('lab'))).code, 'malformed');
    server.world.special = [{ path: /nodes/, answer: (_, response) => response.end('{}') }];
    assert.match(
      (await problemOf(adapter().readCluster('lab'))).reason,
      /not that of a Kubernetes API server.*no list/,
    );
    server.world.special = [{ path: /nodes/, answer: (request) => request.socket.destroy() }];
    assert.equal((await problemOf(adapter().readCluster('lab'))).code, 'gone');
    server.world.special = [];
    server.world.silent = /nodes/;
    assert.equal((await problemOf(adapter({ requestMs: 300 }).readCluster('lab'))).code, 'deadline');
    const untrusted = write('untrusted', { ca: undefined as unknown as string });
    assert.match((await problemOf(adapter({}, [untrusted]).readCluster('lab'))).reason, /not signed by an authority/);
    const misnamed = write('misnamed', { cluster: { 'tls-server-name': 'elsewhere.example' } });
    assert.match(
      (await problemOf(adapter({}, [misnamed]).readCluster('lab'))).reason,
      /certificate is not for the name/,
    );
    await server.close();
    assert.equal((await problemOf(adapter().readCluster('lab'))).code, 'refused');
  });

  it('stops when it is told to', async () => {
    server.world.silent = /./;
    const controller = new AbortController();
    const asked = adapter().readCluster('lab', controller.signal);
    controller.abort();
    const error = await asked.catch((caught: unknown) => caught);
    assert.equal(error instanceof RuntimeError && error.problem.code, 'cancelled');
  });

  describe('a context whose user is told by a program', () => {
    let program: string;
    let mark: string;
    const withProgram = (more: object = {}): string =>
      write('exec', {
        users: {
          cloud: {
            exec: {
              apiVersion: 'client.authentication.k8s.io/v1',
              command: program,
              args: ['get-token'],
              env: [{ name: 'MARK', value: mark }],
              ...more,
            },
          },
        },
        contexts: { cloud: { user: 'cloud' } },
      });

    beforeEach(() => {
      program = join(folder, 'login');
      mark = join(folder, 'ran');
      rmSync(mark, { force: true });
      writeFileSync(
        program,
        `#!/bin/sh\necho "$1 $KUBERNETES_EXEC_INFO" >> "$MARK"\necho '{"kind":"ExecCredential","status":{"token":"good-token"}}'\n`,
      );
      chmodSync(program, 0o755);
      file = withProgram();
    });

    it('is listed with the reason and the remedy, and the program is never run by itself', async () => {
      const cloud = (await contexts()).get('cloud');
      assert.equal(cloud?.obstacle?.code, 'denied');
      assert.match(cloud?.obstacle?.remedy ?? '', /Allow/);
      assert.equal((await problemOf(adapter().readCluster('cloud'))).code, 'denied');
      assert.throws(() => readFileSync(mark));
      assert.deepEqual(server.requests, []);
    });

    it('runs it once it is allowed, as kubectl does, and keeps what it printed', async () => {
      const auth = (await contexts()).get('cloud')?.auth;
      assert.ok(auth?.kind === 'exec');
      allowed.add(auth.fingerprint);
      const one = adapter();
      await one.readCluster('cloud');
      await one.readPods('cloud', 'n1');
      assert.ok(server.requests.every(({ user }) => user === 'token:good-token'));
      const runs = readFileSync(mark, 'utf8').trim().split('\n');
      assert.equal(runs.length, 1);
      assert.match(
        runs[0] ?? '',
        /^get-token \{"apiVersion":"client\.authentication\.k8s\.io\/v1","kind":"ExecCredential"/,
      );
    });

    it('asks anew when the kubeconfig names another command line', async () => {
      const auth = (await contexts()).get('cloud')?.auth;
      assert.ok(auth?.kind === 'exec');
      allowed.add(auth.fingerprint);
      file = withProgram({ args: ['get-token', '--for=evil'] });
      assert.equal((await contexts()).get('cloud')?.obstacle?.code, 'denied');
      assert.equal((await problemOf(adapter().readCluster('cloud'))).code, 'denied');
      assert.throws(() => readFileSync(mark));
    });

    it('tells how it failed, and nothing of what it printed', async () => {
      const auth = (await contexts()).get('cloud')?.auth;
      assert.ok(auth?.kind === 'exec');
      allowed.add(auth.fingerprint);
      writeFileSync(program, '#!/bin/sh\necho "session expired" >&2\nexit 3\n');
      assert.match((await problemOf(adapter().readCluster('cloud'))).reason, /code 3: session expired/);
      writeFileSync(program, '#!/bin/sh\necho "hunter2hunter2"\n');
      const odd = await problemOf(adapter().readCluster('cloud'));
      assert.equal(odd.code, 'malformed');
      assert.doesNotMatch(JSON.stringify(odd), /hunter2/);
    });
  });
});
