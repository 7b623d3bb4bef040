import * as vscode from 'vscode';
import { tellFailure } from '../host/messages';
import { Disposables } from '../util/disposables';
import { clipboardCommands } from './clipboard';
import { compareCommands } from './compare';
import { compareHostsCommands } from './hostComparison';
import { documentCommands } from './documents';
import { farHostCommands } from './farHosts';
import { helpCommands } from './help';
import { kubernetesCommands } from './kubernetes';
import { pageCommands } from './pages';
import type { CommandParts, CommandTable } from './parts';
import { readerCommands } from './reader';
import { recordCommands } from './record';
import { snapshotCommands } from './snapshots';
import { sshCommands } from './ssh';
import { traceCommands } from './trace';
import { treeCommands } from './tree';

export type { CommandParts } from './parts';

/** Registers every command of package.json. A command that fails says so, with the reason and the remedy, and never throws. */
export function registerCommands(context: vscode.ExtensionContext, parts: CommandParts): vscode.Disposable {
  const comparison = compareHostsCommands(context, parts);
  const table: CommandTable = {
    ...pageCommands(parts),
    ...documentCommands(parts),
    ...clipboardCommands(parts),
    ...compareCommands(parts),
    ...treeCommands(parts),
    ...recordCommands(parts),
    ...readerCommands(parts),
    ...kubernetesCommands(parts),
    ...sshCommands(parts),
    ...traceCommands(parts),
    ...farHostCommands(parts),
    ...snapshotCommands(context, parts),
    ...comparison.table,
    ...helpCommands(context.extension.id, parts),
  };
  const owned = new Disposables();
  owned.add(comparison.documents);
  for (const [id, work] of Object.entries(table)) {
    owned.add(
      vscode.commands.registerCommand(id, async (argument: unknown) => {
        try {
          await work(argument);
        } catch (error) {
          // Not awaited: the command is over, however long its message stays on the screen.
          void tellFailure(parts.log, error, id);
        }
      }),
    );
  }
  return owned;
}
