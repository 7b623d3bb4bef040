import type { EraView, HistoryPage, PathPartView } from '../../src/protocol/hostPages';
import { commandLine } from '../components/copyButton';
import { roving } from '../components/roving';
import type { View, ViewContext } from '../context';
import { h, icon } from '../dom';
import { l10n } from '../l10n';

type PresenceWords = Readonly<Record<PathPartView['presence'], string>>;

const NOW: PresenceWords = {
  here: l10n.t('on this machine'),
  away: l10n.t('not on this machine'),
  hidden: l10n.t('cannot be told'),
};
const THEN: PresenceWords = {
  here: l10n.t('on that machine'),
  away: l10n.t('not on that machine'),
  hidden: l10n.t('cannot be told'),
};

/** The page "How Did We Get Here": eras from old to new, their call paths with the parts lit that a machine has. */
export class HistoryView implements View<HistoryPage> {
  private words = NOW;

  constructor(private readonly context: ViewContext) {}

  draw(page: HistoryPage): HTMLElement {
    this.words = page.snapshot ? THEN : NOW;
    return h(
      'div',
      { class: 'stack' },
      this.legend(),
      h('ol', { class: 'eras' }, ...page.eras.map((era) => h('li', {}, this.era(era)))),
    );
  }

  private legend(): HTMLElement {
    const words = [
      ['here', this.words === NOW ? l10n.t('Lit: on this machine now') : l10n.t('Lit: on that machine then')],
      ['away', this.words === NOW ? l10n.t('Dim: not seen here') : l10n.t('Dim: not seen there')],
      ['gone', l10n.t('Struck through: in no release of today')],
    ] as const;
    return h(
      'ul',
      { class: 'history-legend', attributes: { 'aria-label': l10n.t('Legend') } },
      ...words.map(([name, text]) => h('li', {}, h('span', { class: `lamp lamp-${name}` }), text)),
    );
  }

  private era(era: EraView): HTMLElement {
    return h(
      'section',
      { class: 'card era', attributes: { 'data-era': era.id, 'aria-label': `${era.when}: ${era.title}` } },
      h('div', { class: 'eyebrow' }, era.when),
      h('h2', {}, era.title),
      h('p', {}, era.text),
      ...era.paths.map((path, index) => this.path(era, path, index)),
      h(
        'ul',
        { class: 'references' },
        ...era.references.map(({ label, url }, index) =>
          h(
            'li',
            {},
            h(
              'a',
              { key: `link:${era.id}:${index}`, title: url, attributes: { href: url } },
              icon('link-external'),
              h('span', {}, label),
            ),
          ),
        ),
      ),
    );
  }

  private path(era: EraView, { title, parts }: EraView['paths'][number], index: number): HTMLElement {
    const keyOf = (part: PathPartView): string => `part:${era.id}:${index}:${part.id}`;
    const opened = this.context.memory.get('part');
    const nodes = parts.map((part) => this.part(part, keyOf(part), opened === keyOf(part)));
    const list = h(
      'ol',
      { class: 'picture path', attributes: { 'aria-label': title } },
      ...nodes.map((node, at) => h('li', {}, node, at < nodes.length - 1 && wire(parts[at]))),
    );
    roving(list, nodes);
    const shown = parts.find((part) => keyOf(part) === opened);
    return h('div', { class: 'era-path' }, h('h3', {}, title), list, shown && this.detail(shown, keyOf(shown)));
  }

  private part(part: PathPartView, key: string, expanded: boolean): HTMLElement {
    const { name, icon: glyph, presence, presenceText, gone } = part;
    return h(
      'button',
      {
        class: `node part-${presence}${gone ? ' part-gone' : ''}`,
        key,
        title: `${this.words[presence]}: ${presenceText}`,
        attributes: {
          type: 'button',
          'data-part': part.id,
          'aria-expanded': String(expanded),
          'aria-label': `${name}, ${this.words[presence]}: ${presenceText}${gone ? ', in no release of today' : ''}`,
        },
        onclick: () => {
          this.context.memory.set('part', expanded ? undefined : key);
          this.context.redraw();
        },
      },
      h('span', { class: 'chain-icon' }, icon(glyph)),
      h('span', { class: 'node-title' }, name),
      h('span', { class: 'node-pid' }, presence === 'here' ? presenceText : '–'),
    );
  }

  private detail({ name, presence, presenceText, provenance }: PathPartView, key: string): HTMLElement {
    return h(
      'div',
      { class: 'part-detail', attributes: { role: 'note' } },
      h('b', {}, name),
      h('span', {}, `${this.words[presence]}: ${presenceText}`),
      provenance && h('span', { class: 'muted' }, l10n.t('Source: {0}', provenance.source)),
      provenance && commandLine(this.context, provenance.how, `how:${key}`),
    );
  }
}

function wire(part: PathPartView | undefined): HTMLElement {
  return h(
    'div',
    { class: `wire${part?.presence === 'here' ? '' : ' past'}` },
    h('span', { class: 'wire-line', attributes: { 'aria-hidden': 'true' } }),
    h('span', {}, part?.speaks),
  );
}
