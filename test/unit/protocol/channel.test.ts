import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RuntimeError } from '../../../src/model/problem';
import { HostChannel, PageChannel, type Line } from '../../../src/protocol/channel';
import type { ConfigPage, UsageSample } from '../../../src/protocol/pages';
import { Emitter } from '../../../src/util/emitter';
import { runs } from '../../support/runs';

const page: ConfigPage = {
  kind: 'config',
  header: {
    containerId: 'c',
    name: 'n',
    shortId: 'c',
    liveness: 'live',
    stateText: 'running',
    observedAt: '2026-01-01T00:00:00Z',
  },
  fact: { label: 'config.json' },
  awaitsReader: false,
  secrets: 0,
  revealed: false,
  changes: [],
};
const sample = (atMs: number): UsageSample => ({ atMs, values: [] });

/** Two ends of a line that carries JSON, in order, a moment later: as between a page and the host. */
function lines(): { host: Line; page: Line; sent: unknown[] } {
  const toPage = new Emitter<unknown>();
  const toHost = new Emitter<unknown>();
  const sent: unknown[] = [];
  const carry = (target: Emitter<unknown>) => (message: unknown) => {
    const copy: unknown = JSON.parse(JSON.stringify(message));
    if (target === toPage) sent.push(copy);
    queueMicrotask(() => target.fire(copy));
  };
  return {
    host: { post: carry(toPage), listen: (listener) => toHost.event(listener) },
    page: { post: carry(toHost), listen: (listener) => toPage.event(listener) },
    sent,
  };
}

type Handlers = ConstructorParameters<typeof HostChannel>[1];
const handlers = (own: Partial<Handlers> = {}): Handlers => ({
  page: () => Promise.resolve(page),
  explain: () => Promise.resolve(null),
  lineage: () => Promise.resolve({ rows: [], below: [] }),
  copy: () => Promise.resolve(null),
  copyValue: () => Promise.resolve(null),
  openPage: () => Promise.resolve(null),
  openDocument: () => Promise.resolve(null),
  readThroughContainer: () => Promise.resolve(null),
  openDiff: () => Promise.resolve(null),
  exportBirth: () => Promise.resolve(null),
  ...own,
});
const quiet = { changed: () => undefined, usage: () => undefined };

describe('the channel between a page and the host', () => {
  it('answers each request with the answer of its own method', async () => {
    const { host, page: pageLine } = lines();
    new HostChannel(
      host,
      handlers({ explain: ({ path }) => Promise.resolve({ title: path.join('.'), meaning: 'm', references: [] }) }),
    );
    const channel = new PageChannel(pageLine, quiet);
    const [model, explanation, copied] = await Promise.all([
      channel.ask('page', { reveal: false }),
      channel.ask('explain', { path: ['a', 'b'] }),
      channel.ask('copy', { copyId: '1.1' }),
    ]);
    assert.deepEqual(model, page);
    assert.equal(explanation?.title, 'a.b');
    assert.equal(copied, null);
  });

  it('carries a failure with its reason and remedy', async () => {
    const { host, page: pageLine } = lines();
    const problem = { code: 'denied', what: 'Reading it', reason: 'No right.', remedy: 'Be root.' } as const;
    new HostChannel(
      host,
      handlers({
        page: () => Promise.reject(new RuntimeError(problem)),
        copy: () => Promise.reject(new TypeError('odd')),
      }),
    );
    const channel = new PageChannel(pageLine, quiet);
    await assert.rejects(channel.ask('page', { reveal: false }), (error: RuntimeError) => {
      assert.deepEqual(error.problem, problem);
      return true;
    });
    await assert.rejects(channel.ask('copy', { copyId: '1' }), /odd/);
  });

  it('keeps only the newest event of each name until the page is ready, and tells it then', async () => {
    const { host, page: pageLine, sent } = lines();
    const hostChannel = new HostChannel(host, handlers());
    hostChannel.tell('usage', sample(1));
    hostChannel.tell('usage', sample(2));
    hostChannel.tell('changed', page);
    assert.deepEqual(sent, []);
    const heard: number[] = [];
    const changed = new Promise<void>((resolve) => {
      new PageChannel(pageLine, { changed: () => resolve(), usage: ({ atMs }) => heard.push(atMs) });
    });
    await changed;
    assert.deepEqual(heard, [2]);
  });

  it('rejects what is pending when it is disposed, and what is asked after', async () => {
    const { page: pageLine } = lines();
    const channel = new PageChannel(pageLine, quiet);
    const pending = channel.ask('page', { reveal: false });
    channel.dispose();
    await assert.rejects(pending, (error: RuntimeError) => error.problem.code === 'cancelled');
    await assert.rejects(
      channel.ask('page', { reveal: false }),
      (error: RuntimeError) => error.problem.code === 'cancelled',
    );
  });

  it('says nothing more once the host’s end is disposed', async () => {
    const { host, page: pageLine, sent } = lines();
    let release: (() => void) | undefined;
    const hostChannel = new HostChannel(
      host,
      handlers({ copy: () => new Promise((resolve) => (release = () => resolve(null))) }),
    );
    const channel = new PageChannel(pageLine, quiet);
    const pending = channel.ask('copy', { copyId: '1' });
    await until(() => release !== undefined);
    hostChannel.dispose();
    release?.();
    hostChannel.tell('changed', page);
    channel.dispose();
    await assert.rejects(pending);
    assert.deepEqual(sent, []);
  });

  it('refuses a malformed request by its id and stays silent to anything else', async () => {
    const { host, page: pageLine, sent } = lines();
    let calls = 0;
    const count = (): Promise<null> => {
      calls++;
      return Promise.resolve(null);
    };
    new HostChannel(host, handlers({ copy: count, openDocument: count, openPage: count }));
    pageLine.post({ type: 'request', id: 7, method: 'executeCommand', params: { command: 'x' } });
    pageLine.post({ type: 'request', id: 8, method: 'openDocument', params: { document: '/etc/shadow' } });
    pageLine.post({ hello: 1 });
    await until(() => sent.length === 2);
    assert.deepEqual(
      sent.map((message) => (message as { id: number }).id),
      [7, 8],
    );
    assert.equal(calls, 0);
  });

  it('survives a flood: at most 64 requests run at once, the others are refused, and each gets an answer', async () => {
    const { host, page: pageLine } = lines();
    let running = 0;
    let most = 0;
    const releases: (() => void)[] = [];
    const slow = (): Promise<null> => {
      most = Math.max(most, ++running);
      return new Promise((resolve) =>
        releases.push(() => {
          running--;
          resolve(null);
        }),
      );
    };
    new HostChannel(host, handlers({ copy: slow }));
    const channel = new PageChannel(pageLine, quiet);
    const results = Array.from({ length: 10_000 }, () =>
      channel.ask('copy', { copyId: '1' }).then(
        () => 'done',
        (error: RuntimeError) => error.problem.code,
      ),
    );
    await until(() => releases.length === 64);
    for (const release of releases) release();
    const outcome = await Promise.all(results);
    assert.equal(most, 64);
    assert.equal(outcome.filter((word) => word === 'done').length, 64);
    assert.equal(outcome.filter((word) => word === 'refused').length, 9936);
  });

  it('hands the handlers nothing but well-formed requests, whatever comes', async () => {
    const { host, page: pageLine } = lines();
    const seen: unknown[] = [];
    new HostChannel(
      host,
      handlers({
        copy: (params) => {
          seen.push(params);
          return Promise.resolve(null);
        },
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (id, params) => {
        pageLine.post({ type: 'request', id, method: 'copy', params });
        await Promise.resolve();
      }),
      { numRuns: runs(2_000) },
    );
    for (const params of seen) assert.equal(typeof (params as { copyId: unknown }).copyId, 'string');
  });
});

/** Lets what is under way go on until the condition holds. */
async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100_000; turn++) {
    if (condition()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.fail('the condition never came to hold');
}
