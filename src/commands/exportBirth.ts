import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Birth } from '../model/trace/birth';
import { toHar } from '../model/trace/har';
import { toMermaid } from '../model/trace/mermaid';
import { toSvg } from '../model/trace/svg';
import { RuntimeError } from '../model/problem';
import type { ExportFormat, ExportTarget } from '../protocol/birthPage';
import { asString, memberAt } from '../util/records';
import { said } from '../views/l10n';

const FORMATS = {
  mermaid: { extension: 'mmd', language: 'mermaid', name: 'Mermaid' },
  svg: { extension: 'svg', language: 'xml', name: 'SVG' },
  har: { extension: 'har', language: 'json', name: 'HAR' },
} as const;

/** Writes a birth to a file that the user chooses, or opens it as a new document. */
export async function exportBirth(
  context: vscode.ExtensionContext,
  birth: Birth,
  format: ExportFormat,
  to: ExportTarget,
  reveal: boolean,
): Promise<void> {
  const version = asString(memberAt(context.extension.packageJSON, 'version')) ?? '0';
  const content = contentOf(birth, format, reveal, version);
  const { extension, language, name } = FORMATS[format];
  if (to === 'document') {
    const known = new Set(await vscode.languages.getLanguages());
    const document = await vscode.workspace.openTextDocument({
      content,
      language: known.has(language) ? language : 'plaintext',
    });
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: false });
    return;
  }
  const base = (birth.name ?? birth.containerId.slice(0, 12)).replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, 60);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const file = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Export the Birth as {0}', name),
    filters: { [name]: [extension] },
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, `birth-${base}.${extension}`) } : {}),
  });
  if (!file) return;
  try {
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(content));
  } catch (error) {
    throw RuntimeError.from(error, `Writing ${path.basename(file.path)}`);
  }
}

function contentOf(birth: Birth, format: ExportFormat, reveal: boolean, version: string): string {
  switch (format) {
    case 'mermaid':
      return toMermaid(birth, said);
    case 'svg':
      return toSvg(birth, said);
    case 'har':
      return toHar(birth.recorded, reveal, version);
  }
}
