import * as vscode from 'vscode';
import type { ApiCall } from '../../model/apiCall';
import type { KnownBirth } from '../../store/births';
import { emptyInspection } from '../../store/inspector';
import type { Event } from '../../util/emitter';
import type { CgroupReport } from '../../model/cgroup';
import type { Inspection } from '../../model/inspection';
import { findContainer } from '../../model/inventory';
import type { LineageRow } from '../../model/lineage/row';
import { RuntimeError, type Problem } from '../../model/problem';
import { HostChannel } from '../../protocol/channel';
import type { DocumentKind } from '../../protocol/messages';
import type { ExportFormat, ExportTarget } from '../../protocol/birthPage';
import type { StoredContainer } from '../../model/stored';
import { PAGE_TITLES, type PageKind, type PageModel, type PlaceLineageView } from '../../protocol/pages';
import type { HostsStore } from '../../store/hosts';
import type { InventoryChange } from '../../store/store';
import { Disposables, type Disposable } from '../../util/disposables';
import { shortId, visible } from '../../util/text';
import { explainers } from './explainers';
import { copyText, refuse } from './answers';
import { pageHtml } from './html';
import { noUsage, usageSample } from './models/cgroupsPage';
import { configValue, explainConfigValue } from './models/configPage';
import { CopyTable } from './models/copyTable';
import type { PageInput } from './models/input';
import { placeLineageView } from './models/lineagePage';
import type { SeenCalls } from './models/observedCalls';
import { pageModel } from './models/pageModel';
import { Ticker } from './ticker';
import { inLanguage } from './pageLanguage';
import { l10n } from '../l10n';

/** What pages need of the rest of the product. */
export interface PanelServices {
  /** Opens what a page shows as a read-only document. */
  openDocument(containerId: string, kind: DocumentKind): Promise<void>;
  /** Reads the cgroup files of a container now. */
  readUsage(containerId: string, signal: AbortSignal): Promise<CgroupReport | Problem>;
  /** The calls that made a container, secrets masked unless `reveal`. */
  buildCalls(inspection: Inspection, reveal: boolean): readonly ApiCall[];
  /** Every setting as requested, specified and enforced; reads the kernel's side now. */
  buildLineage(inspection: Inspection, reveal: boolean, signal: AbortSignal): Promise<readonly LineageRow[]>;
  /** The lineage that is known, secrets masked: at once, or as soon as there is one. */
  lineageOf(containerId: string): Promise<readonly LineageRow[]>;
  /** What is known of it without asking anybody. */
  knownLineage(containerId: string): readonly LineageRow[] | undefined;
  /** How a container came to be. Without an inspection only what was traced. */
  buildBirth(containerId: string, inspection: Inspection | undefined, reveal: boolean): Promise<KnownBirth>;
  /** What was recorded and observed of a container. */
  seenCalls(inspection: Inspection): Promise<SeenCalls>;
  /** What containerd stores for a container, asked now; undefined when no containerd of this machine holds it. */
  storedOf(inspection: Inspection, signal: AbortSignal): Promise<StoredContainer | undefined>;
  /** Whether its birth was traced, and goes on. */
  traceState(containerId: string): 'none' | 'live' | 'over';
  /** Fires with a container's id when its trace has gone on. */
  readonly onDidTrace: Event<string>;
  /** Asks the user whether config.json may be read through a reader container, and reads it so. */
  readThroughContainer(containerId: string): Promise<void>;
  exportBirth(birth: KnownBirth, format: ExportFormat, to: ExportTarget, reveal: boolean): Promise<void>;
}

const USAGE_INTERVAL_MS = 2000;

/** One page of one container, in a panel. Looks at the host only while the panel is visible. */
export class ContainerPanel implements Disposable {
  private readonly owned = new Disposables();
  private readonly channel: HostChannel;
  private readonly usage: Ticker;
  private readonly closed = new AbortController();
  private attention: Disposable | undefined;
  private last: Inspection | undefined;
  private copies = new CopyTable('0');
  private earlierCopies = this.copies;
  private generation = 0;
  private reveal = false;
  /** True when the container changed while nobody could see it. */
  private outdated = false;
  private isTelling = false;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    readonly page: PageKind,
    readonly containerId: string,
    extensionUri: vscode.Uri,
    private readonly store: HostsStore,
    private readonly services: PanelServices,
    private readonly openPage: (page: PageKind) => Promise<void>,
  ) {
    panel.iconPath = {
      light: vscode.Uri.joinPath(extensionUri, 'media', 'icons', 'page-light.svg'),
      dark: vscode.Uri.joinPath(extensionUri, 'media', 'icons', 'page-dark.svg'),
    };
    this.usage = this.owned.add(new Ticker(USAGE_INTERVAL_MS, (signal) => this.tellUsage(signal)));
    this.channel = this.owned.add(
      new HostChannel(
        {
          post: (message) => void panel.webview.postMessage(inLanguage(message)),
          listen: (listener) => panel.webview.onDidReceiveMessage(listener),
        },
        {
          page: ({ reveal }) => this.answerPage(reveal),
          explain: async ({ path }) => explainConfigValue(await this.input(), path),
          lineage: ({ path }) => this.lineage(path),
          copy: ({ copyId }) => copyText(this.copies.get(copyId) ?? this.earlierCopies.get(copyId)),
          copyValue: async ({ path }) => copyText(asCopied(configValue(await this.input(), path))),
          openPage: ({ page: other }) => this.openPage(other).then(() => null),
          openDocument: ({ document }) => this.services.openDocument(this.containerId, document).then(() => null),
          readThroughContainer: () => this.services.readThroughContainer(this.containerId).then(() => null),
          openDiff: () => refuse(),
          exportBirth: async ({ format, to }) => {
            const birth = await this.services.buildBirth(this.containerId, this.last, this.reveal);
            await this.services.exportBirth(birth, format, to, this.reveal);
            return null;
          },
        },
      ),
    );
    if (page === 'birth') {
      this.owned.add(services.onDidTrace((id) => void (idOf(containerId) === id ? this.tellChanged() : undefined)));
    }
    this.owned.add(store.onDidChange((change) => void this.onChange(change)));
    this.owned.add(panel.onDidChangeViewState(() => this.onVisibility()));
    panel.webview.html = pageHtml(panel.webview, extensionUri, page, l10n.t(PAGE_TITLES[page]), containerId);
    this.onVisibility();
  }

  show(): void {
    this.panel.reveal(undefined, false);
  }

  /** Closes its tab. */
  close(): void {
    this.panel.dispose();
  }

  dispose(): void {
    this.closed.abort();
    this.attention?.dispose();
    this.attention = undefined;
    this.owned.dispose();
  }

  private onVisibility(): void {
    const { visible: isVisible } = this.panel;
    this.usage.set(isVisible && this.page === 'cgroups');
    if (isVisible) this.attention ??= this.store.attend();
    else {
      this.attention?.dispose();
      this.attention = undefined;
    }
    if (isVisible && this.outdated) void this.tellChanged();
  }

  private async onChange({ containerIds, reason }: InventoryChange): Promise<void> {
    // The look that follows tells of it again, when all layers have settled: between two layers a container is half gone.
    if (reason === 'glance') return;
    if (!containerIds.includes(this.last?.id ?? this.containerId)) return;
    // While a birth is followed the container is left in peace: reading it would take its share of what is measured.
    if (this.page === 'birth' && this.services.traceState(this.containerId) === 'live') return;
    if (this.panel.visible) await this.tellChanged();
    else this.outdated = true;
  }

  private async tellChanged(): Promise<void> {
    this.outdated = true;
    // One at a time, however many changes come: the next begins when this one is told.
    if (this.isTelling) return;
    this.isTelling = true;
    while (this.outdated) {
      this.outdated = false;
      try {
        this.channel.tell('changed', await this.read());
      } catch {
        // The page keeps what it shows, with its time; asking again gives the reason.
      }
    }
    this.isTelling = false;
  }

  private async answerPage(reveal: boolean): Promise<PageModel> {
    this.reveal = reveal;
    return this.read();
  }

  private async read(): Promise<PageModel> {
    const traced = this.page === 'birth' ? this.services.traceState(this.containerId) : 'none';
    if (traced !== 'live') await this.inspect(traced === 'over');
    this.earlierCopies = this.copies;
    this.copies = new CopyTable(String(++this.generation));
    const input = await this.input();
    const lineage =
      this.page === 'lineage'
        ? await this.services.buildLineage(input.inspection, this.reveal, this.closed.signal)
        : this.page === 'cgroups'
          ? (this.services.knownLineage(input.inspection.id) ?? [])
          : [];
    const birth =
      this.page === 'birth' ? await this.services.buildBirth(this.containerId, this.last, this.reveal) : undefined;
    const model = pageModel(
      this.page,
      input,
      () => this.services.buildCalls(input.inspection, this.reveal),
      () => lineage,
      birth && (() => birth),
      this.page === 'calls' ? await this.services.seenCalls(input.inspection) : undefined,
      this.page === 'chain' ? await this.services.storedOf(input.inspection, this.closed.signal) : undefined,
    );
    this.panel.title = `${l10n.t(PAGE_TITLES[this.page])}: ${visible(model.header.name || shortId(this.containerId), 60)}`;
    return model;
  }

  /** @param traced a container that was traced may be gone: what was seen of it stays */
  private async inspect(traced: boolean): Promise<void> {
    try {
      this.last = await this.store.inspect(this.containerId, this.closed.signal);
    } catch (error) {
      const { problem } = RuntimeError.from(error, 'Reading the container');
      // A container that is gone leaves its last facts, marked as such.
      if (problem.code !== 'absent' || !(this.last ?? traced)) throw error;
    }
  }

  private async input(): Promise<PageInput> {
    const traced = this.page === 'birth' && this.services.traceState(this.containerId) !== 'none';
    if (!traced) this.last ??= await this.store.inspect(this.containerId, this.closed.signal);
    const inspection = this.last ?? untold(this.containerId);
    const inventory = this.store.inventoryOf(inspection.id);
    const snapshot = this.store.snapshotOf(inspection.id)?.about;
    const far = this.store.farOf(inspection.id)?.about;
    return {
      inspection,
      inventory,
      container: inventory && findContainer(inventory, inspection.id),
      copies: this.copies,
      reveal: this.reveal,
      explain: explainers,
      ...(snapshot ? { snapshot } : {}),
      ...(far ? { far } : {}),
    };
  }

  private async lineage(path: readonly string[]): Promise<PlaceLineageView> {
    const input = await this.input();
    const rows = this.reveal
      ? await this.services.buildLineage(input.inspection, true, this.closed.signal)
      : await this.services.lineageOf(input.inspection.id).catch(() => []);
    return placeLineageView(rows, path, input);
  }

  private async tellUsage(signal: AbortSignal): Promise<void> {
    const answer = await this.services
      .readUsage(this.containerId, signal)
      .catch((error: unknown) => RuntimeError.from(error, 'Reading the cgroup files').problem);
    if (signal.aborted) return;
    const atMs = Date.now();
    const sample =
      'controllers' in answer
        ? usageSample(answer, atMs)
        : noUsage(
            { why: `${answer.what}: ${answer.reason}`, remedy: answer.remedy ?? 'It is tried again every 2 s.' },
            atMs,
          );
    this.channel.tell('usage', sample);
  }
}

function untold(containerId: string): Inspection {
  const id = idOf(containerId);
  return emptyInspection(
    containerId,
    shortId(id),
    'Only its birth was watched.',
    'Open another page of the container.',
  );
}

/** The id in its layer: inventories put containerd's namespace before it. */
function idOf(containerId: string): string {
  return containerId.slice(containerId.lastIndexOf('/') + 1);
}

function asCopied(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
}
