// Temporary folders that do not pile up: each names its process, and those of ended processes are removed.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'cre-vscode-';

/** Makes a folder readable by its owner alone, and removes what killed runs have left. */
export function makeTempFolder() {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const pid = Number(name.slice(PREFIX.length).split('-')[0]);
    if (process.platform === 'linux' && !existsSync(`/proc/${pid}`)) removeTempFolder(join(tmpdir(), name));
  }
  return mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

/** Removes a folder; a program that is just ending may still write to it. */
export function removeTempFolder(folder) {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  } catch (error) {
    console.log(`${folder} could not be removed: ${error.message}`);
  }
}
