import type { Requests, Method } from '../src/protocol/messages';
import type { HostPageModel } from '../src/protocol/hostPages';
import type { PageModel, UsageSample } from '../src/protocol/pages';

/** What a page's view may do. */
export interface ViewContext {
  ask<M extends Method>(method: M, params: Requests[M]['params']): Promise<Requests[M]['answer']>;
  /** Asks without waiting; a failure is shown at the top of the page. */
  run(work: Promise<unknown>): void;
  /** Said to screen readers. */
  announce(text: string): void;
  /** Draws the page again from the model it has. */
  redraw(): void;
  /** Asks for the page with or without secrets. */
  reveal(on: boolean): void;
  /** What the view keeps through reloads; anything JSON. */
  readonly memory: { get(name: string): unknown; set(name: string, value: unknown): void };
}

/** One kind of page: draws its model, and keeps what the user did with it. */
export interface View<P extends PageModel | HostPageModel = PageModel | HostPageModel> {
  draw(page: P): HTMLElement;
  /** Called once the drawn element stands in the document. */
  shown?(): void;
  usage?(sample: UsageSample): void;
}
