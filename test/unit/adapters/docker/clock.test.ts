import assert from 'node:assert/strict';
import { EventStream } from '../../../../src/adapters/docker/eventStream';
import { inspectWith } from '../../../../src/adapters/docker/inspect';
import type { Hint } from '../../../../src/adapters/adapter';
import type { Container } from '../../../../src/model/container';
import { eventually } from '../../../support/fakeAdapter';
import { FakeEngine, json } from '../../../support/fakeEngine';
import { hexId } from '../../../support/sightings';

const id = hexId('abc1');
const container: Container = {
  id,
  runtimeId: id,
  state: 'running',
  labels: new Map(),
  layers: [],
  sightings: [],
  letGo: [],
};

/** Milliseconds that the engine's clock is ahead of ours: a host that slept, a VM that drifted, a wrong time zone. */
for (const ahead of [-3_600_000, -5_000, 5_000, 3_600_000]) {
  describe(`an engine whose clock is ${ahead / 1_000} s ahead`, () => {
    let engine: FakeEngine;
    beforeEach(async () => (engine = await FakeEngine.start()));
    afterEach(() => engine.stop());

    it('is asked for events from now on without naming a time, and each of them is heard once', async () => {
      const now = Date.now() + ahead;
      const line = (action: string): string =>
        `${JSON.stringify({ Type: 'container', Action: action, id, Actor: { ID: id }, time: now / 1_000, timeNano: now * 1e6 })}\n`;
      engine.on('/events', (_, response) => {
        response.write(line('create'));
        response.write(line('start'));
        response.write(line('die'));
      });
      const hints: Hint[] = [];
      const connection = { kind: 'unix', socketPath: engine.socketPath } as const;
      const stream = new EventStream({ layerId: 'engine', connection }, (hint) => hints.push(hint));
      await eventually(() => hints.length >= 4, 'all are heard');
      stream.end();
      assert.deepEqual(
        hints.map(({ kind, event }) => event ?? kind),
        ['connected', 'create', 'start', 'die'],
      );
      assert.ok(engine.requests.every((request) => !/since|until/.test(request)));
    });

    it('is asked for what is past by its own time', async () => {
      engine.on(`/containers/${id}/json`, json({ Id: id, Image: 'x', State: { Status: 'running', Pid: 1 } }));
      engine.on('/info', json({ SystemTime: new Date(Date.now() + ahead).toISOString() }));
      engine.on('/events', (_, response) => response.end());
      const client = engine.client();
      await inspectWith(client, { info: undefined, version: undefined }, container);
      client.dispose();
      const asked = engine.requests.find((request) => request.includes('/events')) ?? '';
      const until = Number(new URL(asked.split(' ')[1] ?? '', 'http://engine').searchParams.get('until'));
      assert.ok(Math.abs(until * 1_000 - Date.now() - ahead) < 60_000, `until=${until}`);
      assert.ok(Math.abs(ahead) < 60_000 || Math.abs(until * 1_000 - Date.now()) > 60_000);
    });
  });
}
