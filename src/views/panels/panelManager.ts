import * as vscode from 'vscode';
import { HOST_PAGE_TITLES, isHostPageKind, type HostPageKind } from '../../protocol/hostPages';
import { isPageKind, PAGE_TITLES, type PageKind } from '../../protocol/pages';
import { hostKeyOf } from '../../model/snapshot/host';
import type { HostsStore } from '../../store/hosts';
import { Disposables } from '../../util/disposables';
import { asRecord, asString } from '../../util/records';
import { ContainerPanel, type PanelServices } from './containerPanel';
import { HostPanel } from './hostPanel';
import { HOST_PAGES, type HostPageSources } from './hostPages';
import { pageRoots } from './html';
import { l10n } from '../l10n';

export type { PanelServices } from './containerPanel';

/** The type of all panels; package.json activates the extension for it, so that panels come back after a reload. */
export const PANEL_VIEW_TYPE = 'containerRuntimeExplorer.page';

/** Opens pages: at most one panel per page and container, and one per page and machine. */
export class PanelManager implements vscode.Disposable {
  private readonly owned = new Disposables();
  private readonly panels = new Map<string, ContainerPanel>();
  private readonly hostPanels = new Map<string, HostPanel>();

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly store: HostsStore,
    private readonly services: PanelServices & HostPageSources,
  ) {
    this.owned.add(
      vscode.window.registerWebviewPanelSerializer(PANEL_VIEW_TYPE, {
        deserializeWebviewPanel: (panel, state: unknown) => {
          this.restore(panel, state);
          return Promise.resolve();
        },
      }),
    );
  }

  /** The open pages. */
  get pages(): readonly { readonly page: PageKind; readonly containerId: string }[] {
    return [...this.panels.values()].map(({ page, containerId }) => ({ page, containerId }));
  }

  /** Opens a page, or brings its panel to the front. */
  show(page: PageKind, containerId: string): Promise<void> {
    const open = this.panels.get(keyOf(page, containerId));
    if (open) open.show();
    else {
      const panel = vscode.window.createWebviewPanel(
        PANEL_VIEW_TYPE,
        l10n.t(PAGE_TITLES[page]),
        vscode.ViewColumn.Active,
        {
          ...this.options(),
          enableFindWidget: true,
        },
      );
      this.adopt(panel, page, containerId);
    }
    return Promise.resolve();
  }

  /** Opens a page of this machine, or of the snapshot of this key; or brings its panel to the front. */
  showHost(page: HostPageKind, hostKey?: string): Promise<void> {
    const open = this.hostPanels.get(keyOf(page, hostKey));
    if (open) {
      open.show();
      open.update();
    } else {
      const title = l10n.t(HOST_PAGE_TITLES[page]);
      const panel = vscode.window.createWebviewPanel(PANEL_VIEW_TYPE, title, vscode.ViewColumn.Active, {
        ...this.options(),
        enableFindWidget: true,
      });
      this.adoptHost(panel, page, hostKey);
    }
    return Promise.resolve();
  }

  /** Closes the pages of a host and of its containers: the snapshot is closed, or the host let go of. */
  closeOf(hostKey: string): void {
    for (const panel of [...this.hostPanels.values()]) if (panel.hostKey === hostKey) panel.close();
    for (const panel of [...this.panels.values()]) if (hostKeyOf(panel.containerId) === hostKey) panel.close();
  }

  dispose(): void {
    for (const panel of [...this.panels.values(), ...this.hostPanels.values()]) panel.dispose();
    this.panels.clear();
    this.hostPanels.clear();
    this.owned.dispose();
  }

  /** Takes over a panel that the editor kept through a reload. */
  private restore(panel: vscode.WebviewPanel, state: unknown): void {
    const saved = asRecord(state);
    const containerId = asString(saved?.containerId);
    const hostKey = hostKeyOf(containerId ?? '');
    if (isHostPageKind(saved?.page) && !this.hostPanels.has(keyOf(saved.page, hostKey))) {
      panel.webview.options = this.options();
      this.adoptHost(panel, saved.page, hostKey);
      return;
    }
    if (!isPageKind(saved?.page) || !containerId || this.panels.has(keyOf(saved.page, containerId))) {
      panel.dispose();
      return;
    }
    panel.webview.options = this.options();
    this.adopt(panel, saved.page, containerId);
  }

  private adopt(panel: vscode.WebviewPanel, page: PageKind, containerId: string): void {
    const key = keyOf(page, containerId);
    const own = new ContainerPanel(
      panel,
      page,
      containerId,
      this.context.extensionUri,
      this.store,
      this.services,
      (other) => this.show(other, containerId),
    );
    this.panels.set(key, own);
    panel.onDidDispose(() => {
      own.dispose();
      this.panels.delete(key);
    });
  }

  private adoptHost(panel: vscode.WebviewPanel, page: HostPageKind, hostKey: string | undefined): void {
    const key = keyOf(page, hostKey);
    const own = new HostPanel(
      panel,
      page,
      hostKey,
      this.context.extensionUri,
      this.store,
      (inventory, copies, how) => HOST_PAGES[page](inventory, copies, how, this.services),
      async (aspect) => {
        const { chosen } = this.services.comparisons;
        if (chosen && 'left' in chosen) await this.services.openDiff(chosen, aspect);
      },
    );
    this.hostPanels.set(key, own);
    panel.onDidDispose(() => {
      own.dispose();
      this.hostPanels.delete(key);
    });
  }

  private options(): vscode.WebviewOptions {
    return { enableScripts: true, localResourceRoots: pageRoots(this.context.extensionUri) };
  }
}

/** @param of a container's id, or a host's key; empty for this machine */
function keyOf(page: PageKind | HostPageKind, of = ''): string {
  return `${page} ${of}`;
}
