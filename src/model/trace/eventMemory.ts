import type { ContainerdEvent } from './observation';

/** Some hundred births. */
const MOST_EVENTS = 2000;

/** The events of containerd that were heard while the explorer watched: containerd itself keeps none. */
export class EventMemory {
  private events: ContainerdEvent[] = [];
  private since: string | undefined;

  /** When the explorer began to listen, ISO 8601; undefined when it never has. */
  get watchingSince(): string | undefined {
    return this.since;
  }

  watched(): void {
    this.since ??= new Date().toISOString();
  }

  add(events: readonly ContainerdEvent[]): void {
    this.events = [...this.events, ...events].slice(-MOST_EVENTS);
  }

  /** Those of one container, oldest first. */
  of(containerId: string): readonly ContainerdEvent[] {
    return this.events.filter((event) => event.containerId === containerId);
  }
}
