import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { HostPageKind } from '../../protocol/hostPages';
import type { PageKind } from '../../protocol/pages';
import { pageTexts } from './pageLanguage';

/** The folders from which a page may load. */
export function pageRoots(extensionUri: vscode.Uri): readonly vscode.Uri[] {
  return [vscode.Uri.joinPath(extensionUri, 'dist'), vscode.Uri.joinPath(extensionUri, 'media')];
}

/** The frame of a page: everything in it is drawn by the script, from messages. A page of the machine has no container. */
export function pageHtml(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  page: PageKind | HostPageKind,
  title: string,
  containerId: string,
): string {
  const nonce = randomBytes(16).toString('base64');
  const asset = (name: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', name)).toString();
  const policy = [
    `default-src 'none'`,
    `img-src ${webview.cspSource}`,
    // The nonce is for the UI toolkit, which adds one style element to learn what the browser can do.
    `style-src ${webview.cspSource} 'nonce-${nonce}'`,
    `font-src ${webview.cspSource}`,
    `script-src 'nonce-${nonce}'`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta property="csp-nonce" content="${nonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="${asset('webview.css')}">
</head>
<body data-page="${page}" data-container="${attribute(containerId)}">
<main id="page" aria-busy="true"></main>
<div id="announcer" role="status" aria-live="polite"></div>
<script type="application/json" id="texts">${json(pageTexts())}</script>
<script nonce="${nonce}" src="${asset('webview.js')}"></script>
</body>
</html>`;
}

/** JSON that cannot end the element it stands in. */
function json(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function attribute(text: string): string {
  return text.replace(/[^A-Za-z0-9_./:-]/g, (character) => `&#${character.codePointAt(0) ?? 0};`);
}
