import type { ApiCall } from './model/apiCall';
import type { ContainerFacts } from './model/inspection';
import type { Inspection } from './model/inspection';
import type { Inventory } from './model/inventory';
import type { LayerKind, LayerStatus } from './model/layer';
import type { RefreshReason, RuntimeStore } from './store/store';
import type { Event } from './util/emitter';

/*
 * What `activate()` returns: the same facts that the views show, for other extensions and for tests. Everything is
 * JSON-serialisable. Secrets are not masked here: whoever calls may read the sources too.
 */

export interface PublicLayer {
  readonly id: string;
  readonly kind: LayerKind;
  readonly name: string;
  readonly version?: string;
  readonly endpoint?: string;
  readonly status: LayerStatus;
  readonly problem?: { readonly what: string; readonly reason: string; readonly remedy?: string };
  readonly containerIds: readonly string[];
}

export interface PublicContainer {
  readonly id: string;
  readonly name?: string;
  readonly image?: string;
  readonly state: string;
  /** Ids of the layers that know it, top to bottom. */
  readonly layers: readonly string[];
  readonly letGo: readonly { readonly layerId: string; readonly because: string }[];
}

export interface PublicInventory {
  readonly observedAt: string;
  readonly layers: readonly PublicLayer[];
  readonly containers: readonly PublicContainer[];
}

export interface PublicInspection {
  readonly id: string;
  readonly name: string;
  readonly observedAt: string;
  readonly facts: ContainerFacts;
  readonly apiCalls: readonly ApiCall[];
}

export interface PublicChange {
  readonly reason: RefreshReason;
  readonly containerIds: readonly string[];
}

export interface PublicApi {
  readonly apiVersion: 1;
  /** Looks at the host now. */
  inventory(): Promise<PublicInventory>;
  /** All facts of one container, read now. @throws when no layer knows it */
  inspect(containerId: string): Promise<PublicInspection>;
  /** Fires when the inventory changed. Whoever listens keeps the explorer watching, so stop listening when done. */
  readonly onDidChange: Event<PublicChange>;
}

export function createPublicApi(store: RuntimeStore): PublicApi {
  return {
    apiVersion: 1,
    inventory: async () => toPublicInventory(await store.refresh('asked by the user')),
    inspect: async (containerId) => toPublicInspection(await store.inspect(containerId)),
    onDidChange: (listener) => {
      const attention = store.attend();
      const subscription = store.onDidChange(({ inventory, reason, containerIds }) => {
        // Other hosts are none of this API's inventory.
        if (inventory === store.current) listener({ reason, containerIds });
      });
      return {
        dispose: () => {
          subscription.dispose();
          attention.dispose();
        },
      };
    },
  };
}

export function toPublicInventory(inventory: Inventory): PublicInventory {
  return {
    observedAt: inventory.observedAt,
    layers: inventory.layers.map(({ id, kind, name, version, endpoint, status, problem, containerIds }) => ({
      id,
      kind,
      name,
      status,
      containerIds,
      ...(version === undefined ? {} : { version }),
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(problem === undefined ? {} : { problem }),
    })),
    containers: inventory.containers.map(({ id, name, image, state, layers, letGo }) => ({
      id,
      state,
      layers,
      letGo,
      ...(name === undefined ? {} : { name }),
      ...(image === undefined ? {} : { image }),
    })),
  };
}

function toPublicInspection(inspection: Inspection): PublicInspection {
  const { id, name, observedAt, facts } = inspection;
  return {
    id,
    name,
    observedAt,
    facts,
    // Not everybody who inspects looks at them.
    get apiCalls() {
      return inspection.apiCalls;
    },
  };
}
