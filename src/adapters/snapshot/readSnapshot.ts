import { Worker } from 'node:worker_threads';
import { existsSync } from 'node:fs';
import { RuntimeError, type Problem } from '../../model/problem';
import type { Snapshot } from '../../model/snapshot/snapshot';
import { withDeadline } from '../../util/deadline';
import { decodeSnapshot } from './decode';

/** The largest snapshot takes some seconds. */
const LIMIT_MS = 30_000;
/** The text of the largest snapshot, what is made of it, and the checked copy of that. */
const MOST_MEMORY_MIB = 1024;

export interface ForSnapshotWorker {
  readonly bytes: Uint8Array;
  readonly what: string;
}

export type FromSnapshotWorker = { readonly snapshot: Snapshot } | { readonly problem: Problem };

/**
 * Reads a snapshot in a thread with bounded memory and time.
 *
 * @param workerFile the built snapshotWorker; where it does not exist (tests that run from the sources), this thread reads
 * @throws RuntimeError with the reason, the place in the file and the remedy
 */
export async function readSnapshot(bytes: Uint8Array, name: string, workerFile: string): Promise<Snapshot> {
  const what = `Opening the snapshot ${name}`;
  if (!existsSync(workerFile)) return decodeSnapshot(bytes, what);
  const input: ForSnapshotWorker = { bytes, what };
  const worker = new Worker(workerFile, {
    workerData: input,
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MIB },
  });
  try {
    const answer = await withDeadline(what, LIMIT_MS, undefined, () => answerOf(worker, what));
    if ('problem' in answer) throw new RuntimeError(answer.problem);
    return answer.snapshot;
  } finally {
    await worker.terminate();
  }
}

function answerOf(worker: Worker, what: string): Promise<FromSnapshotWorker> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', (error: unknown) => {
      const outOfMemory = (error as { code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY';
      reject(
        outOfMemory
          ? new RuntimeError({
              code: 'too-large',
              what,
              reason: `It takes more than ${MOST_MEMORY_MIB} MiB of memory to read.`,
              remedy: 'Nothing else was harmed. Take the snapshot on a host with fewer containers.',
            })
          : RuntimeError.from(error, what),
      );
    });
    worker.once('exit', () => reject(RuntimeError.from(new Error('The reading thread ended.'), what)));
  });
}
