import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KEPT_BODY_BYTES } from '../../../../src/model/recording/keptBody';
import { json, message, record, START_MS, type Traffic } from './recording';
import { runs } from '../../../support/runs';

const ID = 'a'.repeat(64);
const OK = message(['HTTP/1.1 200 OK', 'Content-Type: text/plain', 'Content-Length: 2'], 'OK');
const PING = message(['HEAD /_ping HTTP/1.1', 'Host: docker']);
/** Content-Length of a HEAD's answer speaks of a body that does not come. */
const PONG = message(['HTTP/1.1 200 OK', 'Content-Length: 2']);
const CREATE = json('POST /v1.41/containers/create?name=web HTTP/1.1', { Image: 'busybox', Env: ['A=1'] });
const CREATED = json('HTTP/1.1 201 Created', { Id: ID, Warnings: [] });
const ATTACH = message([
  `POST /v1.41/containers/${ID}/attach?stream=1 HTTP/1.1`,
  'Connection: Upgrade',
  'Upgrade: tcp',
  'Content-Length: 0',
]);
const UPGRADED = message(['HTTP/1.1 101 UPGRADED', 'Connection: Upgrade', 'Upgrade: tcp']);

const RUN: Traffic = [
  ['request', PING],
  ['response', PONG],
  ['request', CREATE],
  ['response', CREATED],
  ['request', ATTACH],
  ['response', `${UPGRADED}hello`],
  ['request', 'typed'],
  ['response', ' world'],
];

describe('recording a connection', () => {
  it('reads calls with their bodies, times and container', () => {
    const { calls, gaps } = record(RUN);
    assert.deepEqual(gaps, []);
    assert.deepEqual(
      calls.map(({ method, path, status }) => [method, path, status]),
      [
        ['HEAD', '/_ping', 200],
        ['POST', '/v1.41/containers/create?name=web', 201],
        ['POST', `/v1.41/containers/${ID}/attach?stream=1`, 101],
      ],
    );
    const [ping, create, attach] = calls;
    assert.equal(ping!.at, new Date(START_MS).toISOString());
    assert.equal(ping!.durationMs, 10);
    assert.equal(ping!.containerId, undefined);
    assert.equal(create!.containerId, ID);
    assert.deepEqual(create!.request!.value, { Image: 'busybox', Env: ['A=1'] });
    assert.deepEqual(create!.response!.value, { Id: ID, Warnings: [] });
    assert.equal(attach!.containerId, ID);
    assert.deepEqual(attach!.upgraded, { to: 'tcp', sentBytes: 5, receivedBytes: 11 });
    assert.equal(attach!.incomplete, undefined);
  });

  it('reads the same however the bytes are cut', () => {
    const whole = record(RUN).calls;
    for (const cut of [1, 2, 3, 5, 7, 64]) assert.deepEqual(record(RUN, { cut }).calls, whole, `cut ${cut}`);
  });

  it('reads pipelined requests and answers', () => {
    const { calls } = record([
      ['request', PING + CREATE + PING],
      ['response', PONG + CREATED + PONG],
    ]);
    assert.deepEqual(
      calls.map(({ method, status }) => [method, status]),
      [
        ['HEAD', 200],
        ['POST', 201],
        ['HEAD', 200],
      ],
    );
  });

  it('reads chunks, trailers and 100 Continue', () => {
    const { calls } = record(
      [
        [
          'request',
          message([
            'POST /x HTTP/1.1',
            'Expect: 100-continue',
            'Content-Type: text/plain',
            'Transfer-Encoding: chunked',
          ]),
        ],
        ['response', message(['HTTP/1.1 100 Continue'])],
        ['request', '5;note=1\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nX-Sum: 1\r\n\r\n'],
        [
          'response',
          message(
            ['HTTP/1.1 200 OK', 'Content-Type: application/json', 'Transfer-Encoding: chunked'],
            '7\r\n{"a":1}\r\n0\r\n\r\n',
          ),
        ],
        ['request', PING],
        ['response', PONG],
      ],
      { cut: 3 },
    );
    assert.deepEqual(
      calls.map(({ path, status, request, response }) => [path, status, request?.value, response?.value]),
      [
        ['/x', 200, 'hello world', { a: 1 }],
        ['/_ping', 200, undefined, undefined],
      ],
    );
  });

  it('keeps integers that a number cannot hold', () => {
    const [call] = record([
      [
        'request',
        message(
          ['POST /x HTTP/1.1', 'Content-Type: application/json', 'Content-Length: 25'],
          '{"Memory":9223372036854771712}'.slice(0, 25),
        ),
      ],
    ]).calls;
    assert.equal(typeof call!.request!.value, 'string');
    const whole = record([
      [
        'request',
        message(
          ['POST /x HTTP/1.1', 'Content-Type: application/json', 'Content-Length: 30'],
          '{"Memory":9223372036854771712}',
        ),
      ],
    ]);
    assert.deepEqual(whole.calls[0]!.request!.value, { Memory: '9223372036854771712' });
  });

  it('keeps the beginning of a long body, says so, counts all, and gives its memory back', () => {
    const long = 'x'.repeat(3 * 1024 * 1024);
    const { calls, budgetLeft } = record(
      [
        ['request', message(['POST /x HTTP/1.1', 'Content-Type: text/plain', `Content-Length: ${long.length}`], long)],
        ['response', OK],
      ],
      { cut: 65_536 },
    );
    const { request } = calls[0]!;
    assert.equal(request!.bytes, long.length);
    assert.equal(request!.truncated, true);
    assert.equal((request!.value as string).length, KEPT_BODY_BYTES);
    assert.equal(budgetLeft, 1_000_000);
  });

  it('counts archives and streams, and keeps nothing of them', () => {
    const tar = Buffer.alloc(2048, 7);
    const [call] = record([
      [
        'request',
        Buffer.concat([
          Buffer.from(
            message([
              'PUT /v1.41/containers/web/archive?path=/ HTTP/1.1',
              'Content-Type: application/x-tar',
              'Content-Length: 2048',
            ]),
          ),
          tar,
        ]),
      ],
      ['response', message(['HTTP/1.1 200 OK', 'Content-Length: 0'])],
    ]).calls;
    assert.deepEqual(call!.request, { bytes: 2048 });
    assert.equal(call!.containerId, 'web');
  });

  it('keeps no credentials', () => {
    const { entries } = record([
      ['request', json('POST /v1.41/auth HTTP/1.1', { username: 'u', password: 'canary-of-auth' })],
      ['response', json('HTTP/1.1 200 OK', { IdentityToken: 'canary-of-token' })],
      ['request', message(['POST /v1.41/images/create?fromImage=x HTTP/1.1', 'X-Registry-Auth: canary-of-header'])],
      ['response', OK],
    ]);
    assert.doesNotMatch(JSON.stringify(entries), /canary/);
  });

  it('only counts once a connection has left HTTP: h2c, hijack without an Upgrade header', () => {
    const h2c = record([
      ['request', message(['POST /session HTTP/1.1', 'Upgrade: h2c', 'Connection: Upgrade'])],
      ['response', message(['HTTP/1.1 101 Switching Protocols', 'Upgrade: h2c'])],
      ['request', Buffer.alloc(500, 1)],
    ]);
    assert.deepEqual(h2c.calls[0]!.upgraded, { to: 'h2c', sentBytes: 500, receivedBytes: 0 });
    const old = record([
      ['request', `${message([`POST /containers/${ID}/attach HTTP/1.1`])}input before the answer`],
      ['response', `${message(['HTTP/1.1 200 OK', 'Content-Type: application/vnd.docker.raw-stream'])}out`],
      ['request', '!'],
    ]);
    assert.deepEqual(old.gaps, []);
    assert.deepEqual(old.calls[0]!.upgraded, { to: 'a raw stream', sentBytes: 24, receivedBytes: 3 });
  });

  it('goes on with HTTP when an upgrade is refused', () => {
    const { calls } = record([
      ['request', ATTACH],
      ['response', json('HTTP/1.1 404 Not Found', { message: 'No such container' })],
      ['request', PING],
      ['response', PONG],
    ]);
    assert.deepEqual(
      calls.map(({ status }) => status),
      [404, 200],
    );
  });

  it('knows the container of an exec', () => {
    const { calls } = record([
      ['request', json('POST /v1.41/containers/web/exec HTTP/1.1', { Cmd: ['ls'] })],
      ['response', json('HTTP/1.1 201 Created', { Id: 'e1' })],
      ['request', message(['GET /v1.41/exec/e1/json HTTP/1.1'])],
      ['response', json('HTTP/1.1 200 OK', { ExitCode: 0 })],
    ]);
    assert.deepEqual(
      calls.map(({ containerId }) => containerId),
      ['web', 'web'],
    );
  });

  it('tells an answered call that goes on, and again when it is over', () => {
    const wait: Traffic = [
      ['request', message([`POST /v1.41/containers/${ID}/wait HTTP/1.1`])],
      ['response', message(['HTTP/1.1 200 OK', 'Content-Type: application/json', 'Transfer-Encoding: chunked'])],
    ];
    const open = record(wait, { close: false });
    assert.equal(open.calls[0]!.durationMs, undefined);
    const over = record([...wait, ['response', 'd\r\n{"StatusCode"\r\n3\r\n:7}\r\n0\r\n\r\n']]);
    assert.equal(over.entries.length, 2);
    assert.deepEqual(over.calls[0]!.response!.value, { StatusCode: 7 });
    assert.equal(over.calls[0]!.durationMs, 20);
  });

  it('ends a body with the connection where nothing else does', () => {
    const [call] = record([
      ['request', message(['GET /events HTTP/1.1'])],
      ['response', message(['HTTP/1.0 200 OK', 'Content-Type: application/json'], '{"a":1}\n{"b":2}\n')],
    ]).calls;
    assert.equal(call!.response!.value, '{"a":1}\n{"b":2}\n');
    assert.equal(call!.incomplete, undefined);
  });

  it('says where a recording breaks off, and records no more of that connection', () => {
    const broken = record([
      ['request', PING],
      ['response', PONG],
      ['request', 'GET /containers/json HTTP/1.1\r\nno colon here\r\n\r\n'],
      ['request', PING],
    ]);
    assert.equal(broken.calls.length, 1);
    assert.match(
      broken.gaps[0]!.incomplete,
      /^Incomplete from byte \d+ of the requests on: a header line has no name\.$/,
    );
    const answer = record([
      ['request', CREATE],
      ['response', 'not http at all\r\n\r\n'],
    ]);
    assert.match(answer.calls[0]!.incomplete!, /Incomplete from byte \d+ of the responses on: a response is not HTTP/);
    const cut = record([['request', CREATE.slice(0, -5)]]);
    assert.match(cut.calls[0]!.incomplete!, /ended before the call was over/);
  });

  it('refuses what has no end: long heads, bad lengths, bad chunks, unasked answers', () => {
    const chunked = (body: string): string => message(['POST /x HTTP/1.1', 'Transfer-Encoding: chunked'], body);
    const bad: Traffic[] = [
      [['request', `GET /${'x'.repeat(70_000)} HTTP/1.1\r\n\r\n`]],
      [['request', message(['GET / HTTP/1.1', ...Array<string>(9000).fill('X-A: aaaa')])]],
      [['request', message(['POST / HTTP/1.1', 'Content-Length: -1'])]],
      [['request', message(['POST / HTTP/1.1', 'Transfer-Encoding: gzip'])]],
      [['request', chunked('zz\r\n')]],
      [['request', chunked('2\r\nabc\r\n')]],
      [['request', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n']],
      [['response', OK]],
      [['request', ATTACH + 'x'.repeat(70_000)]],
      [['request', PING.repeat(300)]],
    ];
    for (const [index, traffic] of bad.entries()) {
      const { entries } = record(traffic, { close: false });
      assert.ok(
        entries.some(({ incomplete }) => incomplete?.startsWith('Incomplete from byte')),
        `case ${index}: ${JSON.stringify(entries).slice(0, 300)}`,
      );
    }
  });

  it('never throws, whatever the bytes, and gives all memory back', () => {
    const fragment = fc.oneof(
      fc.constantFrom(
        PING,
        PONG,
        CREATE,
        CREATED,
        ATTACH,
        UPGRADED,
        OK,
        '\r\n',
        '0\r\n\r\n',
        'HTTP/1.1 200 OK\r\n\r\n',
      ),
      fc.string(),
      fc.uint8Array({ maxLength: 200 }),
    );
    const traffic = fc.array(fc.tuple(fc.constantFrom('request' as const, 'response' as const), fragment), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(traffic, fc.integer({ min: 1, max: 50 }), (pieces, cut) => {
        const { budgetLeft, calls } = record(pieces, { cut });
        assert.equal(budgetLeft, 1_000_000);
        for (const { seq, at } of calls) assert.ok(seq > 0 && at !== '');
      }),
      { numRuns: runs(3_000) },
    );
  });

  it('reads any calls as they were sent, cut anywhere', () => {
    const body = fc.record({ Image: fc.string(), Env: fc.array(fc.string(), { maxLength: 4 }) });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(body, fc.boolean()), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 400 }),
        (bodies, cut) => {
          const traffic: Traffic = bodies.flatMap(([value, chunked], index) => {
            const path = `POST /v1.41/x${index} HTTP/1.1`;
            const text = JSON.stringify(value);
            const request = chunked
              ? message(
                  [path, 'Content-Type: application/json', 'Transfer-Encoding: chunked'],
                  `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n0\r\n\r\n`,
                )
              : json(path, value);
            return [['request', request] as const, ['response', json('HTTP/1.1 200 OK', value)] as const];
          });
          const { calls, gaps } = record(traffic, { cut });
          assert.deepEqual(gaps, []);
          assert.deepEqual(
            calls.map(({ path, request, response }) => [path, request?.value, response?.value]),
            bodies.map(([value], index) => [`/v1.41/x${index}`, parsed(value), parsed(value)]),
          );
        },
      ),
      { numRuns: runs(500) },
    );
  });
});

function parsed(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}
