import * as vscode from 'vscode';
import { CONTEXT_KEYS } from '../contributions';

const last = new Map<string, string | boolean>();

/** Sets one of our context keys, for the `when` clauses of package.json; VS Code is told only when it is another value. */
export function setContextKey(key: keyof typeof CONTEXT_KEYS, value: string | boolean): void {
  if (last.get(key) === value) return;
  last.set(key, value);
  void vscode.commands.executeCommand('setContext', CONTEXT_KEYS[key], value);
}
