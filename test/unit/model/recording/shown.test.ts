import assert from 'node:assert/strict';
import fc from 'fast-check';
import { withRecorded, concerns } from '../../../../src/model/apiCalls/recorded';
import type { Call } from '../../../../src/model/apiCalls/engineCalls';
import type { Container } from '../../../../src/model/container';
import { maskPath, maskRecordedCall } from '../../../../src/model/recording/mask';
import { readEntry, type RecordedCall } from '../../../../src/model/recording/recordedCall';
import { containerOfPath } from '../../../../src/model/recording/subject';
import { MASK } from '../../../../src/model/secrets';
import { runs } from '../../../support/runs';

const ID = 'ab12'.repeat(16);
const CREATED_MS = Date.parse('2026-01-02T03:04:05.678Z');
const TARGET = { endpoint: 'unix:///run/docker.sock', apiVersion: '1.41' };

const container: Container = {
  id: ID,
  runtimeId: ID,
  name: 'web',
  state: 'running',
  createdAtMs: CREATED_MS,
  labels: new Map(),
  layers: [],
  sightings: [],
  letGo: [],
};

function call(seq: number, method: string, path: string, more: Partial<RecordedCall> = {}): RecordedCall {
  const at = new Date(CREATED_MS + seq).toISOString();
  return { kind: 'call', id: `run-${seq}`, seq, connection: 1, at, durationMs: 5, method, path, status: 200, ...more };
}

function rebuilt(method: string, target: string): Call {
  return {
    from: 'client',
    to: 'dockerd',
    protocol: 'http',
    method,
    target,
    payload: { rebuilt: true },
    evidence: 'reconstructed',
    because: 'rebuilt',
    meaning: 'meaning',
    copies: { curl: 'rebuilt', 'docker run': 'rebuilt' },
  };
}

const REBUILT = [
  rebuilt('HEAD', '/_ping'),
  rebuilt('POST', '/v1.41/containers/create?name=web'),
  rebuilt('POST', `/v1.41/containers/${ID}/wait?condition=next-exit`),
  rebuilt('POST', `/v1.41/containers/${ID}/start`),
];

const RECORDED = [
  call(1, 'HEAD', '/_ping'),
  call(2, 'POST', '/v1.41/containers/create?name=web', {
    containerId: ID,
    status: 201,
    request: { bytes: 60, value: { Image: 'busybox', Env: ['PASSWORD=canary', 'A=1'] } },
  }),
  call(3, 'POST', `/v1.41/containers/${ID}/start`, { containerId: ID, status: 204 }),
];

describe('recorded calls among the rebuilt', () => {
  it('stand in the place of those that were rebuilt; the rest stays', () => {
    const shown = withRecorded(REBUILT, RECORDED, container, TARGET, false);
    assert.deepEqual(
      shown.map(({ method, target, evidence }) => [method, target.split('?')[0], evidence]),
      [
        ['HEAD', '/_ping', 'recorded'],
        ['POST', '/v1.41/containers/create', 'recorded'],
        ['POST', `/v1.41/containers/${ID}/wait`, 'reconstructed'],
        ['POST', `/v1.41/containers/${ID}/start`, 'recorded'],
      ],
    );
    assert.match(shown[1]!.because, /^Recorded by the relay at .*: the engine answered 201, it took 5 ms\.$/);
    assert.equal(shown[1]!.at, RECORDED[1]!.at);
    assert.equal(shown[3]!.payload, undefined);
    assert.equal(shown[1]!.copies!['docker run'], 'rebuilt');
  });

  it('mask secrets unless revealed, in the body and in what is copied', () => {
    const masked = withRecorded(REBUILT, RECORDED, container, TARGET, false)[1]!;
    assert.doesNotMatch(JSON.stringify(masked), /canary/);
    assert.deepEqual(masked.payload, { Image: 'busybox', Env: [`PASSWORD=${MASK}`, 'A=1'] });
    const revealed = withRecorded(REBUILT, RECORDED, container, TARGET, true)[1]!;
    assert.deepEqual(revealed.payload, RECORDED[1]!.request!.value);
    assert.match(revealed.copies!.curl!, /canary/);
  });

  it('stand in the place of rebuilt gRPC calls of clients, if they succeeded, and never of the engine’s own', () => {
    const method = 'containerd.services.containers.v1.Containers/Create';
    const rpc = (from: Call['from']): Call => ({
      ...rebuilt('', ''),
      from,
      to: 'containerd',
      protocol: 'grpc',
      method,
    });
    const value = { container: { id: ID, spec: { value: { process: { env: ['PASSWORD=canary'] } } } } };
    const made = call(1, 'POST', `/${method}`, {
      containerId: ID,
      request: { bytes: 9, value },
      grpc: { sent: 1, received: 1, namespace: 'default', status: 0 },
    });
    const failed = call(2, 'POST', `/${method}`, {
      containerId: ID,
      grpc: { sent: 1, received: 0, status: 6, error: 'already exists' },
    });
    const [own, engine] = withRecorded([rpc('client'), rpc('dockerd')], [made, failed], container, undefined, false);
    assert.equal(own!.evidence, 'recorded');
    assert.match(own!.because, /containerd answered OK, it took 5 ms\.$/);
    assert.doesNotMatch(JSON.stringify(own), /canary/);
    assert.equal(engine!.evidence, 'reconstructed');
    assert.ok(!concerns(made, { runtimeId: ID, sightings: [{ containerdNamespace: 'k8s.io' } as never] }));
  });

  it('are the last that succeeded, and only those of the container', () => {
    const other = 'cd'.repeat(32);
    const shown = withRecorded(
      REBUILT,
      [
        ...RECORDED,
        call(4, 'POST', `/v1.41/containers/${ID}/start`, { containerId: ID, status: 304 }),
        call(5, 'POST', '/v1.41/containers/web/start', { containerId: 'web', status: 204 }),
        call(6, 'POST', `/v1.41/containers/${ID}/start`, { containerId: ID, status: 500 }),
        call(7, 'POST', `/v1.41/containers/${other}/start`, { containerId: other, status: 204 }),
      ],
      container,
      TARGET,
      false,
    );
    assert.equal(shown[3]!.target, '/v1.41/containers/web/start');
    assert.deepEqual(withRecorded(REBUILT, [call(7, 'HEAD', '/_ping')], container, TARGET, false), REBUILT);
  });

  it('are told apart by id, by the beginning of an id, and by a name only since the container was made', () => {
    const named = (containerId: string, at = CREATED_MS): boolean =>
      concerns(call(1, 'GET', '/x', { containerId, at: new Date(at).toISOString() }), container);
    assert.ok(named(ID));
    assert.ok(named(ID.slice(0, 12)));
    assert.ok(named('web'));
    assert.ok(named('web', CREATED_MS - 600));
    assert.ok(!named('web', CREATED_MS - 5_000));
    assert.ok(!named('we'));
    assert.ok(!named('ffff'));
    assert.ok(!concerns(call(1, 'GET', '/x'), container));
  });

  it('take only paths of containers for such', () => {
    assert.equal(containerOfPath('/v1.41/containers/web/json?size=1'), 'web');
    assert.equal(containerOfPath('/containers/web'), 'web');
    assert.equal(containerOfPath('/v1.41/containers/a%2Fb/start'), 'a/b');
    for (const path of [
      '/v1.41/containers/create',
      '/containers/json',
      '/v1.41/containers/prune',
      '/images/web/json',
      '/',
      '',
    ])
      assert.equal(containerOfPath(path), undefined, path);
  });

  it('mask paths: by name, by form and inside build arguments', () => {
    const args = encodeURIComponent(JSON.stringify({ API_TOKEN: 'canary', VERSION: '1' }));
    const path = `/v1.41/build?t=x&buildargs=${args}&remote=https%3A%2F%2Fu%3Acanary%40host%2Fx.git&password=canary`;
    const masked = maskRecordedCall(call(1, 'POST', path)).path;
    assert.doesNotMatch(decodeURIComponent(masked), /canary/);
    assert.match(decodeURIComponent(masked), /"VERSION":"1"/);
    assert.equal(
      maskPath('/v1.41/containers/json?all=1&filters=%7B%22name%22%3A%5B%22x%22%5D%7D'),
      '/v1.41/containers/json?all=1&filters=%7B%22name%22%3A%5B%22x%22%5D%7D',
    );
  });

  it('come back from their line as they were written, and nothing else does', () => {
    for (const entry of [
      ...RECORDED,
      call(9, 'GET', '/y', {
        upgraded: { to: 'tcp', sentBytes: 1, receivedBytes: 2 },
        incomplete: 'x',
        response: { bytes: 9, value: 'cut', truncated: true },
      }),
    ])
      assert.deepEqual(readEntry(JSON.parse(JSON.stringify(entry))), entry);
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const entry = readEntry(value);
        assert.ok(entry === undefined || entry.kind === 'call' || entry.kind === 'gap');
      }),
      { numRuns: runs(2_000) },
    );
  });
});
