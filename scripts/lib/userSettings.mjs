// Settings of a fresh VS Code, so that nothing but the extension wants attention.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const QUIET = {
  'telemetry.telemetryLevel': 'off',
  'workbench.startupEditor': 'none',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.colorTheme': 'Default Dark Modern',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  // In a restricted window: no question at the start, the folder just stays untrusted.
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
  'git.enabled': false,
  'git.openRepositoryInParentFolders': 'never',
};

/** Writes the settings where the served VS Code looks for them. */
export function writeUserSettings(dataDir) {
  // User settings hold what concerns the application; the machine's win for the rest.
  for (const folder of ['data/User', 'data/Machine']) {
    mkdirSync(join(dataDir, folder), { recursive: true });
    writeFileSync(join(dataDir, folder, 'settings.json'), JSON.stringify(QUIET, null, 2));
  }
}
