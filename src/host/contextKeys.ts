import * as vscode from 'vscode';
import { CONTEXT_KEYS } from '../contributions';

/** Sets one of our context keys, for the `when` clauses of package.json. */
export function setContextKey(key: keyof typeof CONTEXT_KEYS, value: string | boolean): void {
  void vscode.commands.executeCommand('setContext', CONTEXT_KEYS[key], value);
}
