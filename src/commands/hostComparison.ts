import * as vscode from 'vscode';
import { COMMANDS, HOSTS_SCHEME } from '../contributions';
import { plain } from '../host/messages';
import { compareSnapshots, type Change, type Difference, type HostComparison } from '../model/snapshot/compare';
import type { Snapshot } from '../model/snapshot/snapshot';
import { counted } from '../util/text';
import { shownTime } from '../views/tree/hostNodes';
import type { CommandParts, CommandTable } from './parts';
import { chooseFile, keyOf, takeThisHost } from './snapshots';

/** The command that compares two hosts, or one at two moments. */
export function compareHostsCommands(
  context: vscode.ExtensionContext,
  parts: CommandParts,
): { readonly table: CommandTable; readonly documents: vscode.Disposable } {
  const documents = new ComparedDocuments();
  return {
    documents,
    table: {
      [COMMANDS.compareHosts]: async (argument) => {
        const named = parts.hosts.snapshots.find(({ about }) => about.key === keyOf(argument))?.snapshot;
        const first = named ?? (await pickHost(context, parts, vscode.l10n.t('Compare Hosts: from which?')));
        if (!first) return;
        const title = vscode.l10n.t('Compare {0} with…', plain(first.host.name, 60));
        const second = await pickHost(context, parts, title, first);
        if (second) showTable(documents, first, second);
      },
    },
  };
}

interface HostItem extends vscode.QuickPickItem {
  readonly get: () => Promise<Snapshot | undefined>;
}

/** Asks for a host: this machine as it is now, a snapshot that is open, or a file. */
async function pickHost(
  context: vscode.ExtensionContext,
  parts: CommandParts,
  title: string,
  except?: Snapshot,
): Promise<Snapshot | undefined> {
  await parts.hosts.ready();
  const open = parts.hosts.snapshots.filter(({ snapshot }) => snapshot !== except);
  const items: HostItem[] = [
    {
      label: vscode.l10n.t('This machine, now'),
      description: vscode.l10n.t('inspects all of its containers'),
      iconPath: new vscode.ThemeIcon('vm-running'),
      get: () => takeThisHost(context, parts, false),
    },
    ...open.map((store): HostItem => ({
      label: plain(store.about.name, 80),
      description: vscode.l10n.t('snapshot of {0}', shownTime(store.about.takenAt)),
      detail: plain(store.about.file),
      iconPath: new vscode.ThemeIcon('archive'),
      get: () => Promise.resolve(store.snapshot),
    })),
    {
      label: vscode.l10n.t('A snapshot file…'),
      iconPath: new vscode.ThemeIcon('folder-opened'),
      get: async () => {
        const file = await chooseFile();
        return file && (await parts.files.read(file)).snapshot;
      },
    },
  ];
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder: vscode.l10n.t('Choose a host') });
  return picked?.get();
}

interface Row extends vscode.QuickPickItem {
  readonly before: string;
  readonly after: string;
  readonly subject: string;
}

/** The table of differences. It stays open while the editor beside it shows whatever row was chosen. */
function showTable(documents: ComparedDocuments, first: Snapshot, second: Snapshot): void {
  const comparison = compareSnapshots(first, second);
  const table = vscode.window.createQuickPick<Row>();
  table.title = plain(
    `${first.host.name} (${shownTime(first.takenAt)}) ↔ ${second.host.name} (${shownTime(second.takenAt)})`,
    200,
  );
  table.placeholder = summaryOf(comparison);
  table.items = rowsOf(comparison);
  table.matchOnDescription = true;
  table.matchOnDetail = true;
  table.ignoreFocusOut = true;
  table.onDidAccept(() => {
    const [row] = table.selectedItems;
    if (row) void documents.show(row.subject, row.before, row.after);
  });
  table.onDidHide(() => table.dispose());
  table.show();
}

function summaryOf({ containers, unchanged }: HostComparison): string {
  const count = (change: Change): number => containers.filter((one) => one.change === change).length;
  return vscode.l10n.t(
    '{0} came, {1} went, {2} changed, {3} are the same. Enter shows the difference.',
    count('came'),
    count('went'),
    count('changed'),
    unchanged,
  );
}

function rowsOf(comparison: HostComparison): Row[] {
  const icons = { came: 'diff-added', went: 'diff-removed', changed: 'diff-modified' } as const;
  const words: Readonly<Record<Change, string>> = {
    came: vscode.l10n.t('came'),
    went: vscode.l10n.t('went'),
    changed: vscode.l10n.t('changed'),
  };
  return [
    {
      label: vscode.l10n.t('Whole host'),
      description:
        comparison.layers.length === 0
          ? vscode.l10n.t('the layers say the same')
          : counted(
              comparison.layers.length,
              vscode.l10n.t('difference in layers'),
              vscode.l10n.t('differences in layers'),
            ),
      detail: shown(comparison.layers),
      iconPath: new vscode.ThemeIcon('compare-changes'),
      subject: vscode.l10n.t('whole host'),
      before: comparison.before,
      after: comparison.after,
    },
    ...comparison.containers.map(({ name, change, differences, before, after }): Row => ({
      label: plain(name, 100),
      description: words[change],
      detail: shown(differences),
      iconPath: new vscode.ThemeIcon(icons[change]),
      subject: name,
      before,
      after,
    })),
  ];
}

/** The first differences in one line. */
function shown(differences: readonly Difference[]): string {
  const some = differences
    .slice(0, 4)
    .map(({ path, before, after }) => `${path}: ${short(before)} → ${short(after)}`)
    .join(' · ');
  const more = differences.length - 4;
  return plain(more > 0 ? `${some} · ${vscode.l10n.t('and {0} more', more)}` : some, 400);
}

function short(value: string | undefined): string {
  if (value === undefined) return vscode.l10n.t('none');
  return value.length > 60 ? `${value.slice(0, 57)}…` : value;
}

/** The read-only documents behind the editor of differences: the newest pairs, for one comparison shows one at a time. */
class ComparedDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(HOSTS_SCHEME, this);
  private last = 0;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.query) ?? vscode.l10n.t('This comparison is over: compare again.');
  }

  async show(subject: string, before: string, after: string): Promise<void> {
    const title = plain(vscode.l10n.t('{0}: before ↔ after', subject), 120);
    await vscode.commands.executeCommand('vscode.diff', this.keep(before, 'before'), this.keep(after, 'after'), title, {
      preserveFocus: true,
      preview: true,
    });
  }

  dispose(): void {
    this.registration.dispose();
    this.texts.clear();
  }

  private keep(text: string, side: string): vscode.Uri {
    const key = String(++this.last);
    this.texts.set(key, text);
    for (const old of this.texts.keys()) if (this.texts.size > 40) this.texts.delete(old);
    return vscode.Uri.from({ scheme: HOSTS_SCHEME, path: `/${side}.json`, query: key });
  }
}
