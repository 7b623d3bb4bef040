import * as vscode from 'vscode';
import type { Aspect } from '../../model/compare/aspects';
import type { Inventory } from '../../model/inventory';
import { HostChannel } from '../../protocol/channel';
import { HOST_PAGE_TITLES, type HostPageKind, type HostPageModel } from '../../protocol/hostPages';
import { idInHost } from '../../model/snapshot/host';
import type { HostsStore } from '../../store/hosts';
import type { RuntimeStore } from '../../store/store';
import { Disposables, type Disposable } from '../../util/disposables';
import { copyText, refuse } from './answers';
import { pageHtml } from './html';
import type { HowToBuild } from './hostPages';
import { CopyTable } from './models/copyTable';
import { inLanguage } from './pageLanguage';
import { l10n } from '../l10n';

/** One page of this machine or of a snapshot, in a panel. Looks at the machine only while the panel is visible. */
export class HostPanel implements Disposable {
  private readonly owned = new Disposables();
  private readonly channel: HostChannel;
  private readonly closed = new AbortController();
  private attention: Disposable | undefined;
  private copies = new CopyTable('0');
  private earlierCopies = this.copies;
  private generation = 0;
  private reveal = false;
  /** True when the machine changed while nobody could see it, or while the page was being made. */
  private outdated = false;
  private following: AbortController | undefined;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    readonly page: HostPageKind,
    /** Of the snapshot that it shows; undefined for this machine. */
    readonly hostKey: string | undefined,
    extensionUri: vscode.Uri,
    private readonly store: HostsStore,
    private readonly build: (
      inventory: Inventory,
      copies: CopyTable,
      how: HowToBuild,
    ) => HostPageModel | Promise<HostPageModel>,
    private readonly openDiff: (aspect: Aspect) => Promise<void>,
  ) {
    panel.iconPath = {
      light: vscode.Uri.joinPath(extensionUri, 'media', 'icons', 'page-light.svg'),
      dark: vscode.Uri.joinPath(extensionUri, 'media', 'icons', 'page-dark.svg'),
    };
    this.channel = this.owned.add(
      new HostChannel(
        {
          post: (message) => void panel.webview.postMessage(inLanguage(message)),
          listen: (listener) => panel.webview.onDidReceiveMessage(listener),
        },
        {
          page: async ({ reveal }) => {
            this.reveal = reveal;
            await (await this.host()).refresh('asked by the user', this.closed.signal);
            return this.read({ asked: true, reveal, signal: this.closed.signal });
          },
          copy: ({ copyId }) => copyText(this.copies.get(copyId) ?? this.earlierCopies.get(copyId)),
          explain: () => Promise.resolve(null),
          lineage: () => refuse(),
          copyValue: () => refuse(),
          openPage: () => refuse(),
          openDocument: () => refuse(),
          readThroughContainer: () => refuse(),
          openDiff: ({ aspect }) => (page === 'compare' ? this.openDiff(aspect).then(() => null) : refuse()),
          exportBirth: () => refuse(),
        },
      ),
    );
    // A snapshot stands still.
    if (hostKey === undefined) this.owned.add(store.onDidChange(() => void this.onChange()));
    this.owned.add(panel.onDidChangeViewState(() => this.onVisibility()));
    panel.webview.html = pageHtml(panel.webview, extensionUri, page, l10n.t(HOST_PAGE_TITLES[page]), placeOf(hostKey));
    this.onVisibility();
  }

  show(): void {
    this.panel.reveal(undefined, false);
  }

  /** Closes its tab. */
  close(): void {
    this.panel.dispose();
  }

  /** Draws it anew: something that no inventory tells of is different. */
  update(): void {
    void this.onChange();
  }

  dispose(): void {
    this.closed.abort();
    this.following?.abort();
    this.attention?.dispose();
    this.attention = undefined;
    this.owned.dispose();
  }

  private onVisibility(): void {
    if (this.panel.visible) {
      if (this.hostKey === undefined) this.attention ??= this.store.attend();
      if (this.outdated) void this.tellChanged();
    } else {
      this.attention?.dispose();
      this.attention = undefined;
      this.following?.abort();
    }
  }

  private async onChange(): Promise<void> {
    this.outdated = true;
    if (this.panel.visible) await this.tellChanged();
  }

  private async tellChanged(): Promise<void> {
    // One at a time, however many changes come: the next begins when this one is told.
    if (this.following) return;
    const following = new AbortController();
    this.following = following;
    try {
      while (this.outdated && !following.signal.aborted) {
        this.outdated = false;
        this.channel.tell('changed', await this.read({ asked: false, reveal: this.reveal, signal: following.signal }));
      }
    } catch {
      // The page keeps what it shows, with its time; asking again gives the reason.
      this.outdated ||= following.signal.aborted;
    } finally {
      this.following = undefined;
    }
    if (following.signal.aborted && this.outdated && this.panel.visible) await this.tellChanged();
  }

  private async read(how: HowToBuild): Promise<HostPageModel> {
    const { signal } = how;
    const inventory = await (await this.host()).inventory(signal);
    const copies = new CopyTable(String(++this.generation));
    const snapshot = this.store.snapshots.find(({ about }) => about.key === this.hostKey)?.about;
    const model = await this.build(inventory, copies, { ...how, ...(snapshot ? { snapshot } : {}) });
    this.earlierCopies = this.copies;
    this.copies = copies;
    return model;
  }

  private host(): Promise<RuntimeStore> {
    return this.hostKey === undefined ? Promise.resolve(this.store) : this.store.other(this.hostKey);
  }
}

/** How a page remembers of which host it is: as the id of no container there. */
function placeOf(hostKey: string | undefined): string {
  return hostKey === undefined ? '' : idInHost(hostKey, '');
}
