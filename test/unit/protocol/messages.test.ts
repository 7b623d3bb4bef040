import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isHostMessage, isPageMessage, requestIdOf } from '../../../src/protocol/messages';
import { PAGE_KINDS } from '../../../src/protocol/pages';
import { runs } from '../../support/runs';

const request = (method: string, params: unknown, id: unknown = 1): unknown => ({
  type: 'request',
  id,
  method,
  params,
});
const header = {
  containerId: 'c',
  name: 'n',
  shortId: 'c',
  liveness: 'live',
  stateText: 'running',
  observedAt: '2026-01-01T00:00:00Z',
};

describe('messages between pages and the host', () => {
  it('takes every request of the table', () => {
    const good = [
      request('page', { reveal: true }),
      request('explain', { path: ['process', 'args', '0'] }),
      request('explain', { path: [] }),
      request('lineage', { path: ['linux', 'resources'] }),
      request('copy', { copyId: '3.17' }),
      request('copyValue', { path: ['hostname'] }),
      ...PAGE_KINDS.map((page) => request('openPage', { page })),
      ...['config', 'calls', 'inspection'].map((document) => request('openDocument', { document })),
      ...['lineage', 'config', 'environment', 'engine'].map((aspect) => request('openDiff', { aspect })),
      { type: 'ready' },
    ];
    for (const message of good) assert.ok(isPageMessage(message), JSON.stringify(message));
  });

  it('refuses commands, files, foreign methods, and what is too large', () => {
    const bad = [
      request('executeCommand', { command: 'workbench.action.terminal.new' }),
      request('openPage', { page: 'command:workbench.action.quit' }),
      request('openDocument', { document: '/etc/passwd' }),
      request('copy', { copyId: 'x'.repeat(33) }),
      request('copy', { text: 'rm -rf' }),
      request('openDiff', { aspect: '/etc/passwd' }),
      request('explain', { path: ['x'.repeat(4097)] }),
      request('explain', { path: Array.from({ length: 101 }, () => 'x') }),
      request('explain', { path: [1] }),
      request('lineage', { path: 'linux' }),
      request('page', { reveal: 'yes' }),
      request('page', null),
      request('__proto__', {}),
      request('constructor', {}),
      request('toString', {}),
      ...[0, -1, 1.5, NaN, Infinity, '1', null, undefined].map((id) => request('page', { reveal: true }, id ?? null)),
    ];
    for (const message of bad) assert.equal(isPageMessage(message), false, JSON.stringify(message));
  });

  it('takes the host’s answers, errors and events, and only well-formed ones', () => {
    const page = { kind: 'config', header };
    assert.ok(isHostMessage({ type: 'answer', id: 1, method: 'page', answer: page }));
    assert.ok(isHostMessage({ type: 'answer', id: 1, method: 'copy', answer: null }));
    assert.ok(isHostMessage({ type: 'answer', id: 1, method: 'explain', answer: null }));
    assert.ok(isHostMessage({ type: 'error', id: 1, problem: { code: 'failed', what: 'a', reason: 'b' } }));
    assert.ok(isHostMessage({ type: 'event', name: 'changed', value: page }));
    assert.ok(isHostMessage({ type: 'event', name: 'usage', value: { atMs: 1, values: [] } }));
    assert.equal(isHostMessage({ type: 'answer', id: 1, method: 'page', answer: { kind: 'other', header } }), false);
    assert.equal(isHostMessage({ type: 'event', name: 'hasOwnProperty', value: page }), false);
    assert.equal(isHostMessage({ type: 'error', id: 1, problem: 'no' }), false);
    assert.equal(isHostMessage('webpackOk'), false);
  });

  it('answers for anything at all without throwing', () => {
    const methods = ['page', 'explain', 'copy', 'copyValue', 'openPage', 'openDocument', 'constructor', '__proto__'];
    const nearly = fc.record(
      {
        type: fc.oneof(fc.constantFrom('ready', 'request', 'answer', 'error', 'event'), fc.anything()),
        id: fc.oneof(fc.integer(), fc.anything()),
        method: fc.oneof(fc.constantFrom(...methods), fc.anything()),
        name: fc.oneof(fc.constantFrom('changed', 'usage'), fc.anything()),
        params: fc.oneof(
          fc.record({ path: fc.anything(), reveal: fc.anything(), copyId: fc.anything(), page: fc.anything() }),
          fc.anything(),
        ),
        answer: fc.anything(),
        value: fc.anything(),
        problem: fc.anything(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(nearly, fc.anything({ withNullPrototype: true })), (message) => {
        assert.equal(typeof isPageMessage(message), 'boolean');
        assert.equal(typeof isHostMessage(message), 'boolean');
        const id = requestIdOf(message);
        assert.ok(id === undefined || (Number.isSafeInteger(id) && id > 0));
      }),
      { numRuns: runs(5_000) },
    );
  });

  it('lets no request through whose words are not in the table', () => {
    fc.assert(
      fc.property(fc.string(), fc.anything(), (method, params) => {
        if (!isPageMessage(request(method, params))) return;
        assert.ok(
          ['page', 'explain', 'lineage', 'copy', 'copyValue', 'openPage', 'openDocument', 'openDiff'].includes(method),
        );
      }),
      { numRuns: runs(5_000) },
    );
  });
});
