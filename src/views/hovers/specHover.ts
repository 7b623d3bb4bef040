import * as vscode from 'vscode';
import type { Node } from 'jsonc-parser';
import { DOCUMENT_SCHEME } from '../../contributions';
import { fromUriParts } from '../documents/address';
import type { HoverExplanations } from './explanations';
import { explanationParts } from './hoverParts';
import { looksLikeSpec, parseDocument, placeAt } from './jsonPath';
import { toMarkdown } from './markdown';

/** A spec of a container with hundreds of mounts is about 200 KB; what is much larger is no spec. */
const LIMIT = 4 * 1024 * 1024;

/** Explains each place of an OCI config.json: ours, and every file of that name that looks like one. */
export class SpecHovers implements vscode.HoverProvider {
  private parsed: { readonly key: string; readonly root: Node | undefined } | undefined;

  constructor(private readonly explain: HoverExplanations) {}

  /** Registers the provider for our documents and for files called config.json. */
  register(): vscode.Disposable {
    return vscode.languages.registerHoverProvider(
      [{ scheme: DOCUMENT_SCHEME }, { scheme: 'file', pattern: '**/config.json' }],
      this,
    );
  }

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    if (document.uri.scheme === DOCUMENT_SCHEME && fromUriParts(document.uri)?.document !== 'config') return undefined;
    const root = this.rootOf(document);
    if (!looksLikeSpec(root)) return undefined;
    const place = placeAt(root, document.offsetAt(position));
    if (!place) return undefined;
    const explanation = this.explain.specPath(place.path, place.value);
    if (!explanation) return undefined;
    const range = new vscode.Range(document.positionAt(place.start), document.positionAt(place.end));
    return new vscode.Hover(toMarkdown(explanationParts(explanation)), range);
  }

  /** One document is hovered over at a time: its tree is kept until it changes. */
  private rootOf(document: vscode.TextDocument): Node | undefined {
    const key = `${document.version} ${document.uri.toString()}`;
    if (this.parsed?.key !== key) {
      const text = document.getText();
      this.parsed = { key, root: text.length > LIMIT ? undefined : parseDocument(text) };
    }
    return this.parsed.root;
  }
}
