// Temporary folders that do not pile up: each names its process, and those of ended processes are removed.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'cre-vscode-';

/** Makes a folder readable by its owner alone, and removes what killed runs have left. */
export function makeTempFolder() {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const pid = Number(name.slice(PREFIX.length).split('-')[0]);
    if (process.platform !== 'linux' || existsSync(`/proc/${pid}`)) continue;
    endServersOf(join(tmpdir(), name));
    removeTempFolder(join(tmpdir(), name));
  }
  return mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

/** A served VS Code that has outlived its killed launcher. */
function endServersOf(folder) {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      if (argv.some((arg) => arg.endsWith('server-main.js')) && argv.includes(join(folder, 'data'))) {
        process.kill(Number(pid), 'SIGKILL');
      }
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** Removes a folder; a program that is just ending may still write to it. */
export function removeTempFolder(folder) {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  } catch (error) {
    console.log(`${folder} could not be removed: ${error.message}`);
  }
}
