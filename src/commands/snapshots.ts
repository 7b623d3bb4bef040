import { hostname } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { encodeSnapshot, packingOf } from '../adapters/snapshot/encode';
import { COMMANDS, LAYERS_VIEW } from '../contributions';
import { plain } from '../host/messages';
import { RuntimeError } from '../model/problem';
import type { Snapshot } from '../model/snapshot/snapshot';
import type { SnapshotStore } from '../store/snapshotStore';
import { takeSnapshot } from '../store/takeSnapshot';
import { asString, memberAt } from '../util/records';
import { counted } from '../util/text';
import { shownTime } from '../views/tree/hostNodes';
import type { CommandParts, CommandTable } from './parts';
import { subjectOf } from './target';

const FILTERS = { 'Container runtime snapshot': ['json', 'gz', 'br'] };

/** The commands that write a host to a file, and that show such a file as a host. */
export function snapshotCommands(context: vscode.ExtensionContext, parts: CommandParts): CommandTable {
  return {
    [COMMANDS.exportSnapshot]: () => exportSnapshot(context, parts),
    [COMMANDS.openSnapshot]: async (argument) => {
      const file = argument instanceof vscode.Uri ? argument : await chooseFile();
      if (file) await open(parts, file);
    },
    [COMMANDS.openSampleHost]: () => open(parts, parts.files.sample),
    [COMMANDS.closeSnapshot]: async (argument) => {
      const key = keyOf(argument) ?? (await pickSnapshot(parts, vscode.l10n.t('Close Snapshot')))?.about.key;
      if (key === undefined) return;
      parts.panels.closeOf(key);
      await parts.files.close(parts.hosts, key);
    },
  };
}

async function open({ files, hosts, layers }: CommandParts, file: vscode.Uri): Promise<void> {
  await vscode.commands.executeCommand(`${LAYERS_VIEW}.focus`);
  const snapshot = await vscode.window.withProgress({ location: { viewId: LAYERS_VIEW } }, () =>
    files.open(hosts, file),
  );
  await layers.revealHost(snapshot.about.key, true);
}

/** Asks for a snapshot file. Undefined when the user leaves. */
export async function chooseFile(): Promise<vscode.Uri | undefined> {
  const [file] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Open Snapshot'),
      openLabel: vscode.l10n.t('Open'),
      filters: FILTERS,
    })) ?? [];
  return file;
}

/** The snapshot whose row a command was called on. */
export function keyOf(argument: unknown): string | undefined {
  const subject = subjectOf(argument);
  return subject?.kind === 'host' ? subject.hostKey : undefined;
}

async function pickSnapshot({ hosts }: CommandParts, title: string): Promise<SnapshotStore | undefined> {
  await hosts.ready();
  const picked = await vscode.window.showQuickPick(
    hosts.snapshots.map((snapshot) => ({
      label: plain(snapshot.about.name, 80),
      description: shownTime(snapshot.about.takenAt),
      detail: plain(snapshot.about.file),
      snapshot,
    })),
    { title, placeHolder: vscode.l10n.t('Choose a snapshot that is open') },
  );
  return picked?.snapshot;
}

async function exportSnapshot(context: vscode.ExtensionContext, parts: CommandParts): Promise<void> {
  const withSecrets = await askForSecrets();
  if (withSecrets === undefined) return;
  const file = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Export Snapshot'),
    saveLabel: vscode.l10n.t('Export'),
    filters: FILTERS,
    defaultUri: vscode.Uri.joinPath(folder(), `${hostname().replace(/[^\w.-]/g, '_')}-${today()}.snapshot.json`),
  });
  if (!file) return;
  const snapshot = await takeThisHost(context, parts, withSecrets);
  try {
    await vscode.workspace.fs.writeFile(file, encodeSnapshot(snapshot, packingOf(file.path)));
  } catch (error) {
    throw RuntimeError.from(error, `Writing ${path.posix.basename(file.path)}`);
  }
  const openIt = vscode.l10n.t('Open Snapshot');
  // Not awaited: the export is over, however long its message stays on the screen.
  void vscode.window.showInformationMessage(saved(snapshot, path.posix.basename(file.path)), openIt).then((answer) => {
    if (answer === openIt) void vscode.commands.executeCommand(COMMANDS.openSnapshot, file);
  });
}

/** Whether secrets are kept; undefined when the user leaves. */
async function askForSecrets(): Promise<boolean | undefined> {
  const picked = await vscode.window.showQuickPick(
    [
      {
        label: vscode.l10n.t('Leave secrets out'),
        description: vscode.l10n.t('recommended'),
        detail: vscode.l10n.t('Passwords, tokens and keys become ••••••, and the file lists where they stood.'),
        keep: false,
      },
      {
        label: vscode.l10n.t('Keep secrets'),
        detail: vscode.l10n.t('The file holds every variable of every container as it is: give it to nobody.'),
        keep: true,
      },
    ],
    {
      title: vscode.l10n.t('Export Snapshot'),
      placeHolder: vscode.l10n.t(
        'Names, images, paths, labels and command lines of all containers are in the file. What about their secrets?',
      ),
    },
  );
  return picked?.keep;
}

/** Takes a snapshot of this machine, with a sign of it that can be cancelled. @throws RuntimeError; `cancelled` then */
export function takeThisHost(
  context: vscode.ExtensionContext,
  { hosts, sources }: CommandParts,
  withSecrets: boolean,
): Promise<Snapshot> {
  const version = asString(memberAt(context.extension.packageJSON, 'version')) ?? '';
  const request = {
    host: { name: hostname() },
    takenBy: `Container Runtime Explorer ${version}`.trim(),
    withSecrets,
  };
  return Promise.resolve(
    vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: vscode.l10n.t('Taking a snapshot of this machine'),
        cancellable: true,
      },
      async (progress, token) => {
        const controller = new AbortController();
        const cancellation = token.onCancellationRequested(() => controller.abort());
        progress.report({ message: vscode.l10n.t('Looking at this host…') });
        let told = 0;
        try {
          return await takeSnapshot(
            {
              store: hosts.live,
              readKernel: (inspection) => sources.kernel(inspection),
              seen: (inspection) => sources.seen(inspection),
            },
            {
              ...request,
              signal: controller.signal,
              onProgress: (done, all, container) => {
                const share = Math.floor((100 * done) / all);
                progress.report({
                  message: plain(
                    vscode.l10n.t('{0} of {1}: {2}', done + 1, all, container.name ?? container.runtimeId.slice(0, 12)),
                    120,
                  ),
                  increment: share - told,
                });
                told = share;
              },
            },
          );
        } finally {
          cancellation.dispose();
        }
      },
    ),
  );
}

function saved({ containers, secrets }: Snapshot, file: string): string {
  const failed = containers.filter(({ problem }) => problem).length;
  return plain(
    [
      vscode.l10n.t('{0} holds {1}.', file, counted(containers.length, 'container')),
      failed > 0 ? vscode.l10n.t('{0} of them could not be inspected; the file says why.', failed) : '',
      secrets.redacted
        ? vscode.l10n.t('{0} secrets were left out.', secrets.count)
        : vscode.l10n.t('It holds secrets.'),
    ]
      .filter(Boolean)
      .join(' '),
  );
}

function folder(): vscode.Uri {
  return vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(process.env.HOME ?? '/');
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
