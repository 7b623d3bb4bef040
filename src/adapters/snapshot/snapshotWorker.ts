import { parentPort, workerData } from 'node:worker_threads';
import { RuntimeError } from '../../model/problem';
import { decodeSnapshot } from './decode';
import type { ForSnapshotWorker, FromSnapshotWorker } from './readSnapshot';

/*
 * Reads one snapshot file in a thread of its own, with a bound on its memory: a file that was made to exhaust either can
 * end this thread, and nothing else.
 */

const { bytes, what } = workerData as ForSnapshotWorker;

function answer(): FromSnapshotWorker {
  try {
    return { snapshot: decodeSnapshot(bytes, what) };
  } catch (error) {
    return { problem: RuntimeError.from(error, what).problem };
  }
}

parentPort?.postMessage(answer());
