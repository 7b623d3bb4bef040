import type { Disposable } from './disposables';

/** Subscribes a listener; the returned handle takes it off again. Shape-compatible with `vscode.Event`. */
export type Event<T> = (listener: (value: T) => unknown) => Disposable;

/** A source of events without `vscode`, so that the model, the store and the adapters need no editor. */
export class Emitter<T> implements Disposable {
  private readonly listeners = new Set<(value: T) => unknown>();

  readonly event: Event<T> = (listener) => {
    // Each subscription is its own entry, so one function may listen twice and be taken off once.
    const entry = (value: T): unknown => listener(value);
    this.listeners.add(entry);
    return { dispose: () => void this.listeners.delete(entry) };
  };

  /** True while anybody listens: lets a producer stop work that nobody looks at. */
  get hasListeners(): boolean {
    return this.listeners.size > 0;
  }

  /** Calls every listener; one that throws does not keep the others from hearing. */
  fire(value: T): void {
    for (const listener of [...this.listeners]) {
      try {
        listener(value);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  dispose(): void {
    this.listeners.clear();
  }
}
