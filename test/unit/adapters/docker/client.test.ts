import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DockerClient } from '../../../../src/adapters/docker/client';
import { RuntimeError, type Problem } from '../../../../src/model/problem';
import { eventually } from '../../../support/fakeAdapter';
import { clientFor, FakeEngine, json, never, text, unixEndpoint, type Answer } from '../../../support/fakeEngine';

const ID = 'c'.repeat(64);
const INSPECT = `/containers/${ID}/json`;

/** The problem that the work ends with. */
async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const error: unknown = await work.then(
    () => assert.fail('it should have failed'),
    (caught: unknown) => caught,
  );
  if (!(error instanceof RuntimeError)) throw error;
  return error.problem;
}

describe('the client of a Docker engine', () => {
  let engine: FakeEngine;
  let client: DockerClient;

  beforeEach(async () => {
    engine = await FakeEngine.start();
    client = engine.client();
  });
  afterEach(async () => {
    client.dispose();
    await engine.stop();
  });

  describe('agrees on a version', () => {
    for (const [theirs, agreed] of [
      ['1.12', '1.12'],
      ['1.41', '1.41'],
      ['1.9', '1.9'],
      ['1.51', '1.51'],
      ['1.99', '1.51'],
      ['2.0', '1.51'],
      ['nonsense', '1.41'],
      [undefined, '1.41'],
    ] as const) {
      it(`${agreed} with an engine that names ${theirs}`, async () => {
        engine.apiVersion = theirs;
        await client.list();
        assert.equal(client.apiVersion, agreed);
        assert.deepEqual(engine.requests, ['GET /_ping', `GET /v${agreed}/containers/json?all=1`]);
      });
    }

    it('anew when an upgraded engine refuses the old one', async () => {
      await client.list();
      engine.apiVersion = '1.44';
      const message = 'client version 1.41 is too old. Minimum supported API version is 1.44';
      engine.on('/containers/json', (request, response) =>
        request.url?.startsWith('/v1.44/')
          ? json([{ Id: ID }])(request, response)
          : json({ message }, 400)(request, response),
      );
      const problem = await problemOf(client.list());
      assert.equal(problem.code, 'unsupported');
      assert.match(problem.reason, /too old/);
      assert.deepEqual(await client.list(), [{ Id: ID }]);
    });
  });

  it('only ever sends GET, with the version in the path', async () => {
    engine.on(INSPECT, json({ Id: ID })).on(`/containers/${ID}/top`, json({ Titles: [] }));
    engine.on('/images/a/b:c/json', json({})).on('/events', text('', 'application/json'));
    engine.on('/images/a%2Fb%3Ac/json', json({}));
    await client.list();
    await client.info();
    await client.serverVersion();
    await client.inspect(ID);
    await client.inspectImage('a/b:c');
    await client.top(ID, '-o pid,args');
    await client.pastEvents(ID, '17.5');
    assert.ok(
      engine.requests.every((request) => /^GET \/(_ping$|v1\.41\/)/.test(request)),
      engine.requests.join('\n'),
    );
    assert.ok(engine.requests.includes(`GET /v1.41/containers/${ID}/top?ps_args=-o%20pid%2Cargs`));
    const filters = encodeURIComponent(JSON.stringify({ container: [ID] }));
    assert.ok(engine.requests.includes(`GET /v1.41/events?since=0&until=17.5&filters=${filters}`));
  });

  it('goes to its own socket, whatever DOCKER_HOST and its friends say', async () => {
    const variables = { DOCKER_HOST: 'tcp://127.0.0.1:1', DOCKER_CERT_PATH: '/nonexistent', DOCKER_TLS_VERIFY: '1' };
    const before = { ...process.env };
    Object.assign(process.env, variables);
    try {
      assert.deepEqual(await client.list(), []);
      for (const [name, value] of Object.entries(variables))
        assert.equal(process.env[name], value, 'they stay as they were');
    } finally {
      for (const name of Object.keys(variables)) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    }
  });

  describe('tells what an answer is that is none', () => {
    const LIST = '/containers/json';
    const answers: readonly (readonly [string, Answer, Problem['code'], RegExp])[] = [
      [
        '500',
        json({ message: 'out of \u001b[31morder' }, 500),
        'failed',
        /^The engine answered 500: out of \\u\{1b\}\[31morder$/,
      ],
      ['500 without words', text('', 'text/plain', 500), 'failed', /^The engine answered 500$/],
      ['404', json({ message: 'page not found' }, 404), 'absent', /404: page not found/],
      [
        '403 of a proxy',
        text('<html>Forbidden</html>', 'text/html', 403),
        'denied',
        /refuses GET \/v1\.41\/containers\/json/,
      ],
      ['401', text('', 'text/plain', 401), 'denied', /401/],
      ['a page', text('<html><body>Hello</body></html>', 'text/html'), 'malformed', /something else listens/],
      ['plain text', text('hello', 'text/plain'), 'malformed', /something else listens/],
      ['broken JSON', text('[{"Id":', 'application/json'), 'malformed', /not valid JSON/],
      ['nothing', text('', 'application/json'), 'malformed', /not valid JSON/],
      ['a record', json({ Id: ID }), 'malformed', /not a list/],
      ['a number', json(7), 'malformed', /not a list/],
      ['too deep', text('['.repeat(2_000), 'application/json'), 'too-large', /500 levels/],
    ];
    for (const [what, answer, code, reason] of answers) {
      it(what, async () => {
        engine.on(LIST, answer);
        const problem = await problemOf(client.list());
        assert.equal(problem.code, code);
        assert.match(problem.reason, reason);
        assert.ok(problem.what.includes(engine.socketPath));
        engine.answers.clear();
        assert.deepEqual(await client.list(), [], 'and works again afterwards');
      });
    }

    it('null is an empty list', async () => {
      engine.on(LIST, json(null));
      assert.deepEqual(await client.list(), []);
    });

    for (const body of [null, [], 'x', 5]) {
      it(`a record that is ${JSON.stringify(body)}`, async () => {
        engine.on(INSPECT, json(body));
        assert.equal((await problemOf(client.inspect(ID))).code, 'malformed');
      });
    }

    it('numbers that JavaScript would round keep their digits', async () => {
      engine.on(INSPECT, text('{"Limit":9223372036854771712}', 'application/json'));
      assert.deepEqual(await client.inspect(ID), { Limit: '9223372036854771712' });
    });

    it('a line among the events that is none is left out', async () => {
      engine.on('/events', text('{"a":1}\nnonsense\n[]\n\n{"b":2}', 'application/json'));
      assert.deepEqual(await client.pastEvents(ID, '1'), [{ a: 1 }, { b: 2 }]);
    });

    it('a ping answered by a web server', async () => {
      engine.on('/_ping', text('<!doctype html><p>hello', 'text/html'));
      assert.equal((await problemOf(client.ping())).code, 'malformed');
      assert.equal(client.hasAgreed, false);
    });
  });

  describe('follows no redirect', () => {
    for (const location of ['/containers/other', 'http://127.0.0.1:1/', 'gopher://x', 'x:y', '']) {
      it(`to ${JSON.stringify(location)}`, async () => {
        engine.on('/containers/json', (_, response) => {
          response.writeHead(302, { Location: location });
          response.end();
        });
        const problem = await problemOf(client.list());
        assert.equal(problem.code, 'malformed');
        assert.match(problem.reason, /302.*not followed/);
        assert.equal(engine.requests.length, 2);
      });
    }
  });

  describe('refuses what is too large, naming the size', () => {
    const MIB = 1024 * 1024;

    it('when the size is announced', async () => {
      engine.on('/containers/json', (_, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 68 * MIB });
        response.write('[');
      });
      const problem = await problemOf(client.list());
      assert.equal(problem.code, 'too-large');
      assert.match(problem.reason, new RegExp(`${68 * MIB} bytes.*32 MiB`));
      assert.ok(problem.remedy);
    });

    for (const status of [200, 500]) {
      it(`when it does not end, status ${status}`, async () => {
        engine.on('/containers/json', (_, response) => {
          response.writeHead(status, { 'Content-Type': 'application/json' });
          const chunk = Buffer.alloc(MIB, 'x');
          const more = (): void => {
            while (!response.destroyed && response.write(chunk));
          };
          response.on('drain', more);
          more();
        });
        assert.equal((await problemOf(client.list())).code, 'too-large');
        await eventually(() => engine.sockets.size === 0, 'the connection is let go');
      });
    }
  });

  describe('of an engine that breaks off', () => {
    it('asks once more when a kept connection ends as it is used', async () => {
      await client.list();
      let cuts = 0;
      engine.on('/containers/json', (request, response) => {
        if (cuts++ === 0) request.socket.destroy();
        else json([])(request, response);
      });
      assert.deepEqual(await client.list(), []);
      assert.equal(cuts, 2);
    });

    it('says so when it does it again', async () => {
      engine.on('/containers/json', (request) => request.socket.destroy());
      const problem = await problemOf(client.list());
      assert.equal(problem.code, 'gone');
      assert.match(problem.reason, /broke off/);
    });

    it('in the middle of an answer', async () => {
      engine.on('/containers/json', (_, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 100 });
        response.write('[', () => response.socket?.destroy());
      });
      assert.equal((await problemOf(client.list())).code, 'gone');
    });
  });

  describe('of an engine that does not answer', () => {
    it('gives a detail up after its deadline, leaves that container alone, and asks of others', async () => {
      engine.on(INSPECT, never);
      const other = 'd'.repeat(64);
      engine.on(`/containers/${other}/json`, json({ Id: other }));
      assert.equal((await problemOf(client.inspect(ID))).code, 'deadline');
      const asked = engine.requests.length;
      const again = await problemOf(client.inspect(ID));
      assert.equal(again.code, 'deadline');
      assert.match(again.remedy ?? '', /asked again in \d+ s/);
      assert.equal((await problemOf(client.top(ID, '-o pid'))).code, 'deadline', 'top would hang as well');
      assert.equal(engine.requests.length, asked, 'nothing was sent');
      assert.deepEqual(await client.inspect(other), { Id: other });
      client.reset();
      engine.on(INSPECT, json({ Id: ID }));
      assert.deepEqual(await client.inspect(ID), { Id: ID }, 'after a restart of the engine it is asked again');
    });

    it('holds at most two connections, and none after the deadline', async () => {
      await client.ping();
      engine.on('*', never);
      // What came before counts as a sign of life for a second.
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      const ids = Array.from({ length: 20 }, (_, index) => String(index).padStart(64, '0'));
      const work = Promise.all(ids.map((id) => problemOf(client.inspect(id))));
      await eventually(() => engine.requests.length === 3, 'two have been asked');
      await new Promise((resolve) => setTimeout(resolve, 500));
      assert.equal(engine.requests.length, 3, 'no third one is asked');
      assert.equal(engine.sockets.size, 2);
      assert.deepEqual([...new Set((await work).map(({ code }) => code))], ['deadline']);
      await eventually(() => engine.sockets.size === 0, 'they are let go');
      engine.answers.clear();
      client.reset();
      assert.deepEqual(await client.list(), []);
    });

    it('ends at once when it is cancelled', async () => {
      engine.on('/containers/json', never);
      const controller = new AbortController();
      const work = problemOf(client.list(controller.signal));
      await eventually(() => engine.asked('/containers/json') === 1, 'it was asked');
      controller.abort();
      assert.equal((await work).code, 'cancelled');
      await eventually(() => engine.sockets.size === 0, 'the connection is let go');
    });

    it('gives up an answer that begins and does not end', async () => {
      engine.on(INSPECT, (_, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json' });
        response.write('{');
      });
      assert.equal((await problemOf(client.inspect(ID))).code, 'deadline');
      await eventually(() => engine.sockets.size === 0, 'the connection is let go');
    });
  });

  it('asks at most eight at a time', async () => {
    let open = 0;
    let most = 0;
    engine.on('*', (request, response) => {
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        json({})(request, response);
      }, 5);
    });
    await Promise.all(Array.from({ length: 60 }, (_, index) => client.inspect(String(index).padStart(64, '0'))));
    assert.ok(most <= 8, `${most} at once`);
    assert.ok(most > 2, 'more than while it is silent');
  });

  it('keeps one idle connection, and none when it is disposed', async () => {
    engine.on(INSPECT, json({}));
    await Promise.all([client.list(), client.inspect(ID), client.info()]);
    await eventually(() => engine.sockets.size === 1, 'one connection is kept');
    client.dispose();
    await eventually(() => engine.sockets.size === 0, 'no connection is left');
  });
});

describe('what listens and speaks no HTTP', () => {
  it('is told as such', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cre-noise-'));
    const path = join(folder, 'x.sock');
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.resume();
      socket.end('SSH-2.0-OpenSSH_9.6\r\n');
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const client = clientFor(unixEndpoint(path));
    try {
      const problem = await problemOf(client.ping());
      assert.equal(problem.code, 'malformed');
      assert.match(problem.reason, /something else listens there/);
      assert.match(problem.remedy ?? '', /DOCKER_HOST/);
    } finally {
      client.dispose();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
