import * as sync from 'node:fs';
import * as threaded from 'node:fs/promises';
import type { Stats } from 'node:fs';

/*
 * Reading files, by Node's thread pool or in this very thread. Files of /proc and cgroupfs are made by the kernel on the
 * spot, in microseconds; a trip through the pool takes twenty times as long as that, most of it in the thread that asks.
 * So a worker that does nothing but read reads in its own thread; everybody else must use the pool, for a file that
 * hangs must not stop the extension host.
 */

/** An open file; the part of Node's FileHandle that is used. */
export interface OpenFile {
  readonly fd: number;
  stat(): Promise<Stats>;
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
  close(): Promise<void>;
}

interface Files {
  open(path: string, flags: number): Promise<OpenFile>;
  lstat(path: string): Promise<Stats>;
  stat(path: string): Promise<Stats>;
  readlink(path: string): Promise<string>;
  realpath(path: string): Promise<string>;
  readdir(path: string): Promise<string[]>;
  folders(path: string): Promise<string[]>;
  readBytes(path: string): Promise<Buffer>;
}

const pooled: Files = {
  open: (path, flags) => threaded.open(path, flags),
  lstat: (path) => threaded.lstat(path),
  stat: (path) => threaded.stat(path),
  readlink: (path) => threaded.readlink(path),
  realpath: (path) => threaded.realpath(path),
  readdir: (path) => threaded.readdir(path),
  folders: async (path) => foldersIn(await threaded.readdir(path, { withFileTypes: true })),
  readBytes: (path) => threaded.readFile(path),
};

/** Asynchronous in form only: what fails rejects, as the callers expect. */
const inThread: Files = {
  open: (path, flags) => at(() => openFile(sync.openSync(path, flags))),
  lstat: (path) => at(() => sync.lstatSync(path)),
  stat: (path) => at(() => sync.statSync(path)),
  readlink: (path) => at(() => sync.readlinkSync(path)),
  realpath: (path) => at(() => sync.realpathSync(path)),
  readdir: (path) => at(() => sync.readdirSync(path)),
  folders: (path) => at(() => foldersIn(sync.readdirSync(path, { withFileTypes: true }))),
  readBytes: (path) => at(() => readAll(path)),
};

let files = pooled;

/** From now on this thread reads files itself. For a worker that has nothing else to do. */
export function readInThisThread(): void {
  files = inThread;
}

export const open = (path: string, flags: number): Promise<OpenFile> => files.open(path, flags);
export const lstat = (path: string): Promise<Stats> => files.lstat(path);
export const stat = (path: string): Promise<Stats> => files.stat(path);
export const readlink = (path: string): Promise<string> => files.readlink(path);
export const realpath = (path: string): Promise<string> => files.realpath(path);
export const readdir = (path: string): Promise<string[]> => files.readdir(path);
/** The names of the folders in a folder. */
export const folders = (path: string): Promise<string[]> => files.folders(path);

/** A whole file. Only for files that the kernel makes: they have no size that could be too large. */
export function readFile(path: string): Promise<Buffer>;
export function readFile(path: string, encoding: 'utf8' | 'latin1'): Promise<string>;
export async function readFile(path: string, encoding?: 'utf8' | 'latin1'): Promise<Buffer | string> {
  const bytes = await files.readBytes(path);
  return encoding === undefined ? bytes : bytes.toString(encoding);
}

function foldersIn(entries: readonly sync.Dirent[]): string[] {
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

function at<T>(work: () => T): Promise<T> {
  try {
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}

function openFile(fd: number): OpenFile {
  return {
    fd,
    stat: () => at(() => sync.fstatSync(fd)),
    read: (buffer, offset, length, position) =>
      at(() => ({ bytesRead: sync.readSync(fd, buffer, offset, length, position) })),
    close: () => at(() => sync.closeSync(fd)),
  };
}

/** Kept between reads: a buffer made for each would cost more than the read. Only one read runs at a time. */
const shared = Buffer.allocUnsafe(64 * 1024);

function readAll(path: string): Buffer {
  const fd = sync.openSync(path, 'r');
  try {
    const first = sync.readSync(fd, shared, 0, shared.length, null);
    if (first < shared.length) {
      // A short read of such a file may be followed by more: only an empty one is its end.
      const more = sync.readSync(fd, shared, first, shared.length - first, null);
      if (more === 0) return Buffer.from(shared.subarray(0, first));
      return Buffer.concat([Buffer.from(shared.subarray(0, first + more)), readRest(fd)]);
    }
    return Buffer.concat([Buffer.from(shared), readRest(fd)]);
  } finally {
    sync.closeSync(fd);
  }
}

function readRest(fd: number): Buffer {
  const parts: Buffer[] = [];
  for (;;) {
    const part = Buffer.allocUnsafe(64 * 1024);
    const length = sync.readSync(fd, part, 0, part.length, null);
    if (length === 0) return Buffer.concat(parts);
    parts.push(part.subarray(0, length));
  }
}
