import { parentPort } from 'node:worker_threads';
import type { ContainerdEvent as ObservedEvent } from '../../model/trace/observation';
import { asString, asStrings, memberAt } from '../../util/records';
import { EVENT_BATCHES, Gatherer } from '../../util/pace';
import { followEvents, type ContainerdEvent } from './eventStream';

/*
 * Reads the events of containerds in a thread of its own. A subscriber that does not read makes containerd keep all
 * events in memory, without bound: no busy moment of the extension host may do that to somebody's daemon.
 */

/** What the worker tells. */
export type WorkerMessage =
  | { readonly kind: 'connected' | 'lost'; readonly socket: string }
  | {
      readonly kind: 'events';
      readonly socket: string;
      readonly events: readonly ContainerdEvent[];
      readonly observed: readonly ObservedEvent[];
    };

/** More containers than that in one message are told as "something changed" per namespace. */
const GATHER_LIMIT = 200;
/** Of a flood only so many are told word for word. */
const OBSERVED_LIMIT = 500;

interface Followed {
  readonly controller: AbortController;
  /** It is told once that nobody answers, and again when somebody was answered meanwhile. */
  isToldLost: boolean;
}

const followed = new Map<string, Followed>();

function follow(socket: string): void {
  const controller = new AbortController();
  const one: Followed = { controller, isToldLost: false };
  followed.set(socket, one);
  const gathered = new Map<string, ContainerdEvent>();
  let observed: ObservedEvent[] = [];
  const tell = (message: WorkerMessage): void => parentPort?.postMessage(message);
  const tellGathered = (): void => {
    const events = [...gathered.values()];
    gathered.clear();
    if (!controller.signal.aborted) tell({ kind: 'events', socket, events, observed });
    observed = [];
  };
  const gatherer = new Gatherer(tellGathered, EVENT_BATCHES);
  void followEvents(
    socket,
    {
      connected: () => {
        one.isToldLost = false;
        tell({ kind: 'connected', socket });
      },
      lost: () => {
        if (!one.isToldLost) tell({ kind: 'lost', socket });
        one.isToldLost = true;
      },
      event: (event) => {
        gatherer.ask();
        const { namespace, topic, containerId } = event;
        if (gathered.size >= GATHER_LIMIT) gathered.set(namespace, { namespace, topic });
        else gathered.set(`${namespace}/${containerId ?? ''}`, event);
      },
      // Told with the hints: each has one.
      observed: (event) => {
        if (observed.length < OBSERVED_LIMIT) observed.push(event);
      },
    },
    controller.signal,
  );
}

parentPort?.on('message', (message: unknown) => {
  const answered = followed.get(asString(memberAt(message, 'answered')) ?? '');
  if (answered) answered.isToldLost = false;
  const sockets = memberAt(message, 'sockets');
  if (sockets === undefined) return;
  const wanted = new Set(asStrings(sockets));
  for (const [socket, { controller }] of followed) {
    if (wanted.has(socket)) continue;
    controller.abort();
    followed.delete(socket);
  }
  for (const socket of wanted) if (!followed.has(socket)) follow(socket);
});
