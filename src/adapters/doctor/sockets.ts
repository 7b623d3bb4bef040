import { createHash } from 'node:crypto';
import { lstat, readFile, readdir, readlink } from 'node:fs/promises';
import * as path from 'node:path';
import type { ObservedBundle, ObservedNamespace, ObservedSocket } from '../../model/doctor/observation';
import { RuntimeError, type Problem } from '../../model/problem';
import { mapPooled } from '../../util/pool';

/** Where shims' sockets are, whatever the state folder. Source: containerd pkg/shim/util_unix.go. */
const USUAL_FOLDER = '/run/containerd/s';
const MOST_SOCKETS = 20_000;

/**
 * The socket files of shims, and whether anybody listens. Nobody is called: the kernel's own list tells, of every network
 * namespace in which a shim or a containerd is.
 */
export async function findShimSockets(
  procRoot: string,
  pids: readonly number[],
  bundles: readonly ObservedBundle[],
  namespaces: readonly ObservedNamespace[],
): Promise<{ sockets: ObservedSocket[]; gaps: Problem[] }> {
  const listening = await listeningPaths(procRoot, pids);
  const named = bundles.flatMap(({ shimSocket }) => (shimSocket === undefined ? [] : [path.dirname(shimSocket)]));
  const owners = ownersOf(bundles, namespaces);
  const gaps: Problem[] = [];
  const sockets = await mapPooled([...new Set([USUAL_FOLDER, ...named])], 4, async (folder) => {
    try {
      // A folder in which anybody may make files tells nothing of shims.
      const { uid, mode } = await lstat(folder);
      if (uid !== 0 && uid !== process.getuid?.()) return [];
      if ((mode & 0o002) !== 0) return [];
      const names = (await readdir(folder)).filter((name) => /^[0-9a-f]{64}(?:-debug)?$/.test(name));
      return await mapPooled(names.slice(0, MOST_SOCKETS), 8, (name) =>
        look(path.join(folder, name), listening, owners),
      );
    } catch (error) {
      const { problem } = RuntimeError.from(error, `Listing the sockets of shims in ${folder}`);
      if (problem.code !== 'absent') gaps.push(problem);
      return [];
    }
  });
  return { sockets: sockets.flat().filter((socket) => socket !== undefined), gaps };
}

type Owner = NonNullable<ObservedSocket['owner']>;

async function look(
  file: string,
  listening: ReadonlySet<string>,
  owners: ReadonlyMap<string, Owner>,
): Promise<ObservedSocket | undefined> {
  try {
    const found = await lstat(file);
    if (!found.isSocket()) return undefined;
    const owner = owners.get(path.basename(file).replace(/-debug$/, ''));
    return { path: file, changedAtMs: found.ctimeMs, listening: listening.has(file), ...(owner ? { owner } : {}) };
  } catch {
    return undefined;
  }
}

/** Whose a socket is: its name is the SHA-256 of containerd's address, the namespace and the id. */
function ownersOf(
  bundles: readonly ObservedBundle[],
  namespaces: readonly ObservedNamespace[],
): ReadonlyMap<string, Owner> {
  const owners = new Map<string, Owner>();
  const add = (containerd: string, namespace: string, id: string): void => {
    const name = createHash('sha256')
      .update(path.join(containerd, namespace, id))
      .digest('hex');
    owners.set(name, { containerd, namespace, id });
  };
  for (const { containerd, namespace, containers, tasks } of namespaces) {
    for (const id of new Set([...containers, ...tasks.keys()])) add(containerd, namespace, id);
  }
  for (const { containerd, namespace, id, shimSocket } of bundles) {
    add(containerd, namespace, id);
    const name = shimSocket === undefined ? undefined : path.basename(shimSocket);
    if (name !== undefined && !owners.has(name)) owners.set(name, { containerd, namespace, id });
  }
  return owners;
}

/** __SO_ACCEPTCON, in the flags of a line: the socket listens. Source: Linux net/unix/af_unix.c. */
const LISTENS = 0x10000;

/** Paths of unix sockets that are listened on, in the network namespaces of these processes and in ours. */
async function listeningPaths(procRoot: string, pids: readonly number[]): Promise<ReadonlySet<string>> {
  const namespaces = new Map<string, string>();
  await mapPooled(['self', ...pids.map(String)], 16, async (pid) => {
    const inode = await readlink(path.join(procRoot, pid, 'ns/net')).catch(() => undefined);
    if (inode !== undefined && !namespaces.has(inode)) namespaces.set(inode, pid);
  });
  const lists = await mapPooled([...namespaces.values()], 4, (pid) =>
    readFile(path.join(procRoot, pid, 'net/unix'), 'utf8').catch(() => ''),
  );
  return new Set(lists.flatMap(listeningIn));
}

/** The paths in /proc/net/unix that are listened on. Source: proc_net_unix(5). */
export function listeningIn(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const match = /^[0-9a-fA-F]+: [0-9a-fA-F]+ [0-9a-fA-F]+ ([0-9a-fA-F]+) [0-9a-fA-F]+ [0-9a-fA-F]+ +\d+ (\/.*)$/.exec(
      line,
    );
    return match?.[1] && match[2] && (Number.parseInt(match[1], 16) & LISTENS) !== 0 ? [match[2]] : [];
  });
}
