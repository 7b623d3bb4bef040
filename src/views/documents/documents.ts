import * as vscode from 'vscode';
import { DOCUMENT_SCHEME } from '../../contributions';
import { ASPECTS, type Aspect } from '../../model/compare/aspects';
import { findContainer } from '../../model/inventory';
import { RuntimeError } from '../../model/problem';
import type { Comparison, Comparisons, Side } from '../../store/comparisons';
import type { HostsStore } from '../../store/hosts';
import { Disposables, type Disposable } from '../../util/disposables';
import { visible } from '../../util/text';
import { nameOf } from '../tree/ids';
import { l10n, said } from '../l10n';
import { fromUriParts, toUriParts, type DocumentAddress, type DocumentName } from './address';
import { comparedContents, contentsOf, type BuildCalls, type Contents } from './contents';
import { aspectWord, sideWord } from './compareWords';

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
    private readonly store: HostsStore,
    private readonly buildCalls: BuildCalls,
    private readonly comparisons: Comparisons,
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

  /** Opens one aspect of two containers, or of one at two moments, in the editor's own view of differences. */
  async openDiff({ left, right }: Comparison, aspect: Aspect): Promise<void> {
    const [one, other] = [
      await this.comparedUri(left, right, aspect, 'left'),
      await this.comparedUri(right, left, aspect, 'right'),
    ];
    const title = l10n.t('{0} ↔ {1}: {2}', one.name, other.name, aspectWord(aspect));
    await vscode.commands.executeCommand('vscode.diff', one.uri, other.uri, title, { preview: true });
    this.attend();
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const address = uri.scheme === DOCUMENT_SCHEME ? fromUriParts(uri) : undefined;
    if (!address) throw new Error(l10n.t('There is no such document.'));
    const key = uri.toString();
    try {
      const contents = await this.contentsOf(address, this.revealed.has(key));
      this.last.set(key, contents);
      return contents.text;
    } catch (error) {
      const { problem } = RuntimeError.from(error, 'Reading the document');
      const last = this.last.get(key);
      // A container that is gone: what was last read is worth more than nothing.
      if (last && problem.code === 'absent') return last.text;
      const { what, reason, remedy } = problem;
      return `${[`${said(what)}: ${said(reason)}`, remedy && said(remedy)].filter(Boolean).join('\n')}\n`;
    }
  }

  /** Shows or masks the secrets of an open document. False when it is none of ours. */
  reveal(uri: vscode.Uri, show: boolean): boolean {
    if (uri.scheme !== DOCUMENT_SCHEME || !fromUriParts(uri)) return false;
    // Of two that are compared both are shown alike, else every masked value would look different.
    for (const one of [uri, ...this.twinsOf(uri)]) {
      if (show) this.revealed.add(one.toString());
      else this.revealed.delete(one.toString());
      this.changes.fire(one);
    }
    return true;
  }

  dispose(): void {
    this.attention?.dispose();
    this.owned.dispose();
  }

  /** The open documents with which a compared one is compared. */
  private twinsOf(uri: vscode.Uri): vscode.Uri[] {
    const address = fromUriParts(uri);
    if (!address?.against) return [];
    return vscode.workspace.textDocuments
      .map((document) => document.uri)
      .filter((other) => {
        const twin = other.scheme === DOCUMENT_SCHEME ? fromUriParts(other) : undefined;
        return (
          twin?.document === address.document &&
          twin.side !== address.side &&
          twin.containerId === address.against?.containerId &&
          twin.against?.containerId === address.containerId
        );
      });
  }

  private async contentsOf(address: DocumentAddress, reveal: boolean): Promise<Contents> {
    const { document, containerId, when = 'now', against, side = 'left' } = address;
    if (against === undefined && document !== 'environment' && document !== 'lineage') {
      return contentsOf(document, await this.store.inspect(containerId), reveal, this.buildCalls);
    }
    const aspect = ASPECTS.find((one) => one === document);
    if (!aspect) throw new Error(l10n.t('There is no such document.'));
    const own = await this.comparisons.read({ containerId, when });
    // Without the other side there is nothing to mark; its own document says why it is not there.
    const other = against && (await this.comparisons.read(against).catch(() => undefined));
    return comparedContents(aspect, own, other, sideWord(side), reveal);
  }

  private async comparedUri(
    own: Side,
    against: Side,
    aspect: Aspect,
    side: 'left' | 'right',
  ): Promise<{ readonly uri: vscode.Uri; readonly name: string }> {
    const inventory = this.store.inventoryOf(own.containerId) ?? (await this.store.inventory());
    const container = findContainer(inventory, own.containerId);
    const plain = visible(container ? nameOf(container) : own.containerId, 60);
    const name = own.when === 'earlier' ? l10n.t('{0} (earlier)', plain) : plain;
    const parts = toUriParts(
      {
        document: aspect,
        containerId: container?.id ?? own.containerId,
        ...(own.when === 'earlier' ? { when: 'earlier' } : {}),
        against,
        side,
      },
      name,
    );
    return { uri: vscode.Uri.from({ scheme: DOCUMENT_SCHEME, ...parts }), name };
  }

  private async uriOf(containerId: string, document: DocumentName): Promise<vscode.Uri> {
    const inventory = this.store.inventoryOf(containerId) ?? (await this.store.inventory());
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
      if (!address) continue;
      if (containerIds.has(address.containerId) || (address.against && containerIds.has(address.against.containerId))) {
        this.changes.fire(uri);
      }
    }
  }

  private forget(uri: vscode.Uri): void {
    if (uri.scheme !== DOCUMENT_SCHEME) return;
    // What was revealed is masked again when the document is opened the next time.
    this.revealed.delete(uri.toString());
    this.last.delete(uri.toString());
  }
}
