import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubernetesLayer, serverOf, shownContext } from '../../../../src/adapters/kubernetes/contexts';
import { PrintedCredentials, isLoopback, targetOf, type Target } from '../../../../src/adapters/kubernetes/credentials';
import { kubeconfigFiles, loadKubeconfig, type Kubeconfig } from '../../../../src/adapters/kubernetes/kubeconfig';
import type { KubeContext } from '../../../../src/model/kubernetes/context';
import { RuntimeError } from '../../../../src/model/problem';

const RULES = { machine: 'm1', isAllowed: () => false };

describe('kubeconfig files', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cre-kubeconfig-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }
  const load = (...files: string[]): Promise<Kubeconfig> => loadKubeconfig({ env: {}, home: folder, settings: files });
  const shown = (config: Kubeconfig, name: string): KubeContext => {
    const loaded = config.contexts.find(({ context }) => context.name === name);
    assert.ok(loaded, name);
    return shownContext(loaded, config, RULES);
  };
  async function target(config: Kubeconfig, name: string): Promise<Target> {
    const loaded = config.contexts.find(({ context }) => context.name === name);
    assert.ok(loaded, name);
    return targetOf(loaded, undefined, new PrintedCredentials(), undefined);
  }

  it('are those of the setting, else of KUBECONFIG, else the one at home', () => {
    const home = '/home/alice';
    const files = (env: NodeJS.ProcessEnv, settings: string[] = []): readonly string[] =>
      kubeconfigFiles({ env, home, settings }).files;
    assert.deepEqual(files({}), ['/home/alice/.kube/config']);
    assert.deepEqual(files({ KUBECONFIG: '' }), ['/home/alice/.kube/config']);
    assert.deepEqual(files({ KUBECONFIG: '/a::/b:/a' }), ['/a', '/b']);
    assert.deepEqual(files({ KUBECONFIG: '/a' }, ['~/k', '/c']), ['/home/alice/k', '/c']);
  });

  it('are merged as kubectl does: of a name the first entry counts, and the first current-context', async () => {
    const entry = (server: string, current: string): string =>
      `current-context: ${current}
clusters: [{name: c, cluster: {server: ${server}}}]
users: [{name: u, user: {token: t}}]
contexts: [{name: ${current}, context: {cluster: c, user: u}}, {name: both, context: {cluster: c, user: u}}]`;
    const config = await load(write('1', entry('https://one', 'first')), write('2', entry('https://two', 'second')));
    assert.deepEqual(
      config.contexts.map(({ context }) => context.name),
      ['first', 'both', 'second'],
    );
    assert.equal(shown(config, 'second').server, 'https://one');
    assert.equal(config.currentContext, 'first');
    assert.match(config.currentBecause, /current-context in .*1 names it/);
    assert.equal(shown(config, 'first').current, true);
    assert.equal(shown(config, 'both').file, join(folder, '1'));
  });

  it('that are not there are no matter, unless somebody named them', async () => {
    const nobody = await loadKubeconfig({ env: {}, home: folder, settings: [] });
    assert.deepEqual(kubernetesLayer(nobody, []), []);
    const [layer] = kubernetesLayer(await load(join(folder, 'gone')), []);
    assert.equal(layer?.status, 'failed');
    assert.match(layer?.problem?.reason ?? '', /gone does not exist/);
  });

  it('that are odd are told, and the others used', async () => {
    mkdirSync(join(folder, 'folder'));
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    const config = await load(
      write('broken', 'clusters: [\n  token: hunter2hunter2\n'),
      write('list', '- a\n- b\n'),
      join(folder, 'folder'),
      join(folder, 'fifo'),
      write('large', `# ${'x'.repeat(1024 * 1024)}\n`),
      'relative/config',
      write('empty', ''),
      write('odd', 'contexts: {a: b}\nclusters: [1, null, {name: 7, cluster: x}, {name: c, cluster: {server: [1]}}]\n'),
      write(
        'good',
        'contexts: [{name: ok, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: https://c}}]\n',
      ),
    );
    assert.deepEqual(
      config.problems.map((problem) => /(\w+)(?:\/config)? (?:cannot be used|is not used)/.exec(problem)?.[1]),
      ['broken', 'list', 'folder', 'fifo', 'large', 'relative'],
    );
    assert.doesNotMatch(JSON.stringify(config.problems), /hunter2/);
    assert.equal(config.contexts.length, 1);
    const context = shown(config, 'ok');
    assert.match(context.obstacle?.reason ?? '', /user “u”/);
  });

  it('name what keeps a context from being asked', async () => {
    const config = await load(
      write(
        'config',
        `
clusters:
  - {name: good, cluster: {server: https://api.example:6443}}
  - {name: odd, cluster: {server: 'ftp://api.example'}}
  - {name: behind, cluster: {server: https://api.example, proxy-url: 'http://proxy:3128'}}
users:
  - {name: plain, user: {token: t}}
  - {name: gcp, user: {auth-provider: {name: gcp, config: {access-token: secret}}}}
  - {name: program, user: {exec: {command: aws, args: [eks, get-token], env: [{name: A, value: secret}]}}}
  - {name: asks, user: {exec: {command: aws, interactiveMode: Always}}}
contexts:
  - {name: fine, context: {cluster: good, user: plain}}
  - {name: no-user, context: {cluster: good}}
  - {name: no-cluster, context: {cluster: gone, user: plain}}
  - {name: odd, context: {cluster: odd, user: plain}}
  - {name: behind, context: {cluster: behind, user: plain}}
  - {name: gcp, context: {cluster: good, user: gcp}}
  - {name: program, context: {cluster: good, user: program}}
  - {name: asks, context: {cluster: good, user: asks}}
`,
      ),
    );
    const obstacles = config.contexts.map(({ context }) => {
      const { obstacle } = shown(config, context.name);
      if (obstacle) assert.ok(obstacle.remedy);
      return [context.name, obstacle?.code];
    });
    assert.deepEqual(obstacles, [
      ['fine', undefined],
      ['no-user', undefined],
      ['no-cluster', 'absent'],
      ['odd', 'malformed'],
      ['behind', 'unsupported'],
      ['gcp', 'unsupported'],
      ['program', 'denied'],
      ['asks', 'unsupported'],
    ]);
    const { auth } = shown(config, 'program');
    assert.ok(auth.kind === 'exec');
    assert.deepEqual([auth.argv, auth.envNames], [['aws', 'eks', 'get-token'], ['A']]);
    assert.doesNotMatch(JSON.stringify(config.contexts.map(({ context }) => shown(config, context.name))), /secret/);
  });

  it('give a permission to one program, on one machine, for one server', async () => {
    const text = (server: string): string =>
      `clusters: [{name: c, cluster: {server: ${server}}}]
users: [{name: u, user: {exec: {command: aws}}}]
contexts: [{name: x, context: {cluster: c, user: u}}]`;
    const print = async (server: string, machine: string): Promise<string> => {
      const config = await load(write('config', text(server)));
      const [loaded] = config.contexts;
      assert.ok(loaded);
      const { auth } = shownContext(loaded, config, { ...RULES, machine });
      return auth.kind === 'exec' ? auth.fingerprint : '';
    };
    const first = await print('https://a', 'm1');
    assert.match(first, /^[0-9a-f]{64}$/);
    assert.equal(await print('https://a', 'm1'), first);
    assert.notEqual(await print('https://b', 'm1'), first);
    assert.notEqual(await print('https://a', 'm2'), first);
  });

  it('give credentials from data before files, files relative to the kubeconfig, and none in the clear', async () => {
    write('token', 'from-file\n');
    write('ca.pem', 'CA');
    const data = Buffer.from('DATA').toString('base64');
    const config = await load(
      write(
        'config',
        `
clusters:
  - {name: c, cluster: {server: https://api, certificate-authority: ca.pem, tls-server-name: kubernetes}}
  - {name: d, cluster: {server: https://api, certificate-authority: ca.pem, certificate-authority-data: ${data}, insecure-skip-tls-verify: true}}
  - {name: clear, cluster: {server: 'http://api:8080'}}
  - {name: own, cluster: {server: 'http://127.0.0.1:8001'}}
users:
  - {name: file, user: {tokenFile: token, token: older}}
  - {name: basic, user: {username: a, password: b}}
  - {name: as, user: {token: t, as: jane, as-groups: [a, b]}}
  - {name: missing, user: {client-certificate: gone.pem, client-key: ca.pem}}
contexts:
  - {name: file, context: {cluster: c, user: file}}
  - {name: data, context: {cluster: d, user: basic}}
  - {name: clear, context: {cluster: clear, user: file}}
  - {name: own, context: {cluster: own, user: file}}
  - {name: as, context: {cluster: c, user: as}}
  - {name: missing, context: {cluster: c, user: missing}}
`,
      ),
    );
    const file = await target(config, 'file');
    assert.deepEqual(file.headers, { Authorization: 'Bearer from-file' });
    assert.deepEqual(file.tls, { rejectUnauthorized: true, ca: 'CA', servername: 'kubernetes' });
    const fromData = await target(config, 'data');
    assert.deepEqual(fromData.tls, { rejectUnauthorized: false, ca: 'DATA' });
    assert.equal(fromData.headers.Authorization, `Basic ${Buffer.from('a:b').toString('base64')}`);
    assert.deepEqual((await target(config, 'clear')).headers, {});
    assert.deepEqual((await target(config, 'own')).headers, { Authorization: 'Bearer from-file' });
    const as = (await target(config, 'as')).headers;
    assert.deepEqual([as['Impersonate-User'], as['Impersonate-Group']], ['jane', ['a', 'b']]);
    const error = await target(config, 'missing').catch((caught: unknown) => caught);
    assert.ok(error instanceof RuntimeError && /gone\.pem cannot be read/.test(error.problem.reason));
  });

  it('never show a password in a server’s URL', () => {
    assert.equal(
      serverOf('https://user:secret@api.example:6443/k8s/?token=x#y')?.href,
      'https://api.example:6443/k8s/',
    );
    assert.equal(serverOf('api.example:6443')?.href, 'https://api.example:6443/');
    assert.equal(serverOf('javascript:alert(1)'), undefined);
    assert.equal(serverOf('file:///etc/passwd'), undefined);
    for (const name of ['127.0.0.1', 'localhost', '[::1]']) assert.ok(isLoopback(name), name);
    for (const name of ['127.0.0.1.evil.example', '10.0.0.1', 'localhost.example']) assert.ok(!isLoopback(name), name);
  });
});
