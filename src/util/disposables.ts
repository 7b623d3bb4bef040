/** Something that holds a resource until it is disposed. */
export interface Disposable {
  dispose(): void;
}

/** Owns disposables and lets go of them together; what is added after disposal is disposed at once. */
export class Disposables implements Disposable {
  private readonly held = new Set<Disposable>();
  private disposed = false;

  add<T extends Disposable>(item: T): T {
    if (this.disposed) item.dispose();
    else this.held.add(item);
    return item;
  }

  dispose(): void {
    this.disposed = true;
    const items = [...this.held].reverse();
    this.held.clear();
    for (const item of items) item.dispose();
  }
}
