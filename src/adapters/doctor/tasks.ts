import type { ObservedNamespace, ObservedTask } from '../../model/doctor/observation';
import { RuntimeError, type Problem } from '../../model/problem';
import { mapPooled } from '../../util/pool';
import { ContainerdClient } from '../containerd/client';
import { containerOf, millisecondsOf, TASK_STATUS, type TaskRecord } from '../containerd/messages';
import { pidViewOf } from '../containerd/pidView';
import type { ContainerdSocket } from '../containerd/sockets';
import { withChannel } from '../grpc/channel';

/** What the containerds of this machine told of their tasks, and what they did not. */
export interface TaskAnswers {
  /** Sockets that answered for all their namespaces. */
  readonly answered: ReadonlySet<string>;
  readonly namespaces: readonly ObservedNamespace[];
  readonly gaps: readonly Problem[];
}

/** Asks every containerd for its tasks. Rejects only when cancelled. */
export async function askForTasks(sockets: readonly ContainerdSocket[], signal?: AbortSignal): Promise<TaskAnswers> {
  const answered = new Set<string>();
  const gaps: Problem[] = [];
  const namespaces = await mapPooled(
    sockets.filter(({ exists }) => exists),
    4,
    async ({ path }): Promise<readonly ObservedNamespace[]> => {
      try {
        const found = await withChannel(path, signal, (channel) => ask(path, new ContainerdClient(channel, signal)));
        // One namespace of which nothing is known would make its shims and bundles look abandoned.
        answered.add(path);
        return found;
      } catch (error) {
        const { problem } = RuntimeError.from(error, `Asking containerd at unix://${path} for its tasks`);
        if (problem.code === 'cancelled') throw error;
        gaps.push(problem);
        return [];
      }
    },
  );
  return { answered, namespaces: namespaces.flat(), gaps };
}

async function ask(containerd: string, client: ContainerdClient): Promise<readonly ObservedNamespace[]> {
  // Alone and first: a daemon that does not answer this within its deadline is asked nothing more.
  await client.version();
  const [names, { pidsAreOurs }] = await Promise.all([client.namespaces(), pidViewOf(client)]);
  return mapPooled(names, 4, async (namespace): Promise<ObservedNamespace> => {
    const [{ containers }, tasks] = await Promise.all([client.containers(namespace), client.tasks(namespace)]);
    return {
      containerd,
      namespace,
      containers: new Set(containers.map(({ id }) => id)),
      tasks: new Map(tasks.map((task) => [containerOf(task), observed(containerOf(task), task)])),
      pidsAreOurs: pidsAreOurs !== false,
    };
  });
}

function observed(id: string, task: TaskRecord): ObservedTask {
  const status = TASK_STATUS[task.status] ?? 'unknown';
  const exited = status === 'stopped' ? millisecondsOf(task.exitedAt) : undefined;
  return { id, pid: task.pid, status, ...(exited !== undefined && exited > 0 ? { exitedAtMs: exited } : {}) };
}
