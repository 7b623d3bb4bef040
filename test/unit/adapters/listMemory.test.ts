import assert from 'node:assert/strict';
import type { Hint } from '../../../src/adapters/adapter';
import { namespaceLayerId, socketLayerId } from '../../../src/adapters/containerd/look';
import { ListMemory, type Listed } from '../../../src/adapters/listMemory';

const STREAM = socketLayerId('/run/c.sock');
const LIST = namespaceLayerId('/run/c.sock', 'k8s.io');

interface Item {
  readonly id: string;
  readonly image: string;
}

/** An engine of which each question is counted. */
class Engine {
  readonly asked: string[] = [];
  readonly containers = new Map<string, string>();

  all = (): Promise<Listed<Item>> => {
    this.asked.push('list');
    return Promise.resolve({ items: [...this.containers].map(([id, image]) => ({ id, image })), malformed: 0 });
  };

  some = (ids: readonly string[]): Promise<Item[]> => {
    this.asked.push(ids.join(' '));
    return Promise.resolve(
      ids.flatMap((id) => {
        const image = this.containers.get(id);
        return image === undefined ? [] : [{ id, image }];
      }),
    );
  };
}

describe('what is remembered of an engine’s list', () => {
  let engine: Engine;
  let memory: ListMemory<Item>;

  const hint = (kind: Hint['kind'], runtimeId?: string): void =>
    memory.hear({
      layerId: kind === 'changed' ? LIST : STREAM,
      kind,
      ...(runtimeId === undefined ? {} : { runtimeId }),
    });
  const look = async (): Promise<Record<string, string>> => {
    const { items } = await memory.changes(STREAM, LIST, true, engine.all, engine.some);
    return Object.fromEntries(items.map(({ id, image }) => [id, image]));
  };

  beforeEach(() => {
    engine = new Engine();
    memory = new ListMemory<Item>(({ id }) => id);
    for (const id of ['a', 'b', 'c']) engine.containers.set(id, `${id}:1`);
  });

  it('is nothing before a stream is connected: each look lists', async () => {
    await look();
    await look();
    assert.deepEqual(engine.asked, ['list', 'list']);
  });

  it('asks, once a list was made under a connected stream, for what has changed alone', async () => {
    hint('connected');
    assert.deepEqual(await look(), { a: 'a:1', b: 'b:1', c: 'c:1' });
    engine.containers.set('b', 'b:2').set('d', 'd:1').delete('c');
    for (const id of ['b', 'c', 'd']) hint('changed', id);
    assert.deepEqual(await look(), { a: 'a:1', b: 'b:2', d: 'd:1' });
    assert.deepEqual(await look(), { a: 'a:1', b: 'b:2', d: 'd:1' });
    assert.deepEqual(engine.asked, ['list', 'b c d']);
  });

  it('is not taken when no event is the reason to look: all is listed, and remembered anew', async () => {
    hint('connected');
    await look();
    // Its event was lost.
    engine.containers.set('b', 'b:2');
    const { items } = await memory.changes(STREAM, LIST, false, engine.all, engine.some);
    assert.equal(items.find(({ id }) => id === 'b')?.image, 'b:2');
    assert.equal((await look()).b, 'b:2');
    assert.deepEqual(engine.asked, ['list', 'list']);
  });

  it('is gone when the stream breaks, and when nobody watches', async () => {
    hint('connected');
    await look();
    hint('lost');
    await look();
    await look();
    hint('connected');
    await look();
    await look();
    memory.stop();
    await look();
    assert.deepEqual(engine.asked, ['list', 'list', 'list', 'list', 'list']);
  });

  it('is not kept from a list during which something happened', async () => {
    hint('connected');
    const { all } = engine;
    engine.all = async () => {
      const answer = await all();
      hint('changed', 'a');
      return answer;
    };
    await look();
    engine.all = all;
    await look();
    assert.deepEqual(engine.asked, ['list', 'list']);
  });

  it('reads again what changes while it is read, and what could not be read', async () => {
    hint('connected');
    await look();
    hint('changed', 'a');
    const { some } = engine;
    engine.some = async (ids) => {
      const answer = await some(ids);
      engine.containers.set('a', 'a:3');
      hint('changed', 'a');
      return answer;
    };
    assert.equal((await look()).a, 'a:1');
    engine.some = () => Promise.reject(new Error('not now'));
    await assert.rejects(look());
    engine.some = some;
    assert.equal((await look()).a, 'a:3');
  });

  it('is listed anew when very many changed, or when an event names none', async () => {
    hint('connected');
    await look();
    for (let index = 0; index < 30; index++) hint('changed', `x${index}`);
    await look();
    hint('changed');
    await look();
    assert.deepEqual(engine.asked, ['list', 'list', 'list']);
  });
});
