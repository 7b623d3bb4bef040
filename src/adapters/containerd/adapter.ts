import type { Container, Sighting } from '../../model/container';
import { unknown, unknownFrom, type UnknownFact } from '../../model/fact';
import type { Findings } from '../../model/inspection';
import type { Problem } from '../../model/problem';
import type { ProcessTable } from '../../model/process';
import type { EventMemory } from '../../model/trace/eventMemory';
import type { Disposable } from '../../util/disposables';
import type { StoredContainer, StoredNamespace } from '../../model/stored';
import type { Hint, InspectContext, LookContext, Report, RuntimeAdapter, StorageReader } from '../adapter';
import { ListMemory } from '../listMemory';
import { inspectAt, refusals, type ContainerPlace } from './inspect';
import { lookAtSocket, namespaceLayerId } from './look';
import { containerOf, type ListedContainerRecord, type TaskRecord } from './messages';
import type { ContainerdSocket } from './sockets';
import { readNamespaceAt, readStoredAt } from './storage';
import { EventWatch } from './watch';

export interface ContainerdAdapterOptions {
  /** Finds the sockets, given the processes of the moment; see findContainerdSockets. */
  readonly sockets: (processes: ProcessTable) => Promise<readonly ContainerdSocket[]>;
  /** The built file of containerdEventsWorker.ts; by default the one beside the running code. */
  readonly workerFile?: string;
  /** Where events are kept word for word. */
  readonly memory?: EventMemory;
}

/** Everything containerd tells: one layer per namespace. */
export function createContainerdAdapter(options: ContainerdAdapterOptions): RuntimeAdapter & StorageReader {
  return new ContainerdAdapter(options);
}

class ContainerdAdapter implements RuntimeAdapter, StorageReader {
  readonly id = 'containerd';
  /** Per socket, the namespaces it had when it last answered. */
  private readonly namespaces = new Map<string, readonly string[]>();
  private readonly problems = new Map<string, Problem>();
  private readonly events: EventWatch;
  private readonly lists = new ListMemory<ListedContainerRecord>(({ id }) => id);
  private readonly tasks = new ListMemory<TaskRecord>(containerOf);
  private watchers = 0;

  constructor(private readonly options: ContainerdAdapterOptions) {
    this.events = new EventWatch(options.workerFile, options.memory);
  }

  async look({ processes, trustsEvents = false }: LookContext, signal?: AbortSignal): Promise<Report> {
    const sockets = await this.options.sockets(processes);
    this.events.setSockets(sockets.map(({ path }) => path));
    const looks = await Promise.all(
      sockets.map((socket) =>
        lookAtSocket(
          socket,
          processes,
          {
            namespaces: this.namespaces.get(socket.path) ?? [],
            memory: this.lists,
            tasks: this.tasks,
            trustsEvents,
          },
          signal,
        ),
      ),
    );
    this.problems.clear();
    for (const [index, look] of looks.entries()) {
      const socketPath = sockets[index]?.path ?? '';
      if (look.namespaces) this.namespaces.set(socketPath, look.namespaces);
      if (look.problem) this.problems.set(socketPath, look.problem);
      else this.events.answered(socketPath);
    }
    return {
      layers: looks.flatMap(({ layers }) => layers),
      sightings: looks.flatMap(({ sightings }) => sightings),
    };
  }

  async inspect({ container }: InspectContext, signal?: AbortSignal): Promise<Findings> {
    const place = placeOf(container);
    if (!place) return refusals(this.whyNot(container));
    return inspectAt(place, signal);
  }

  async readStored(container: Container, signal?: AbortSignal): Promise<StoredContainer | undefined> {
    const place = placeOf(container);
    return place && readStoredAt(place, signal);
  }

  readNamespace(layerId: string, signal?: AbortSignal): Promise<StoredNamespace> {
    // A socket's path may hold colons, the name of a namespace none.
    const end = layerId.lastIndexOf(':');
    return readNamespaceAt(layerId.slice(layerId.indexOf(':') + 1, end), layerId.slice(end + 1), signal);
  }

  watch(onHint: (hint: Hint) => void): Disposable {
    const watching = this.events.watch(
      (hint) => {
        this.lists.hear(hint);
        this.tasks.hear(hint);
        onHint(hint);
      },
      () => this.options.sockets(NO_PROCESSES),
    );
    this.watchers++;
    let isWatching = true;
    return {
      dispose: () => {
        if (!isWatching) return;
        isWatching = false;
        watching.dispose();
        if (--this.watchers > 0) return;
        this.lists.stop();
        this.tasks.stop();
      },
    };
  }

  dispose(): void {
    this.events.dispose();
  }

  /** Why no containerd can be asked about a container. */
  private whyNot(container: Container): UnknownFact {
    const [problem] = this.problems.values();
    if (problem) return unknownFrom(problem, 'containerd');
    if (container.state === 'created' || container.state === 'exited') {
      return unknown(
        'No containerd holds this container: an engine makes its containerd container at start and deletes it at exit.',
        'Start the container.',
        'containerd',
      );
    }
    return unknown('No containerd of this machine holds this container.', 'Nothing has to be done.', 'containerd');
  }
}

const NO_PROCESSES: ProcessTable = {
  observedAt: new Date(0).toISOString(),
  byPid: new Map(),
  childrenOf: () => [],
};

/** Where the container lies, from its sighting in a containerd layer (whose id names socket and namespace). */
function placeOf(container: Container): ContainerPlace | undefined {
  for (const sighting of container.sightings) {
    const socketPath = socketPathOf(sighting);
    if (socketPath === undefined || sighting.containerdNamespace === undefined) continue;
    return { socketPath, namespace: sighting.containerdNamespace, id: sighting.runtimeId };
  }
  return undefined;
}

function socketPathOf({ layerId, containerdNamespace }: Sighting): string | undefined {
  if (!layerId.startsWith('containerd:') || containerdNamespace === undefined) return undefined;
  const socketPath = layerId.slice('containerd:'.length, -(containerdNamespace.length + 1));
  return layerId === namespaceLayerId(socketPath, containerdNamespace) ? socketPath : undefined;
}
