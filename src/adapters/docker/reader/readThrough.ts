import { randomBytes } from 'node:crypto';
import * as path from 'node:path';
import { RuntimeError } from '../../../model/problem';
import type { JournalEntry, ReaderJournal } from '../../../model/readerJournal';
import { parseJsonExact } from '../../../util/json';
import { asRecord, asString } from '../../../util/records';
import { shortId } from '../../../util/text';
import type { DockerClient } from '../client';
import { ReaderCalls } from './calls';
import { isLeft } from './journal';
import { firstEntry, type TarEntry } from './tar';

/** What is to be read. */
export interface ReadingTarget {
  readonly containerId: string;
  /** Where its bundle may be on the engine's machine, most likely first. */
  readonly bundles: readonly string[];
  /** Its shim, as the engine's machine counts: what it works in is the bundle. */
  readonly shimPid?: number;
}

/** A config.json from the engine's machine. */
export interface Reading {
  readonly bundle: string;
  readonly config: unknown;
  /** Why what was made for it is still there, when it is. */
  readonly left?: string;
}

/** How long cleaning up may take, also after a cancelled reading. */
const REMOVE_MS = 15_000;

/**
 * Reads the config.json of a running container through the engine: an empty image is imported, a container with the bundle
 * bound read-only is created and never started, the engine's archive endpoint hands over the file, and both are removed.
 * What is made is noted in the journal first.
 *
 * @throws RuntimeError with the engine's or a proxy's reason; `absent` when the bundle is in none of the places
 */
export async function readThroughContainer(
  client: DockerClient,
  journal: ReaderJournal,
  machine: string,
  target: ReadingTarget,
  signal?: AbortSignal,
): Promise<Reading> {
  const entry: JournalEntry = {
    token: randomBytes(16).toString('hex'),
    endpoint: client.endpoint.url,
    machine,
    pid: process.pid,
    atMs: Date.now(),
  };
  const calls = new ReaderCalls(client, entry.token);
  await journal.note(entry);
  let reading: Reading;
  try {
    reading = await read(calls, target, signal);
  } catch (error) {
    await cleanUp(calls, journal, entry);
    throw error;
  }
  const left = await cleanUp(calls, journal, entry);
  return left === undefined ? reading : { ...reading, left };
}

/**
 * Removes what readings that were cut off have left on this engine: only what has our label with a token of the journal.
 * Never rejects; what cannot be removed now stays in the journal.
 */
export async function removeLeftovers(client: DockerClient, journal: ReaderJournal, machine: string): Promise<void> {
  for (const entry of journal.entries()) {
    if (entry.endpoint !== client.endpoint.url || entry.machine !== machine || !isLeft(entry)) continue;
    await cleanUp(new ReaderCalls(client, entry.token), journal, entry);
  }
}

async function read(calls: ReaderCalls, target: ReadingTarget, signal?: AbortSignal): Promise<Reading> {
  const image = await calls.importImage(signal);
  const { containerId, shimPid } = target;
  for (const bundle of target.bundles) {
    const entry = await readAt(calls, image, bundle, 'config.json', signal);
    if (entry) return { bundle, config: configIn(entry, bundle) };
  }
  // Its name says nothing of where containerd keeps its state, but the shim works in its first bundle.
  const link = shimPid === undefined ? undefined : await readAt(calls, image, `/proc/${shimPid}`, 'cwd', signal);
  if (link?.kind === 'link' && path.isAbsolute(link.target)) {
    const bundle = path.join(path.dirname(link.target), containerId);
    const entry = await readAt(calls, image, bundle, 'config.json', signal);
    if (entry) return { bundle, config: configIn(entry, bundle) };
  }
  throw new RuntimeError({
    code: 'absent',
    what: `Reading the config.json of ${shortId(containerId)} through a reader container`,
    reason: `The engine’s machine has its bundle in none of ${target.bundles.join(', ')}${
      shimPid === undefined ? '' : `, and /proc/${shimPid}/cwd does not lead to it`
    }.`,
    remedy: 'It may have ended meanwhile: refresh. Else run the explorer on that machine.',
  });
}

/** One entry of a folder of the engine's machine; undefined when the folder, or the entry in it, is not there. */
async function readAt(
  calls: ReaderCalls,
  image: string,
  folder: string,
  name: string,
  signal?: AbortSignal,
): Promise<TarEntry | undefined> {
  let container: string | undefined;
  try {
    container = await calls.create(image, folder, signal);
    return firstEntry(await calls.archive(container, name, signal));
  } catch (error) {
    if (error instanceof RuntimeError && error.problem.code === 'absent') return undefined;
    throw error;
  } finally {
    // At once: what was left by a failure here is found by its label later.
    if (container !== undefined) await calls.removeContainer(container).catch(() => undefined);
  }
}

function configIn(entry: TarEntry, bundle: string): unknown {
  const what = `Reading ${bundle}/config.json through a reader container`;
  if (entry.kind !== 'file') {
    throw new RuntimeError({
      code: 'malformed',
      what,
      reason: 'It is no regular file.',
      remedy: `See what is there on the engine’s machine: ls -l ${bundle}`,
    });
  }
  const config = parseJsonExact(entry.content.toString('utf8'), what);
  if (asString(asRecord(config)?.ociVersion) !== undefined) return config;
  throw new RuntimeError({ code: 'malformed', what, reason: 'It is no OCI config: it has no ociVersion.' });
}

/** Removes all that has the token, and strikes it out of the journal. Returns why something is still there. */
async function cleanUp(calls: ReaderCalls, journal: ReaderJournal, entry: JournalEntry): Promise<string | undefined> {
  try {
    const limit = AbortSignal.timeout(REMOVE_MS);
    const { containers, images } = await calls.made(limit);
    for (const id of containers) await calls.removeContainer(id, limit);
    for (const id of images) await calls.removeImage(id, limit);
    await journal.strike(entry.token);
    return undefined;
  } catch (error) {
    await journal.note({ ...entry, over: true });
    const { problem } = RuntimeError.from(error, 'Removing the reader container');
    return `${problem.what}: ${problem.reason}`;
  }
}
