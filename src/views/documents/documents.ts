import * as vscode from 'vscode';
import { DOCUMENT_SCHEME } from '../../contributions';
import { findContainer } from '../../model/inventory';
import { RuntimeError } from '../../model/problem';
import type { RuntimeStore } from '../../store/store';
import { Disposables, type Disposable } from '../../util/disposables';
import { nameOf } from '../tree/ids';
import { l10n } from '../l10n';
import { fromUriParts, toUriParts, type DocumentName } from './address';
import { contentsOf, type BuildCalls, type Contents } from './contents';

/**
 * The read-only documents of containers: config.json, the engine's record and so on. They follow the container while they
 * are open, and keep their last contents once it is gone.
 */
export class Documents implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly owned = new Disposables();
  private readonly changes = new vscode.EventEmitter<vscode.Uri>();
  private readonly revealed = new Set<string>();
  private readonly last = new Map<string, Contents>();
  private attention: Disposable | undefined;

  readonly onDidChange = this.changes.event;

  constructor(
    private readonly store: RuntimeStore,
    private readonly buildCalls: BuildCalls,
  ) {
    this.owned.add(this.changes);
    this.owned.add(vscode.workspace.registerTextDocumentContentProvider(DOCUMENT_SCHEME, this));
    this.owned.add(store.onDidChange(({ containerIds }) => this.follow(new Set(containerIds))));
    this.owned.add(vscode.workspace.onDidCloseTextDocument((document) => this.forget(document.uri)));
    this.owned.add(vscode.window.onDidChangeVisibleTextEditors(() => this.attend()));
  }

  /** Opens a document of a container beside nothing else: one tab per document. */
  async open(containerId: string, name: DocumentName): Promise<void> {
    const uri = await this.uriOf(containerId, name);
    const document = await vscode.workspace.openTextDocument(uri);
    const language = this.last.get(uri.toString())?.language ?? 'json';
    if (document.languageId !== language) await vscode.languages.setTextDocumentLanguage(document, language);
    await vscode.window.showTextDocument(document, { preview: true });
    this.attend();
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const address = uri.scheme === DOCUMENT_SCHEME ? fromUriParts(uri) : undefined;
    if (!address) throw new Error(l10n.t('There is no such document.'));
    const key = uri.toString();
    try {
      const inspection = await this.store.inspect(address.containerId);
      const contents = contentsOf(address.document, inspection, this.revealed.has(key), this.buildCalls);
      this.last.set(key, contents);
      return contents.text;
    } catch (error) {
      const { problem } = RuntimeError.from(error, 'Reading the document');
      const last = this.last.get(key);
      // A container that is gone: what was last read is worth more than nothing.
      if (last && problem.code === 'absent') return last.text;
      return `${[`${problem.what}: ${problem.reason}`, problem.remedy].filter(Boolean).join('\n')}\n`;
    }
  }

  /** Shows or masks the secrets of an open document. False when it is none of ours. */
  reveal(uri: vscode.Uri, show: boolean): boolean {
    if (uri.scheme !== DOCUMENT_SCHEME || !fromUriParts(uri)) return false;
    if (show) this.revealed.add(uri.toString());
    else this.revealed.delete(uri.toString());
    this.changes.fire(uri);
    return true;
  }

  dispose(): void {
    this.attention?.dispose();
    this.owned.dispose();
  }

  private async uriOf(containerId: string, document: DocumentName): Promise<vscode.Uri> {
    const inventory = await this.store.inventory();
    const container = findContainer(inventory, containerId);
    const id = container?.id ?? containerId;
    const parts = toUriParts({ document, containerId: id }, container ? nameOf(container) : containerId);
    return vscode.Uri.from({ scheme: DOCUMENT_SCHEME, ...parts });
  }

  /** Whoever reads a document wants it current: the store follows events as long as one can be seen. */
  private attend(): void {
    const seen = vscode.window.visibleTextEditors.some(({ document }) => document.uri.scheme === DOCUMENT_SCHEME);
    if (seen) this.attention ??= this.store.attend();
    else {
      this.attention?.dispose();
      this.attention = undefined;
    }
  }

  private follow(containerIds: ReadonlySet<string>): void {
    for (const { uri } of vscode.workspace.textDocuments) {
      const address = uri.scheme === DOCUMENT_SCHEME ? fromUriParts(uri) : undefined;
      if (address && containerIds.has(address.containerId)) this.changes.fire(uri);
    }
  }

  private forget(uri: vscode.Uri): void {
    if (uri.scheme !== DOCUMENT_SCHEME) return;
    // What was revealed is masked again when the document is opened the next time.
    this.revealed.delete(uri.toString());
    this.last.delete(uri.toString());
  }
}
