import { closeSync, constants, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import * as path from 'node:path';
import { CURRENT_FILE, HALF_BYTES, OLDER_FILE } from '../adapters/recording/files';
import type { RecordedEntry } from '../model/recording/recordedCall';

/**
 * Appends entries to a recording. It is opened anew for every write, so that clearing it needs nobody's consent; when it
 * is full it becomes the older half, and the older half before is gone. A write that fails loses entries, nothing else.
 */
export class RecordingFile {
  private lost = 0;

  constructor(private readonly folder: string) {}

  append(entries: readonly RecordedEntry[]): void {
    if (entries.length === 0) return;
    try {
      // The line before may have been cut off by a full disk.
      const before = this.lost > 0 ? `\n${line(this.lostEntry())}` : '';
      this.write(Buffer.from(before + entries.map(line).join('')));
      this.lost = 0;
    } catch {
      this.lost += entries.length;
    }
  }

  private lostEntry(): RecordedEntry {
    const incomplete = `${this.lost} entries could not be written.`;
    return { kind: 'gap', at: new Date().toISOString(), connection: 0, incomplete };
  }

  private write(bytes: Buffer): void {
    const file = path.join(this.folder, CURRENT_FILE);
    const flags =
      constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const opened = openSync(file, flags, 0o600);
    try {
      const { size } = fstatSync(opened);
      if (writeSync(opened, bytes) < bytes.length) throw new Error('the disk is full');
      if (size + bytes.length >= HALF_BYTES) renameSync(file, path.join(this.folder, OLDER_FILE));
    } finally {
      closeSync(opened);
    }
  }
}

function line(entry: RecordedEntry): string {
  return `${JSON.stringify(entry)}\n`;
}
