import * as vscode from 'vscode';
import type { Node } from 'jsonc-parser';
import { DOCUMENT_SCHEME } from '../../contributions';
import {
  composePlaceAt,
  containersOfDevcontainer,
  containersOfService,
  SERVICE_SETTINGS,
  settingsOfCompose,
  settingsOfDevcontainer,
} from '../../model/composeFile';
import type { Container } from '../../model/container';
import { valueOf } from '../../model/fact';
import { findContainer, type Inventory } from '../../model/inventory';
import { lineageOfRequest } from '../../model/lineage/lookup';
import type { LineageRow } from '../../model/lineage/row';
import type { Lineages } from '../../store/lineages';
import type { HoverExplanations } from './explanations';
import { explanationParts, type HoverPart } from './hoverParts';
import { inspectPlace, mayBeInspect } from './inspectDocument';
import { parseDocument, placeAt } from './jsonPath';
import { lineageParts } from './lineageParts';
import { toMarkdown } from './markdown';

/** Larger documents are passed over, and longer lines too: neither is a record or a Compose file, and hovers must be quick. */
const LARGEST = 4 * 1024 * 1024;
const LONGEST_LINE = 10_000;
/** Within so much of its beginning a record names its container. */
const BEGINNING = 400;
const ID = /\b(?:[0-9a-f]{64}|[0-9a-f]{12})\b/;

const JSON_DOCUMENTS: vscode.DocumentSelector = [{ language: 'json' }, { language: 'jsonc' }];
const DOCUMENTS_WITH_IDS: vscode.DocumentSelector = [
  { language: 'json' },
  { language: 'jsonc' },
  { language: 'jsonl' },
  { language: 'log' },
  { pattern: '**/*.log' },
];
const COMPOSE_FILES: vscode.DocumentSelector = { scheme: 'file', pattern: '**/{compose,docker-compose}*.{yml,yaml}' };
const DEVCONTAINER_FILES: vscode.DocumentSelector = { scheme: 'file', pattern: '**/{devcontainer,.devcontainer}.json' };

/** What hovers in other people's documents are made from. All of it is in memory; a lineage may be fetched. */
export interface ElsewhereParts {
  /** The newest inventory; undefined before the first look, which a hover does not cause. */
  readonly inventory: () => Inventory | undefined;
  readonly explain: HoverExplanations;
  readonly lineages: Pick<Lineages, 'of'>;
  /** What the tree says of a container, without links that run commands. */
  readonly container: (container: Container) => readonly HoverPart[];
}

/**
 * Hovers in documents that are none of ours: `docker inspect`, Compose files, dev containers and ids anywhere in JSON and logs.
 * Nothing activates the extension for them: they work once somebody uses it.
 */
export function registerElsewhere(parts: ElsewhereParts): vscode.Disposable {
  const hovers = new ElsewhereHovers(parts);
  const { registerHoverProvider } = vscode.languages;
  return vscode.Disposable.from(
    registerHoverProvider(DOCUMENTS_WITH_IDS, { provideHover: (document, at) => hovers.id(document, at) }),
    registerHoverProvider(JSON_DOCUMENTS, { provideHover: (document, at) => hovers.inspected(document, at) }),
    registerHoverProvider(COMPOSE_FILES, { provideHover: (document, at) => hovers.compose(document, at) }),
    registerHoverProvider(DEVCONTAINER_FILES, { provideHover: (document, at) => hovers.devcontainer(document, at) }),
  );
}

class ElsewhereHovers {
  private parsed: { readonly key: string; readonly root: Node | undefined } | undefined;

  constructor(private readonly parts: ElsewhereParts) {}

  /** A container's id, in full or shortened. */
  id(document: vscode.TextDocument, at: vscode.Position): vscode.Hover | undefined {
    const inventory = this.parts.inventory();
    if (!inventory || document.lineAt(at.line).text.length > LONGEST_LINE) return undefined;
    const range = document.getWordRangeAtPosition(at, ID);
    const container = range && findContainer(inventory, document.getText(range));
    return container && hoverOf(this.parts.container(container), range);
  }

  /** A field of a container's record. */
  async inspected(document: vscode.TextDocument, at: vscode.Position): Promise<vscode.Hover | undefined> {
    const beginning = document.getText(new vscode.Range(0, 0, 12, 0)).slice(0, BEGINNING);
    if (!mayBeInspect(beginning) && document.uri.scheme !== DOCUMENT_SCHEME) return undefined;
    const root = this.rootOf(document);
    const place = inspectPlace(root, placeAt(root, document.offsetAt(at)));
    const inventory = this.parts.inventory();
    const container = place && inventory && findContainer(inventory, place.containerId);
    if (!place || !container) return undefined;
    const rows = lineageOfRequest(await this.rowsOf(container), place.path);
    const [first] = rows;
    if (!first) return undefined;
    const spec = valueOf(first.specified)?.places[0];
    const explanation = spec && this.parts.explain.specPath(spec, undefined);
    return hoverOf([...(explanation ? explanationParts(explanation) : []), ...lineageParts(rows)]);
  }

  /** A service of a Compose file, or one of its settings. */
  async compose(document: vscode.TextDocument, at: vscode.Position): Promise<vscode.Hover | undefined> {
    const place = composePlaceAt((line) => document.lineAt(line).text, at.line);
    const [section, service, ...rest] = place ?? [];
    const inventory = this.parts.inventory();
    if (section !== 'services' || service === undefined || !inventory) return undefined;
    const containers = containersOfService(inventory.containers, document.uri.fsPath, service);
    return this.settings(containers, rest.length === 0 ? undefined : settingsOfCompose(rest));
  }

  /** A key of a dev container's file. */
  async devcontainer(document: vscode.TextDocument, at: vscode.Position): Promise<vscode.Hover | undefined> {
    const inventory = this.parts.inventory();
    if (!inventory) return undefined;
    const containers = containersOfDevcontainer(inventory.containers, document.uri.fsPath);
    if (containers.length === 0) return undefined;
    const [key] = placeAt(this.rootOf(document), document.offsetAt(at))?.path ?? [];
    if (key === undefined) return undefined;
    return this.settings(
      containers,
      /^(?:name|image|build|dockerFile)$/.test(key) ? undefined : settingsOfDevcontainer(key),
    );
  }

  /** @param settings names of settings; undefined for the container as a whole */
  private async settings(
    containers: readonly Container[],
    settings: readonly string[] | undefined,
  ): Promise<vscode.Hover | undefined> {
    if (settings?.length === 0) return undefined;
    const parts: HoverPart[] = [];
    for (const container of containers.slice(0, 3)) {
      const rows = await this.rowsOf(container);
      const wanted = settings ?? SERVICE_SETTINGS;
      const found = rows.filter(({ setting }) => wanted.includes(setting));
      if (settings && found.length === 0) continue;
      parts.push(
        ...(settings
          ? [{ kind: 'title', text: container.name ?? container.runtimeId } as const]
          : this.parts.container(container)),
        ...lineageParts(found),
        { kind: 'line' },
      );
    }
    return parts.length > 0 ? hoverOf(parts.slice(0, -1)) : undefined;
  }

  /** A container that is gone, or cannot be asked, has no lineage. */
  private rowsOf({ id }: Container): Promise<readonly LineageRow[]> {
    return this.parts.lineages.of(id).catch(() => []);
  }

  /** One document is hovered over at a time: its tree is kept until it changes. */
  private rootOf(document: vscode.TextDocument): Node | undefined {
    const key = `${document.version} ${document.uri.toString()}`;
    if (this.parsed?.key !== key) {
      const text = document.getText();
      this.parsed = { key, root: text.length > LARGEST ? undefined : parseDocument(text) };
    }
    return this.parsed.root;
  }
}

function hoverOf(parts: readonly HoverPart[], range?: vscode.Range): vscode.Hover {
  return new vscode.Hover(toMarkdown(parts), range);
}
