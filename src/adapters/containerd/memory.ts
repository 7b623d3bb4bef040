import type { Hint } from '../adapter';
import type { ContainerList } from './client';
import type { ListedContainerRecord } from './messages';
import { namespaceLayerId, socketLayerId } from './look';

/** More changes than this in one namespace are read by one list. */
const MOST_SINGLE_READS = 20;

/** What the containers of one namespace were when they were last listed, and which have changed since. */
interface Remembered {
  readonly containers: Map<string, ListedContainerRecord>;
  readonly changed: Set<string>;
}

/**
 * Remembers the records of containers, each of which carries its whole spec, so that an event about one container makes
 * containerd marshal that one alone. Only what was listed while the event stream was connected is remembered, and only
 * until it breaks: whatever happened without being told would be missed.
 */
export class ContainerMemory {
  private readonly connected = new Set<string>();
  private readonly namespaces = new Map<string, Remembered>();
  /** Counts what could have been missed: a list that began before must not be kept. */
  private generation = 0;

  /** To be told every hint of the streams. */
  hear(hint: Hint): void {
    if (hint.kind !== 'changed') {
      const socketPath = hint.layerId.slice(socketLayerId('').length);
      this.generation++;
      this.forget(socketPath);
      if (hint.kind === 'connected') this.connected.add(socketPath);
      else this.connected.delete(socketPath);
      return;
    }
    const remembered = this.namespaces.get(hint.layerId);
    if (!remembered) this.generation++;
    else if (hint.runtimeId === undefined) this.namespaces.delete(hint.layerId);
    else remembered.changed.add(hint.runtimeId);
  }

  /** Nobody reads the streams any more. */
  stop(): void {
    this.generation++;
    this.connected.clear();
    this.namespaces.clear();
  }

  /**
   * The containers of a namespace: those that are remembered, with the changed ones read by `one` (undefined when it is
   * gone), or all by `list`.
   */
  async containers(
    socketPath: string,
    namespace: string,
    list: () => Promise<ContainerList>,
    one: (id: string) => Promise<ListedContainerRecord | undefined>,
  ): Promise<ContainerList> {
    const key = namespaceLayerId(socketPath, namespace);
    const remembered = this.namespaces.get(key);
    if (!remembered || remembered.changed.size > MOST_SINGLE_READS) return this.listed(socketPath, namespace, list);
    const { containers, changed } = remembered;
    const ids = [...changed];
    // Before it is read: what changes meanwhile must be read again.
    changed.clear();
    try {
      for (const [id, record] of await Promise.all(ids.map(async (id) => [id, await one(id)] as const))) {
        if (record) containers.set(id, record);
        else containers.delete(id);
      }
    } catch (error) {
      for (const id of ids) changed.add(id);
      throw error;
    }
    return { containers: [...containers.values()], malformed: 0 };
  }

  /** All containers of a namespace by `list`; they are remembered where the streams tell what changes. */
  async listed(socketPath: string, namespace: string, list: () => Promise<ContainerList>): Promise<ContainerList> {
    const key = namespaceLayerId(socketPath, namespace);
    this.namespaces.delete(key);
    const { generation } = this;
    const answer = await list();
    const isComplete = answer.malformed === 0 && this.connected.has(socketPath) && this.generation === generation;
    if (isComplete) {
      const containers = new Map(answer.containers.map((container) => [container.id, container]));
      this.namespaces.set(key, { containers, changed: new Set() });
    }
    return answer;
  }

  private forget(socketPath: string): void {
    for (const key of this.namespaces.keys()) {
      if (key.startsWith(`${socketLayerId(socketPath)}:`)) this.namespaces.delete(key);
    }
  }
}
