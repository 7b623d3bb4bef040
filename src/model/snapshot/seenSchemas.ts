import { anything, flag, integer, list, number, object, oneOf, optional, pair, text, time } from '../../util/schema';
import { variant, type Schema } from '../../util/schema';
import type { GrpcDetails, RecordedBody, RecordedCall } from '../recording/recordedCall';
import type { ContainerdEvent, DockerEvent, LoggedCall, Observation, ProcessSeen } from '../trace/observation';
import type { StreamState } from '../trace/trace';
import { MOST } from './factSchemas';
import type { SeenOfContainer } from './snapshot';

const body = object<RecordedBody>({ bytes: number, value: optional(anything), truncated: optional(flag) });

const recordedCall = object<RecordedCall>({
  kind: oneOf('call'),
  id: text(1_000),
  seq: integer,
  connection: integer,
  at: time,
  durationMs: optional(number),
  method: text(100),
  path: text(),
  status: optional(integer),
  request: optional(body),
  response: optional(body),
  upgraded: optional(
    object<NonNullable<RecordedCall['upgraded']>>({ to: text(), sentBytes: number, receivedBytes: number }),
  ),
  grpc: optional(
    object<GrpcDetails>({
      sent: integer,
      received: integer,
      namespace: optional(text()),
      status: optional(integer),
      error: optional(text()),
    }),
  ),
  containerId: optional(text()),
  incomplete: optional(text()),
});

/** Microseconds that a date can be made of. */
const microseconds: Schema<number> = (value, place) => {
  const read = number(value, place);
  // What is no date would break whatever shows it.
  return Math.abs(read) <= 8.64e18 ? read : integer(Number.NaN, place);
};
const when = { atUs: microseconds, precisionUs: microseconds };
const observation = variant<Observation>('source', {
  'docker-events': object<DockerEvent>({
    source: oneOf('docker-events'),
    ...when,
    containerId: text(),
    type: text(),
    action: text(),
    payload: anything,
  }),
  'containerd-events': object<ContainerdEvent>({
    source: oneOf('containerd-events'),
    ...when,
    containerId: optional(text()),
    namespace: text(),
    topic: text(),
    payload: anything,
  }),
  'dockerd-log': object<LoggedCall>({
    source: oneOf('dockerd-log'),
    ...when,
    containerId: optional(text()),
    method: text(),
    path: text(),
  }),
  procfs: object<ProcessSeen>({
    source: oneOf('procfs'),
    ...when,
    role: oneOf('shim-starter', 'shim', 'runtime', 'init'),
    containerId: text(),
    pid: integer,
    startTicks: integer,
    parentPid: integer,
    argv: list(text(), MOST),
    verb: optional(text()),
    programUs: optional(pair(microseconds, microseconds)),
    goneUs: optional(pair(microseconds, microseconds)),
  }),
});

export const seenOfContainer: Schema<SeenOfContainer> = object<SeenOfContainer>({
  recorded: list(recordedCall, MOST),
  observations: list(observation, MOST),
  missing: list(
    object<StreamState>({
      name: text(),
      state: oneOf('connecting', 'connected', 'lost'),
      reason: optional(text()),
    }),
    100,
  ),
});
