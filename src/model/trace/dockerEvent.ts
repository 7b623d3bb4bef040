import { asRecord, asString, memberAt } from '../../util/records';
import type { DockerEvent } from './observation';

/** An event of an engine as an observation; undefined for what is about no container. Source: Docker Engine API, `GET /events`. */
export function dockerEventOf(payload: unknown): DockerEvent | undefined {
  const record = asRecord(payload);
  const type = asString(record?.Type) ?? 'container';
  const action = asString(record?.Action) ?? asString(record?.status);
  const actor = asString(memberAt(record, 'Actor', 'ID')) ?? asString(record?.id);
  const containerId = type === 'container' ? actor : asString(memberAt(record, 'Actor', 'Attributes', 'container'));
  const { timeNano } = record ?? {};
  const nanoseconds = typeof timeNano === 'string' || typeof timeNano === 'number' ? String(timeNano) : '';
  if (!action || !containerId || !/^\d{1,19}$/.test(nanoseconds)) return undefined;
  const atUs = Number(BigInt(nanoseconds) / 1000n);
  return { source: 'docker-events', atUs, precisionUs: 1, containerId, type, action, payload };
}

/** Of all events of a container those of its last start: what ended earlier runs, and those runs, are left out. */
export function lastRun(events: readonly DockerEvent[]): readonly DockerEvent[] {
  const created = events.filter(({ type, action }) => type === 'container' && action === 'create').slice(-1);
  const start = lastIndex(events, ({ type, action }) => type === 'container' && action === 'start');
  const before = start < 0 ? events : events.slice(0, start + 1);
  const end = lastIndex(
    before,
    ({ type, action }) =>
      (type === 'container' && /^(?:die|stop|restart|kill|oom)$/.test(action)) || action === 'disconnect',
  );
  return [...created, ...before.slice(end + 1).filter((event) => !created.includes(event))];
}

function lastIndex<T>(items: readonly T[], is: (item: T) => boolean): number {
  for (let index = items.length - 1; index >= 0; index--) if (is(items[index] as T)) return index;
  return -1;
}
