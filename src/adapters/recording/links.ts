import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, readlink, rename, rm, stat, symlink, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import * as path from 'node:path';
import { errnoOf, RuntimeError } from '../../model/problem';

/*
 * Terminals keep the path of a socket for as long as they live. So what they are told is a link that always leads
 * somewhere: to the relay while it records, to the engine's own socket otherwise. It is only ever replaced by a rename.
 *
 *   <folder>/<name>.sock        the link that terminals know
 *   <folder>/<name>.real        a link to the engine's socket, so that anybody can repair the first
 *   <folder>/<name>.<x>.relay   the socket of a relay
 */

/** sun_path holds 108 bytes (104 on macOS) with its end mark. A longer path would silently be cut, and another socket be made. */
export const LONGEST_SOCKET_PATH_BYTES = process.platform === 'darwin' ? 103 : 107;
/** The longest of the endings above. */
const ENDING_BYTES = 20;

/** The paths of one relay and its link. */
export interface RelayPaths {
  readonly folder: string;
  readonly link: string;
  readonly realLink: string;
  readonly socket: string;
}

/** @param name a word of letters and digits, the same for the same workspace */
export function relayPaths(folder: string, name: string): RelayPaths {
  return {
    folder,
    link: path.join(folder, `${name}.sock`),
    realLink: path.join(folder, `${name}.real`),
    // A name of its own for every run: nothing that is there already is ever taken over or removed.
    socket: path.join(folder, `${name}.${randomBytes(4).toString('hex')}.relay`),
  };
}

/** Whether a socket can have this path: not too long, and readable by every client in an address. */
export function isSocketPath(file: string): boolean {
  return path.isAbsolute(file) && /^[!-~]+$/.test(file) && Buffer.byteLength(file) <= LONGEST_SOCKET_PATH_BYTES;
}

/**
 * The first of some folders in which sockets can be made. @param name as for {@link relayPaths}
 * @throws RuntimeError when all paths would be too long
 */
export function chooseFolder(candidates: readonly string[], name: string): string {
  const found = candidates.find((folder) => isSocketPath(path.join(folder, name + '_'.repeat(ENDING_BYTES))));
  if (found !== undefined) return found;
  throw new RuntimeError({
    code: 'unsupported',
    what: 'Choosing a place for the socket of the relay',
    reason: `The path of a socket can have ${LONGEST_SOCKET_PATH_BYTES} bytes and no blanks; none of these can: ${candidates.join(', ')}.`,
    remedy: 'Set XDG_RUNTIME_DIR to a folder of yours with a short path.',
  });
}

/** Makes the folder if need be. @throws RuntimeError when it belongs to another user, or is no folder */
export async function preparePrivateFolder(folder: string): Promise<void> {
  const what = `Preparing the private folder ${folder}`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const found = await lstat(folder);
    const refuse = (reason: string): RuntimeError =>
      new RuntimeError({ code: 'denied', what, reason, remedy: 'Remove it, or move it away.' });
    if (!found.isDirectory()) throw refuse('It is no folder (or a link to one), so others may decide where it leads.');
    if (process.getuid && found.uid !== process.getuid()) throw refuse('It belongs to another user.');
    if ((found.mode & 0o077) !== 0) await chmod(folder, 0o700);
  } catch (error) {
    throw RuntimeError.from(error, what);
  }
}

/** Makes a link lead elsewhere, at one instant: whoever follows it gets the old place or the new one. */
export async function pointLink(link: string, target: string): Promise<void> {
  const fresh = `${link}.${randomBytes(4).toString('hex')}.new`;
  await symlink(target, fresh);
  try {
    await rename(fresh, link);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}

/** Where a link leads; undefined when there is none. */
export async function targetOfLink(link: string): Promise<string | undefined> {
  try {
    return await readlink(link);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EINVAL'].includes(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
}

/** Makes the link lead to the engine, if it still leads to that relay: another may have taken over meanwhile. */
export async function withdrawLink(link: string, relaySocket: string, realSocket: string): Promise<void> {
  if ((await targetOfLink(link)) === relaySocket) await pointLink(link, realSocket);
}

/** Follows a link of ours to the engine's own socket, so that no relay ever leads to a relay. Other paths stay as they are. */
export async function beyondLinks(socket: string): Promise<string> {
  if (!socket.endsWith('.sock')) return socket;
  const real = await targetOfLink(socket.replace(/\.sock$/, '.real'));
  return real ?? socket;
}

/** Makes every link of a folder whose relay has died lead to the engine, and removes what dead relays have left. */
export async function repairLinks(folder: string): Promise<readonly string[]> {
  const names = await namesIn(folder);
  const repaired: string[] = [];
  for (const name of names.filter((candidate) => candidate.endsWith('.real'))) {
    const link = path.join(folder, name.replace(/\.real$/, '.sock'));
    const real = await targetOfLink(path.join(folder, name));
    const target = await targetOfLink(link);
    if (real === undefined || target === undefined || target === real || (await listens(target))) continue;
    await pointLink(link, real);
    repaired.push(link);
  }
  for (const name of names) {
    const file = path.join(folder, name);
    if (name.endsWith('.relay') ? !(await listens(file)) : name.endsWith('.new') && (await isOld(file)))
      await rm(file, { force: true });
  }
  return repaired;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Whether somebody listens on a socket. */
export function listens(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect({ path: socket });
    connection.on('connect', () => {
      connection.destroy();
      resolve(true);
    });
    // EAGAIN: its queue is full, so there is one.
    connection.on('error', (error) => resolve(errnoOf(error) === 'EAGAIN'));
  });
}

async function isOld(file: string): Promise<boolean> {
  const found = await lstat(file).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > 60_000;
}

/** Removes the socket that a relay which was killed has left. */
export async function removeSocket(socket: string): Promise<void> {
  await unlink(socket).catch(() => undefined);
}

/** @throws RuntimeError when there is no socket at the path */
export async function expectSocket(socket: string): Promise<void> {
  const what = `Looking at the engine's socket ${socket}`;
  const found = await stat(socket).catch((error: unknown) => {
    throw RuntimeError.from(error, what);
  });
  if (!found.isSocket()) throw new RuntimeError({ code: 'malformed', what, reason: 'It is no socket.' });
}
