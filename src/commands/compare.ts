import * as vscode from 'vscode';
import { COMMANDS } from '../contributions';
import { ASPECTS, type Aspect } from '../model/compare/aspects';
import type { Container } from '../model/container';
import { findContainer } from '../model/inventory';
import type { Comparison } from '../store/comparisons';
import { aspectWord } from '../views/documents/compareWords';
import type { CommandParts, CommandTable } from './parts';
import { pickContainer } from './pickContainer';
import { targetOf } from './target';

interface AspectItem extends vscode.QuickPickItem {
  readonly aspect: Aspect | undefined;
}

/** The commands that set two containers, or two moments of one, against each other. */
export function compareCommands({ store, comparisons, panels, documents }: CommandParts): CommandTable {
  const show = async (comparison: Comparison): Promise<void> => {
    const aspect = await pickAspect();
    if (!aspect) return;
    comparisons.chosen = comparison;
    if (aspect.aspect) await documents.openDiff(comparison, aspect.aspect);
    else await panels.showHost('compare');
  };
  const subject = async (
    argument: unknown,
    title: string,
    canBe?: (container: Container) => boolean,
  ): Promise<string | undefined> => {
    const id = targetOf(argument).containerId ?? (await pickContainer(store, title, canBe));
    return id === undefined
      ? undefined
      : (findContainer(store.inventoryOf(id) ?? (await store.inventory()), id)?.id ?? id);
  };
  return {
    [COMMANDS.compareWith]: async (argument) => {
      const left = await subject(argument, vscode.l10n.t('Compare: the First Container'));
      if (left === undefined) return;
      const right = await pickContainer(store, vscode.l10n.t('Compare: the Second Container'), ({ id }) => id !== left);
      if (right === undefined) return;
      await show({ left: { containerId: left, when: 'now' }, right: { containerId: right, when: 'now' } });
    },
    [COMMANDS.compareEarlier]: async (argument) => {
      const id = await subject(argument, vscode.l10n.t('Compare with Itself Earlier'));
      if (id === undefined) return;
      // Fails with the reason and the remedy before anything is opened.
      await comparisons.read({ containerId: id, when: 'earlier' });
      await show({ left: { containerId: id, when: 'earlier' }, right: { containerId: id, when: 'now' } });
    },
    [COMMANDS.compareCompose]: async (argument) => {
      const title = vscode.l10n.t('Compare with Its Compose File');
      const id = await subject(argument, title, ({ compose }) => compose !== undefined);
      if (id === undefined) return;
      await comparisons.readCompose(id);
      comparisons.chosen = { composeOf: id };
      await panels.showHost('compare');
    },
  };
}

function pickAspect(): Thenable<AspectItem | undefined> {
  const table: AspectItem = {
    label: vscode.l10n.t('Table of Differences'),
    description: vscode.l10n.t('only what differs, with what it means'),
    iconPath: new vscode.ThemeIcon('table'),
    aspect: undefined,
  };
  const diffs = ASPECTS.map((aspect): AspectItem => ({
    label: aspectWord(aspect),
    description: vscode.l10n.t('in the diff editor'),
    iconPath: new vscode.ThemeIcon('diff'),
    aspect,
  }));
  return vscode.window.showQuickPick([table, ...diffs], { title: vscode.l10n.t('Compare: What') });
}
