import { constants, type Stats } from 'node:fs';
import { open, lstat, readdir, type OpenFile } from '../../util/files';
import * as path from 'node:path';
import { errnoOf, RuntimeError } from '../../model/problem';
import { shellQuote } from '../../util/text';

/*
 * Reads files whose place others decide. Only below a folder that we name ourselves; every component below it is opened
 * from its parent's descriptor and never through a link, so no race can lead elsewhere; only regular files, never FIFOs
 * or devices; never more than a stated size.
 */

/** config.json of the largest containers is some hundred KiB. */
export const READ_LIMIT = 4 * 1024 * 1024;
const LIST_LIMIT = 20_000;

/** A file as it was at one moment. */
export interface ReadFile {
  /** Absolute path. */
  readonly path: string;
  readonly text: string;
  /** Unix milliseconds. */
  readonly modifiedAtMs: number;
  /** Owner of the file. */
  readonly uid: number;
  /** Which file in which version: equal stamps mean the same bytes. */
  readonly stamp: string;
}

/** True for one component of a path: what has no other meaning as a file name. */
export function isFileName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name) && Buffer.byteLength(name) <= 255;
}

/**
 * Reads a regular file at `root`/`components`.
 *
 * @throws RuntimeError `absent`, `denied`, `too-large`, `unsupported` (no regular file, or a link on the way)
 */
export async function readBelow(root: string, components: readonly string[], limit = READ_LIMIT): Promise<ReadFile> {
  const file = path.join(root, ...components);
  return guarded(`Reading ${file}`, file, async (what) => {
    const name = components.at(-1);
    if (name === undefined || !isFileName(name)) throw refuse(what, 'It is not a name of a file.');
    return withFolder(what, root, components.slice(0, -1), async (folder) => {
      const inFolder = path.join(folder, name);
      // Looked at before it is opened: opening a FIFO or a device can already have an effect.
      if (!(await lstat(inFolder)).isFile()) throw refuse(what, 'It is not a regular file.');
      const handle = await open(inFolder, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        return await readRegular(what, file, handle, limit);
      } finally {
        await handle.close();
      }
    });
  });
}

/** Names in the folder at `root`/`components`, sorted. @throws RuntimeError */
export async function listBelow(root: string, components: readonly string[]): Promise<readonly string[]> {
  const place = path.join(root, ...components);
  return guarded(`Listing ${place}`, place, (what) =>
    withFolder(what, root, components, async (folder) => (await readdir(folder)).sort().slice(0, LIST_LIMIT)),
  );
}

/** What kind of thing is at `root`/`components`: undefined when nothing is, or when it may not be looked at. */
export async function kindBelow(
  root: string,
  components: readonly string[],
): Promise<'file' | 'folder' | 'fifo' | 'other' | undefined> {
  try {
    return await withFolder('Looking', root, components.slice(0, -1), async (folder) => {
      const name = components.at(-1);
      if (name === undefined || !isFileName(name)) return undefined;
      const found = await lstat(path.join(folder, name));
      if (found.isFile()) return 'file';
      if (found.isDirectory()) return 'folder';
      return found.isFIFO() ? 'fifo' : 'other';
    });
  } catch {
    return undefined;
  }
}

/** Opens folder after folder, each from the one before; `work` gets a path that stays that very folder. */
async function withFolder<T>(
  what: string,
  root: string,
  components: readonly string[],
  work: (folder: string) => Promise<T>,
): Promise<T> {
  let handle = await open(root, FOLDER);
  try {
    for (const component of components) {
      if (!isFileName(component)) throw refuse(what, 'Its path has a component that is no name of a folder.');
      const next = await open(path.join(pathOf(handle), component), FOLDER | constants.O_NOFOLLOW);
      await handle.close();
      handle = next;
    }
    return await work(pathOf(handle));
  } finally {
    await handle.close();
  }
}

/** O_PATH (Node has no name for it): a folder is passed through, which needs no right to list it. */
const O_PATH = 0o10000000;
const FOLDER = constants.O_DIRECTORY | O_PATH;

function pathOf(handle: OpenFile): string {
  return `/proc/self/fd/${handle.fd}`;
}

async function readRegular(what: string, file: string, handle: OpenFile, limit: number): Promise<ReadFile> {
  const found = await handle.stat();
  if (!found.isFile()) throw refuse(what, 'It is not a regular file.');
  if (found.size > limit) throw tooLarge(what, found.size, limit);
  const buffer = Buffer.alloc(Math.min(limit, Math.max(found.size, 4_096)) + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
    length += bytesRead;
    // It may grow while it is read: what does not fit is refused, never cut.
    if (length === buffer.length) throw tooLarge(what, length, buffer.length - 1);
    if (bytesRead === 0) break;
  }
  return {
    path: file,
    text: buffer.toString('utf8', 0, length),
    modifiedAtMs: found.mtimeMs,
    uid: found.uid,
    stamp: stampOf(found),
  };
}

/** The stamp of the file at a path now, links not followed at its end; undefined when there is none to see. */
export async function stampAt(file: string): Promise<string | undefined> {
  try {
    return stampOf(await lstat(file));
  } catch {
    return undefined;
  }
}

function stampOf({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  return `${dev}:${ino}:${size}:${mtimeMs}:${ctimeMs}`;
}

async function guarded<T>(what: string, file: string, work: (what: string) => Promise<T>): Promise<T> {
  try {
    return await work(what);
  } catch (error) {
    if (errnoOf(error) === 'ELOOP') throw refuse(what, 'It is a symbolic link, and links are not followed here.');
    const wrapped = RuntimeError.from(error, what);
    if (wrapped.problem.code !== 'denied' || wrapped.problem.remedy !== undefined) throw wrapped;
    const remedy = `Read it as its owner, usually root: sudo cat ${shellQuote(file)}`;
    throw new RuntimeError({ ...wrapped.problem, remedy }, error);
  }
}

function refuse(what: string, reason: string): RuntimeError {
  return new RuntimeError({ code: 'unsupported', what, reason });
}

function tooLarge(what: string, size: number, limit: number): RuntimeError {
  return new RuntimeError({ code: 'too-large', what, reason: `It has ${size} bytes or more; ${limit} are read.` });
}
