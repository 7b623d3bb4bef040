import * as vscode from 'vscode';
import { LAYERS_VIEW, type Welcome } from '../../contributions';
import { setContextKey } from '../../host/contextKeys';
import type { Log } from '../../host/log';
import { readSettings, onDidChangeSettings } from '../../host/settings';
import { SETTINGS } from '../../contributions';
import type { Inventory } from '../../model/inventory';
import type { ClusterStore } from '../../store/clusterStore';
import type { Examinations } from '../../store/examinations';
import type { HostsStore } from '../../store/hosts';
import type { StorageStore } from '../../store/storageStore';
import type { InventoryChange } from '../../store/store';
import { Disposables, type Disposable } from '../../util/disposables';
import { visible } from '../../util/text';
import { Elements, type Dirty, type Element } from './elements';
import { parseFilter } from './filter';
import type { Grouping } from './grouping';
import { TreeSource, type TreeOptions } from './options';
import { welcomeOf } from './roots';
import { toTreeItem } from './treeItem';

const NOTHING: ReadonlySet<string> = new Set();

/** Makes the text that is shown when somebody hovers over a row. */
export type TooltipMaker = (element: Element) => vscode.MarkdownString | undefined;

/** The view "Runtime Layers": the tree, its grouping, its filter, its pages. Asks nobody anything while it is hidden. */
export class LayersView implements vscode.TreeDataProvider<Element>, vscode.Disposable {
  private readonly owned = new Disposables();
  private readonly changes = new vscode.EventEmitter<Element | Element[] | undefined>();
  private readonly elements: Elements;
  private readonly view: vscode.TreeView<Element>;
  private readonly shown = new Map<string, number>();
  private attention: Disposable | undefined;
  private filterText = '';
  private grouping: Grouping;
  private pageSize: number;

  readonly onDidChangeTreeData = this.changes.event;

  constructor(
    private readonly store: HostsStore,
    private readonly log: Log,
    private readonly tooltip: TooltipMaker,
    examinations: Pick<Examinations, 'examine' | 'onDidExamine'>,
    private readonly clusters: ClusterStore,
    private readonly storage: StorageStore,
  ) {
    const settings = readSettings();
    this.grouping = settings.groupBy;
    this.pageSize = settings.pageSize;
    this.elements = new Elements(
      (containerId) => store.inspect(containerId),
      () => examinations.examine(),
    );
    this.view = this.owned.add(
      vscode.window.createTreeView<Element>(LAYERS_VIEW, { treeDataProvider: this, showCollapseAll: true }),
    );
    this.owned.add(this.changes);
    this.owned.add(this.view.onDidChangeVisibility(({ visible: seen }) => this.attend(seen)));
    this.owned.add(store.onDidChange((change) => this.take(change)));
    this.owned.add(store.onDidChangeHosts(() => this.redraw()));
    for (const asked of [clusters, storage]) this.owned.add(asked.onDidAnswer(() => this.takeAnswer()));
    this.owned.add(examinations.onDidExamine((report) => this.fire(this.elements.takeReport(report))));
    this.owned.add(
      onDidChangeSettings(({ groupBy, pageSize }) => {
        this.pageSize = pageSize;
        this.grouping = groupBy;
        this.redraw();
      }),
    );
    this.attend(this.view.visible);
    setContextKey('grouping', this.grouping);
    setContextKey('filtered', false);
    setContextKey('welcome', '');
  }

  /** The filter as it was typed; empty: none. */
  get filter(): string {
    return this.filterText;
  }

  /** The row that is selected, for commands from the keyboard. */
  get selected(): Element | undefined {
    return this.view.selection[0];
  }

  getTreeItem(element: Element): vscode.TreeItem {
    return toTreeItem(element);
  }

  async getChildren(element?: Element): Promise<Element[]> {
    if (!element && !this.store.current) await this.firstLook();
    return [...(await this.elements.children(element))];
  }

  getParent(element: Element): Element | undefined {
    return element.parent;
  }

  resolveTreeItem(item: vscode.TreeItem, element: Element): vscode.TreeItem {
    item.tooltip = this.tooltip(element) ?? element.node.spoken;
    return item;
  }

  /** Looks again now, and forgets what was inspected. */
  async refresh(): Promise<void> {
    this.elements.forgetInspections();
    // What is expanded is asked again; what is not, is not.
    this.clusters.forget();
    this.storage.forget();
    await this.store.refresh('asked by the user');
    this.redraw();
  }

  /** Draws everything anew: what was asked beside the looks is in no inventory, so nothing tells of it. */
  redrawAll(): void {
    this.redraw();
  }

  /** Groups by layer or by container, and keeps it as the user's setting. */
  async group(grouping: Grouping): Promise<void> {
    this.grouping = grouping;
    this.redraw();
    await vscode.workspace
      .getConfiguration()
      .update(SETTINGS.groupBy, grouping, vscode.ConfigurationTarget.Global)
      .then(undefined, (error: unknown) => this.log.failure(error, `Keeping the setting ${SETTINGS.groupBy}`));
  }

  /** Shows only what meets the filter; empty: everything. */
  setFilter(text: string): void {
    this.filterText = text.trim();
    this.shown.clear();
    this.redraw();
  }

  /** Shows one page more of a list. */
  showMore(listId: string): void {
    this.shown.set(listId, (this.shown.get(listId) ?? this.pageSize) + this.pageSize);
    this.redraw();
  }

  /** Selects a container's row, under a layer where one is named. False where the tree has no such row. */
  async reveal(containerId: string, layerId: string | undefined): Promise<boolean> {
    await this.store.inventory();
    const found = await this.elements.find(containerId, layerId);
    if (!found) return false;
    if (found.shown.size > 0) {
      for (const [listId, count] of found.shown) this.shown.set(listId, count);
      this.redraw();
    }
    await this.view.reveal(found.element, { select: true, focus: true });
    return true;
  }

  /** Selects the row of a host beside this machine. Expanding a live one connects it. */
  async revealHost(hostKey: string, expand: boolean): Promise<void> {
    await this.store.inventory();
    const roots = await this.elements.children(undefined);
    const row = roots.find(({ node }) => node.subject.kind === 'host' && node.subject.hostKey === hostKey);
    if (row) await this.view.reveal(row, { select: true, focus: true, expand });
  }

  dispose(): void {
    this.attend(false);
    this.owned.dispose();
  }

  private attend(seen: boolean): void {
    if (seen) this.attention ??= this.store.attend();
    else {
      this.attention?.dispose();
      this.attention = undefined;
    }
  }

  private async firstLook(): Promise<void> {
    try {
      // Its change event brings the inventory here.
      await this.store.inventory();
    } catch (error) {
      this.log.failure(error, 'Looking at this host');
      this.view.message = vscode.l10n.t('This machine could not be looked at. The log says why.');
    }
  }

  private take({ containerIds }: InventoryChange): void {
    // The change may be another host's: the rows begin with this machine's in any case.
    if (this.store.current) this.fire(this.draw(this.store.current, new Set(containerIds)));
  }

  /** Only the rows that say something else now are drawn anew; their children are here already. */
  private takeAnswer(): void {
    if (this.store.current) this.fire(this.draw(this.store.current, NOTHING));
  }

  private redraw(): void {
    const inventory = this.store.current;
    setContextKey('grouping', this.grouping);
    setContextKey('filtered', this.filterText !== '');
    if (!inventory) return;
    this.draw(inventory, NOTHING);
    this.fire('everything');
  }

  private draw(inventory: Inventory, changed: ReadonlySet<string>): Dirty {
    const { others, snapshots } = this.store;
    const place = { others, snapshots, storage: this.storage };
    const source = new TreeSource(inventory, this.options(), this.clusters, place);
    const isAlone = others.length === 0 && snapshots.length === 0;
    const welcome: Welcome | undefined = isAlone ? welcomeOf(inventory) : undefined;
    setContextKey('welcome', welcome ?? '');
    this.say(this.messageFor(source, welcome));
    return this.elements.update(source, changed);
  }

  private say(message: string | undefined): void {
    // An empty message takes its line away; the property does not take undefined under exact optional types.
    this.view.message = message ?? '';
  }

  private fire(dirty: Dirty): void {
    if (dirty === 'everything') this.changes.fire(undefined);
    else if (dirty.length > 0) this.changes.fire([...dirty]);
  }

  private options(): TreeOptions {
    return {
      grouping: this.grouping,
      filter: parseFilter(this.filterText),
      pageSize: this.pageSize,
      shown: this.shown,
    };
  }

  private messageFor(source: TreeSource, welcome: Welcome | undefined): string | undefined {
    if (welcome !== undefined || this.filterText === '') return undefined;
    return vscode.l10n.t(
      'Filter: {0} ({1} of {2} containers)',
      visible(this.filterText, 120),
      source.containers.length,
      source.inventory.containers.length,
    );
  }
}
