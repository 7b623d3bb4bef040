import type * as vscode from 'vscode';
import { compose } from './composition';
import { createPublicApi, type PublicApi } from './publicApi';

/**
 * Puts the parts together and registers them. No I/O happens here: the first look is the work of the first view or command
 * that is used.
 */
export function activate(context: vscode.ExtensionContext): PublicApi {
  const { store, disposables } = compose(context);
  context.subscriptions.push(...disposables);
  return createPublicApi(store);
}
