import { parentPort, workerData } from 'node:worker_threads';
import { messagesOf } from '../adapters/recording/grpcMethods';
import { ConnectionRecorder, type WireRecorder } from '../model/recording/connection';
import { GrpcRecorder, type GrpcContext } from '../model/recording/grpcConnection';
import type { RecordedEntry } from '../model/recording/recordedCall';
import type { FromRecorder, RecorderData, ToRecorder } from './messages';
import { RecordingFile } from './recordingFile';

/*
 * The recorder: reads copies of what the relay carries, and writes the calls down. It runs in a thread of the relay's own
 * process, so what is in its messages is the relay's own.
 */

/** What all bodies under way may keep together. */
const BUDGET_BYTES = 32 * 1024 * 1024;
/** Entries wait that long for others, so that many calls are few writes. */
const WRITE_AFTER_MS = 50;

const { recordings, protocol, run, pending } = workerData as RecorderData;
const file = new RecordingFile(recordings);
const waiting: RecordedEntry[] = [];
const connections = new Map<number, WireRecorder>();
const told = new Set<number>();
let seq = 0;
let timer: NodeJS.Timeout | undefined;

const context: GrpcContext = {
  run,
  nextSeq: () => ++seq,
  budget: { left: BUDGET_BYTES },
  execs: new Map(),
  messagesOf,
  emit: (entry) => {
    waiting.push(entry);
    timer ??= setTimeout(write, WRITE_AFTER_MS);
  },
};

function write(): void {
  clearTimeout(timer);
  timer = undefined;
  file.append(waiting.splice(0));
}

function recorderOf(connection: number): WireRecorder {
  const known = connections.get(connection);
  if (known) return known;
  const made =
    protocol === 'grpc' ? new GrpcRecorder(connection, context) : new ConnectionRecorder(connection, context);
  connections.set(connection, made);
  return made;
}

function take(message: ToRecorder): void {
  switch (message.kind) {
    case 'bytes': {
      const recorder = recorderOf(message.connection);
      recorder.feed(message.side, message.bytes, message.at);
      Atomics.sub(pending, 0, message.bytes.length);
      if (!recorder.wantsOnlyCounts || told.has(message.connection)) return;
      told.add(message.connection);
      const answer: FromRecorder = { kind: 'only-counts', connection: message.connection };
      parentPort?.postMessage(answer);
      return;
    }
    case 'count':
      return connections.get(message.connection)?.count(message.side, message.bytes);
    case 'overload':
      return recorderOf(message.connection).breakOff(
        message.side,
        message.byte,
        'the recorder could not keep up',
        message.at,
      );
    case 'end':
      return connections.get(message.connection)?.end(message.side, message.at);
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
