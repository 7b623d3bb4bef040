import * as vscode from 'vscode';
import { COMMANDS } from '../contributions';
import { RuntimeError } from '../model/problem';
import { visible } from '../util/text';
import { said } from '../views/l10n';
import type { Log } from './log';

/**
 * Text from outside for places where VS Code turns `[label](link)` into links or `$(name)` into icons: notifications and
 * picks. It reads the same and does nothing.
 */
export function plain(text: string, limit = 300): string {
  return visible(text, limit).replaceAll('](', '] (').replaceAll('$(', '$ (');
}

/** Tells the user of a failure: what, why, what to do. Being cancelled is no failure. */
export async function tellFailure(log: Log, error: unknown, what: string): Promise<void> {
  const { problem } = RuntimeError.from(error, what);
  if (problem.code === 'cancelled' || error instanceof vscode.CancellationError) return;
  log.failure(error, what);
  const showLog = vscode.l10n.t('Show Log');
  const { what: doing, reason, remedy } = problem;
  const text = [`${said(doing)}: ${said(reason)}`, remedy && said(remedy)].filter(Boolean).join(' ');
  const answer = await vscode.window.showErrorMessage(plain(text), showLog);
  if (answer === showLog) await vscode.commands.executeCommand(COMMANDS.showLog);
}
