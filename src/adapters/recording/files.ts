import { constants } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { errnoOf, RuntimeError } from '../../model/problem';
import { readEntry, type RecordedEntry } from '../../model/recording/recordedCall';

/*
 * A recording is a folder with two files of one JSON entry a line: the current one, and the one before that was full. So it
 * is never larger than both together, and what is dropped is the oldest.
 */

export const CURRENT_FILE = 'calls.ndjson';
export const OLDER_FILE = 'calls.older.ndjson';
/** At that size the current file becomes the older one. */
export const HALF_BYTES = 10_000_000;
/** One write can go past the half: no file that we wrote is larger. */
const LARGEST_FILE_BYTES = 2 * HALF_BYTES;
/** Lines are parsed in portions, so that nothing else waits long. */
const LINES_PER_TURN = 200;

/** Makes the folder of a recording, for its owner alone. */
export async function prepareRecording(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

/** Every entry of a recording, oldest first; of a call that was written twice the later. Empty when there is none. */
export async function readRecording(folder: string): Promise<readonly RecordedEntry[]> {
  const entries = new Map<string, RecordedEntry>();
  let gaps = 0;
  for (const name of [OLDER_FILE, CURRENT_FILE]) {
    const lines = (await readText(path.join(folder, name))).split('\n');
    for (const [index, line] of lines.entries()) {
      if (index % LINES_PER_TURN === LINES_PER_TURN - 1) await nextTurn();
      const entry = parseLine(line);
      if (entry) entries.set(entry.kind === 'call' ? entry.id : `gap ${++gaps}`, entry);
    }
  }
  return [...entries.values()].sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || seqOf(a) - seqOf(b));
}

/** Removes a recording. A relay that still records begins a new one. */
export async function clearRecording(folder: string): Promise<void> {
  for (const name of [OLDER_FILE, CURRENT_FILE]) {
    await rm(path.join(folder, name), { force: true }).catch((error: unknown) => {
      throw RuntimeError.from(error, 'Clearing the recorded calls');
    });
  }
}

/** Something that changes whenever the recording does; cheap to ask for. */
export async function stampOfRecording(folder: string): Promise<string> {
  const stamps = await Promise.all([OLDER_FILE, CURRENT_FILE].map((name) => stampOf(path.join(folder, name))));
  return stamps.join(' ');
}

async function stampOf(file: string): Promise<string> {
  const opened = await openFile(file);
  if (!opened) return '-';
  try {
    const { ino, size, mtimeMs } = await opened.stat();
    return `${ino}:${size}:${mtimeMs}`;
  } finally {
    await opened.close();
  }
}

async function readText(file: string): Promise<string> {
  const opened = await openFile(file);
  if (!opened) return '';
  try {
    const { size } = await opened.stat();
    // Read from the end of what is too much: the newest counts.
    const from = Math.max(0, size - LARGEST_FILE_BYTES);
    const buffer = Buffer.alloc(size - from);
    const { bytesRead } = await opened.read(buffer, 0, buffer.length, from);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await opened.close();
  }
}

/** Only ever a regular file, and never through a link. */
async function openFile(file: string): Promise<Awaited<ReturnType<typeof open>> | undefined> {
  try {
    const opened = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if ((await opened.stat()).isFile()) return opened;
    await opened.close();
    return undefined;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw RuntimeError.from(error, `Reading the recording ${file}`);
  }
}

function parseLine(line: string): RecordedEntry | undefined {
  if (line === '') return undefined;
  try {
    return readEntry(JSON.parse(line));
  } catch {
    // A line that was cut off by a crash.
    return undefined;
  }
}

function seqOf(entry: RecordedEntry): number {
  return entry.kind === 'call' ? entry.seq : 0;
}
