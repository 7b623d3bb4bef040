import assert from 'node:assert/strict';
import type { RecordedCall } from '../../../../src/model/recording/recordedCall';
import { MASK } from '../../../../src/model/secrets';
import type { Observation } from '../../../../src/model/trace/observation';
import { observedCalls } from '../../../../src/views/panels/models/observedCalls';

const AT = '2026-01-02T03:04:05.000Z';
const US = Date.parse(AT) * 1000;

function recorded(more: Partial<RecordedCall>): RecordedCall {
  return { kind: 'call', id: 'r-1', seq: 1, connection: 1, at: AT, method: 'POST', path: '/x', ...more };
}

const OBSERVATIONS: readonly Observation[] = [
  {
    source: 'docker-events',
    atUs: US + 1500,
    precisionUs: 1,
    containerId: 'c',
    type: 'container',
    action: 'start',
    payload: { name: 'web', PASSWORD: 'canary-1' },
  },
  {
    source: 'containerd-events',
    atUs: US - 2000,
    precisionUs: 1,
    namespace: 'moby',
    topic: '/tasks/create',
    payload: { pid: 4 },
  },
  {
    source: 'dockerd-log',
    atUs: US + 500,
    precisionUs: 1,
    method: 'POST',
    path: '/v1.41/build?buildargs=%7B%22TOKEN%22%3A%22canary-2%22%7D',
  },
];

describe('observed calls on the page', () => {
  it('are in one order of time, whatever told them, each with its clock', () => {
    const { rows } = observedCalls(
      { recorded: [recorded({ status: 204 })], observations: OBSERVATIONS, missing: [] },
      false,
    );
    assert.deepEqual(
      rows.map(({ source, what, offset }) => [source, what.split('?')[0], offset]),
      [
        ['containerd event', '/tasks/create (moby)', '+0.00 ms'],
        ['relay', 'POST /x → 204', '+2.00 ms'],
        ["dockerd's log", 'Calling POST /v1.41/build', '+2.50 ms'],
        ['Docker event', 'container start', '+3.50 ms'],
      ],
    );
    for (const { clock, precision } of rows) assert.ok(clock !== '' && precision !== '');
  });

  it('tell gRPC calls by method, namespace and outcome, with what was asked', () => {
    const grpc = { sent: 1, received: 0, namespace: 'default' };
    const create = recorded({
      path: '/containerd.services.containers.v1.Containers/Create',
      request: { bytes: 9, value: { env: ['PASSWORD=canary-3'] } },
      grpc: { ...grpc, status: 0 },
    });
    const failed = recorded({ path: '/x.Y/Z', grpc: { ...grpc, status: 6, error: 'exists, TOKEN=canary-4' } });
    const goesOn = recorded({ path: '/x.Y/Wait', grpc });
    const { rows } = observedCalls({ recorded: [create, failed, goesOn], observations: [], missing: [] }, false);
    assert.deepEqual(
      rows.map(({ what }) => what),
      [
        'containerd.services.containers.v1.Containers/Create (default) → OK',
        `x.Y/Z (default) → 6: exists, TOKEN=${MASK}`,
        'x.Y/Wait (default)',
      ],
    );
    assert.match(rows[0]!.payload!, /PASSWORD=/);
  });

  it('hide secrets unless revealed, and say what could not be had', () => {
    const create = recorded({
      request: { bytes: 9, value: { env: ['PASSWORD=canary-3'] } },
      grpc: { sent: 1, received: 1 },
    });
    const seen = {
      recorded: [create],
      observations: OBSERVATIONS,
      missing: [{ name: 'dockerd', state: 'lost', reason: 'gone' } as never],
    };
    assert.doesNotMatch(JSON.stringify(observedCalls(seen, false)), /canary/);
    const revealed = JSON.stringify(observedCalls(seen, true));
    for (const canary of ['canary-1', 'canary-2', 'canary-3']) assert.ok(revealed.includes(canary), canary);
    assert.deepEqual(observedCalls(seen, false).missing, [{ name: 'dockerd', why: 'gone' }]);
  });

  it('are the newest 500', () => {
    const many = Array.from({ length: 600 }, (_, index) =>
      recorded({ path: `/${index}`, at: new Date(Date.parse(AT) + index).toISOString() }),
    );
    const { rows } = observedCalls({ recorded: many, observations: [], missing: [] }, false);
    assert.equal(rows.length, 500);
    assert.equal(rows[0]!.what, 'POST /100');
    assert.equal(rows[499]!.what, 'POST /599');
  });
});
