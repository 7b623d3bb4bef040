import type { ConfigPage } from '../../src/protocol/pages';
import { asString, asStrings } from '../../src/util/records';
import { confirm } from '../components/copyButton';
import { explanationCard } from '../components/explanation';
import { factRow, provenance } from '../components/facts';
import { HoverCard } from '../components/hoverCard';
import { placeLineage } from '../components/lineage';
import { button, countBadge, iconButton, searchField } from '../components/toolkit';
import { DocumentTree } from '../components/tree';
import { findMatches, pathId, type Path } from '../components/treeRows';
import type { View, ViewContext } from '../context';
import { h, icon, multiline, setText } from '../dom';
import { l10n } from '../l10n';

const OPEN_AT_FIRST = [['process'], ['linux'], ['linux', 'resources']].map(pathId);

/** The page "OCI Config": the document as a tree, and beside it what the selected value means. */
export class ConfigView implements View<ConfigPage> {
  private tree: DocumentTree | undefined;
  private readonly side = h('aside', {
    class: 'side',
    attributes: { 'aria-label': l10n.t('What the selected field means'), 'aria-live': 'polite' },
  });
  private readonly matchCount = h('span', { class: 'match-count', attributes: { role: 'status' } });
  private matches: readonly Path[] = [];
  private match = -1;
  private asked = 0;
  private readonly card = new HoverCard();

  private document: unknown;
  /** One for all redraws: what is being typed must survive them. */
  private readonly field: HTMLElement;

  constructor(private readonly context: ViewContext) {
    this.field = searchField({
      key: 'search',
      label: l10n.t('Search config.json'),
      placeholder: l10n.t('Search fields and values'),
      value: this.searchedBefore(),
      oninput: (text) => this.search(text, true),
      onkeydown: (event) => {
        if (event.key === 'Enter') this.step(event.shiftKey ? -1 : 1);
        else if (event.key === 'ArrowDown') this.tree?.element.focus();
      },
    });
  }

  draw(page: ConfigPage): HTMLElement {
    if (page.document === undefined) {
      return h('section', { class: 'card' }, factRow(this.context, page.fact, 'config'), this.reader(page));
    }
    const expanded = new Set(this.expandedBefore());
    const selected = this.selectedBefore();
    const tree = new DocumentTree({
      label: 'config.json',
      document: page.document,
      expanded,
      selected,
      remarks: new Map(page.changes.map(({ path, now }) => [pathId(path), l10n.t('now {0}', now)])),
      onSelect: (path, value) => this.explain(path, value),
      onExpand: () => this.context.memory.set('expanded', [...expanded]),
      onPoint: (line, path) => this.card.rest(line, (card, isCurrent) => this.tell(card, path, 'hover', isCurrent)),
      onLeave: () => this.card.leave(),
    });
    this.tree = tree;
    this.document = page.document;
    this.search(this.searchedBefore(), false);
    return h(
      'div',
      { class: 'config' },
      h('section', { class: 'card compact' }, factRow(this.context, page.fact, 'config'), this.reader(page)),
      this.changes(page),
      this.toolbar(page, tree),
      h('div', { class: 'split' }, tree.element, this.side),
    );
  }

  shown(): void {
    this.tree?.draw();
    const selected = this.selectedBefore();
    if (selected) this.tree?.reveal(selected);
    else this.side.replaceChildren(h('p', { class: 'muted' }, l10n.t('Select a field to read what it means.')));
  }

  private reader({ awaitsReader }: ConfigPage): HTMLElement | undefined {
    if (!awaitsReader) return undefined;
    return h(
      'div',
      { class: 'offer' },
      button(l10n.t('Read it through a reader container…'), {
        key: 'reader',
        icon: 'unlock',
        onclick: () => this.context.run(this.context.ask('readThroughContainer', {})),
      }),
      h(
        'span',
        { class: 'muted' },
        l10n.t('The engine hands over the file itself; no process runs, nothing is pulled. You are asked first.'),
      ),
    );
  }

  private changes({ changes, changesProvenance }: ConfigPage): HTMLElement | undefined {
    if (changes.length === 0) return undefined;
    return h(
      'section',
      { class: 'card attention' },
      h('h2', {}, icon('warning'), l10n.t('Changed since the container started')),
      h(
        'p',
        {},
        l10n.t(
          'config.json is written once, at start. These values were changed later, as by docker update, and only the cgroup files and the engine know.',
        ),
      ),
      h(
        'table',
        { class: 'table' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ...[l10n.t('Field'), l10n.t('In config.json'), l10n.t('In force now')].map((title) =>
              h('th', { attributes: { scope: 'col' } }, title),
            ),
          ),
        ),
        h(
          'tbody',
          {},
          ...changes.map(({ path, recorded, now }) =>
            h(
              'tr',
              {},
              h('td', { class: 'mono' }, path.join('.')),
              recorded === undefined
                ? h('td', { class: 'muted' }, l10n.t('not set'))
                : h('td', { class: 'mono old' }, recorded),
              h('td', { class: 'mono new' }, now),
            ),
          ),
        ),
      ),
      changesProvenance && provenance(this.context, changesProvenance, 'changes'),
    );
  }

  private toolbar(page: ConfigPage, tree: DocumentTree): HTMLElement {
    return h(
      'div',
      { class: 'toolbar', attributes: { role: 'toolbar', 'aria-label': 'config.json' } },
      this.field,
      this.matchCount,
      iconButton(l10n.t('Previous match'), 'arrow-up', 'previous', () => this.step(-1)),
      iconButton(l10n.t('Next match'), 'arrow-down', 'next', () => this.step(1)),
      h('span', { class: 'grow' }),
      iconButton(l10n.t('Expand'), 'expand-all', 'expand', () => tree.setAll(true)),
      iconButton(l10n.t('Collapse'), 'collapse-all', 'collapse', () => tree.setAll(false)),
      page.secrets > 0 && this.revealButton(page),
      button(l10n.t('Open as document'), {
        key: 'document',
        icon: 'go-to-file',
        onclick: () => this.context.run(this.context.ask('openDocument', { document: 'config' })),
      }),
    );
  }

  private revealButton({ revealed, secrets }: ConfigPage): HTMLElement {
    const element = button(revealed ? l10n.t('Mask secrets') : l10n.t('Reveal secrets'), {
      key: 'reveal',
      icon: revealed ? 'eye-closed' : 'eye',
      pressed: revealed,
      onclick: () => this.context.reveal(!revealed),
    });
    element.append(countBadge(secrets));
    return element;
  }

  private search(text: string, move: boolean): void {
    this.context.memory.set('search', text);
    this.matches = findMatches(this.document, text);
    this.match = -1;
    this.tree?.setMatches(this.matches);
    setText(
      this.matchCount,
      text === '' ? '' : this.matches.length === 0 ? l10n.t('No match') : l10n.t('{0} found', this.matches.length),
    );
    if (move && this.matches.length > 0) this.step(1);
  }

  private step(by: number): void {
    const { length } = this.matches;
    if (length === 0) return;
    this.match = (this.match + by + length) % length;
    const path = this.matches[this.match];
    setText(this.matchCount, l10n.t('{0} of {1}', this.match + 1, length));
    if (path) this.tree?.reveal(path);
  }

  private explain(path: Path, value: unknown): void {
    this.context.memory.set('selected', path);
    const asked = ++this.asked;
    const heading = this.sideHeading(path, value);
    this.side.replaceChildren(...heading);
    // Only the newest selection may speak.
    this.context.run(this.tell(this.side, path, 'side', () => asked === this.asked));
  }

  /** Adds what a place means, and then who set it and whether it is in force: the latter may have to be read first. */
  private async tell(
    target: HTMLElement,
    path: Path,
    where: 'side' | 'hover',
    isCurrent: () => boolean,
  ): Promise<void> {
    const lineage = this.context.ask('lineage', { path });
    lineage.catch(() => undefined);
    const explanation = await this.context.ask('explain', { path });
    if (!isCurrent()) return;
    if (explanation) target.append(explanationCard(this.context, explanation, where, where === 'hover'));
    else if (where === 'side')
      target.append(
        h(
          'p',
          { class: 'muted' },
          l10n.t('The specification gives no more detail on this value than its name and its place.'),
        ),
      );
    const known = await lineage;
    if (isCurrent() && known.rows.length + known.below.length > 0)
      target.append(placeLineage(this.context, known, `${where}:lineage`));
  }

  private sideHeading(path: Path, value: unknown): readonly HTMLElement[] {
    const copy = iconButton(l10n.t('Copy this value'), 'copy', 'copy-value', () =>
      this.context.run(this.context.ask('copyValue', { path }).then(() => confirm(this.context, copy))),
    );
    const title = h('div', { class: 'side-title' }, h('h2', {}, path[path.length - 1] ?? ''), copy);
    const place = h('div', { class: 'side-path mono' }, path.join(' › '));
    if (typeof value === 'object' && value !== null) return [title, place];
    const shown = h('pre', { class: 'side-value' });
    shown.textContent = multiline(String(value), 10_000);
    return [title, place, shown];
  }

  private expandedBefore(): readonly string[] {
    const kept = this.context.memory.get('expanded');
    return Array.isArray(kept) ? asStrings(kept) : OPEN_AT_FIRST;
  }

  private selectedBefore(): Path | undefined {
    const kept = this.context.memory.get('selected');
    return Array.isArray(kept) ? asStrings(kept) : undefined;
  }

  private searchedBefore(): string {
    return asString(this.context.memory.get('search')) ?? '';
  }
}
