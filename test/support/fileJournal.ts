import { readFileSync, writeFileSync } from 'node:fs';
import type { JournalEntry, ReaderJournal } from '../../src/model/readerJournal';

/** A journal in a file: it outlives the process, however that ends. */
export class FileJournal implements ReaderJournal {
  /** Makes an empty one. */
  static create(file: string): void {
    writeFileSync(file, '[]');
  }

  constructor(private readonly file: string) {}

  entries(): readonly JournalEntry[] {
    return JSON.parse(readFileSync(this.file, 'utf8')) as JournalEntry[];
  }

  async note(entry: JournalEntry): Promise<void> {
    this.write([...this.entries().filter(({ token }) => token !== entry.token), entry]);
  }

  async strike(token: string): Promise<void> {
    this.write(this.entries().filter((entry) => entry.token !== token));
  }

  private write(entries: readonly JournalEntry[]): void {
    writeFileSync(this.file, JSON.stringify(entries));
  }
}
