import * as vscode from 'vscode';
import { COMMANDS } from '../contributions';
import type { PageKind } from '../protocol/pages';
import type { CommandParts, CommandTable, CommandWork } from './parts';
import { pickContainer } from './pickContainer';
import { targetOf } from './target';

/** The commands that open a page of a container. */
export function pageCommands({ store, panels }: CommandParts): CommandTable {
  const show =
    (page: PageKind, title: string): CommandWork =>
    async (argument) => {
      const containerId = targetOf(argument).containerId ?? (await pickContainer(store, title));
      if (containerId !== undefined) await panels.show(page, containerId);
    };
  return {
    [COMMANDS.showConfig]: show('config', vscode.l10n.t('Show OCI Config')),
    [COMMANDS.showShim]: show('shim', vscode.l10n.t('Show Shim')),
    [COMMANDS.showCgroups]: show('cgroups', vscode.l10n.t('Show Cgroups')),
    [COMMANDS.showCalls]: show('calls', vscode.l10n.t('Show API Calls')),
    [COMMANDS.showChain]: show('chain', vscode.l10n.t('Show Runtime Chain')),
    [COMMANDS.showLineage]: show('lineage', vscode.l10n.t('Show Lineage')),
    [COMMANDS.showBirth]: show('birth', vscode.l10n.t('Show Birth')),
  };
}
