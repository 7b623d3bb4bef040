import * as vscode from 'vscode';
import { COMMANDS } from '../contributions';
import type { DocumentName } from '../views/documents/address';
import type { CommandParts, CommandTable, CommandWork } from './parts';
import { pickContainer } from './pickContainer';
import { targetOf } from './target';

/** The commands that open read-only documents, and that show or mask their secrets. */
export function documentCommands({ store, documents }: CommandParts): CommandTable {
  const open =
    (name: DocumentName, title: string): CommandWork =>
    async (argument) => {
      const containerId = targetOf(argument).containerId ?? (await pickContainer(store, title));
      if (containerId !== undefined) await documents.open(containerId, name);
    };
  const secrets =
    (show: boolean): CommandWork =>
    (argument) => {
      const uri = argument instanceof vscode.Uri ? argument : vscode.window.activeTextEditor?.document.uri;
      if (uri === undefined || !documents.reveal(uri, show)) {
        void vscode.window.showInformationMessage(
          vscode.l10n.t('Open a document of a container first, such as its config.json.'),
        );
      }
    };
  return {
    [COMMANDS.openConfig]: open('config', vscode.l10n.t('Open config.json as Document')),
    [COMMANDS.openEngineRecord]: open('engine', vscode.l10n.t('Open Engine Record')),
    [COMMANDS.openContainerdRecord]: open('containerd', vscode.l10n.t('Open containerd Record')),
    [COMMANDS.openCriRecord]: open('cri', vscode.l10n.t('Open CRI Record')),
    [COMMANDS.openRuntimeState]: open('state', vscode.l10n.t('Open Runtime State')),
    [COMMANDS.revealSecrets]: secrets(true),
    [COMMANDS.hideSecrets]: secrets(false),
  };
}
