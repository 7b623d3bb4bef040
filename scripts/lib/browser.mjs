// Chromium on the served VS Code.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Opens a headless Chromium; the caller closes it. */
export async function openBrowser() {
  const executablePath = process.env.CHROMIUM_EXECUTABLE || CANDIDATES.find(existsSync);
  if (!executablePath) throw new Error(`no Chromium found; looked for ${CANDIDATES.join(', ')}`);
  return chromium.launch({
    executablePath,
    timeout: 120_000,
    args: [
      // Root in a container has no user namespaces for the sandbox; only our own pages are ever opened.
      '--no-sandbox',
      '--disable-gpu',
      // Containers give /dev/shm 64 MB: too little for a browser under load.
      '--disable-dev-shm-usage',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Address of the workbench with a folder open and, if given, development payload for it. */
export function workbenchUrl({ port, folder, payload = [] }) {
  const url = new URL(`http://127.0.0.1:${port}/`);
  url.searchParams.set('folder', folder);
  if (payload.length > 0) url.searchParams.set('payload', JSON.stringify(payload));
  return url.href;
}

/** How the server's own files are named in the workbench. */
export function remotePath(path) {
  return `vscode-remote://remote${path}`;
}
