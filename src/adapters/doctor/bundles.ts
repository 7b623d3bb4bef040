import { lstat, readlink, stat } from 'node:fs/promises';
import * as path from 'node:path';
import type { ObservedBundle, ObservedFolder } from '../../model/doctor/observation';
import { RuntimeError, type Problem } from '../../model/problem';
import type { ProcessTable } from '../../model/process';
import { mapPooled } from '../../util/pool';
import { optionOf } from '../commandLine';
import { socketPathOf } from '../containerd/shim';
import { readBundleFiles } from '../oci/bundle';
import { isFileName, listBelow, readBelow } from '../oci/safeRead';
import type { ContainerdShim } from '../shimProcess';

/** Source: containerd core/runtime/v2, plugin id of the task manager. */
const TASKS = 'io.containerd.runtime.v2.task';

/** Usual places of containerd's `state` folder with the socket of the containerd whose it is. Sources: containerd, moby, k3s. */
const USUAL_STATES: readonly (readonly [state: string, socket: string])[] = [
  ['/run/containerd', '/run/containerd/containerd.sock'],
  ['/run/docker/containerd/daemon', '/run/docker/containerd/containerd.sock'],
  ['/run/k3s/containerd', '/run/k3s/containerd/containerd.sock'],
];

/** A shim with the socket of its containerd, where that is one that we reach. */
export interface PlacedShim {
  readonly shim: ContainerdShim;
  readonly containerd?: string;
}

/**
 * Finds the folders that hold bundles, and whose they are: shims work in theirs, containerds name their state folder, and
 * there are usual places. Only folders that hold for us what they hold for the process that named them.
 */
export async function findBundleFolders(
  procRoot: string,
  shims: readonly PlacedShim[],
  processes: ProcessTable,
  namespacesOf: (containerd: string) => readonly string[],
): Promise<{ folders: ObservedFolder[]; gaps: Problem[] }> {
  const wanted = new Map<string, Omit<ObservedFolder, 'path'>>();
  const gaps: Problem[] = [];
  for (const [folder, owner] of await mapPooled(shims, 16, (one) => folderOfShim(procRoot, one))) {
    if (folder !== undefined && owner) wanted.set(folder, owner);
  }
  for (const [state, containerd] of [...USUAL_STATES, ...(await statesOf(procRoot, processes))]) {
    for (const namespace of await namesIn(path.join(state, TASKS), namespacesOf(containerd))) {
      const folder = path.join(state, TASKS, namespace);
      if (!wanted.has(folder)) wanted.set(folder, { containerd, namespace });
    }
  }
  const folders = await mapPooled([...wanted], 8, async ([folder, owner]): Promise<ObservedFolder[]> => {
    try {
      if (!isTrusted(await lstat(folder))) return [];
      await listBelow(folder, []);
      return [{ path: folder, ...owner }];
    } catch (error) {
      const { problem } = RuntimeError.from(error, `Listing the bundles in ${folder}`);
      if (problem.code !== 'absent') gaps.push(problem);
      return [];
    }
  });
  return { folders: folders.flat(), gaps };
}

async function folderOfShim(
  procRoot: string,
  { shim, containerd }: PlacedShim,
): Promise<[string | undefined, Omit<ObservedFolder, 'path'>?]> {
  if (containerd === undefined) return [undefined];
  const link = path.join(procRoot, String(shim.process.pid), 'cwd');
  try {
    const bundle = (await readlink(link)).replace(/ \(deleted\)$/, '');
    const folder = path.dirname(bundle);
    if (!bundle.endsWith(`/${TASKS}/${shim.namespace}/${shim.id}`)) return [undefined];
    // In another mount namespace the same path may be another folder, or none. The kernel follows the link first: joining
    // the path would lead elsewhere.
    const [own, theirs] = await Promise.all([stat(folder), stat(`${link}/..`)]);
    const same = own.dev === theirs.dev && own.ino === theirs.ino;
    return same ? [folder, { containerd, namespace: shim.namespace }] : [undefined];
  } catch {
    return [undefined];
  }
}

/** State folders that running containerds name, on their command line or in their configuration. */
async function statesOf(procRoot: string, processes: ProcessTable): Promise<[state: string, socket: string][]> {
  const daemons = [...processes.byPid.values()].filter(({ argv }) => path.basename(argv[0] ?? '') === 'containerd');
  const found = await mapPooled(daemons, 4, async ({ pid, argv }): Promise<[string, string][]> => {
    const process = path.join(procRoot, String(pid));
    const [own, theirs, owner] = await Promise.all([
      readlink(path.join(procRoot, 'self/ns/mnt')).catch(() => ''),
      readlink(path.join(process, 'ns/mnt')).catch(() => undefined),
      stat(process).catch(() => undefined),
    ]);
    // Any user may call a program containerd; only root's and our own are taken at their word.
    if (own !== theirs || (owner?.uid !== 0 && owner?.uid !== globalThis.process.getuid?.())) return [];
    const config = await configOf(optionOf(argv, ['-c', '--config', '-config']) ?? '/etc/containerd/config.toml');
    const state = optionOf(argv, ['--state', '-state']) ?? config.state ?? '/run/containerd';
    const socket =
      optionOf(argv, ['-a', '--address', '-address']) ?? config.address ?? '/run/containerd/containerd.sock';
    return path.isAbsolute(state) && path.isAbsolute(socket) ? [[path.normalize(state), path.normalize(socket)]] : [];
  });
  return found.flat();
}

/** Two settings of containerd's configuration: nothing else in the file is looked at. Source: containerd-config.toml(5). */
async function configOf(file: string): Promise<{ state?: string; address?: string }> {
  if (!path.isAbsolute(file)) return {};
  const text = await readBelow(path.dirname(file), [path.basename(file)], 256 * 1024).then(
    (read) => read.text,
    () => '',
  );
  const value = (section: string, key: string): string | undefined =>
    new RegExp(`^[ \\t]*${key}[ \\t]*=[ \\t]*["']([^"'\\n]+)["']`, 'm').exec(section)?.[1];
  const [top = ''] = text.split(/^[ \t]*\[/m, 1);
  const grpc = /^[ \t]*\[grpc\][ \t]*$([\s\S]*?)(?=^[ \t]*\[)/m.exec(`${text}\n[`)?.[1] ?? '';
  const [state, address] = [value(top, 'state'), value(grpc, 'address')];
  return { ...(state ? { state } : {}), ...(address ? { address } : {}) };
}

/** Namespaces with a folder: those that containerd has, and those of which only the folder is left. */
async function namesIn(folder: string, known: readonly string[]): Promise<readonly string[]> {
  const listed = await listBelow(folder, []).catch(() => known);
  return listed.filter((name) => isFileName(name) && !name.startsWith('.'));
}

/** The bundles in a folder. A name with a dot before it is a bundle that is being deleted. */
export async function bundlesIn(folder: ObservedFolder): Promise<ObservedBundle[]> {
  const names = await listBelow(folder.path, []).catch(() => []);
  const bundles = await mapPooled(
    names.filter((name) => isFileName(name) && !name.startsWith('.')),
    8,
    async (id): Promise<ObservedBundle | undefined> => {
      const bundle = path.join(folder.path, id);
      try {
        const found = await lstat(bundle);
        if (!found.isDirectory()) return undefined;
        const files = await readBundleFiles({ folder: folder.path, name: id, reason: '' });
        const socket = files.shimAddress && socketPathOf(files.shimAddress.address);
        const written = files.initPid === undefined ? undefined : await lstat(path.join(bundle, 'init.pid'));
        return {
          path: bundle,
          id,
          namespace: folder.namespace,
          containerd: folder.containerd,
          changedAtMs: found.mtimeMs,
          ...(socket ? { shimSocket: socket } : {}),
          ...(files.initPid !== undefined && written
            ? { initPid: { pid: files.initPid, writtenAtMs: written.mtimeMs } }
            : {}),
        };
      } catch {
        // Removed while we looked.
        return undefined;
      }
    },
  );
  return bundles.filter((bundle) => bundle !== undefined);
}

function isTrusted({ uid, mode }: { uid: number; mode: number }): boolean {
  return (uid === 0 || uid === process.getuid?.()) && (mode & 0o002) === 0;
}
