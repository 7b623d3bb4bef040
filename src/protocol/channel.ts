import { RuntimeError, type Problem } from '../model/problem';
import type { Disposable } from '../util/disposables';
import {
  isHostMessage,
  isPageMessage,
  requestIdOf,
  type EventName,
  type HostEvents,
  type HostMessage,
  type Method,
  type PageMessage,
  type Requests,
} from './messages';

/** One end of the line: how to send, and how to hear. */
export interface Line {
  post(message: unknown): void;
  listen(listener: (message: unknown) => void): Disposable;
}

/** A page that asks more than this at once is broken: further requests are refused until some are answered. */
const MAX_IN_FLIGHT = 64;

type Handlers = { readonly [M in Method]: (params: Requests[M]['params']) => Promise<Requests[M]['answer']> };

interface Pending {
  readonly method: Method;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: RuntimeError) => void;
}

/** What the two ends share: hearing only valid messages, until disposed. */
abstract class Channel<In> implements Disposable {
  protected disposed = false;
  private readonly subscription: Disposable;

  constructor(
    protected readonly line: Line,
    isValid: (value: unknown) => value is In,
  ) {
    this.subscription = line.listen((message) => {
      if (this.disposed) return;
      if (isValid(message)) this.receive(message);
      else this.refuse(message);
    });
  }

  protected abstract receive(message: In): void;
  protected abstract refuse(message: unknown): void;

  dispose(): void {
    this.disposed = true;
    this.subscription.dispose();
  }
}

/** The host's end: answers requests, and tells events once the page is ready. */
export class HostChannel extends Channel<PageMessage> {
  private inFlight = 0;
  private ready = false;
  private readonly waiting = new Map<EventName, HostMessage>();

  constructor(
    line: Line,
    private readonly handlers: Handlers,
    private readonly onReady: () => void = () => undefined,
  ) {
    super(line, isPageMessage);
  }

  /** Tells the page. Before it is ready only the newest event of each name is kept. */
  tell<E extends EventName>(name: E, value: HostEvents[E]): void {
    if (this.disposed) return;
    const message = { type: 'event', name, value } as HostMessage;
    if (this.ready) this.line.post(message);
    else this.waiting.set(name, message);
  }

  protected receive(message: PageMessage): void {
    if (message.type === 'ready') {
      // Also after each reload of the page.
      this.ready = true;
      for (const event of this.waiting.values()) this.line.post(event);
      this.waiting.clear();
      this.onReady();
      return;
    }
    void this.answer(message);
  }

  protected refuse(message: unknown): void {
    const id = requestIdOf(message);
    if (id !== undefined)
      this.fail(id, { code: 'malformed', what: 'Request of the page', reason: 'It is not one of the known requests.' });
  }

  private async answer(message: Exclude<PageMessage, { type: 'ready' }>): Promise<void> {
    const { id, method } = message;
    const what = `Request "${method}" of the page`;
    if (this.inFlight >= MAX_IN_FLIGHT) {
      return this.fail(id, {
        code: 'refused',
        what,
        reason: `More than ${MAX_IN_FLIGHT} requests are waiting already.`,
      });
    }
    this.inFlight++;
    try {
      // The union of requests pairs each method with its own parameters: a call through the table cannot say so.
      const handler = this.handlers[method] as (params: unknown) => Promise<unknown>;
      const answer = await handler(message.params);
      if (!this.disposed) this.line.post({ type: 'answer', id, method, answer });
    } catch (error) {
      this.fail(id, RuntimeError.from(error, what).problem);
    } finally {
      this.inFlight--;
    }
  }

  private fail(id: number, problem: Problem): void {
    if (!this.disposed) this.line.post({ type: 'error', id, problem });
  }
}

/** The page's end: asks, and hears events. */
export class PageChannel extends Channel<HostMessage> {
  private nextId = 1;
  private readonly pending = new Map<number, Pending>();

  constructor(
    line: Line,
    private readonly onEvent: { readonly [E in EventName]: (value: HostEvents[E]) => void },
  ) {
    super(line, isHostMessage);
    line.post({ type: 'ready' });
  }

  /** @throws RuntimeError as the host answers, or `cancelled` when the channel is disposed first */
  ask<M extends Method>(method: M, params: Requests[M]['params']): Promise<Requests[M]['answer']> {
    return new Promise((resolve, reject) => {
      if (this.disposed) return reject(closed(method));
      const id = this.nextId++;
      this.pending.set(id, { method, resolve, reject });
      this.line.post({ type: 'request', id, method, params });
    });
  }

  override dispose(): void {
    super.dispose();
    for (const { method, reject } of this.pending.values()) reject(closed(method));
    this.pending.clear();
  }

  protected receive(message: HostMessage): void {
    if (message.type === 'event') {
      (this.onEvent[message.name] as (value: unknown) => void)(message.value);
      return;
    }
    const pending = this.pending.get(message.id);
    if (!pending) return;
    if (message.type === 'error') {
      this.pending.delete(message.id);
      pending.reject(new RuntimeError(message.problem));
    } else if (message.method === pending.method) {
      this.pending.delete(message.id);
      pending.resolve(message.answer as never);
    }
  }

  protected refuse(): void {
    // Nothing that the host does not mean reaches a page; other scripts' messages are none of ours.
  }
}

function closed(method: Method): RuntimeError {
  return new RuntimeError({
    code: 'cancelled',
    what: `Request "${method}" of the page`,
    reason: 'The page was closed.',
  });
}
