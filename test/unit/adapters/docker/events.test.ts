import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import type { Hint } from '../../../../src/adapters/adapter';
import { EventLines, readEvent, type EngineEvent } from '../../../../src/adapters/docker/eventLines';
import { waitAfter } from '../../../../src/adapters/docker/eventStream';
import { EventStreams } from '../../../../src/adapters/docker/events';
import { HintBatches } from '../../../../src/adapters/docker/hintBatches';
import { eventually } from '../../../support/fakeAdapter';
import { buildWorker } from '../../../support/workers';
import { FakeEngine } from '../../../support/fakeEngine';
import { runs } from '../../../support/runs';

const event = (id: string, action: string): object => ({
  Type: 'container',
  Action: action,
  Actor: { ID: id },
  time: 1,
});

describe('a stream of events as JSON lines', () => {
  const lines = [
    JSON.stringify(event('a', 'start')),
    'nonsense',
    '',
    '[]',
    JSON.stringify({ Action: 'start' }),
    JSON.stringify({ id: 'b', status: 'die' }),
    JSON.stringify({ ...event('c', 'rename'), name: 'ünïcode 😀' }),
  ].join('\n');
  const expected: EngineEvent[] = [
    { id: 'a', action: 'start' },
    { id: 'b', action: 'die' },
    { id: 'c', action: 'rename' },
  ];

  it('is read the same wherever it is cut', () => {
    const bytes = Buffer.from(`${lines}\n`);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const reader = new EventLines(readEvent);
      const read = [...reader.push(bytes.subarray(0, cut)), ...reader.push(bytes.subarray(cut))];
      assert.deepEqual(read, expected, `cut at ${cut}`);
    }
    const reader = new EventLines(readEvent);
    assert.deepEqual(
      [...bytes].flatMap((byte) => reader.push(Buffer.from([byte]))),
      expected,
    );
  });

  it('leaves an event out that has not ended', () => {
    assert.deepEqual(new EventLines(readEvent).push(Buffer.from(lines)), expected.slice(0, 2));
  });

  it('drops a line without end, and goes on after it', () => {
    const reader = new EventLines(readEvent);
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    for (let count = 0; count < 8; count++) assert.deepEqual(reader.push(chunk), []);
    const rest = Buffer.from(`\n${JSON.stringify(event('a', 'start'))}\n`);
    assert.deepEqual(reader.push(rest), [{ id: 'a', action: 'start' }]);
  });

  it('is read without an error whatever comes, in whatever chunks', () => {
    const line = fc.oneof(fc.json({ maxDepth: 2 }), fc.string(), fc.constant(JSON.stringify(event('a', 'start'))));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(200)), (texts, sizes) => {
        const bytes = Buffer.from(texts.map((one) => `${one}\n`).join(''));
        const whole = new EventLines(readEvent).push(bytes);
        const reader = new EventLines(readEvent);
        let at = 0;
        const parts = sizes.flatMap((size) => reader.push(bytes.subarray(at, (at += size))));
        assert.deepEqual([...parts, ...reader.push(bytes.subarray(at))], whole);
      }),
      { numRuns: runs(5_000) },
    );
  });
});

describe('the wait before the next try', () => {
  it('grows with the absence, from 0.1 s to 5 s, and never ends', () => {
    const absent = [0, 400, 1_000, 5_000, 60_000, 86_400_000];
    assert.deepEqual(
      absent.map((one) => waitAfter(one)),
      [100, 100, 200, 1_000, 5_000, 5_000],
    );
    assert.deepEqual(
      absent.map((one) => waitAfter(one, 'tcp')),
      [100, 100, 200, 1_000, 12_000, 30_000],
    );
  });

  it('is at most 30 s after a day, and another machine is asked no more often than that by then', () => {
    const HOUR_MS = 3_600_000;
    for (const kind of ['unix', 'tcp', 'program'] as const) {
      const tries = [0];
      while ((tries.at(-1) ?? 0) < 24 * HOUR_MS) tries.push((tries.at(-1) ?? 0) + waitAfter(tries.at(-1) ?? 0, kind));
      const gaps = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
      assert.ok(Math.max(...gaps) < 30_001);
      // A quarter of an hour in, what is away is away for longer.
      const later = gaps.filter((_, index) => (tries[index] ?? 0) > HOUR_MS / 4);
      assert.ok(kind === 'unix' || later.every((gap) => gap > 29_999));
    }
  });
});

describe('batches of hints', () => {
  it('hold each change once, in order, and every connection', async () => {
    const delivered: (readonly Hint[])[] = [];
    const batches = new HintBatches((batch) => delivered.push(batch));
    const lost: Hint = { layerId: 'x', kind: 'lost' };
    for (let count = 0; count < 5_000; count++) {
      batches.add({ layerId: 'x', kind: 'changed', runtimeId: 'a', event: 'start' });
      batches.add({ layerId: 'x', kind: 'changed', runtimeId: String(count), event: 'die' });
    }
    batches.add(lost);
    batches.add({ layerId: 'x', kind: 'connected' });
    await eventually(() => delivered.length > 0, 'they are delivered');
    const [batch = []] = delivered;
    assert.equal(batch.length, 202);
    assert.deepEqual(
      batch.slice(-2).map(({ kind }) => kind),
      ['lost', 'connected'],
    );
    batches.add(lost);
    await eventually(() => delivered.length === 2, 'the next batch follows');
    assert.deepEqual(delivered[1], [lost]);
  });
});

describe('the thread that reads events', () => {
  const worker = buildWorker('src/adapters/docker/eventsWorker.ts');
  let engine: FakeEngine;
  let streams: EventStreams;
  let hints: Hint[];
  /** The open answers of the engine, oldest first. */
  let open: ServerResponse[];

  beforeEach(async () => {
    engine = await FakeEngine.start();
    open = [];
    engine.on('/events', (_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.flushHeaders();
      open.push(response);
    });
    streams = new EventStreams(worker.file);
    hints = [];
  });
  afterEach(async () => {
    streams.dispose();
    await engine.stop();
  });
  after(() => worker.remove());

  const told = (): string[] =>
    hints.map(({ kind, runtimeId, event: name }) => [kind, runtimeId, name].filter(Boolean).join(' '));
  const watch = (): { dispose(): void } => streams.watch((hint) => hints.push(hint));
  const follow = (): void => streams.follow('engine:x', { kind: 'unix', socketPath: engine.socketPath });

  it('connects only while somebody watches', async () => {
    follow();
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(engine.requests.length, 0);
    const one = watch();
    const other = watch();
    await eventually(() => hints.length === 2, 'both are told');
    assert.deepEqual(told(), ['connected', 'connected']);
    one.dispose();
    assert.equal(engine.sockets.size, 1);
    other.dispose();
    await eventually(() => engine.sockets.size === 0, 'the connection is closed');
  });

  it('asks for the events after which a list differs, and no others', async () => {
    follow();
    watch();
    await eventually(() => engine.requests.length === 1, 'it asks');
    const url = new URL(engine.requests[0]?.split(' ')[1] ?? '', 'http://localhost');
    const filters = JSON.parse(url.searchParams.get('filters') ?? '') as { type: string[]; event: string[] };
    assert.deepEqual(filters.type, ['container']);
    assert.ok(filters.event.includes('start') && filters.event.includes('destroy'));
    assert.ok(!filters.event.some((name) => /^(exec|top|attach|resize)/.test(name)));
  });

  it('reads events that are cut anywhere', async () => {
    follow();
    watch();
    await eventually(() => open.length === 1, 'it is connected');
    const text = `${JSON.stringify(event('a', 'start'))}\n${JSON.stringify(event('b', 'die'))}\n`;
    for (const byte of Buffer.from(text)) open[0]?.write(Buffer.from([byte]));
    await eventually(() => hints.length === 3, 'both are told');
    assert.deepEqual(told(), ['connected', 'changed a start', 'changed b die']);
  });

  it('connects again after the stream ended and after it was cut in the middle of an event, and tells of the end', async () => {
    follow();
    watch();
    await eventually(() => open.length === 1, 'it is connected');
    open[0]?.end();
    await eventually(() => open.length === 2, 'again');
    open[1]?.write('{"Action":"sta', () => open[1]?.destroy());
    await eventually(() => open.length === 3, 'and again');
    open[2]?.write(`${JSON.stringify(event('a', 'start'))}\n`);
    await eventually(() => hints.length === 6, 'all is told');
    assert.deepEqual(told(), ['connected', 'lost', 'connected', 'lost', 'connected', 'changed a start']);
    await engine.stop();
    await eventually(() => told().at(-1) === 'lost', 'the end is told');
  });

  it('connects to an engine that is started later', async () => {
    const { socketPath, folder } = engine;
    await engine.stop();
    mkdirSync(folder);
    follow();
    watch();
    const later = await FakeEngine.start(socketPath);
    try {
      later.on('/events', (_, response) => {
        response.writeHead(200);
        response.flushHeaders();
      });
      await eventually(() => told().includes('connected'), 'it connects');
    } finally {
      await later.stop();
    }
  });

  it('tries again for ever while the engine refuses', async () => {
    let refusals = 0;
    const accept = engine.answers.get('/events');
    engine.on('/events', (_, response) => {
      refusals++;
      response.writeHead(500);
      response.end();
    });
    follow();
    watch();
    await eventually(() => refusals >= 4, 'it tries again');
    assert.deepEqual(told(), ['lost'], 'it is told once');
    if (accept) engine.on('/events', accept);
    streams.connectNow('engine:x');
    await eventually(() => told().includes('connected'), 'it connects');
  });

  it('turns many events into few hints', async () => {
    follow();
    watch();
    await eventually(() => open.length === 1, 'it is connected');
    const [response] = open;
    assert.ok(response);
    const line = `${JSON.stringify(event('a', 'start'))}\n`;
    const chunk = line.repeat(Math.ceil((1024 * 1024) / line.length));
    for (let count = 0; count < 50; count++) response.write(chunk);
    await eventually(() => response.writableLength === 0, 'all has been read');
    await eventually(() => told().includes('changed a start'), 'and was told');
    assert.ok(hints.length < 500, `${hints.length} hints: many events are few hints`);
  });

  it('is started again when it breaks', async () => {
    const broken = new EventStreams('/nonexistent/worker.js');
    broken.follow('engine:x', { kind: 'unix', socketPath: engine.socketPath });
    const heard: Hint[] = [];
    const watching = broken.watch((hint) => heard.push(hint));
    try {
      await eventually(() => heard.filter(({ kind }) => kind === 'lost').length >= 2, 'it was started twice');
    } finally {
      watching.dispose();
      broken.dispose();
    }
  });

  it('lets go of an engine that is no longer followed', async () => {
    follow();
    watch();
    await eventually(() => hints.length === 1, 'it is connected');
    streams.unfollow('engine:x');
    await eventually(() => engine.sockets.size === 0, 'the connection is closed');
    assert.deepEqual(told(), ['connected'], 'letting go is no loss');
  });
});
