import * as vscode from 'vscode';
import { COMMANDS, WALKTHROUGH } from '../contributions';
import { asRecord, asString } from '../util/records';
import type { CommandParts, CommandTable } from './parts';
import { keyOf } from './snapshots';

/** The commands that explain the explorer itself. */
export function helpCommands(extensionId: string, { log, panels, hosts }: CommandParts): CommandTable {
  // A row of a snapshot, or a link from below it; anything else means this machine.
  const snapshotKeyOf = (argument: unknown): string | undefined => {
    const key = keyOf(argument) ?? asString(asRecord(argument)?.hostKey);
    return hosts.snapshots.find(({ about }) => about.key === key)?.about.key;
  };
  return {
    [COMMANDS.showLog]: () => log.show(),
    [COMMANDS.shimDoctor]: () => panels.showHost('doctor'),
    [COMMANDS.showHistory]: (argument) => panels.showHost('history', snapshotKeyOf(argument)),
    [COMMANDS.showCosts]: () => panels.showHost('costs'),
    [COMMANDS.openWalkthrough]: async () => {
      await vscode.commands.executeCommand('workbench.action.openWalkthrough', `${extensionId}#${WALKTHROUGH}`, false);
    },
  };
}
