import { createHash } from 'node:crypto';
import type * as vscode from 'vscode';
import type { JournalEntry, ReaderJournal } from '../model/readerJournal';
import { asNumber, asRecord, asString, asStrings } from '../util/records';

/** One key for each entry: windows share this memory, and none may write over another's. */
const MADE = 'docker.reader.made.';
const ALLOWED = 'docker.reader.allowed';
/** Old ones fall out: a permission nobody uses is only a risk. */
const MOST = 50;

/** The reader containers that are being made, or were left by a crash: kept by VS Code, which outlives this process. */
export class ReaderMemory implements ReaderJournal {
  constructor(private readonly memory: vscode.Memento) {}

  entries(): readonly JournalEntry[] {
    return this.memory.keys().flatMap((key) => {
      const entry = key.startsWith(MADE) ? toEntry(this.memory.get<unknown>(key)) : undefined;
      return entry ?? [];
    });
  }

  async note(entry: JournalEntry): Promise<void> {
    await this.memory.update(MADE + entry.token, entry);
  }

  async strike(token: string): Promise<void> {
    await this.memory.update(MADE + token, undefined);
  }
}

/** The engines whose reader containers the user has allowed, each for one machine: `unix:///var/run/docker.sock` is on all. */
export class ReaderPermissions {
  constructor(private readonly memory: vscode.Memento) {}

  isAllowed(machine: string, endpoint: string): boolean {
    return this.all().includes(fingerprint(machine, endpoint));
  }

  async allow(machine: string, endpoint: string): Promise<void> {
    const added = fingerprint(machine, endpoint);
    await this.memory.update(ALLOWED, [...this.all().filter((one) => one !== added), added].slice(-MOST));
  }

  /** Forgets all of them; returns how many there were. */
  async forget(): Promise<number> {
    const { length } = this.all();
    await this.memory.update(ALLOWED, undefined);
    return length;
  }

  private all(): readonly string[] {
    return asStrings(this.memory.get<unknown>(ALLOWED));
  }
}

function fingerprint(machine: string, endpoint: string): string {
  return createHash('sha256')
    .update(JSON.stringify([machine, endpoint]))
    .digest('hex');
}

function toEntry(value: unknown): JournalEntry | undefined {
  const record = asRecord(value);
  const token = asString(record?.token);
  const endpoint = asString(record?.endpoint);
  const machine = asString(record?.machine);
  const pid = asNumber(record?.pid);
  const atMs = asNumber(record?.atMs);
  if (!token || !/^[0-9a-f]{32}$/.test(token) || endpoint === undefined || machine === undefined) return undefined;
  if (pid === undefined || atMs === undefined) return undefined;
  return { token, endpoint, machine, pid, atMs, ...(record?.over === true ? { over: true } : {}) };
}
