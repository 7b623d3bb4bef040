import * as vscode from 'vscode';
import { COMMANDS, WALKTHROUGH } from '../contributions';
import type { CommandParts, CommandTable } from './parts';

/** The commands that explain the explorer itself. */
export function helpCommands(extensionId: string, { log, panels }: CommandParts): CommandTable {
  return {
    [COMMANDS.showLog]: () => log.show(),
    [COMMANDS.shimDoctor]: () => panels.showHost('doctor'),
    [COMMANDS.showHistory]: () => panels.showHost('history'),
    [COMMANDS.showCosts]: () => panels.showHost('costs'),
    [COMMANDS.openWalkthrough]: async () => {
      await vscode.commands.executeCommand('workbench.action.openWalkthrough', `${extensionId}#${WALKTHROUGH}`, false);
    },
  };
}
