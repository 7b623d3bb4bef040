import type { ContainerdEvent } from '../../model/trace/observation';
import { withoutEnd } from '../../util/text';
import {
  message,
  MessageType,
  repeated,
  text,
  textMap,
  uint,
  bool,
  type Fields,
  type MessageOf,
} from '../grpc/message';
import { decodeAny } from './any';
import { Any, Timestamp, type Envelope } from './messages';

/*
 * The payloads of containerd's events. Source: containerd api/events/{container,task,snapshot}.proto; fields are the same
 * from 1.6 to 2.x.
 */

const event = <F extends Fields>(name: string, fields: F): MessageType<F> =>
  new MessageType(`containerd.events.${name}`, fields);

export const Mount = new MessageType('containerd.types.Mount', {
  type: text(1),
  source: text(2),
  target: text(3),
  options: repeated(text(4)),
});

const PAYLOADS: readonly MessageType<Fields>[] = [
  event('ContainerCreate', {
    id: text(1),
    image: text(2),
    runtime: message(
      3,
      new MessageType('containerd.events.ContainerCreate.Runtime', { name: text(1), options: message(2, Any) }),
    ),
  }),
  event('ContainerUpdate', { id: text(1), image: text(2), labels: textMap(3), snapshot_key: text(4) }),
  event('ContainerDelete', { id: text(1) }),
  event('TaskCreate', {
    container_id: text(1),
    bundle: text(2),
    rootfs: repeated(message(3, Mount)),
    io: message(
      4,
      new MessageType('containerd.events.TaskIO', {
        stdin: text(1),
        stdout: text(2),
        stderr: text(3),
        terminal: bool(4),
      }),
    ),
    checkpoint: text(5),
    pid: uint(6),
  }),
  event('TaskStart', { container_id: text(1), pid: uint(2) }),
  event('TaskDelete', {
    container_id: text(1),
    pid: uint(2),
    exit_status: uint(3),
    exited_at: message(4, Timestamp),
    id: text(5),
  }),
  event('TaskExit', {
    container_id: text(1),
    id: text(2),
    pid: uint(3),
    exit_status: uint(4),
    exited_at: message(5, Timestamp),
  }),
  event('TaskOOM', { container_id: text(1) }),
  event('TaskPaused', { container_id: text(1) }),
  event('TaskResumed', { container_id: text(1) }),
  event('TaskExecAdded', { container_id: text(1), exec_id: text(2) }),
  event('TaskExecStarted', { container_id: text(1), exec_id: text(2), pid: uint(3) }),
  event('SnapshotPrepare', { key: text(1), parent: text(2), snapshotter: text(5) }),
  event('SnapshotCommit', { key: text(1), name: text(2), snapshotter: text(5) }),
  event('SnapshotRemove', { key: text(1), snapshotter: text(5) }),
];
const BY_NAME: ReadonlyMap<string, MessageType<Fields>> = new Map(PAYLOADS.map((type) => [type.name, type]));

/** An event as it was published, with its payload decoded. Undefined for what has no time. */
export function observedEvent(envelope: MessageOf<typeof Envelope.fields>): ContainerdEvent | undefined {
  const { timestamp, namespace, topic } = envelope;
  if (!timestamp || typeof timestamp.seconds !== 'number' || timestamp.seconds <= 0) return undefined;
  const payload = payloadOf(envelope);
  const record = payload as Readonly<Record<string, unknown>> | undefined;
  const id = topic.startsWith('/tasks/')
    ? record?.['container_id']
    : topic.startsWith('/containers/')
      ? record?.['id']
      : undefined;
  return {
    source: 'containerd-events',
    atUs: timestamp.seconds * 1_000_000 + Math.floor(timestamp.nanos / 1000),
    precisionUs: 1,
    namespace,
    topic,
    payload: payload ?? (envelope.event ? decodeAny(envelope.event) : {}),
    ...(typeof id === 'string' && id !== '' ? { containerId: id } : {}),
  };
}

function payloadOf({ event: any }: MessageOf<typeof Envelope.fields>): unknown {
  const type = any && BY_NAME.get(any.typeUrl.replace(/^type\.googleapis\.com\//, ''));
  if (!any || !type) return undefined;
  try {
    return plain(type.decode(any.value));
  } catch {
    return undefined;
  }
}

/** What is set, as `ctr events` shows it: defaults are left out, times are texts, options are decoded. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries(value as Map<string, unknown>);
  if (typeof value !== 'object' || value === null) return value;
  const record = value as Readonly<Record<string, unknown>>;
  if ('typeUrl' in record && record['value'] instanceof Uint8Array)
    return decodeAny(record as unknown as MessageOf<typeof Any.fields>);
  if ('seconds' in record && 'nanos' in record) return timeText(record);
  const entries = Object.entries(record).map(([key, inner]) => [key, plain(inner)] as const);
  return Object.fromEntries(entries.filter(([, inner]) => !isUnset(inner)));
}

function timeText({ seconds, nanos }: Readonly<Record<string, unknown>>): string | undefined {
  const whole = Number(seconds);
  if (!(whole > 0 && whole < 8.64e12)) return undefined;
  const fraction = withoutEnd(String(Number(nanos)).padStart(9, '0'), '0');
  return `${new Date(whole * 1000).toISOString().slice(0, 19)}${fraction ? `.${fraction}` : ''}Z`;
}

function isUnset(value: unknown): boolean {
  return (
    value === undefined ||
    value === '' ||
    value === 0 ||
    value === false ||
    (Array.isArray(value) && value.length === 0) ||
    (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0)
  );
}
