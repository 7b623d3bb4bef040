import type { Sighting } from '../../model/container';
import type { LayerReport } from '../../model/layer';
import { RuntimeError, type Problem } from '../../model/problem';
import type { ProcessTable } from '../../model/process';
import { mapPooled } from '../../util/pool';
import type { Report } from '../adapter';
import { containerdShims } from '../shimProcess';
import { withChannel } from '../grpc/channel';
import { ContainerdClient } from './client';
import type { Listed, ListMemory } from '../listMemory';
import { containerOf, type ListedContainerRecord, type TaskRecord } from './messages';
import { detailsOf, foundBy, type ServerFacts } from './details';
import { pidViewOf } from './pidView';
import { rememberedSighting, type TaskKnowledge } from './sightings';
import type { ContainerdSocket } from './sockets';

/** The layer of a socket whose namespaces are not known. */
export function socketLayerId(socketPath: string): string {
  return `containerd:${socketPath}`;
}

/** The layer of one namespace behind a socket. */
export function namespaceLayerId(socketPath: string, namespace: string): string {
  return `containerd:${socketPath}:${namespace}`;
}

/** What one socket told: its report, and the namespaces it named (undefined when it did not answer). */
export interface SocketLook extends Report {
  readonly namespaces?: readonly string[];
  readonly problem?: Problem;
}

/** What an adapter remembers of earlier looks. */
export interface Remembered {
  /** The namespaces that the socket had when it last answered: one that fails now keeps its layers, as failed. */
  readonly namespaces: readonly string[];
  readonly memory: ListMemory<ListedContainerRecord>;
  readonly tasks: ListMemory<TaskRecord>;
  readonly trustsEvents: boolean;
}

/**
 * Asks one containerd for its namespaces, containers and tasks. Rejects only when cancelled.
 */
export async function lookAtSocket(
  socket: ContainerdSocket,
  processes: ProcessTable,
  remembered: Remembered,
  signal?: AbortSignal,
): Promise<SocketLook> {
  try {
    return await withChannel(socket.path, signal, (channel) => ask(socket, processes, channel, remembered, signal));
  } catch (error) {
    const { problem } = RuntimeError.from(error, `Asking containerd at unix://${socket.path}`);
    if (problem.code === 'cancelled') throw error;
    return { layers: failedLayers(socket, remembered.namespaces, problem), sightings: [], problem };
  }
}

async function ask(
  socket: ContainerdSocket,
  processes: ProcessTable,
  channel: ConstructorParameters<typeof ContainerdClient>[0],
  remembered: Remembered,
  signal: AbortSignal | undefined,
): Promise<SocketLook> {
  const client = new ContainerdClient(channel, signal);
  // Alone and first: a daemon that does not answer this within its deadline is asked nothing more.
  const version = await client.version();
  const [namespaces, plugins, pid] = await Promise.all([
    client.namespaces(),
    client.plugins().catch((error: unknown) => problemOf(error, 'Asking for the plugins')),
    pidViewOf(client),
  ]);
  const server: ServerFacts = { ...version, plugins, ...pid };
  const reports = await mapPooled([...namespaces].sort(), 4, (namespace) =>
    lookAtNamespace(socket, server, namespace, client, shimIdsOf(processes, namespace), remembered),
  );
  return {
    layers: reports.flatMap(({ layers }) => layers),
    sightings: reports.flatMap(({ sightings }) => sightings),
    namespaces,
  };
}

async function lookAtNamespace(
  socket: ContainerdSocket,
  server: ServerFacts,
  namespace: string,
  client: ContainerdClient,
  withShim: ReadonlySet<string>,
  remembered: Remembered,
): Promise<Report> {
  const { memory, trustsEvents } = remembered;
  const id = namespaceLayerId(socket.path, namespace);
  const stream = socketLayerId(socket.path);
  const listAll = async (): Promise<Listed<ListedContainerRecord>> => {
    const { containers, malformed } = await client.containers(namespace);
    return { items: containers, malformed };
  };
  const readSome = async (ids: readonly string[]): Promise<ListedContainerRecord[]> => {
    const read = await Promise.all(ids.map((one) => client.listed(namespace, one)));
    return read.filter((container) => container !== undefined);
  };
  const [first, tasks] = await Promise.all([
    memory
      .changes(stream, id, trustsEvents, listAll, readSome)
      .catch((error: unknown) => problemOf(error, `Listing the containers of ${namespace}`)),
    tasksOf(client, stream, id, namespace, remembered).catch((error: unknown) =>
      problemOf(error, `Listing the tasks of ${namespace}`),
    ),
  ]);
  // A task whose container is not remembered has come without its event, as yet.
  const isBehind = trustsEvents && !('code' in first) && !('code' in tasks) && lacksAny(first, tasks.keys());
  const list = isBehind
    ? await memory
        .listed(stream, id, listAll)
        .catch((error: unknown) => problemOf(error, `Listing the containers of ${namespace}`))
    : first;
  const common = { ...commonOf(socket, namespace), version: server.version };
  if ('code' in list) {
    const details = detailsOf(socket, server, namespace, []);
    return { layers: [{ ...common, status: 'failed', problem: list, details }], sightings: [] };
  }
  const knowledge: TaskKnowledge = {
    tasks: 'code' in tasks ? undefined : tasks,
    withShim,
    pidsAreOurs: server.pidsAreOurs !== false,
  };
  const problem = 'code' in tasks ? tasks : malformedProblem(namespace, list.malformed);
  const layer: LayerReport = {
    ...common,
    details: detailsOf(socket, server, namespace, list.items),
    ...(problem ? { status: 'partly', problem } : { status: 'ok' }),
  };
  const sightings: Sighting[] = list.items
    .filter((container) => container.id !== '')
    .map((container) => rememberedSighting(id, namespace, container, knowledge));
  return { layers: [layer], sightings };
}

/** By container id. A list makes containerd ask every shim, so after an event only what changed is asked for. */
async function tasksOf(
  client: ContainerdClient,
  stream: string,
  layerId: string,
  namespace: string,
  { tasks: memory, trustsEvents }: Remembered,
): Promise<ReadonlyMap<string, TaskRecord>> {
  const listAll = async (): Promise<Listed<TaskRecord>> => ({
    items: await client.tasks(namespace),
    malformed: 0,
  });
  const readOne = (id: string): Promise<TaskRecord | undefined> =>
    // A shim that does not answer is left out of a list, too.
    client.task(namespace, id).catch((error: unknown) => {
      if (problemOf(error, `Asking for the task of ${id}`).code === 'deadline') return undefined;
      throw error;
    });
  const readSome = async (ids: readonly string[]): Promise<TaskRecord[]> =>
    (await Promise.all(ids.map(readOne))).filter((task) => task !== undefined);
  const { items } = await memory.changes(stream, layerId, trustsEvents, listAll, readSome);
  return new Map(items.map((task) => [containerOf(task), task]));
}

function lacksAny({ items }: Listed<ListedContainerRecord>, ids: Iterable<string>): boolean {
  const known = new Set(items.map(({ id }) => id));
  return [...ids].some((id) => !known.has(id));
}

function malformedProblem(namespace: string, count: number): Problem | undefined {
  if (count === 0) return undefined;
  const what = `Listing the containers of ${namespace}`;
  return { code: 'malformed', what, reason: `${count} of the records could not be read and are left out.` };
}

function commonOf(
  socket: ContainerdSocket,
  namespace: string,
): Pick<LayerReport, 'id' | 'kind' | 'name' | 'endpoint'> & { containerdNamespace: string } {
  return {
    id: namespaceLayerId(socket.path, namespace),
    kind: 'containerd',
    name: `containerd · ${namespace}`,
    endpoint: `unix://${socket.path}`,
    containerdNamespace: namespace,
  };
}

function failedLayers(socket: ContainerdSocket, namespaces: readonly string[], problem: Problem): LayerReport[] {
  const found = foundBy(socket);
  const status = problem.code === 'absent' && !socket.exists ? 'absent' : 'failed';
  if (namespaces.length > 0) {
    return namespaces.map((namespace) => ({ ...commonOf(socket, namespace), status, problem, details: [found] }));
  }
  return [
    {
      id: socketLayerId(socket.path),
      kind: 'containerd',
      name: 'containerd',
      endpoint: `unix://${socket.path}`,
      status,
      problem,
      details: [found],
    },
  ];
}

/** Ids that running shims of a namespace name on their command lines. */
function shimIdsOf(processes: ProcessTable, namespace: string): Set<string> {
  const shims = containerdShims(processes).filter((shim) => shim.namespace === namespace);
  return new Set(shims.map(({ id }) => id));
}

/** A failure as a problem; being cancelled is no answer and goes on up. */
function problemOf(error: unknown, what: string): Problem {
  const wrapped = RuntimeError.from(error, what);
  if (wrapped.problem.code === 'cancelled') throw wrapped;
  return wrapped.problem;
}
