import * as vscode from 'vscode';
import type { Node } from 'jsonc-parser';
import { DOCUMENT_SCHEME } from '../../contributions';
import type { Lineages } from '../../store/lineages';
import { fromUriParts } from '../documents/address';
import type { HoverExplanations } from './explanations';
import { explanationParts, type HoverPart } from './hoverParts';
import { looksLikeSpec, parseDocument, placeAt, type JsonPlace } from './jsonPath';
import { placeLineageParts } from './lineageParts';
import { toMarkdown } from './markdown';

/** A spec of a container with hundreds of mounts is about 200 KB; what is much larger is no spec. */
const LIMIT = 4 * 1024 * 1024;

/**
 * Explains each place of an OCI config.json: ours, and every file of that name that looks like one. Of ours a second hover
 * tells the lineage of the field: the editor shows the explanation at once, and adds the lineage when it is there.
 */
export class SpecHovers {
  private parsed: { readonly key: string; readonly root: Node | undefined } | undefined;

  constructor(
    private readonly explain: HoverExplanations,
    private readonly lineages: Pick<Lineages, 'of'>,
  ) {}

  /** Registers the providers for our documents and for files called config.json. */
  register(): vscode.Disposable {
    return vscode.Disposable.from(
      // The provider that is registered last speaks first.
      vscode.languages.registerHoverProvider(
        { scheme: DOCUMENT_SCHEME },
        { provideHover: (document, position) => this.lineage(document, position) },
      ),
      vscode.languages.registerHoverProvider(
        [{ scheme: DOCUMENT_SCHEME }, { scheme: 'file', pattern: '**/config.json' }],
        { provideHover: (document, position) => this.explanation(document, position) },
      ),
    );
  }

  private explanation(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    const place = this.placeOf(document, position);
    const explanation = place && this.explain.specPath(place.path, place.value);
    return explanation && hoverOf(document, place, explanationParts(explanation));
  }

  private async lineage(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | undefined> {
    const address = fromUriParts(document.uri);
    // Of an earlier state the kernel has nothing any more.
    const place = address && address.when !== 'earlier' ? this.placeOf(document, position) : undefined;
    if (!address || !place) return undefined;
    // A container that is gone has no lineage any more; the document says so itself.
    const rows = await this.lineages.of(address.containerId).catch(() => []);
    const parts = placeLineageParts(rows, place.path);
    return parts.length === 0 ? undefined : hoverOf(document, place, parts);
  }

  private placeOf(document: vscode.TextDocument, position: vscode.Position): JsonPlace | undefined {
    if (document.uri.scheme === DOCUMENT_SCHEME && fromUriParts(document.uri)?.document !== 'config') return undefined;
    const root = this.rootOf(document);
    return looksLikeSpec(root) ? placeAt(root, document.offsetAt(position)) : undefined;
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

function hoverOf(document: vscode.TextDocument, place: JsonPlace, parts: readonly HoverPart[]): vscode.Hover {
  const range = new vscode.Range(document.positionAt(place.start), document.positionAt(place.end));
  return new vscode.Hover(toMarkdown(parts), range);
}
