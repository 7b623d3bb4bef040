import * as vscode from 'vscode';
import { COMMANDS, LAYERS_VIEW } from '../contributions';
import { findContainer } from '../model/inventory';
import { filterProblem, parseFilter } from '../views/tree/filter';
import type { CommandParts, CommandTable, CommandWork } from './parts';
import { pickContainer } from './pickContainer';
import { targetOf } from './target';

/** The commands that change how the tree looks, or move in it. */
export function treeCommands(parts: CommandParts): CommandTable {
  const { layers } = parts;
  return {
    [COMMANDS.groupByLayer]: () => layers.group('layer'),
    [COMMANDS.groupByContainer]: () => layers.group('container'),
    [COMMANDS.filter]: async () => {
      const text = await askFilter(layers.filter);
      if (text !== undefined) layers.setFilter(text);
    },
    [COMMANDS.clearFilter]: () => layers.setFilter(''),
    [COMMANDS.refresh]: async () => {
      await vscode.window.withProgress({ location: { viewId: LAYERS_VIEW } }, () => layers.refresh());
    },
    [COMMANDS.showMore]: (argument) => {
      if (typeof argument === 'string') layers.showMore(argument);
    },
    [COMMANDS.revealAbove]: reveal(parts, -1),
    [COMMANDS.revealBelow]: reveal(parts, +1),
  };
}

async function askFilter(current: string): Promise<string | undefined> {
  return vscode.window.showInputBox({
    title: vscode.l10n.t('Filter Containers'),
    value: current,
    prompt: vscode.l10n.t(
      'A part of a name or image, or name:web image:nginx state:running label:key=value. Empty: all.',
    ),
    placeHolder: 'state:running label:com.example.team=blue',
    validateInput: (text) => {
      const problem = filterProblem(parseFilter(text));
      return problem && vscode.l10n.t('No state begins with “{0}”. States: {1}.', problem.state, problem.states);
    },
  });
}

/** Goes one layer up or down with the container of a row; from nowhere, to the top or bottom layer of a chosen one. */
function reveal({ store, layers }: CommandParts, step: -1 | 1): CommandWork {
  return async (argument) => {
    const from = targetOf(argument ?? layers.selected);
    const title = step < 0 ? vscode.l10n.t('Reveal in Layer Above') : vscode.l10n.t('Reveal in Layer Below');
    const containerId = from.containerId ?? (await pickContainer(store, title));
    if (containerId === undefined) return;
    const container = findContainer(store.inventoryOf(containerId) ?? (await store.inventory()), containerId);
    if (!container) throw new Error(vscode.l10n.t('No layer knows this container any more.'));
    const at = from.layerId === undefined ? -1 : container.layers.indexOf(from.layerId);
    const wanted = at < 0 ? (step < 0 ? container.layers[0] : container.layers.at(-1)) : container.layers[at + step];
    if (wanted === undefined) {
      void vscode.window.showInformationMessage(
        step < 0
          ? vscode.l10n.t('No layer above this one knows the container.')
          : vscode.l10n.t('No layer below this one knows the container.'),
      );
      return;
    }
    if (!(await layers.reveal(container.id, wanted))) {
      void vscode.window.showInformationMessage(vscode.l10n.t('The filter hides this container.'));
    }
  };
}
