import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { errnoOf } from '../../model/problem';

/** A socket on which Podman may serve, and the rule that found it. */
export interface PodmanSocket {
  readonly path: string;
  readonly why: string;
  /** Whose service it is: the owner of the socket. Absent where it may not be looked at. */
  readonly owner?: SocketOwner;
}

export interface SocketOwner {
  readonly uid: number;
  /** Of /etc/passwd. */
  readonly name?: string;
}

export interface PodmanPlaces {
  /** Where each user's runtime folder is, by uid. */
  readonly userFolders?: string;
  /** Who looks: only root sees into other users' folders. */
  readonly uid?: number | undefined;
}

/** More users than this are not logged in on any machine that people look at by hand. */
const MOST_USERS = 100;

/**
 * Finds Podman's sockets by the rules of its clients: a setting, CONTAINER_HOST, this user's own, the system's; and, for
 * root, those of all users. Of those found, only what exists (or may not be looked at) is returned: a machine without
 * Podman is no failure. Source: podman-system-service(1), podman-remote(1).
 */
export async function findPodmanSockets(
  env: NodeJS.ProcessEnv,
  settings: readonly string[],
  { userFolders = '/run/user', uid = process.getuid?.() }: PodmanPlaces = {},
): Promise<readonly PodmanSocket[]> {
  // What the user has named is shown even when it is not there: the reason it is missing is the answer.
  if (settings.length > 0)
    return settings.map((setting) => ({ path: stripScheme(setting), why: 'A setting names it.' }));
  const candidates: PodmanSocket[] = [];
  const host = env.CONTAINER_HOST;
  if (host?.startsWith('unix://')) candidates.push({ path: stripScheme(host), why: 'CONTAINER_HOST names it.' });
  const runtimeDir = env.XDG_RUNTIME_DIR;
  if (runtimeDir)
    candidates.push({ path: `${runtimeDir}/podman/podman.sock`, why: "This user's own Podman serves there." });
  candidates.push({ path: '/run/podman/podman.sock', why: "The system's Podman serves there." });
  const found = new Map<string, PodmanSocket>();
  for (const candidate of candidates) {
    const owner = await ownerOf(candidate.path);
    if (owner === undefined || found.has(candidate.path)) continue;
    found.set(candidate.path, owner === 'hidden' ? candidate : { ...candidate, owner });
  }
  if (uid === 0) {
    for (const socket of await socketsOfUsers(userFolders)) {
      if (!found.has(socket.path)) found.set(socket.path, socket);
    }
  }
  return named([...found.values()]);
}

/** The sockets in all users' runtime folders. What a user has put elsewhere and only linked there is not followed. */
async function socketsOfUsers(userFolders: string): Promise<PodmanSocket[]> {
  const uids = (await readdir(userFolders).catch(() => [])).filter((name) => /^\d{1,10}$/.test(name));
  const sockets = await Promise.all(
    uids.slice(0, MOST_USERS).map(async (name): Promise<PodmanSocket[]> => {
      const uid = Number(name);
      const file = path.join(userFolders, name, 'podman', 'podman.sock');
      try {
        const [folder, socket] = [await lstat(path.dirname(file)), await lstat(file)];
        const own = folder.isDirectory() && folder.uid === uid && socket.isSocket() && socket.uid === uid;
        return own ? [{ path: file, why: `The Podman of the user with uid ${uid} serves there.`, owner: { uid } }] : [];
      } catch {
        return [];
      }
    }),
  );
  return sockets.flat();
}

/** The same sockets with the names of their users, where /etc/passwd has them. */
async function named(sockets: readonly PodmanSocket[]): Promise<readonly PodmanSocket[]> {
  if (sockets.every(({ owner }) => owner === undefined)) return sockets;
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const names = new Map(
    passwd.split('\n').map((line): [number, string] => {
      const [name = '', , uid = ''] = line.split(':');
      return [/^\d+$/.test(uid) ? Number(uid) : -1, name];
    }),
  );
  return sockets.map((socket) => {
    const name = socket.owner && names.get(socket.owner.uid);
    return socket.owner && name ? { ...socket, owner: { ...socket.owner, name } } : socket;
  });
}

function stripScheme(address: string): string {
  return address.replace(/^unix:\/\//, '');
}

/** Who owns a socket; `hidden` where one may be that we may not look at. */
async function ownerOf(file: string): Promise<SocketOwner | 'hidden' | undefined> {
  try {
    const found = await stat(file);
    return found.isSocket() ? { uid: found.uid } : undefined;
  } catch (error) {
    return errnoOf(error) === 'EACCES' ? 'hidden' : undefined;
  }
}
