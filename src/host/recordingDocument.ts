import * as vscode from 'vscode';
import { RECORDING_SCHEME } from '../contributions';
import { maskRecordedCall } from '../model/recording/mask';
import type { RecordedEntry } from '../model/recording/recordedCall';
import { Disposables } from '../util/disposables';

/** The editor refuses much larger documents. */
const LONGEST_TEXT = 5_000_000;

/** The read-only document of everything that was recorded, newest first, secrets masked. It follows the recording. */
export class RecordingDocument implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly owned = new Disposables();
  private readonly changes = new vscode.EventEmitter<vscode.Uri>();
  private readonly uri = vscode.Uri.from({ scheme: RECORDING_SCHEME, path: '/recorded-api-calls.json' });

  readonly onDidChange = this.changes.event;

  constructor(private readonly entries: () => Promise<readonly RecordedEntry[]>) {
    this.owned.add(this.changes);
    this.owned.add(vscode.workspace.registerTextDocumentContentProvider(RECORDING_SCHEME, this));
  }

  async open(): Promise<void> {
    this.update();
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(this.uri), { preview: true });
  }

  /** To be called when the recording has changed. */
  update(): void {
    if (vscode.workspace.textDocuments.some(({ uri }) => uri.scheme === RECORDING_SCHEME)) this.changes.fire(this.uri);
  }

  async provideTextDocumentContent(): Promise<string> {
    const newestFirst = [...(await this.entries())].reverse();
    const shown: string[] = [];
    let length = 0;
    for (const entry of newestFirst) {
      const text = JSON.stringify(entry.kind === 'call' ? maskRecordedCall(entry) : entry, undefined, 2);
      length += text.length;
      if (length > LONGEST_TEXT) {
        shown.push(
          JSON.stringify(vscode.l10n.t('{0} older entries are not shown.', newestFirst.length - shown.length)),
        );
        break;
      }
      shown.push(text);
    }
    return `[\n${shown.join(',\n')}\n]\n`;
  }

  dispose(): void {
    this.owned.dispose();
  }
}
