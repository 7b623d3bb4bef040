import { isKnown, known } from '../fact';
import type { ProcessRecord } from '../process';
import { counted, shellLine } from '../../util/text';
import type { Evidence } from './finding';
import {
  startedAtMs,
  type Observation,
  type ObservedBundle,
  type ObservedNamespace,
  type ObservedSocket,
  type ObservedState,
  type ObservedTask,
} from './observation';

/*
 * Pieces of evidence: what was seen, where, and the command that shows the same.
 */

/** A process: who it is, since when, and whose child. */
export function processEvidence(label: string, process: ProcessRecord, seen: Observation): Evidence {
  const started = startedAtMs(seen, process);
  const since = started === undefined ? '' : `, started ${new Date(started).toISOString()}`;
  const parent = seen.processes.byPid.get(process.parentPid);
  const text = `PID ${process.pid} (${process.comm})${since}, state ${process.state}, parent ${process.parentPid} (${parent?.comm ?? 'unknown'})`;
  return {
    label,
    fact: known(
      'procfs',
      text,
      `/proc/${process.pid}/stat`,
      `ps -ww -o pid,ppid,stat,lstart,args -p ${process.pid}`,
      at(seen),
    ),
  };
}

/** The children of a process. */
export function childrenEvidence(process: ProcessRecord, seen: Observation): Evidence {
  const children = seen.processes.childrenOf(process.pid);
  const text = children.map(({ pid, comm, state }) => `${pid} (${comm}, ${state})`).join(', ') || 'none';
  return {
    label: 'Its children',
    fact: known(
      'procfs',
      text,
      `/proc/*/stat, parent PID ${process.pid}`,
      `ps -ww -o pid,ppid,stat,args --ppid ${process.pid}`,
      at(seen),
    ),
  };
}

/** What containerd says of an id: a task, a container without a task, or nothing. */
export function taskEvidence(where: ObservedNamespace, id: string, seen: Observation): Evidence {
  const task = where.tasks.get(id);
  const value = task
    ? taskText(task)
    : where.containers.has(id)
      ? 'a container of this id, and no task'
      : 'neither a task nor a container of this id';
  const source = `containerd Tasks.List and Containers.List at unix://${where.containerd}, namespace ${where.namespace}`;
  const how = shellLine(['ctr', '--address', where.containerd, '--namespace', where.namespace, 'tasks', 'list']);
  return { label: 'containerd knows', fact: known('containerd', value, source, how, at(seen)) };
}

function taskText({ status, pid, exitedAtMs }: ObservedTask): string {
  const ended = exitedAtMs === undefined ? '' : `, ended ${new Date(exitedAtMs).toISOString()}`;
  return `a task, ${status}, PID ${pid}${ended}`;
}

export function bundleEvidence(bundle: Pick<ObservedBundle, 'path' | 'changedAtMs'>, seen: Observation): Evidence {
  const text = `${bundle.path}, last changed ${new Date(bundle.changedAtMs).toISOString()}`;
  return {
    label: 'Its bundle',
    fact: known('bundle', text, bundle.path, shellLine(['ls', '-la', '--time-style=full-iso', bundle.path]), at(seen)),
  };
}

/** That a bundle is in none of the folders. */
export function noBundleEvidence(folders: readonly string[], id: string, seen: Observation): Evidence {
  const paths = folders.map((folder) => `${folder}/${id}`);
  return {
    label: 'Its bundle',
    fact: known(
      'bundle',
      `none in ${folders.join(', ')}`,
      folders.join(', '),
      shellLine(['ls', '-ld', ...paths]),
      at(seen),
    ),
  };
}

export function stateEvidence(state: ObservedState, seen: Observation): Evidence {
  const { runtime, initPid, initStartTicks, file } = state;
  const text = `init is PID ${initPid ?? 'unknown'}, started at tick ${initStartTicks ?? 'unknown'} after boot`;
  return {
    label: `${runtime} noted`,
    fact: known('runtime-state', text, file, shellLine(['sudo', 'cat', file]), at(seen)),
  };
}

/** The process that has a PID now, by its start time in the unit that runtimes note. */
export function startTicksEvidence(process: ProcessRecord, seen: Observation): Evidence {
  const text = `PID ${process.pid} (${process.comm}) started at tick ${process.startTicks} after boot`;
  return {
    label: 'The kernel says',
    fact: known(
      'procfs',
      text,
      `/proc/${process.pid}/stat, field 22`,
      `sed 's/.*) //' /proc/${process.pid}/stat | cut -d' ' -f20`,
      at(seen),
    ),
  };
}

export function socketEvidence({ path, changedAtMs, listening }: ObservedSocket, seen: Observation): Evidence[] {
  return [
    {
      label: 'The socket file',
      fact: known(
        'shim',
        `${path}, made ${new Date(changedAtMs).toISOString()}`,
        path,
        shellLine(['ls', '-l', '--time-style=full-iso', path]),
        at(seen),
      ),
    },
    {
      label: 'Who listens on it',
      fact: known(
        'procfs',
        listening ? 'a process' : 'nobody',
        '/proc/PID/net/unix of every network namespace with a shim or containerd in it',
        `grep -F ${shellLine([path])} /proc/net/unix`,
        at(seen),
      ),
    },
  ];
}

const MOST_NAMED = 20;

/** Several socket files of one folder; `one` is the evidence of the first of them. */
export function socketsEvidence(folder: string, paths: readonly string[], one: readonly Evidence[]): Evidence[] {
  const observedAt = one.map(({ fact }) => (isKnown(fact) ? fact.observedAt : undefined)).find(Boolean);
  const when = observedAt === undefined ? {} : { observedAt };
  const names = paths.map((file) => file.slice(folder.length + 1).slice(0, 12));
  const more = names.length > MOST_NAMED ? `, and ${names.length - MOST_NAMED} more` : '';
  const listed = `${names.slice(0, MOST_NAMED).join(', ')}${more}`;
  const lists = '/proc/PID/net/unix of every network namespace with a shim or containerd in it';
  return [
    { label: 'The socket files', fact: known('shim', listed, folder, shellLine(['ls', '-l', folder]), when) },
    {
      label: 'Who listens on them',
      fact: known('procfs', 'nobody', lists, `grep -F ${shellLine([`${folder}/`])} /proc/net/unix`, when),
    },
  ];
}

/** How many things were looked at, with their sources. */
export function examinedEvidence(seen: Observation): Evidence[] {
  const { shims, namespaces, folders, bundles, states, sockets, answered } = seen;
  const count = (kind: string): number => shims.filter((shim) => shim.kind === kind).length;
  const tasks = namespaces.reduce((sum, { tasks: { size } }) => sum + size, 0);
  const ctr = [...answered].map((socket) => shellLine(['ctr', '--address', socket, 'namespaces', 'list'])).join('; ');
  return [
    {
      label: 'Shims',
      fact: known('procfs', String(count('containerd-shim')), '/proc/*/cmdline', 'pgrep -af containerd-shim', at(seen)),
    },
    {
      label: 'Monitors (conmon)',
      fact: known('procfs', String(count('conmon')), '/proc/*/cmdline', 'pgrep -af conmon', at(seen)),
    },
    {
      label: 'Tasks',
      fact: known(
        'containerd',
        `${tasks} in ${counted(namespaces.length, 'namespace')} of ${counted(answered.size, 'containerd')}`,
        [...answered].map((socket) => `unix://${socket}`).join(', ') || 'no containerd answered',
        ctr || 'pgrep -a containerd',
        at(seen),
      ),
    },
    {
      label: 'Bundles',
      fact: known(
        'bundle',
        String(bundles.length),
        folders.map(({ path }) => path).join(', ') || 'no folder of bundles was found',
        shellLine(['sudo', 'ls', ...folders.map(({ path }) => path)]),
        at(seen),
      ),
    },
    {
      label: 'Containers of OCI runtimes',
      fact: known(
        'runtime-state',
        String(states.length),
        'state.json and status files',
        'sudo ls /run/runc /run/crun',
        at(seen),
      ),
    },
    {
      label: 'Sockets of shims',
      fact: known(
        'shim',
        String(sockets.length),
        'the folders that bundles name',
        'sudo ls -l /run/containerd/s',
        at(seen),
      ),
    },
  ];
}

function at({ atMs }: Observation): { observedAt: string } {
  return { observedAt: new Date(atMs).toISOString() };
}
