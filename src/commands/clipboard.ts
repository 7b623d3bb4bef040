import * as vscode from 'vscode';
import { COMMANDS } from '../contributions';
import { plain } from '../host/messages';
import { findContainer } from '../model/inventory';
import { isKnown, type Fact } from '../model/fact';
import type { Inspection } from '../model/inspection';
import type { CommandParts, CommandTable } from './parts';
import { pickContainer } from './pickContainer';
import { subjectOf, targetOf } from './target';

/** The commands that put something on the clipboard. */
export function clipboardCommands({ store, layers }: CommandParts): CommandTable {
  return {
    [COMMANDS.copyContainerId]: async (argument) => {
      const id = targetOf(argument).containerId ?? (await pickContainer(store, vscode.l10n.t('Copy Container ID')));
      if (id === undefined) return;
      // What is copied is the id that daemons know, in full: ours may have a namespace before it.
      const container = findContainer(store.inventoryOf(id) ?? (await store.inventory()), id);
      await copy(container?.runtimeId ?? id);
    },
    [COMMANDS.copyFactCommand]: async (argument) => {
      const command = commandOf(argument ?? layers.selected) ?? (await pickCommand(argument, store));
      if (command !== undefined) await copy(command);
    },
  };
}

async function copy(text: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(vscode.l10n.t('Copied: {0}', plain(text, 80)), 3000);
}

/** The command that checks the fact of a row. */
function commandOf(row: unknown): string | undefined {
  const subject = subjectOf(row);
  const fact: Fact<unknown> | undefined =
    subject?.kind === 'fact' || subject?.kind === 'namespace'
      ? subject.fact
      : subject?.kind === 'detail'
        ? subject.detail.fact
        : undefined;
  return isKnown(fact) ? fact.how : undefined;
}

/** Asks for a container, then for one of its facts. */
async function pickCommand(argument: unknown, store: CommandParts['store']): Promise<string | undefined> {
  const title = vscode.l10n.t("Copy Fact's Command");
  const containerId = targetOf(argument).containerId ?? (await pickContainer(store, title));
  if (containerId === undefined) return undefined;
  const picked = await vscode.window.showQuickPick<CommandItem>(itemsOf(await store.inspect(containerId)), {
    title,
    placeHolder: vscode.l10n.t('Choose a fact: its command shows the same thing without the explorer'),
  });
  return picked?.command;
}

interface CommandItem extends vscode.QuickPickItem {
  readonly command: string;
}

function itemsOf({ facts }: Inspection): CommandItem[] {
  return Object.entries(facts).flatMap(([name, fact]: [string, Fact<unknown>]): CommandItem[] =>
    isKnown(fact) ? [{ label: name, description: plain(fact.source), detail: plain(fact.how), command: fact.how }] : [],
  );
}
