import { asRecord, asString, memberAt } from '../../util/records';

/** A line longer than this is dropped: an event repeats all labels, and only its id and action are wanted. */
const LONGEST_LINE_BYTES = 4 * 1024 * 1024;

/** What is kept of an event. */
export interface EngineEvent {
  readonly id: string;
  readonly action: string;
}

/** Cuts a stream of JSON lines into events, wherever the chunks are cut. What is no event is left out. */
export class EventLines<T> {
  private parts: Buffer[] = [];
  private size = 0;
  private skipping = false;

  /** @param read reads one line; undefined for what is no event */
  constructor(private readonly read: (line: string) => T | undefined) {}

  /** Takes the next chunk; returns the events that are complete with it. */
  push(chunk: Buffer): T[] {
    const events: T[] = [];
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.keep(chunk.subarray(start, end));
      const event = this.skipping ? undefined : this.read(Buffer.concat(this.parts).toString('utf8'));
      if (event) events.push(event);
      this.parts = [];
      this.size = 0;
      this.skipping = false;
      start = end + 1;
    }
    this.keep(chunk.subarray(start));
    return events;
  }

  private keep(part: Buffer): void {
    this.size += part.length;
    if (this.size > LONGEST_LINE_BYTES) {
      this.skipping = true;
      this.parts = [];
    }
    if (!this.skipping && part.length > 0) this.parts.push(part);
  }
}

/** Of an event only its id and its action. */
export function readEvent(line: string): EngineEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const record = asRecord(value);
  const id = asString(memberAt(record, 'Actor', 'ID')) ?? asString(record?.id);
  const action = asString(record?.Action) ?? asString(record?.status);
  return id && action ? { id, action } : undefined;
}
