import type { Host } from '../../src/hostAdapters';
import type { Container } from '../../src/model/container';
import type { Inspection } from '../../src/model/inspection';
import type { Inventory } from '../../src/model/inventory';
import type { LiveSources } from '../../src/store/containerSources';
import type { RuntimeStore } from '../../src/store/store';
import type { SnapshotSources } from '../../src/store/takeSnapshot';
import { Emitter } from '../../src/util/emitter';

/** A real host at one moment: whatever was read of it once is answered again, so that two views of it can be compared. */
export interface StandingHost {
  readonly store: RuntimeStore;
  readonly sources: LiveSources;
  readonly snapshotSources: SnapshotSources;
  /** As it was first looked at. @throws before that */
  readonly inventory: Inventory;
}

/** Lets a host stand still from its first look on. The host stays whose it is. @param own containers that do not vanish meanwhile */
export function standing(host: Host, own: (container: Container) => boolean): StandingHost {
  let moment: Inventory | undefined;
  const inspections = new Map<string, Promise<Inspection>>();
  const seen = new Map<string, Inspection>();
  const look = async (): Promise<Inventory> => (moment ??= only(await host.store.complete(), own));
  const inspect = async (id: string): Promise<Inspection> => {
    const work = inspections.get(id) ?? host.store.inspect(id);
    inspections.set(id, work);
    const inspection = await work;
    seen.set(id, inspection);
    return inspection;
  };
  const readKernel = once(host.readKernel);
  const observe = once(host.observe);
  const readStored = once(host.readStored);
  const store: RuntimeStore = {
    get current() {
      return moment;
    },
    onDidChange: new Emitter<never>().event,
    inventory: look,
    refresh: look,
    complete: look,
    inspect,
    peek: (id) => seen.get(id),
    earlier: () => undefined,
    attend: () => host.store.attend(),
    dispose: () => undefined,
  };
  return {
    store,
    sources: { readKernel, observe, rereadUsage: host.rereadUsage, readStored, recorded: () => [] },
    snapshotSources: {
      store,
      readKernel,
      seen: async (inspection) => ({ ...(await observe(inspection)), recorded: [] }),
    },
    get inventory() {
      if (!moment) throw new Error('it was not looked at');
      return moment;
    },
  };
}

/** Of each inspection the first answer, again and again. */
function once<T>(ask: (inspection: Inspection) => Promise<T>): (inspection: Inspection) => Promise<T> {
  const answers = new WeakMap<Inspection, Promise<T>>();
  return (inspection) => {
    const answer = answers.get(inspection) ?? ask(inspection);
    answers.set(inspection, answer);
    return answer;
  };
}

function only(inventory: Inventory, own: (container: Container) => boolean): Inventory {
  const containers = inventory.containers.filter(own);
  const ids = new Set(containers.map(({ id }) => id));
  const layers = inventory.layers.map((layer) => ({
    ...layer,
    containerIds: layer.containerIds.filter((id) => ids.has(id)),
  }));
  return { ...inventory, containers, layers };
}
