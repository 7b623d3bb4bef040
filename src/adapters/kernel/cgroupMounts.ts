import { readFile } from '../../util/files';
import { join } from 'node:path';
import type { CgroupMode } from '../../model/cgroup';
import type { CgroupLine } from './parse/cgroup';
import { parseMountinfo, type MountRecord } from './parse/mountinfo';

/** Where the hierarchies of cgroups are mounted, as this process sees it. */
export interface CgroupMounts {
  readonly mode: CgroupMode;
  readonly v2: MountRecord | undefined;
  readonly v1: readonly MountRecord[];
}

/** Every container asks, and the table has some lines for each container: reading it each time would cost more than all else. */
const HOLDS_MS = 1_000;

interface Reading {
  readonly procRoot: string;
  readonly begunAtMs: number;
  readonly mounts: Promise<CgroupMounts>;
}

let last: Reading | undefined;

/**
 * Reads the mounts of cgroup file systems; what was read holds for a second. Source: /proc/self/mountinfo; no path below
 * /sys/fs/cgroup is assumed.
 */
export function readCgroupMounts(procRoot = '/proc'): Promise<CgroupMounts> {
  const now = performance.now();
  if (last?.procRoot === procRoot && now - last.begunAtMs < HOLDS_MS) return last.mounts;
  const reading: Reading = { procRoot, begunAtMs: now, mounts: read(procRoot) };
  last = reading;
  // What could not be read may be readable the next time.
  reading.mounts.catch(() => {
    if (last === reading) last = undefined;
  });
  return reading.mounts;
}

async function read(procRoot: string): Promise<CgroupMounts> {
  return cgroupMountsOf(parseMountinfo(await readFile(join(procRoot, 'self/mountinfo'), 'utf8')));
}

export function cgroupMountsOf(mounts: readonly MountRecord[]): CgroupMounts {
  // A hierarchy may be mounted several times: where its root is mounted, all of it can be seen.
  const whole = (mount: MountRecord): number => (mount.root === '/' ? 0 : 1);
  const ordered = [...mounts].sort((a, b) => whole(a) - whole(b));
  const v2 = ordered.find(({ type }) => type === 'cgroup2');
  const v1 = ordered.filter(({ type }) => type === 'cgroup');
  return { mode: v1.length === 0 ? 'unified' : v2 ? 'hybrid' : 'legacy', v2, v1 };
}

/** Names that stand among the options of a v1 hierarchy without being controllers. */
const NO_CONTROLLERS: ReadonlySet<string> = new Set([
  'rw',
  'ro',
  'seclabel',
  'xattr',
  'noprefix',
  'clone_children',
  'cpuset_v2_mode',
]);

/** The controllers of a v1 mount: `cpu`, `cpuacct`; `name=systemd` for a named one. */
export function controllersOf(mount: MountRecord): readonly string[] {
  return mount.superOptions.filter((option) => !NO_CONTROLLERS.has(option) && !option.startsWith('release_agent='));
}

/** A folder of the cgroup file system, or why there is none for this line. */
export type CgroupFolder = { readonly folder: string; readonly mountPoint: string } | { readonly missing: string };

/**
 * The folder that shows a line of /proc/PID/cgroup. The path comes from the kernel; one that a cgroup namespace hides
 * cannot be followed, and one that leads out of its hierarchy is not.
 */
export function folderOf(mounts: CgroupMounts, line: CgroupLine): CgroupFolder {
  const mount = mountOf(mounts, line);
  if (!mount) return { missing: 'This hierarchy is not mounted here.' };
  if (line.path === '/') {
    return {
      missing: 'It is in the root cgroup of this hierarchy, which limits nothing and counts the whole machine.',
    };
  }
  if (line.path.split('/').includes('..')) {
    return { missing: 'The process is in a part of the hierarchy that this cgroup namespace does not show.' };
  }
  if (mount.root === '/') return { folder: join(mount.mountPoint, line.path), mountPoint: mount.mountPoint };
  if (line.path === mount.root || line.path.startsWith(`${mount.root}/`)) {
    return { folder: join(mount.mountPoint, line.path.slice(mount.root.length)), mountPoint: mount.mountPoint };
  }
  return { missing: 'Only another part of this hierarchy is mounted here.' };
}

function mountOf(mounts: CgroupMounts, line: CgroupLine): MountRecord | undefined {
  if (line.controllers === '') return mounts.v2;
  const wanted = line.controllers.split(',');
  return mounts.v1.find((mount) => wanted.every((name) => controllersOf(mount).includes(name)));
}
