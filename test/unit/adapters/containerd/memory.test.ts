import assert from 'node:assert/strict';
import type { Hint } from '../../../../src/adapters/adapter';
import { namespaceLayerId, socketLayerId } from '../../../../src/adapters/containerd/look';
import { ContainerMemory } from '../../../../src/adapters/containerd/memory';
import { ListedContainer, type ListedContainerRecord } from '../../../../src/adapters/containerd/messages';

const SOCKET = '/run/c.sock';
const NAMESPACE = 'k8s.io';

function record(id: string, image: string): ListedContainerRecord {
  return ListedContainer.decode(ListedContainer.encode({ id, image }));
}

/** A containerd of which each question is counted. */
class Containerd {
  readonly asked: string[] = [];
  readonly containers = new Map<string, string>();

  list = (): Promise<{ containers: ListedContainerRecord[]; malformed: number }> => {
    this.asked.push('list');
    return Promise.resolve({ containers: [...this.containers].map(([id, image]) => record(id, image)), malformed: 0 });
  };

  one = (id: string): Promise<ListedContainerRecord | undefined> => {
    this.asked.push(id);
    const image = this.containers.get(id);
    return Promise.resolve(image === undefined ? undefined : record(id, image));
  };
}

describe('what is remembered of containerd’s containers', () => {
  let containerd: Containerd;
  let memory: ContainerMemory;

  const hint = (kind: Hint['kind'], runtimeId?: string): void =>
    memory.hear({
      layerId: kind === 'changed' ? namespaceLayerId(SOCKET, NAMESPACE) : socketLayerId(SOCKET),
      kind,
      ...(runtimeId === undefined ? {} : { runtimeId }),
    });
  const look = async (): Promise<Record<string, string>> => {
    const { containers } = await memory.containers(SOCKET, NAMESPACE, containerd.list, containerd.one);
    return Object.fromEntries(containers.map(({ id, image }) => [id, image]));
  };

  beforeEach(() => {
    containerd = new Containerd();
    memory = new ContainerMemory();
    for (const id of ['a', 'b', 'c']) containerd.containers.set(id, `${id}:1`);
  });

  it('is nothing before a stream is connected: each look lists', async () => {
    await look();
    await look();
    assert.deepEqual(containerd.asked, ['list', 'list']);
  });

  it('asks, once a list was made under a connected stream, for what has changed alone', async () => {
    hint('connected');
    assert.deepEqual(await look(), { a: 'a:1', b: 'b:1', c: 'c:1' });
    containerd.containers.set('b', 'b:2').set('d', 'd:1').delete('c');
    for (const id of ['b', 'c', 'd']) hint('changed', id);
    assert.deepEqual(await look(), { a: 'a:1', b: 'b:2', d: 'd:1' });
    assert.deepEqual(await look(), { a: 'a:1', b: 'b:2', d: 'd:1' });
    assert.deepEqual(containerd.asked, ['list', 'b', 'c', 'd']);
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
    assert.deepEqual(containerd.asked, ['list', 'list', 'list', 'list', 'list']);
  });

  it('is not kept from a list during which something happened', async () => {
    hint('connected');
    const { list } = containerd;
    containerd.list = async () => {
      const answer = await list();
      hint('changed', 'a');
      return answer;
    };
    await look();
    containerd.list = list;
    await look();
    assert.deepEqual(containerd.asked, ['list', 'list']);
  });

  it('reads again what changes while it is read, and what could not be read', async () => {
    hint('connected');
    await look();
    hint('changed', 'a');
    const { one } = containerd;
    containerd.one = async (id) => {
      const answer = await one(id);
      containerd.containers.set('a', 'a:3');
      hint('changed', 'a');
      return answer;
    };
    assert.equal((await look()).a, 'a:1');
    containerd.one = () => Promise.reject(new Error('not now'));
    await assert.rejects(look());
    containerd.one = one;
    assert.equal((await look()).a, 'a:3');
  });

  it('is listed anew when very many changed, or when an event names none', async () => {
    hint('connected');
    await look();
    for (let index = 0; index < 30; index++) hint('changed', `x${index}`);
    await look();
    hint('changed');
    await look();
    assert.deepEqual(containerd.asked, ['list', 'list', 'list']);
  });
});
