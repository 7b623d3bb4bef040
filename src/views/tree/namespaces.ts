import type { Container } from '../../model/container';
import { valueOf } from '../../model/fact';
import type { Inspection } from '../../model/inspection';
import { asArray, asRecord, asString, memberAt } from '../../util/records';

/** Whose namespace a container's process is in; `unknown` where nothing tells. */
export type Sharing =
  | { readonly kind: 'own' }
  | { readonly kind: 'host' }
  /** Joined from another process; `container` where that process is one's init. */
  | { readonly kind: 'joined'; readonly path: string; readonly container?: Container }
  | { readonly kind: 'unknown' };

/**
 * Inode numbers of the first namespaces, which are the host's: the kernel gives them fixed numbers, so they tell the host
 * by themselves. Source: include/linux/proc_ns.h. Not fixed: mnt and net.
 */
const FIRST_INODES: Readonly<Record<string, number>> = {
  time: 0xeffffffa,
  cgroup: 0xeffffffb,
  pid: 0xeffffffc,
  user: 0xeffffffd,
  uts: 0xeffffffe,
  ipc: 0xefffffff,
};

/** How the OCI spec calls the types that /proc names otherwise. */
const OCI_NAMES: Readonly<Record<string, string>> = { mnt: 'mount', net: 'network' };

/** Whose namespace of a type (as /proc/PID/ns names it) this container uses, and how we know. */
export function sharingOf(
  type: string,
  inode: number,
  inspection: Inspection,
  containers: readonly Container[],
): Sharing {
  const first = FIRST_INODES[type];
  if (first === inode) return { kind: 'host' };
  if (type === 'net' && networkMode(inspection) === 'host') return { kind: 'host' };
  const entries = asArray(memberAt(valueOf(inspection.facts.ociConfig), 'linux', 'namespaces'));
  if (entries.length === 0) return first === undefined ? { kind: 'unknown' } : { kind: 'own' };
  const name = OCI_NAMES[type] ?? type;
  const entry = entries.map(asRecord).find((candidate) => candidate?.type === name);
  if (!entry) return first === undefined ? { kind: 'host' } : { kind: 'own' };
  const path = asString(entry.path);
  if (!path) return { kind: 'own' };
  const pid = Number(/^\/proc\/(\d+)\/ns\//.exec(path)?.[1]);
  const container = containers.find(
    ({ id, sightings }) => id !== inspection.id && sightings.some(({ initPid }) => initPid === pid),
  );
  // Engines keep a container's own network under a path too: only another process's is surely joined.
  if (Number.isNaN(pid)) return { kind: 'own' };
  return { kind: 'joined', path, ...(container ? { container } : {}) };
}

function networkMode(inspection: Inspection): string | undefined {
  return asString(memberAt(valueOf(inspection.facts.engineRecord), 'HostConfig', 'NetworkMode'));
}
