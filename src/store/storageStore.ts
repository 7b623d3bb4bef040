import type { StorageReader } from '../adapters/adapter';
import type { StoredNamespace } from '../model/stored';
import { Answers, type Asked } from './answers';

/** How much containerd stores in its namespaces: each is asked when somebody expands its row, and kept. */
export class StorageStore extends Answers {
  constructor(private readonly reader: Pick<StorageReader, 'readNamespace'>) {
    super();
  }

  /** @param layerId the layer of a namespace of containerd */
  namespace(layerId: string): Asked<StoredNamespace> {
    return this.ask([layerId], (signal) => this.reader.readNamespace(layerId, signal));
  }

  /** What was answered before; undefined when it was not asked, or has not answered. */
  knownNamespace(layerId: string): StoredNamespace | undefined {
    return this.known([layerId]) as StoredNamespace | undefined;
  }
}
