import type { ContainerState, Sighting } from '../../model/container';
import { parseJsonExact } from '../../util/json';
import { asString, memberAt } from '../../util/records';
import { millisecondsOf, TASK_STATUS, type ListedContainerRecord, type TaskRecord } from './messages';

/** What is known of the tasks of a namespace while its containers are turned into sightings. */
export interface TaskKnowledge {
  /** By container id; undefined when containerd did not answer the question for tasks. */
  readonly tasks: ReadonlyMap<string, TaskRecord> | undefined;
  /** Ids of containers for which a shim runs: containerd leaves out tasks whose shim does not answer. */
  readonly withShim: ReadonlySet<string>;
  /** False when containerd counts PIDs in another PID namespace: its PIDs mean other processes here. */
  readonly pidsAreOurs: boolean;
}

/** What a container that is remembered became, and of what: one of which nothing is new is the same sighting again. */
const SIGHTINGS = new WeakMap<
  ListedContainerRecord,
  { readonly of: readonly unknown[]; readonly sighting: Sighting }
>();

/** As {@link sightingOf}; the same object again while nothing that it says of the container is different. */
export function rememberedSighting(
  layerId: string,
  namespace: string,
  container: ListedContainerRecord,
  knowledge: TaskKnowledge,
): Sighting {
  const { tasks, withShim, pidsAreOurs } = knowledge;
  const of = [
    layerId,
    namespace,
    tasks !== undefined,
    tasks?.get(container.id),
    withShim.has(container.id),
    pidsAreOurs,
  ];
  const earlier = SIGHTINGS.get(container);
  if (earlier?.of.every((part, index) => part === of[index])) return earlier.sighting;
  const sighting = sightingOf(layerId, namespace, container, knowledge);
  SIGHTINGS.set(container, { of, sighting });
  return sighting;
}

/** A container of containerd as a sighting. */
export function sightingOf(
  layerId: string,
  namespace: string,
  container: ListedContainerRecord,
  knowledge: TaskKnowledge,
): Sighting {
  const task = knowledge.tasks?.get(container.id);
  const name = container.labels.get('nerdctl/name') ?? container.labels.get('io.kubernetes.container.name');
  const createdAtMs = millisecondsOf(container.createdAt);
  const sandbox = sandboxOf(container);
  const livingPid = task && task.pid > 0 && TASK_STATUS[task.status] !== 'stopped' ? task.pid : undefined;
  return {
    layerId,
    runtimeId: container.id,
    containerdNamespace: namespace,
    labels: container.labels,
    ...stateOf(container.id, task, knowledge),
    ...(name ? { name } : {}),
    ...(container.image ? { image: container.image } : {}),
    ...(createdAtMs !== undefined ? { createdAtMs } : {}),
    ...(livingPid !== undefined && knowledge.pidsAreOurs ? { initPid: livingPid } : {}),
    ...(sandbox ? { sandbox } : {}),
  };
}

const STATES: Readonly<Record<(typeof TASK_STATUS)[number], ContainerState>> = {
  unknown: 'unknown',
  created: 'created',
  running: 'running',
  stopped: 'exited',
  paused: 'paused',
  pausing: 'paused',
};

function stateOf(
  id: string,
  task: TaskRecord | undefined,
  knowledge: TaskKnowledge,
): { state: ContainerState; stateText: string } {
  if (task) {
    const status = TASK_STATUS[task.status] ?? 'unknown';
    return { state: STATES[status], stateText: `task ${status}` };
  }
  if (knowledge.tasks === undefined) return { state: 'unknown', stateText: 'containerd did not tell its tasks' };
  if (knowledge.withShim.has(id))
    return { state: 'unknown', stateText: 'its shim runs, but does not answer containerd' };
  return { state: 'created', stateText: 'no task' };
}

/** CRI's pod of a container. Source: containerd internal/cri/labels, internal/cri/store/container/metadata.go. */
function sandboxOf(container: ListedContainerRecord): Sighting['sandbox'] {
  const { labels } = container;
  const kind = labels.get('io.cri-containerd.kind');
  const pod = labels.get('io.kubernetes.pod.name') ?? '';
  const kubernetesNamespace = labels.get('io.kubernetes.pod.namespace');
  const name = kubernetesNamespace ? `${kubernetesNamespace}/${pod}` : pod;
  if (kind === 'sandbox') return { id: container.id, name, isSandbox: true };
  if (kind !== 'container') return undefined;
  const id = container.sandbox || sandboxIdInMetadata(container);
  return id ? { id, name, isSandbox: false } : undefined;
}

/** Before 1.7 only CRI's own metadata name the sandbox. */
function sandboxIdInMetadata(container: ListedContainerRecord): string | undefined {
  const metadata = container.extensions.get('io.cri-containerd.container.metadata');
  if (!metadata) return undefined;
  try {
    const parsed = parseJsonExact(Buffer.from(metadata.value).toString('utf8'));
    return asString(memberAt(parsed, 'Metadata', 'SandboxID'));
  } catch {
    return undefined;
  }
}
