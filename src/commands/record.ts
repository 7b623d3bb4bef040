import * as vscode from 'vscode';
import { COMMANDS } from '../contributions';
import type { CommandParts, CommandTable } from './parts';

/** The commands that record API calls, and that show what was recorded. */
export function recordCommands({ recording }: CommandParts): CommandTable {
  return {
    [COMMANDS.recordCalls]: () => recording.start(),
    [COMMANDS.stopRecording]: () => recording.stop(),
    [COMMANDS.clearRecordedCalls]: async () => {
      await recording.clear();
      vscode.window.setStatusBarMessage(vscode.l10n.t('The recorded API calls of this workspace are gone.'), 3000);
    },
    [COMMANDS.showRecordedCalls]: () => recording.open(),
  };
}
