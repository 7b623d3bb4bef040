import { asString, memberAt } from '../../util/records';
import type { Observation, ProcessSeen } from './observation';

/** The container that a trace is about. */
export interface Subject {
  readonly containerId: string;
  readonly containerdNamespace?: string;
}

/** How far a birth has come. */
export type Progress = 'starting' | 'running' | 'failed';

/** Signs that a container is being started, and not only made known to somebody. */
function isStartSign(observation: Observation): boolean {
  switch (observation.source) {
    case 'containerd-events':
      return observation.topic === '/tasks/create' || observation.topic === '/tasks/start';
    case 'docker-events':
      return observation.type === 'container' && (observation.action === 'start' || observation.action === 'die');
    case 'procfs':
      return observation.role === 'runtime' || observation.role === 'init';
    case 'dockerd-log':
      return false;
  }
}

/** Signs that a container was made. An engine makes its containerd container only when it starts it. */
function isMadeSign(observation: Observation): boolean {
  switch (observation.source) {
    case 'containerd-events':
      return observation.topic === '/containers/create';
    case 'docker-events':
      return observation.type === 'container' && observation.action === 'create';
    case 'procfs':
    case 'dockerd-log':
      return false;
  }
}

/** The container whose start was seen first; while there is none, the one that was made last. */
export function chooseSubject(observations: readonly Observation[]): Subject | undefined {
  const named = observations.filter(({ containerId }) => containerId !== undefined);
  // Only what was also made, or is shown to start by an event: a process alone may belong to a container that runs already.
  const made = new Set(named.filter(isMadeSign).map(({ containerId }) => containerId));
  const found =
    named.find(
      (one) => isStartSign(one) && (made.has(one.containerId) || (one.source !== 'procfs' && !isDeath(one))),
    ) ??
    named.find((one) => isEndOf(one) && madeBefore(named, one)) ??
    named.filter(isMadeSign).at(-1);
  const containerId = found?.containerId;
  if (containerId === undefined) return undefined;
  const namespace = named
    .flatMap((one) => (one.containerId === containerId && one.source === 'containerd-events' ? [one.namespace] : []))
    .at(0);
  return { containerId, ...(namespace === undefined ? {} : { containerdNamespace: namespace }) };
}

/** What is about a container, with the snapshots that bear its id. */
export function observationsOf(observations: readonly Observation[], subject: Subject): readonly Observation[] {
  const { containerId, containerdNamespace } = subject;
  return merged(
    observations.filter((one) => {
      // What ended an earlier run of a container that is started again is none of this birth.
      if (isEndOf(one) && one.atUs < firstMade(observations, containerId)) return false;
      if (one.containerId !== undefined) {
        const otherNamespace =
          one.source === 'containerd-events' &&
          containerdNamespace !== undefined &&
          one.namespace !== containerdNamespace;
        return one.containerId === containerId && !otherNamespace;
      }
      return one.source === 'containerd-events' && snapshotKey(one.payload)?.includes(containerId) === true;
    }),
  );
}

/** Of what was told of one process several times, the last. */
function merged(observations: readonly Observation[]): readonly Observation[] {
  const processes = new Map<string, ProcessSeen>();
  for (const one of observations) if (one.source === 'procfs') processes.set(`${one.pid} ${one.startTicks}`, one);
  return [...observations.filter(({ source }) => source !== 'procfs'), ...processes.values()];
}

export function progressOf(observations: readonly Observation[], { containerId }: Subject): Progress {
  const own = observations.filter((one) => one.containerId === containerId);
  if (own.some(isRunning)) return 'running';
  return own.some((one) => isEndOf(one) && madeBefore(own, one)) ? 'failed' : 'starting';
}

function madeBefore(observations: readonly Observation[], end: Observation): boolean {
  const made = firstMade(observations, end.containerId);
  return made > 0 && end.atUs >= made;
}

/** When a container was made, or made known to containerd; 0 when that was not seen. */
function firstMade(observations: readonly Observation[], containerId: string | undefined): number {
  const own = observations.filter((one) => one.containerId === containerId && isMadeSign(one));
  return own.length === 0 ? 0 : Math.min(...own.map(({ atUs }) => atUs));
}

function isRunning(one: Observation): boolean {
  return (
    (one.source === 'containerd-events' && one.topic === '/tasks/start') ||
    (one.source === 'docker-events' && one.type === 'container' && one.action === 'start')
  );
}

function isDeath(one: Observation): boolean {
  return one.source === 'docker-events' && one.action === 'die';
}

/** Before a start, these tell that there will be none. */
function isEndOf(one: Observation): boolean {
  return (
    (one.source === 'containerd-events' &&
      (one.topic === '/containers/delete' || one.topic === '/tasks/exit' || one.topic === '/tasks/delete')) ||
    (one.source === 'docker-events' &&
      ((one.type === 'container' && (one.action === 'die' || one.action === 'destroy')) ||
        (one.type === 'network' && one.action === 'disconnect')))
  );
}

function snapshotKey(payload: unknown): string | undefined {
  return asString(memberAt(payload, 'key'));
}
