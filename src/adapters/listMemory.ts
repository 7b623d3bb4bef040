import type { Hint } from './adapter';

/** More changes than this in one list are read by one list. */
const MOST_SINGLE_READS = 20;

/** A list as an engine gave it. */
export interface Listed<T> {
  readonly items: readonly T[];
  /** How many items could not be read; such a list is not remembered. */
  readonly malformed: number;
}

/** What was listed, and which of it has changed since. */
interface Remembered<T> {
  readonly items: Map<string, T>;
  readonly changed: Set<string>;
}

/**
 * Remembers lists of containers, so that an event about one container makes its engine tell of that one alone. Only what
 * was listed while the event stream was connected is remembered, and only until it breaks: whatever happened without
 * being told would be missed. A list is known by the layer whose hints tell of it, a stream by the layer that tells of its
 * connection.
 */
export class ListMemory<T> {
  private readonly connected = new Set<string>();
  private readonly lists = new Map<string, Remembered<T>>();
  /** Counts what could have been missed: a list that began before must not be kept. */
  private generation = 0;

  constructor(private readonly idOf: (item: T) => string) {}

  /** To be told every hint of the streams. */
  hear({ kind, layerId, runtimeId }: Hint): void {
    if (kind !== 'changed') {
      this.generation++;
      for (const list of this.lists.keys()) {
        if (list === layerId || list.startsWith(`${layerId}:`)) this.lists.delete(list);
      }
      if (kind === 'connected') this.connected.add(layerId);
      else this.connected.delete(layerId);
      return;
    }
    const remembered = this.lists.get(layerId);
    if (!remembered) this.generation++;
    else if (runtimeId === undefined) this.lists.delete(layerId);
    else remembered.changed.add(runtimeId);
  }

  /** Nobody reads the streams any more. */
  stop(): void {
    this.generation++;
    this.connected.clear();
    this.lists.clear();
  }

  /**
   * A list, as remembered, with what changed read by `some` (which leaves out what is gone), or all of it by `all`.
   *
   * @param stream the layer that tells whether the events of this list come
   * @param trustsEvents false: all is read, whatever is remembered; see LookContext
   */
  async changes(
    stream: string,
    list: string,
    trustsEvents: boolean,
    all: () => Promise<Listed<T>>,
    some: (ids: readonly string[]) => Promise<readonly T[]>,
  ): Promise<Listed<T>> {
    const remembered = trustsEvents ? this.lists.get(list) : undefined;
    if (!remembered || remembered.changed.size > MOST_SINGLE_READS) return this.listed(stream, list, all);
    const { items, changed } = remembered;
    const ids = [...changed];
    if (ids.length > 0) {
      // Before it is read: what changes meanwhile must be read again.
      changed.clear();
      try {
        const read = new Map((await some(ids)).map((item) => [this.idOf(item), item]));
        for (const id of ids) {
          const item = read.get(id);
          if (item === undefined) items.delete(id);
          else items.set(id, item);
        }
      } catch (error) {
        for (const id of ids) changed.add(id);
        throw error;
      }
    }
    return { items: [...items.values()], malformed: 0 };
  }

  /** A whole list by `all`; it is remembered where the stream tells what changes. */
  async listed(stream: string, list: string, all: () => Promise<Listed<T>>): Promise<Listed<T>> {
    this.lists.delete(list);
    const { generation } = this;
    const answer = await all();
    if (answer.malformed === 0 && this.connected.has(stream) && this.generation === generation) {
      this.lists.set(list, {
        items: new Map(answer.items.map((item) => [this.idOf(item), item])),
        changed: new Set(),
      });
    }
    return answer;
  }
}
