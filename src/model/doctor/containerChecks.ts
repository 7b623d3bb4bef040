import type { ProcessRecord } from '../process';
import { readableId } from '../../util/text';
import {
  bundleEvidence,
  noBundleEvidence,
  processEvidence,
  socketEvidence,
  startTicksEvidence,
  stateEvidence,
  taskEvidence,
} from './evidence';
import type { Evidence, Finding } from './finding';
import { startedAtMs, type Observation, type ObservedBundle, type ObservedState } from './observation';
import { initOf, isDead, isMonitorBundle, namespaceOf, processKey, taskBundleOf, youngest } from './places';
import { caretakerOf, isServed } from './shimChecks';

/** Containers whose init runs and is nobody's child who would care for it. */
export function checkOrphans(seen: Observation): Finding[] {
  const found = new Map<string, Finding>();
  for (const state of seen.states) {
    const init = initOf(seen, state);
    if (!init || isDead(init.state) || caretakerOf(seen, init.parentPid) || isMonitor(seen, init)) continue;
    const monitored = state.bundle !== undefined && isMonitorBundle(state.bundle);
    const namespace = state.namespace ?? (state.bundle ? taskBundleOf(state.bundle)?.namespace : undefined);
    // Who calls runc himself has no shim, and needs none.
    if (namespace === undefined && !monitored) continue;
    const where = seen.bundles.find(({ path }) => path === state.bundle)?.containerd;
    const known = namespaceOf(seen, where, namespace);
    const finding: Finding = {
      key: `orphan ${processKey(init)}`,
      kind: namespace === undefined ? 'container-without-conmon' : 'container-without-shim',
      severity: 'attention',
      subject: `container ${namespace === undefined ? '' : `${namespace}/`}${readableId(state.id)}`,
      runtimeId: state.id,
      where: where ?? state.bundle ?? state.file,
      evidence: [
        processEvidence('Its init process', init, seen),
        stateEvidence(state, seen),
        ...bundleOf(seen, state),
        ...(known ? [taskEvidence(known, state.id, seen)] : []),
      ],
      ...youngest(startedAtMs(seen, init)),
    };
    found.set(finding.key, finding);
  }
  return [...found.values()];
}

/** Other monitors than conmon, such as CRI-O's conmonrs, are left to themselves: their children are cared for. */
function isMonitor({ processes }: Observation, { parentPid }: ProcessRecord): boolean {
  return /^(?:conmon|containerd-shim)/.test(processes.byPid.get(parentPid)?.comm ?? '');
}

function bundleOf(seen: Observation, { bundle }: ObservedState): Evidence[] {
  const found = seen.bundles.find(({ path }) => path === bundle);
  return found ? [bundleEvidence(found, seen)] : [];
}

/** Bundles that no task belongs to, and tasks whose bundle is gone. */
export function checkBundles(seen: Observation): Finding[] {
  return [...seen.bundles.flatMap((bundle) => checkBundle(bundle, seen)), ...tasksWithoutBundle(seen)];
}

function checkBundle(bundle: ObservedBundle, seen: Observation): Finding[] {
  const { containerd, namespace, id } = bundle;
  if (!seen.answered.has(containerd) || isServed(seen, namespace, id)) return [];
  // One that answers and does not name the namespace has no task in it.
  const where = namespaceOf(seen, containerd, namespace) ?? emptyNamespace(containerd, namespace);
  const lives = seen.states.some((state) => state.bundle === bundle.path && initOf(seen, state));
  if (where.tasks.has(id) || lives) return [];
  return [
    {
      key: `bundle-without-task ${bundle.path}`,
      kind: 'bundle-without-task',
      severity: 'leftover',
      subject: `bundle of ${namespace}/${readableId(id)}`,
      runtimeId: id,
      where: containerd,
      evidence: [bundleEvidence(bundle, seen), taskEvidence(where, id, seen)],
      ...youngest(bundle.changedAtMs),
    },
  ];
}

function emptyNamespace(containerd: string, namespace: string): Observation['namespaces'][number] {
  return { containerd, namespace, containers: new Set(), tasks: new Map(), pidsAreOurs: true };
}

function tasksWithoutBundle(seen: Observation): Finding[] {
  return seen.namespaces.flatMap((where) => {
    const folders = seen.folders.filter(
      ({ containerd, namespace }) => containerd === where.containerd && namespace === where.namespace,
    );
    // Where no folder is known, nothing can be missing in it.
    if (folders.length === 0) return [];
    const paths = folders.map(({ path }) => path);
    const there = new Set(
      seen.bundles.filter(({ path, id }) => paths.some((f) => path === `${f}/${id}`)).map(({ id }) => id),
    );
    return [...where.tasks.values()]
      .filter(({ id }) => !there.has(id))
      .map((task): Finding => {
        const init = where.pidsAreOurs ? seen.processes.byPid.get(task.pid) : undefined;
        return {
          key: `task-without-bundle ${where.containerd} ${where.namespace} ${task.id}`,
          kind: 'task-without-bundle',
          severity: 'attention',
          subject: `task ${where.namespace}/${readableId(task.id)}`,
          runtimeId: task.id,
          where: where.containerd,
          evidence: [
            taskEvidence(where, task.id, seen),
            noBundleEvidence(paths, task.id, seen),
            ...(init ? [processEvidence('Its init process', init, seen)] : []),
          ],
          ...youngest(init && startedAtMs(seen, init), task.exitedAtMs),
        };
      });
  });
}

/** Socket files of shims on which nobody listens any more. */
export function checkSockets(seen: Observation): Finding[] {
  return seen.sockets
    .filter(({ listening }) => !listening)
    .map((socket): Finding => {
      const { owner } = socket;
      const bundle = seen.bundles.find(({ shimSocket }) => shimSocket === socket.path);
      return {
        key: `socket-left-behind ${socket.path} ${socket.changedAtMs}`,
        kind: 'socket-left-behind',
        severity: 'leftover',
        subject: owner
          ? `socket of the shim of ${owner.namespace}/${readableId(owner.id)}`
          : `socket ${socket.path.slice(socket.path.lastIndexOf('/') + 1).slice(0, 12)}`,
        ...(owner ? { runtimeId: owner.id } : {}),
        where: owner?.containerd ?? socket.path,
        evidence: [...socketEvidence(socket, seen), ...(bundle ? [bundleEvidence(bundle, seen)] : [])],
        ...youngest(socket.changedAtMs),
      };
    });
}

/** init.pid is written after its process has started; the boot time is known to the second. */
const CLOCK_SLACK_MS = 5_000;

/** PIDs on disk that belong to another process by now: whoever goes by the number alone meets a stranger. */
export function checkPids(seen: Observation): Finding[] {
  const found = new Map<string, Finding>();
  for (const state of seen.states) {
    const now = state.initPid === undefined ? undefined : seen.processes.byPid.get(state.initPid);
    if (!now || state.initStartTicks === undefined || now.startTicks === state.initStartTicks) continue;
    const bundle = seen.bundles.find(({ path }) => path === state.bundle);
    const evidence = [stateEvidence(state, seen), startTicksEvidence(now, seen), processEvidence('It is', now, seen)];
    put(found, state.id, state.namespace, now, bundle?.containerd ?? state.bundle ?? state.file, evidence, seen);
  }
  for (const bundle of seen.bundles) {
    const now = bundle.initPid && seen.processes.byPid.get(bundle.initPid.pid);
    const started = now && startedAtMs(seen, now);
    if (!bundle.initPid || !now || started === undefined) continue;
    if (started < bundle.initPid.writtenAtMs + CLOCK_SLACK_MS) continue;
    const evidence = [bundleEvidence(bundle, seen), processEvidence('init.pid there names', now, seen)];
    put(found, bundle.id, bundle.namespace, now, bundle.containerd, evidence, seen);
  }
  return [...found.values()];
}

function put(
  found: Map<string, Finding>,
  id: string,
  namespace: string | undefined,
  now: ProcessRecord,
  where: string,
  evidence: readonly Evidence[],
  seen: Observation,
): void {
  const subject = `container ${namespace === undefined ? '' : `${namespace}/`}${readableId(id)}`;
  const key = `pid-reused ${subject} ${processKey(now)}`;
  if (found.has(key)) return;
  const since = youngest(startedAtMs(seen, now));
  found.set(key, { key, kind: 'pid-reused', severity: 'attention', subject, runtimeId: id, where, evidence, ...since });
}
