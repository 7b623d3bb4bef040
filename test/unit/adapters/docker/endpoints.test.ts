import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { clientLayer } from '../../../../src/adapters/docker/clientLayer';
import { findDockerEndpoints, type FoundEndpoints } from '../../../../src/adapters/docker/endpoints';
import { valueOf } from '../../../../src/model/fact';

describe('finding Docker endpoints', () => {
  let home: string;
  const servers: Server[] = [];

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'cre-home-'));
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
    rmSync(home, { recursive: true, force: true });
  });

  const find = (env: NodeJS.ProcessEnv = {}, settings: string[] = []): Promise<FoundEndpoints> =>
    findDockerEndpoints({ env, home, settings });

  /** The one that the docker command line would use. */
  async function current(env: NodeJS.ProcessEnv = {}, settings: string[] = []): Promise<string> {
    const { endpoints } = await find(env, settings);
    const chosen = endpoints.filter((endpoint) => endpoint.current);
    assert.equal(chosen.length, 1);
    assert.equal(chosen[0], endpoints[0], 'it stands first');
    return `${chosen[0]?.url} ${chosen[0]?.why}`;
  }

  function write(file: string, content: unknown): string {
    const path = join(home, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  }

  function context(name: string, docker: object): string {
    const id = createHash('sha256').update(name).digest('hex');
    write(`.docker/contexts/meta/${id}/meta.json`, { Name: name, Metadata: {}, Endpoints: { docker } });
    return id;
  }

  async function listen(path: string): Promise<void> {
    mkdirSync(dirname(path), { recursive: true });
    const server = createServer();
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(path, resolve));
  }

  it('takes the default socket when nothing names another', async () => {
    assert.equal(await current(), 'unix:///var/run/docker.sock The default place.');
    const { endpoints, currentContext } = await find();
    assert.equal(endpoints[0]?.named, false);
    assert.equal(currentContext, 'default');
  });

  it('prefers a setting to DOCKER_HOST to DOCKER_CONTEXT to the current context', async () => {
    write('.docker/config.json', { currentContext: 'filed' });
    context('filed', { Host: 'unix:///filed.sock' });
    context('told', { Host: 'unix:///told.sock' });
    assert.match(await current(), /^unix:\/\/\/filed\.sock The context filed names it\. currentContext of/);
    const env: NodeJS.ProcessEnv = { DOCKER_CONTEXT: 'told' };
    assert.match(await current(env), /^unix:\/\/\/told\.sock The context told names it\. DOCKER_CONTEXT names it/);
    env.DOCKER_HOST = 'tcp://127.0.0.1:1';
    assert.equal(await current(env), 'tcp://127.0.0.1:1 DOCKER_HOST names it.');
    assert.equal(await current(env, ['/set.sock']), 'unix:///set.sock A setting names it (entry 1).');
    assert.equal((await find(env, ['/set.sock'])).endpoints.length, 1, 'with a setting nothing else is dialled');
  });

  it('looks where DOCKER_CONFIG says', async () => {
    write('elsewhere/config.json', { currentContext: 'x' });
    assert.match(await current({ DOCKER_CONFIG: join(home, 'elsewhere') }), /^context x /);
  });

  it('says so when the current context does not exist', async () => {
    const { endpoints } = await find({ DOCKER_CONTEXT: 'gone' });
    assert.equal(endpoints[0]?.address, undefined);
    assert.match(endpoints[0]?.refused ?? '', /no context of this name/);
  });

  it('dials no far machine that is not the current context', async () => {
    context('far', { Host: 'tcp://192.0.2.1:2376' });
    context('farther', { Host: 'ssh://me@engine.example.test' });
    context('near', { Host: 'unix:///near.sock' });
    const found = await find();
    const urls = found.endpoints.map(({ url }) => url);
    assert.ok(urls.includes('unix:///near.sock'));
    assert.ok(urls.every((url) => url.startsWith('unix://')));
    const details = clientLayer(found, []).details.map(({ label, fact }) => `${label}: ${valueOf(fact)}`);
    assert.ok(details.includes('Context far: tcp://192.0.2.1:2376'), 'it is shown all the same');
  });

  it('recognises ssh', async () => {
    context('far', { Host: 'ssh://me@engine.example.test' });
    const { endpoints } = await find({ DOCKER_CONTEXT: 'far' });
    assert.deepEqual(endpoints[0]?.address, { kind: 'ssh', user: 'me', host: 'engine.example.test' });
  });

  it('speaks TLS to a context that has files for it, and only to that', async () => {
    const id = context('safe', { Host: 'tcp://192.0.2.1:2376', SkipTLSVerify: false });
    const plain = await find({ DOCKER_CONTEXT: 'safe' });
    assert.ok(plain.endpoints[0]?.address?.kind === 'tcp' && !plain.endpoints[0].address.tls);
    write(`.docker/contexts/tls/${id}/docker/ca.pem`, 'x');
    const { endpoints } = await find({ DOCKER_CONTEXT: 'safe' });
    assert.ok(endpoints[0]?.address?.kind === 'tcp' && endpoints[0].address.tls);
    assert.equal(endpoints[0].tlsFolder, join(home, '.docker/contexts/tls', id, 'docker'));
    assert.equal(endpoints[0].skipTlsVerify, false);
  });

  it('reads DOCKER_TLS, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH as the client does', async () => {
    const host = { DOCKER_HOST: 'tcp://192.0.2.1' };
    const verified = (await find({ ...host, DOCKER_TLS_VERIFY: '1' })).endpoints[0];
    assert.equal(verified?.url, 'tcp://192.0.2.1:2376');
    assert.deepEqual([verified?.tlsFolder, verified?.skipTlsVerify], [join(home, '.docker'), false]);
    const unverified = (await find({ ...host, DOCKER_TLS: '1', DOCKER_CERT_PATH: '/certs' })).endpoints[0];
    assert.deepEqual([unverified?.tlsFolder, unverified?.skipTlsVerify], ['/certs', true]);
  });

  it('finds the sockets of rootless engines, and of programs that run engines in VMs, where they exist', async () => {
    const places = [
      'runtime/docker.sock',
      '.docker/run/docker.sock',
      '.docker/desktop/docker.sock',
      '.colima/default/docker.sock',
      '.colima/work/docker.sock',
      '.lima/docker/sock/docker.sock',
      '.orbstack/run/docker.sock',
      '.rd/docker.sock',
      '.local/share/containers/podman/machine/podman.sock',
      'runtime/podman/podman-machine-default-api.sock',
    ].map((place) => join(home, place));
    for (const place of places) await listen(place);
    const { endpoints } = await find({ XDG_RUNTIME_DIR: join(home, 'runtime') });
    const urls = endpoints.map(({ url }) => url);
    for (const place of places) assert.ok(urls.includes(`unix://${place}`), place);
    assert.deepEqual(
      (await find({ XDG_RUNTIME_DIR: join(home, 'nowhere') })).endpoints.filter(({ url }) => url.includes('nowhere')),
      [],
    );
  });

  it('shows one engine once, by whatever ways its socket is found', async () => {
    await listen(join(home, '.rd/docker.sock'));
    symlinkSync(join(home, '.rd/docker.sock'), join(home, 'link.sock'));
    const { endpoints } = await find({ DOCKER_HOST: `unix://${home}/link.sock` });
    assert.equal(endpoints.filter(({ url }) => url.includes(home)).length, 1);
    assert.equal(endpoints[0]?.url, `unix://${home}/link.sock`);
  });

  it('refuses what is hostile, with a reason and without repeating it', async () => {
    const settings = ['tcp://me:hunter2@192.0.2.1', 'ssh://-oProxyCommand=x', '/fine.sock'];
    const { endpoints } = await find({}, settings);
    assert.deepEqual(
      endpoints.map(({ address }) => address?.kind),
      [undefined, undefined, 'unix'],
    );
    assert.equal(new Set(endpoints.map(({ url }) => url)).size, 3, 'their layers have ids of their own');
    assert.ok(!JSON.stringify(endpoints).includes('hunter2'));
  });

  it('shows no password that a context holds', async () => {
    context('leaky', { Host: 'tcp://me:hunter2@192.0.2.1' });
    const layer = clientLayer(await find(), []);
    assert.ok(layer.details.some(({ label }) => label === 'Context leaky'));
    assert.ok(!JSON.stringify(layer).includes('hunter2'));
    const chosen = await find({ DOCKER_CONTEXT: 'leaky' });
    assert.ok(!JSON.stringify(chosen.endpoints).includes('hunter2'));
  });

  describe('with files that cannot be used', () => {
    const id = 'a'.repeat(64);
    const broken: readonly (readonly [string, (file: string) => void])[] = [
      ['no JSON', (file) => writeFileSync(file, '{"currentContext":')],
      ['more than 1 MiB', (file) => writeFileSync(file, JSON.stringify({ Name: 'x'.repeat(1024 * 1024) }))],
      ['a FIFO', (file) => execFileSync('mkfifo', [file])],
      ['a folder', (file) => mkdirSync(file)],
      ['a dangling link', (file) => symlinkSync('/nonexistent/target', file)],
      ['a link to a device', (file) => symlinkSync('/dev/zero', file)],
    ];
    for (const [what, make] of broken) {
      it(`goes on when a context is ${what}`, async () => {
        context('fine', { Host: 'unix:///fine.sock' });
        mkdirSync(join(home, '.docker/contexts/meta', id), { recursive: true });
        make(join(home, '.docker/contexts/meta', id, 'meta.json'));
        const { config } = await find();
        assert.deepEqual(
          config.contexts.map(({ name }) => name),
          ['fine'],
        );
        // A link to nowhere is as good as no file.
        assert.equal(config.problems.length, what === 'a dangling link' ? 0 : 1, config.problems.join());
      });

      it(`goes on when config.json is ${what}`, async () => {
        mkdirSync(join(home, '.docker'));
        make(join(home, '.docker/config.json'));
        const found = await find();
        assert.equal(found.currentContext, 'default');
        assert.equal(clientLayer(found, []).status, what === 'a dangling link' ? 'ok' : 'partly');
      });
    }

    it('goes on when members have other types', async () => {
      write('.docker/config.json', { currentContext: 7 });
      for (const [index, meta] of [
        null,
        [],
        'x',
        { Name: 1 },
        { Name: 'a', Endpoints: { docker: { Host: 5 } } },
      ].entries())
        write(`.docker/contexts/meta/${String(index).repeat(64)}/meta.json`, meta);
      const { config, currentContext } = await find();
      assert.equal(currentContext, 'default');
      assert.deepEqual(config.contexts, []);
      assert.equal(config.problems.length, 5);
    });
  });
});
