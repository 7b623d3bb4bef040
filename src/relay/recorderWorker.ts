import { parentPort, workerData } from 'node:worker_threads';
import { messagesOf } from '../adapters/recording/grpcMethods';
import { GrpcRecorder, type GrpcContext } from '../model/recording/grpcConnection';
import type { RecordedEntry } from '../model/recording/recordedCall';
import { CallReader, keptOf } from '../model/recording/unreadCall';
import type { FromRecorder, RecorderData, ToRecorder } from './messages';
import { RecordingFile } from './recordingFile';

/*
 * The recorder: reads what the relay has kept of calls, and writes them down. It runs in a thread of the relay's own
 * process, so what is in its messages is the relay's own. HTTP calls come to it in one piece; of gRPC it gets copies of all
 * bytes, for what is in them is costlier to tell apart.
 */

/** What all bodies under way may keep together. */
const BUDGET_BYTES = 32 * 1024 * 1024;
/** Entries wait that long for others, so that many calls are few writes. */
const WRITE_AFTER_MS = 50;

const { recordings, run, pending } = workerData as RecorderData;
const file = new RecordingFile(recordings);
const reader = new CallReader();
const waiting: RecordedEntry[] = [];
const connections = new Map<number, GrpcRecorder>();
const told = new Set<number>();
let seq = 0;
let timer: NodeJS.Timeout | undefined;

const context: GrpcContext = {
  run,
  nextSeq: () => ++seq,
  budget: { left: BUDGET_BYTES },
  messagesOf,
  emit: keep,
};

function keep(entry: RecordedEntry): void {
  waiting.push(entry);
  timer ??= setTimeout(write, WRITE_AFTER_MS);
}

function write(): void {
  clearTimeout(timer);
  timer = undefined;
  file.append(waiting.splice(0));
}

function recorderOf(connection: number): GrpcRecorder {
  const known = connections.get(connection);
  if (known) return known;
  const made = new GrpcRecorder(connection, context);
  connections.set(connection, made);
  return made;
}

function take(message: ToRecorder): void {
  switch (message.kind) {
    case 'entry':
      for (const bytes of keptOf(message.entry)) Atomics.sub(pending, 0, bytes.length);
      keep(reader.read(message.entry));
      return;
    case 'bytes': {
      const recorder = recorderOf(message.connection);
      recorder.feed(message.side, message.bytes, message.at);
      Atomics.sub(pending, 0, message.bytes.length);
      if (!recorder.isOver || told.has(message.connection)) return;
      told.add(message.connection);
      const answer: FromRecorder = { kind: 'enough', connection: message.connection };
      parentPort?.postMessage(answer);
      return;
    }
    case 'overload':
      return recorderOf(message.connection).breakOff(
        message.side,
        message.byte,
        'the recorder could not keep up',
        message.at,
      );
    case 'end':
      return connections.get(message.connection)?.end();
    case 'close':
      connections.get(message.connection)?.close(message.at);
      connections.delete(message.connection);
      told.delete(message.connection);
      return;
    case 'finish':
      write();
      parentPort?.close();
  }
}

parentPort?.on('message', take);
