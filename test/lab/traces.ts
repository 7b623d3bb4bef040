// Leaves nothing of a lab behind: also the way to clean up after a lab whose owner was killed.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { cgroupsOf, daemonsOf, descendantsOf, identify, isAlive, killAndWait, type ProcessId } from './processes';

/** What a later process must know to clean up after a lab. Written before the lab's first daemon starts. */
export interface LabRecord {
  readonly owner: ProcessId;
  readonly dir: string;
  /** Cgroup below which all the lab's containers are. */
  readonly cgroupParent: string;
}

const RECORDS = join(tmpdir(), 'container-runtime-explorer-labs');

/** Notes a lab, so that a later run can clean up if this process gets no chance to. */
export function writeRecord(record: LabRecord): void {
  mkdirSync(RECORDS, { recursive: true });
  writeFileSync(recordFile(record.dir), JSON.stringify(record));
}

/** Removes all labs whose owner has ended. Returns their folders. */
export async function sweepDeadLabs(): Promise<string[]> {
  const swept: string[] = [];
  for (const name of existsSync(RECORDS) ? readdirSync(RECORDS) : []) {
    const record = readRecord(join(RECORDS, name));
    if (record === undefined) {
      rmSync(join(RECORDS, name), { force: true });
    } else if (!isAlive(record.owner)) {
      await removeTraces(record);
      swept.push(record.dir);
    }
  }
  removeStates((bundle) => {
    const [dir] = LAB_FOLDER.exec(bundle) ?? [];
    return dir !== undefined && !existsSync(dir);
  });
  return swept;
}

/**
 * Ends everything the lab started and removes everything it made: daemons, shims, container processes, mounts,
 * cgroups, sockets and runc's state outside the lab's folder, the folder, and the record.
 */
export async function removeTraces(record: LabRecord): Promise<void> {
  const bundles = bundlesOf(record.dir);
  const shimSockets = bundles.flatMap(({ path }) => shimSocketOf(path));
  const cgroups = new Set<string>();
  // dockerd goes first: it would start containers with a restart policy anew. A shim that containerd was just
  // starting may appear after the first look, hence the loop.
  for (let round = 0; round < 5; round++) {
    const daemons = daemonsOf(record.dir);
    const all = [...daemons, ...descendantsOf(daemons), ...pidsBelow(record.cgroupParent)];
    if (all.length === 0) break;
    for (const pid of all) {
      for (const path of cgroupsOf(pid)) if (isContainerCgroup(path, bundles)) cgroups.add(path);
    }
    // A paused container's processes die only once they are thawed.
    for (const path of [...cgroups, record.cgroupParent]) thaw(path);
    await killAndWait([...new Set(all)]);
  }
  unmountBelow(record.dir);
  for (const path of [...cgroups, record.cgroupParent]) removeCgroup(path);
  for (const { namespace, id } of bundles) {
    rmSync(join('/run/containerd/runc', namespace, id), { recursive: true, force: true });
  }
  for (const socket of shimSockets) rmSync(socket, { force: true });
  removeStates((bundle) => bundle.startsWith(`${record.dir}/`));
  rmSync(record.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  rmSync(recordFile(record.dir), { force: true });
}

/** The folder of a lab, at the beginning of a path below it. */
const LAB_FOLDER = new RegExp(`^${join(tmpdir(), 'cre-lab-')}[^/]+`);

/**
 * Removes what OCI runtimes keep outside of a lab's folder of containers whose bundle is in it: Podman lets runc and crun
 * keep their state where they like, and a container whose conmon was killed is forgotten there.
 */
function removeStates(isOurs: (bundle: string) => boolean): void {
  for (const root of ['/run/runc', '/run/crun']) {
    for (const id of list(root)) {
      const bundle = bundleOfState(join(root, id));
      if (bundle !== undefined && isOurs(bundle)) rmSync(join(root, id), { recursive: true, force: true });
    }
  }
}

/** The bundle that a runtime's state names: a label in runc's state.json, a field in crun's status. */
function bundleOfState(folder: string): string | undefined {
  try {
    const file = existsSync(join(folder, 'status')) ? 'status' : 'state.json';
    const text = readFileSync(join(folder, file), 'utf8');
    return /"bundle=([^"]+)"/.exec(text)?.[1] ?? /"bundle"\s*:\s*"([^"]+)"/.exec(text)?.[1];
  } catch {
    return undefined;
  }
}

interface Bundle {
  readonly namespace: string;
  readonly id: string;
  readonly path: string;
}

function bundlesOf(dir: string): Bundle[] {
  const tasks = join(dir, 'containerd/state/io.containerd.runtime.v2.task');
  return list(tasks).flatMap((namespace) =>
    list(join(tasks, namespace)).map((id) => ({ namespace, id, path: join(tasks, namespace, id) })),
  );
}

/** Shims listen in /run/containerd/s whatever state folder containerd was given; a killed one leaves its socket. */
function shimSocketOf(bundle: string): string[] {
  try {
    const bootstrap = join(bundle, 'bootstrap.json');
    const address = existsSync(bootstrap)
      ? (JSON.parse(readFileSync(bootstrap, 'utf8')) as { address: string }).address
      : readFileSync(join(bundle, 'address'), 'utf8').trim();
    return address.startsWith('unix:///run/containerd/s/') ? [address.slice('unix://'.length)] : [];
  } catch {
    return [];
  }
}

/** A cgroup named after one of the lab's containers; never the one that the tests themselves run in. */
function isContainerCgroup(path: string, bundles: readonly Bundle[]): boolean {
  return bundles.some(({ id }) => basename(path).includes(id));
}

/** Mount points of all cgroup hierarchies. */
function cgroupMounts(): string[] {
  return mounts()
    .filter(({ type }) => type === 'cgroup' || type === 'cgroup2')
    .map(({ point }) => point);
}

function pidsBelow(cgroup: string): number[] {
  return cgroupMounts()
    .flatMap((mount) => foldersBelow(join(mount, cgroup)))
    .flatMap((folder) => {
      try {
        return readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
      } catch {
        return [];
      }
    })
    .filter((pid) => pid > 0 && identify(pid) !== undefined);
}

function thaw(path: string): void {
  for (const folder of cgroupMounts().flatMap((mount) => foldersBelow(join(mount, path)))) {
    const switches = [
      ['freezer.state', 'THAWED'],
      ['cgroup.freeze', '0'],
    ] as const;
    for (const [file, value] of switches) {
      try {
        // Never made where the kernel does not offer it.
        writeFileSync(join(folder, file), value, { flag: 'r+' });
      } catch {
        // Another cgroup version, a root cgroup, or gone.
      }
    }
  }
}

function removeCgroup(path: string): void {
  for (const mount of cgroupMounts()) {
    for (const folder of foldersBelow(join(mount, path)).reverse()) {
      // The kernel refuses (EBUSY) for a moment after the last process has ended.
      for (let attempt = 0; attempt < 50 && existsSync(folder); attempt++) {
        try {
          rmdirSync(folder);
        } catch {
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
        }
      }
    }
  }
}

/** The folder and all below it, parents first; empty when it does not exist, or goes away meanwhile. */
function foldersBelow(folder: string): string[] {
  try {
    const children = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [folder, ...children.flatMap((child) => foldersBelow(join(folder, child.name)))];
  } catch {
    return [];
  }
}

function unmountBelow(dir: string): void {
  const points = mounts()
    .map(({ point }) => point)
    .filter((point) => point === dir || point.startsWith(`${dir}/`));
  for (const point of points.reverse()) {
    if (spawnSync('umount', [point]).status !== 0) spawnSync('umount', ['--lazy', point]);
  }
}

function mounts(): { point: string; type: string }[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [, point = '', type = ''] = line.split(' ');
      // The kernel writes blanks in paths as \040.
      return { point: point.replace(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(parseInt(code, 8))), type };
    });
}

function readRecord(file: string): LabRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as LabRecord;
    // The folder is about to be deleted: take only what a lab can have written.
    return record.dir.startsWith(join(tmpdir(), 'cre-lab-')) && record.cgroupParent.startsWith('/cre-lab-')
      ? record
      : undefined;
  } catch {
    return undefined;
  }
}

function recordFile(dir: string): string {
  return join(RECORDS, `${basename(dir)}.json`);
}

function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
