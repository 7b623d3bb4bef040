import { setTimeout as sleep } from 'node:timers/promises';
import { UnixChannel } from '../grpc/channel';
import type { MessageOf } from '../grpc/message';
import { EventSubject, type Envelope } from './messages';
import type { ContainerdEvent as ObservedEvent } from '../../model/trace/observation';
import { observedEvent } from './events';
import { METHODS } from './methods';

/** An event that is worth a look. */
export interface ContainerdEvent {
  readonly namespace: string;
  readonly topic: string;
  readonly containerId?: string;
}

/** What happens on one socket's event stream. */
export interface StreamListener {
  connected(): void;
  /** After each try that ended, also one that never was connected. */
  lost(): void;
  event(event: ContainerdEvent): void;
  /** The same event with its payload and time; execs are left out. */
  observed(event: ObservedEvent): void;
}

/**
 * The topics that change what is shown. Execs are left out at the server: a health check makes three events every few
 * seconds. Source: containerd core/runtime/events.go.
 */
const TOPICS = [
  ...['create', 'update', 'delete'].map((name) => `/containers/${name}`),
  ...['create', 'start', 'exit', 'delete', 'oom', 'paused', 'resumed'].map((name) => `/tasks/${name}`),
  ...['create', 'delete'].map((name) => `/namespaces/${name}`),
];
const FILTERS = TOPICS.map((topic) => `topic=="${topic}"`);

/** A frozen containerd leaves the stream open and silent: only a question tells. */
const HEARTBEAT_MS = 30_000;
const ANSWER_MS = 5_000;
/** A connection that has lived this long ended for a new reason: the waiting starts anew. */
const STABLE_MS = 10_000;

/** How long to wait before the n-th attempt (from 0) in a row: at most 2 s for the first minute, then 30 s. */
export function waitBefore(attempt: number): number {
  return attempt < 30 ? Math.min(2_000, 250 * 2 ** attempt) : 30_000;
}

/** Follows the events of one socket until aborted, connecting again for ever. Never rejects. */
export async function followEvents(socketPath: string, listener: StreamListener, signal: AbortSignal): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    const startedAt = performance.now();
    await followOnce(socketPath, listener, signal).catch(() => undefined);
    if (performance.now() - startedAt > STABLE_MS) attempt = 0;
    await sleep(waitBefore(attempt), undefined, { signal }).catch(() => undefined);
  }
}

async function followOnce(socketPath: string, listener: StreamListener, signal: AbortSignal): Promise<void> {
  const channel = await UnixChannel.open(socketPath, signal).catch((error: unknown) => {
    if (!signal.aborted) listener.lost();
    throw error;
  });
  try {
    const ended = channel.stream(
      METHODS.subscribe,
      { filters: FILTERS },
      {
        signal,
        onMessage: (envelope) => {
          const event = eventOf(envelope);
          if (!event) return;
          listener.event(event);
          const observed = event.containerId === undefined ? undefined : observedEvent(envelope);
          if (observed) listener.observed(observed);
        },
      },
    );
    // Awaited below; a failure in between must not count as unhandled.
    ended.catch(() => undefined);
    // The server answers the stream with nothing until something happens: a question asked after it tells that it stands.
    await channel.unary(METHODS.version, {}, { timeoutMs: ANSWER_MS, signal });
    listener.connected();
    const beat = new AbortController();
    try {
      await Promise.race([ended, heartbeat(channel, beat.signal)]);
    } finally {
      beat.abort();
    }
  } finally {
    channel.close();
    if (!signal.aborted) listener.lost();
  }
}

/** Asks for the version now and then; rejects when it is not answered. Resolves when stopped. */
async function heartbeat(channel: UnixChannel, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(HEARTBEAT_MS, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) await channel.unary(METHODS.version, {}, { timeoutMs: ANSWER_MS, signal });
  }
}

/** What an envelope tells; undefined when it is about a mere exec. */
export function eventOf(envelope: MessageOf<typeof Envelope.fields>): ContainerdEvent | undefined {
  const { namespace, topic } = envelope;
  const event = { namespace, topic };
  if (!envelope.event || !/^\/(?:containers|tasks)\//.test(topic)) return event;
  try {
    const subject = EventSubject.decode(envelope.event.value);
    if (topic === '/tasks/exit' && subject.processId !== '' && subject.processId !== subject.id) return undefined;
    if (topic === '/tasks/delete' && subject.deletedProcessId !== '') return undefined;
    return subject.id === '' ? event : { ...event, containerId: subject.id };
  } catch {
    return event;
  }
}
