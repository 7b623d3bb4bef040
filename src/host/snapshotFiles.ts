import { createHash } from 'node:crypto';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { LARGEST_BYTES } from '../adapters/snapshot/decode';
import { readSnapshot } from '../adapters/snapshot/readSnapshot';
import { RuntimeError } from '../model/problem';
import type { Hosts } from '../store/hosts';
import { SnapshotStore } from '../store/snapshotStore';
import { asStrings } from '../util/records';
import type { Log } from './log';
import { tellFailure } from './messages';

/** Where the files of open snapshots are remembered, per workspace. */
const KEY = 'snapshots.open';
const SAMPLE_KEY = 'sample';
/** Set to 1: the sample host is opened at the start. */
const SAMPLE_VARIABLE = 'CONTAINER_RUNTIME_EXPLORER_SAMPLE';

/** Opens snapshot files that the user chose, and opens them again after a reload of the window. */
export class SnapshotFiles {
  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: Log,
  ) {}

  /** Where the sample host lies that the extension brings along. */
  get sample(): vscode.Uri {
    return vscode.Uri.joinPath(this.context.extensionUri, 'media', 'sample-host.json.br');
  }

  /** Opens a file beside the hosts that are shown. @throws RuntimeError with the reason and the remedy */
  async open(hosts: Hosts, file: vscode.Uri): Promise<SnapshotStore> {
    const snapshot = await this.read(file);
    hosts.add(snapshot);
    const text = file.toString();
    await this.remember([...this.remembered().filter((one) => one !== text), text]);
    return snapshot;
  }

  /** Closes a snapshot, and forgets it. */
  async close(hosts: Hosts, key: string): Promise<void> {
    hosts.close(key);
    await this.remember(this.remembered().filter((one) => this.keyOf(vscode.Uri.parse(one)) !== key));
  }

  /**
   * Opens what was open before, and the sample host where whoever started VS Code wants it, as `npm start` does. A file that
   * cannot be opened any more is said once, and forgotten.
   */
  async restore(hosts: Hosts): Promise<void> {
    const wanted = process.env[SAMPLE_VARIABLE] === '1' ? [this.sample.toString()] : [];
    for (const text of new Set([...this.remembered(), ...wanted])) {
      try {
        hosts.add(await this.read(vscode.Uri.parse(text)));
      } catch (error) {
        void tellFailure(this.log, error, `Opening the snapshot ${text}`);
        await this.remember(this.remembered().filter((one) => one !== text));
      }
    }
  }

  /** Reads a file without showing it. @throws RuntimeError */
  async read(file: vscode.Uri): Promise<SnapshotStore> {
    const name = path.posix.basename(file.path);
    const what = `Opening the snapshot ${name}`;
    let bytes: Uint8Array;
    try {
      const { type, size } = await vscode.workspace.fs.stat(file);
      // A FIFO or a device would never end.
      if ((type & vscode.FileType.File) === 0) throw new Error('It is not a regular file.');
      if (size > LARGEST_BYTES) throw tooLarge(what, size);
      bytes = await vscode.workspace.fs.readFile(file);
    } catch (error) {
      throw RuntimeError.from(error, what);
    }
    const worker = vscode.Uri.joinPath(this.context.extensionUri, 'dist', 'snapshotWorker.js').fsPath;
    const isSample = this.keyOf(file) === SAMPLE_KEY;
    const place = isSample ? 'comes with the extension' : file.scheme === 'file' ? file.fsPath : file.toString(true);
    return new SnapshotStore(this.keyOf(file), await readSnapshot(bytes, name, worker), place);
  }

  /** The same for the same file, also after a reload, so that pages and documents find their host again. */
  private keyOf(file: vscode.Uri): string {
    const text = file.toString();
    return text === this.sample.toString() ? SAMPLE_KEY : createHash('sha256').update(text).digest('hex').slice(0, 12);
  }

  private remembered(): readonly string[] {
    return asStrings(this.context.workspaceState.get<unknown>(KEY));
  }

  private async remember(files: readonly string[]): Promise<void> {
    await this.context.workspaceState.update(KEY, files.length === 0 ? undefined : files);
  }
}

function tooLarge(what: string, size: number): RuntimeError {
  return new RuntimeError({
    code: 'too-large',
    what,
    reason: `It has ${Math.ceil(size / 1024 / 1024)} MiB; ${LARGEST_BYTES / 1024 / 1024} MiB are the most.`,
    remedy: 'Take the snapshot on a host with fewer containers, or look into the file with other tools.',
  });
}
