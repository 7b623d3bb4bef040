import type { ProcessRecord } from '../process';
import type { Observation, ObservedNamespace, ObservedShim, ObservedState } from './observation';

/*
 * Questions that several checks ask of an observation.
 */

/** Who waits for a deletion that only he makes: everywhere else an engine deletes a task as soon as it has ended. */
export function endsItsTasks(namespace: string): boolean {
  return namespace === 'k8s.io' || /^(?:plugins\.)?moby(?:-|$)/.test(namespace);
}

export function namespaceOf(
  seen: Observation,
  containerd: string | undefined,
  namespace: string | undefined,
): ObservedNamespace | undefined {
  return seen.namespaces.find((one) => one.containerd === containerd && one.namespace === namespace);
}

/** The children of a process that live. */
export function livingChildren({ processes }: Observation, { pid }: ProcessRecord): readonly ProcessRecord[] {
  return processes.childrenOf(pid).filter(({ state }) => !isDead(state));
}

/** Zombies, and what is being taken away. */
export function isDead(state: string): boolean {
  return state === 'Z' || state === 'X';
}

/** Stopped by a signal, or held by a debugger. */
export function isStopped({ state }: ProcessRecord): boolean {
  return state === 'T' || state === 't';
}

/** The init process that a runtime noted, when it is that very process. */
export function initOf({ processes }: Observation, state: ObservedState): ProcessRecord | undefined {
  if (state.initPid === undefined) return undefined;
  const found = processes.byPid.get(state.initPid);
  return found && found.startTicks === state.initStartTicks ? found : undefined;
}

/** Whether a shim answers for a container: it was started for it, or has its process as a child. */
export function caresFor(shim: ObservedShim, id: string): boolean {
  return shim.id === id || shim.serves.includes(id);
}

/** The folder of a namespace's bundles in which a bundle is, and the bundle's id, by containerd's layout. */
export function taskBundleOf(bundle: string): { readonly namespace: string; readonly id: string } | undefined {
  const match = /\/io\.containerd\.runtime\.v2\.task\/([^/]+)\/([^/]+)$/.exec(bundle);
  return match?.[1] && match[2] ? { namespace: match[1], id: match[2] } : undefined;
}

/** True for the bundle of a container of Podman or CRI-O. Source: containers/storage, `<driver>-containers/<id>/userdata`. */
export function isMonitorBundle(bundle: string): boolean {
  return /-containers\/[^/]+\/userdata$/.test(bundle);
}

export function processKey({ pid, startTicks }: ProcessRecord): string {
  return `${pid}@${startTicks}`;
}

export function youngest(...times: readonly (number | undefined)[]): { sinceMs?: number } {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? {} : { sinceMs: Math.max(...known) };
}
