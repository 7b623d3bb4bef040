import type { Container, Sighting } from '../model/container';
import type { Findings } from '../model/inspection';
import type { ClusterReport, KubePod, Listed, NodeCgroups } from '../model/kubernetes/cluster';
import type { LayerReport } from '../model/layer';
import type { ProcessTable } from '../model/process';
import type { StoredContainer, StoredNamespace } from '../model/stored';
import type { Disposable } from '../util/disposables';

/** What an adapter is told when it looks: the processes of this machine at that moment. */
export interface LookContext {
  readonly processes: ProcessTable;
  /**
   * True when an event is the reason to look: what an adapter remembers, and would have been told a change of, need not
   * be asked again. For any other reason all is asked, since streams lose events.
   */
  readonly trustsEvents?: boolean;
}

/** What a layer says of itself and of the containers it knows. */
export interface Report {
  readonly layers: readonly LayerReport[];
  readonly sightings: readonly Sighting[];
}

/** What an adapter is told when it inspects: the joined container, and what the adapters before it found. */
export interface InspectContext {
  readonly container: Container;
  readonly processes: ProcessTable;
  /** Findings of the adapters that went before, best answer per question: a later one may build on them. */
  readonly found: Findings;
}

/** Something happened outside: a hint to look again, never the truth itself. */
export interface Hint {
  /** The layer that spoke. */
  readonly layerId: string;
  /** `connected` also after every reconnect: the listener must list anew. `lost`: the stream ended. */
  readonly kind: 'changed' | 'connected' | 'lost';
  /** The container it is about, where the event names one. */
  readonly runtimeId?: string;
  /** The event's own name: "start", "/tasks/exit". */
  readonly event?: string;
}

/**
 * The contract of every adapter to the outside. It talks and normalises; it knows no view and no other adapter.
 *
 * - `look` is cheap (one list), never rejects for a layer that is missing or broken: that layer is in the report with its
 *   status and problem. It rejects only when cancelled.
 * - `inspect` answers what this layer alone can tell of one container; what it cannot tell is an UnknownFact with its
 *   route, reason and remedy, never a rejection.
 * - `watch` reports hints until disposed, reconnecting for ever with capped backoff; it holds connections only while watched.
 * - All outside calls have deadlines; nothing is written, started, stopped or pulled. The one exception is the
 *   reader container, which the user asks for (docker/reader), and what a reading that was cut off has left of it.
 */
export interface RuntimeAdapter extends Disposable {
  /** "docker", "containerd", "kernel"… */
  readonly id: string;
  /** It asks an engine alone: the processes that it is told of when it looks may be none. */
  readonly needsNoProcesses?: true;
  look(context: LookContext, signal?: AbortSignal): Promise<Report>;
  inspect(context: InspectContext, signal?: AbortSignal): Promise<Findings>;
  watch(onHint: (hint: Hint) => void): Disposable;
}

/**
 * Asks containerd what it stores: more than a look or an inspection needs, so each only when somebody wants to see it. Both
 * reject only when cancelled: what cannot be told is an UnknownFact.
 */
export interface StorageReader {
  /** Undefined for a container that no containerd holds. */
  readStored(container: Container, signal?: AbortSignal): Promise<StoredContainer | undefined>;
  /** @param layerId the layer of a namespace of containerd */
  readNamespace(layerId: string, signal?: AbortSignal): Promise<StoredNamespace>;
}

/**
 * Asks Kubernetes clusters, each only when told to. All methods reject with a RuntimeError that has a reason and a remedy;
 * what is only partly there is an answer with its problem.
 */
export interface ClusterReader {
  /** The nodes; where they may not be listed, the pods that may. */
  readCluster(contextName: string, signal?: AbortSignal): Promise<ClusterReport>;
  readPods(contextName: string, nodeName: string, signal?: AbortSignal): Promise<Listed<KubePod>>;
  /** The cgroup path of each container of a node, by container id, as its kubelet's metrics name it. */
  readCgroups(contextName: string, nodeName: string, signal?: AbortSignal): Promise<NodeCgroups>;
}
