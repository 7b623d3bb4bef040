import * as vscode from 'vscode';
import { l10n } from '../l10n';
import type { Element } from './elements';

/** A row as VS Code draws it. It has no tooltip: that is made when somebody hovers over it. */
export function toTreeItem({ node }: Element): vscode.TreeItem {
  const { id, label, description, icon, spoken, context, children, expanded, command } = node;
  const state = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(label, children ? (expanded ? state.Expanded : state.Collapsed) : state.None);
  item.id = id;
  item.iconPath = new vscode.ThemeIcon(
    icon.id,
    icon.color === undefined ? undefined : new vscode.ThemeColor(icon.color),
  );
  item.accessibilityInformation = { label: spoken, role: 'treeitem' };
  if (description !== undefined) item.description = description;
  if (context) item.contextValue = context.join(' ');
  if (command) item.command = { command: command.id, title: l10n.t('Open'), arguments: [command.argument] };
  return item;
}
