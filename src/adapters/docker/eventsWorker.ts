import { parentPort } from 'node:worker_threads';
import { EventStream } from './eventStream';
import type { ToWorker } from './events';
import { HintBatches } from './hintBatches';

/*
 * Reads the event streams of Docker engines in a thread of its own. A reader that falls behind slows every call of the
 * engine that makes an event, so this thread does nothing but read: it keeps an id and a word of each event, and tells the
 * main thread at most ten times a second, which may be as late as it likes.
 */

const streams = new Map<string, EventStream>();
const batches = new HintBatches((batch) => parentPort?.postMessage(batch));

parentPort?.on('message', (message: ToWorker) => {
  if ('follow' in message) {
    const { layerId } = message.follow;
    streams.get(layerId)?.end();
    streams.set(layerId, new EventStream(message.follow, (hint) => batches.add(hint)));
  } else if ('unfollow' in message) {
    streams.get(message.unfollow)?.end();
    streams.delete(message.unfollow);
  } else if ('prove' in message) {
    streams.get(message.prove)?.prove();
  } else {
    streams.get(message.now)?.connectNow();
  }
});
