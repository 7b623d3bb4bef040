import * as vscode from 'vscode';
import { eventually } from '../support/fakeAdapter';

const THEMES = {
  light: 'Default Light Modern',
  dark: 'Default Dark Modern',
  'high-contrast': 'Default High Contrast',
} as const;

/** Does something in each kind of theme, by its name; the dark one is on afterwards. */
export async function inThemes(work: (name: keyof typeof THEMES) => Promise<void>): Promise<void> {
  for (const name of ['light', 'high-contrast', 'dark'] as const) {
    const theme = THEMES[name];
    await vscode.workspace.getConfiguration('workbench').update('colorTheme', theme, true);
    await eventually(() => vscode.workspace.getConfiguration('workbench').get('colorTheme') === theme, theme);
    await work(name);
  }
}
