import * as vscode from 'vscode';
import { eventually } from '../support/fakeAdapter';
import { driver } from './driver';

const THEMES = {
  light: 'Default Light Modern',
  dark: 'Default Dark Modern',
  'high-contrast': 'Default High Contrast',
} as const;

/** The class by which the workbench names the kind of its theme. */
const CLASSES = { light: 'vs', dark: 'vs-dark', 'high-contrast': 'hc-black' } as const;

/** Does something in each kind of theme, by its name; the dark one is on afterwards. */
export async function inThemes(work: (name: keyof typeof THEMES) => Promise<void>): Promise<void> {
  for (const name of ['light', 'high-contrast', 'dark'] as const) {
    const theme = THEMES[name];
    await vscode.workspace.getConfiguration('workbench').update('colorTheme', theme, true);
    // The setting is there before the colours are on the screen.
    await eventually(
      () =>
        driver.evaluate<boolean>(
          `() => document.querySelector('.monaco-workbench').classList.contains('${CLASSES[name]}')`,
        ),
      theme,
    );
    await work(name);
  }
}
