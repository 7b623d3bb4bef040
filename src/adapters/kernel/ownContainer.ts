import { readFile, readlink } from '../../util/files';
import { join } from 'node:path';
import { parseCgroup, containerIdIn } from './parse/cgroup';
import { parseMountinfo } from './parse/mountinfo';

/** The container in which this very process runs. */
export interface OwnContainer {
  /** As its engine names it; undefined where nothing tells it. */
  readonly runtimeId?: string;
  /** The file and the line of it that shows it, for people. */
  readonly evidence: string;
  /** True when processes outside of it cannot be seen: /proc shows those of its own PID namespace. */
  readonly hidesProcesses: boolean;
}

/** The inode of the first PID namespace of every kernel. Source: include/linux/proc_ns.h, PROC_PID_INIT_INO. */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';
/** Files that engines bind into their containers from the folder of the container. Sources: moby, Podman. */
const GIVEN = new Set(['/etc/hostname', '/etc/hosts', '/etc/resolv.conf']);

/**
 * Whether this process runs in a container, by what its kernel says: never by a host name, which anybody may choose, nor by
 * /.dockerenv, which stays in file trees that are no container any more. Undefined when it does not, or nothing tells.
 */
export async function readOwnContainer(procRoot = '/proc'): Promise<OwnContainer | undefined> {
  const self = join(procRoot, 'self');
  const [cgroup, mountinfo, pidNamespace] = await Promise.all([
    readFile(join(self, 'cgroup'), 'utf8').catch(() => ''),
    readFile(join(self, 'mountinfo'), 'utf8').catch(() => ''),
    readlink(join(self, 'ns/pid')).catch(() => FIRST_PID_NAMESPACE),
  ]);
  const hidesProcesses = pidNamespace !== FIRST_PID_NAMESPACE;
  const found = byCgroup(cgroup) ?? byMounts(mountinfo);
  if (found) return { ...found, hidesProcesses };
  return hidesProcesses
    ? { evidence: `/proc/self/ns/pid is ${pidNamespace}, not the first one of the kernel`, hidesProcesses }
    : undefined;
}

function byCgroup(text: string): Pick<OwnContainer, 'runtimeId' | 'evidence'> | undefined {
  for (const { path } of parseCgroup(text)) {
    const runtimeId = containerIdIn(path);
    if (runtimeId !== undefined) return { runtimeId, evidence: `/proc/self/cgroup: ${path}` };
  }
  return undefined;
}

/** In a cgroup namespace of its own the path is just `/`; the files that the engine has bound still name the container. */
function byMounts(text: string): Pick<OwnContainer, 'runtimeId' | 'evidence'> | undefined {
  for (const { root, mountPoint } of parseMountinfo(text)) {
    if (!GIVEN.has(mountPoint)) continue;
    const runtimeId = /\/(?:containers|overlay-containers)\/([0-9a-f]{64})\//.exec(root)?.[1];
    if (runtimeId !== undefined) return { runtimeId, evidence: `/proc/self/mountinfo: ${mountPoint} is ${root}` };
  }
  return undefined;
}
