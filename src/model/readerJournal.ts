/**
 * What a reader container left behind would be known by: written down before anything is made, so that whoever comes after
 * a crash finds it. JSON-serialisable.
 */
export interface JournalEntry {
  /** Random, 32 hex digits: the value of our label on the image and on the container. */
  readonly token: string;
  /** The engine's endpoint, as layers name it. */
  readonly endpoint: string;
  /** Something that other machines do not have: the journal may be shared with them, the engine is not. */
  readonly machine: string;
  /** The process that reads. */
  readonly pid: number;
  /** Unix milliseconds. */
  readonly atMs: number;
  /** True when the reading is over and something could not be removed. */
  readonly over?: boolean;
}

/** Where the entries are kept: a memory that outlives this process. */
export interface ReaderJournal {
  entries(): readonly JournalEntry[];
  /** Resolves when the entry is kept; one of the same token is replaced. */
  note(entry: JournalEntry): Promise<void>;
  strike(token: string): Promise<void>;
}
