import { known, unknown, unknownFrom, type Fact, type UnknownFact } from '../../model/fact';
import type { Findings, RuntimeFacts } from '../../model/inspection';
import { RuntimeError } from '../../model/problem';
import { withChannel } from '../grpc/channel';
import { decodeAny, runcOptionsOf } from './any';
import { ContainerdClient } from './client';
import { ctr, sourceOf } from './details';
import { isoOf, TASK_STATUS, type ContainerRecord, type TaskRecord } from './messages';
import { METHODS } from './methods';
import { pidViewOf } from './pidView';

/** Where a container lies in containerd. */
export interface ContainerPlace {
  readonly socketPath: string;
  readonly namespace: string;
  readonly id: string;
}

/** Asks containerd about one container. Never rejects but when cancelled. */
export async function inspectAt(place: ContainerPlace, signal?: AbortSignal): Promise<Findings> {
  const what = `Asking containerd about ${place.id}`;
  try {
    return await withChannel(place.socketPath, signal, async (channel) => {
      const client = new ContainerdClient(channel, signal);
      const [container, task, pids] = await Promise.all([
        client.container(place.namespace, place.id),
        client.task(place.namespace, place.id).catch((error: unknown) => refusal(error, what)),
        pidViewOf(client),
      ]);
      return findingsOf(place, container, task, pids.pidsAreOurs !== false);
    });
  } catch (error) {
    return refusals(refusal(error, what));
  }
}

/** The same refusal for everything that this layer could have told. */
export function refusals(fact: UnknownFact): Findings {
  return { containerdRecord: fact, ociConfig: fact, initPid: fact, runtime: fact };
}

function findingsOf(
  place: ContainerPlace,
  container: ContainerRecord,
  task: TaskRecord | UnknownFact | undefined,
  pidsAreOurs: boolean,
): Findings {
  const get = sourceOf(METHODS.container, place.socketPath);
  const info = ctr(place.socketPath, '-n', place.namespace, 'containers', 'info', place.id);
  const record = recordOf(container, task);
  return {
    containerdRecord: known('containerd', record, get, info),
    ociConfig: specOf(container, get, info),
    initPid: initPidOf(place, task, pidsAreOurs),
    runtime: runtimeOf(container, get, info),
  };
}

/**
 * containerd's records of a container and its task, with all Anys decoded. Of the spec, which is a fact of its own, only
 * type and size are kept. `task` is null when there is none.
 */
function recordOf(container: ContainerRecord, task: TaskRecord | UnknownFact | undefined): unknown {
  const { labels, runtime, extensions, spec, createdAt, updatedAt, ...plain } = container;
  return {
    container: {
      ...plain,
      labels: Object.fromEntries(labels),
      runtime: runtime && {
        name: runtime.name,
        ...(runtime.options ? { options: decodeAny(runtime.options) } : {}),
      },
      createdAt: isoOf(createdAt),
      updatedAt: isoOf(updatedAt),
      extensions: Object.fromEntries([...extensions].map(([name, any]) => [name, decodeAny(any)])),
      spec: spec && { typeUrl: spec.typeUrl, bytes: spec.value.length },
    },
    task: task === undefined ? null : 'unavailable' in task ? task : taskOf(task),
  };
}

function taskOf(task: TaskRecord): unknown {
  const { containerId: _empty, status, exitedAt, exitStatus, ...plain } = task;
  const stopped = TASK_STATUS[status] === 'stopped';
  return {
    ...plain,
    status: TASK_STATUS[status] ?? `unknown (${status})`,
    ...(stopped ? { exitStatus, exitedAt: isoOf(exitedAt) } : {}),
  };
}

function specOf(container: ContainerRecord, source: string, how: string): Fact<unknown> {
  if (!container.spec || container.spec.value.length === 0) {
    return unknown(
      'containerd’s record of the container holds no spec.',
      'Look for config.json in its bundle.',
      'containerd',
    );
  }
  const decoded = decodeAny(container.spec);
  if (decoded.value === undefined) {
    const reason = `containerd’s record holds a spec of ${decoded.bytes} bytes that cannot be read as JSON (${decoded.typeUrl}).`;
    return unknown(reason, 'Look for config.json in its bundle.', 'containerd');
  }
  return known('containerd', decoded.value, `${source}, field spec`, `${how} --spec`, {
    note: 'The spec as the container was created with it: later updates of limits do not reach this record.',
  });
}

function initPidOf(
  place: ContainerPlace,
  task: TaskRecord | UnknownFact | undefined,
  pidsAreOurs: boolean,
): Fact<number> {
  if (task === undefined) {
    return unknown(
      'containerd holds the container, but no task: no process runs.',
      'Start the container.',
      'containerd',
    );
  }
  if ('unavailable' in task) return task;
  if (TASK_STATUS[task.status] === 'stopped' || task.pid === 0) {
    return unknown('The task has ended: its init process is gone.', 'Start the container again.', 'containerd');
  }
  if (!pidsAreOurs) {
    const reason = `containerd counts PIDs in another PID namespace: its ${task.pid} is another process here.`;
    return unknown(reason, 'Run the explorer in the PID namespace of containerd.', 'containerd');
  }
  const how = ctr(place.socketPath, '-n', place.namespace, 'tasks', 'list');
  return known('containerd', task.pid, sourceOf(METHODS.task, place.socketPath), how);
}

function runtimeOf(container: ContainerRecord, source: string, how: string): Fact<RuntimeFacts> {
  const name = container.runtime?.name ?? '';
  if (name === '') {
    return unknown('containerd’s record names no runtime.', 'Look at the files of its bundle.', 'containerd');
  }
  const options = runcOptionsOf(container.runtime?.options);
  const isRunc = /^io\.containerd\.runc\./.test(name);
  if (!isRunc && !options) {
    const binary = shimBinaryOf(name);
    const note = 'Not runc’s shim: which program makes the container is this shim’s own affair.';
    return known('containerd', { runtimeName: name, binary }, source, how, { note });
  }
  const note = options?.binaryName ? undefined : 'No binary is named, so the shim calls its default: runc.';
  const facts: RuntimeFacts = {
    runtimeName: name,
    binary: options?.binaryName || 'runc',
    cgroupDriver: options?.systemdCgroup ? 'systemd' : 'cgroupfs',
    ...(options?.root ? { root: options.root } : {}),
  };
  return known('containerd', facts, `${source}, field runtime`, how, note ? { note } : {});
}

/** io.containerd.kata.v2 → containerd-shim-kata-v2. Source: containerd core/runtime/v2/README.md. */
function shimBinaryOf(runtimeName: string): string {
  if (runtimeName.startsWith('/')) return runtimeName;
  const [name, version] = runtimeName.split('.').slice(-2);
  return name && version ? `containerd-shim-${name}-${version}` : runtimeName;
}

/** A failure as an unknown fact; being cancelled is no answer and goes on up. */
export function refusal(error: unknown, what: string): UnknownFact {
  const wrapped = RuntimeError.from(error, what);
  if (wrapped.problem.code === 'cancelled') throw wrapped;
  return unknownFrom(wrapped.problem, 'containerd');
}
