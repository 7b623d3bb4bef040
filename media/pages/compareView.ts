import type { ComparePage, CompareSectionView, DifferenceView } from '../../src/protocol/hostPages';
import { unknownNote } from '../components/facts';
import { button, countBadge } from '../components/toolkit';
import type { View, ViewContext } from '../context';
import { h, icon, multiline } from '../dom';
import { problemBanner } from '../shell';
import { l10n } from '../l10n';

/** The page "Compare": a table of differences for each aspect. */
export class CompareView implements View<ComparePage> {
  constructor(private readonly context: ViewContext) {}

  draw(page: ComparePage): HTMLElement {
    const { sections, problem, revealed, unread } = page;
    const hidden = sections.some(({ differences, expected }) =>
      [...differences, ...expected].some((one) => one.hidden),
    );
    return h(
      'div',
      { class: 'stack' },
      problem && problemBanner(problem),
      sections.length === 0 &&
        !problem &&
        h(
          'p',
          { class: 'muted' },
          l10n.t(
            'Choose with the command Compare with Another Container…, Compare with Itself Earlier or Compare with Its Compose File.',
          ),
        ),
      (hidden || revealed) &&
        h(
          'div',
          { class: 'toolbar', attributes: { role: 'toolbar', 'aria-label': l10n.t('Secrets') } },
          button(revealed ? l10n.t('Mask secrets') : l10n.t('Reveal secrets'), {
            key: 'reveal',
            icon: revealed ? 'eye-closed' : 'eye',
            pressed: revealed,
            onclick: () => this.context.reveal(!revealed),
          }),
        ),
      ...sections.map((section) => this.section(section, page)),
      unread !== undefined && unread.length > 0 && this.unread(unread),
    );
  }

  /** What a Compose file says that cannot be compared, with the reason. */
  private unread(unread: NonNullable<ComparePage['unread']>): HTMLElement {
    const title = l10n.t('Not compared');
    return h(
      'section',
      { class: 'card', attributes: { 'aria-label': title, 'data-aspect': 'unread' } },
      h('h2', {}, title, countBadge(unread.length)),
      h(
        'table',
        { class: 'table', attributes: { 'aria-label': title } },
        h(
          'tbody',
          {},
          ...unread.map(({ key, why }) =>
            h(
              'tr',
              {},
              h('th', { class: 'mono', attributes: { scope: 'row' } }, key),
              h('td', { class: 'muted' }, why),
            ),
          ),
        ),
      ),
    );
  }

  private section(section: CompareSectionView, page: ComparePage): HTMLElement {
    const { aspect, title, differences, expected, unknown } = section;
    return h(
      'section',
      { class: 'card', attributes: { 'aria-label': title, 'data-aspect': aspect } },
      h(
        'div',
        { class: 'compare-head' },
        h('h2', {}, title, countBadge(differences.length)),
        page.unread === undefined &&
          button(l10n.t('Open in diff editor'), {
            key: `diff:${aspect}`,
            icon: 'diff',
            onclick: () => this.context.run(this.context.ask('openDiff', { aspect })),
          }),
      ),
      unknown && unknownNote(unknown),
      !unknown && differences.length === 0 && h('p', { class: 'muted' }, l10n.t('Nothing differs.')),
      differences.length > 0 && this.table(title, differences, page),
      expected.length > 0 && this.expected(section, page),
    );
  }

  /** What says only that it is another container: there, and out of the way. */
  private expected({ aspect, title, expected }: CompareSectionView, page: ComparePage): HTMLElement {
    const key = `expected:${aspect}`;
    const details = h(
      'details',
      { key, attributes: { open: this.context.memory.get(key) === true } },
      h('summary', {}, l10n.t('Different by nature, such as ids and names ({0})', expected.length)),
      this.table(l10n.t('{0}, different by nature', title), expected, page),
    );
    details.addEventListener('toggle', () => this.context.memory.set(key, details.hasAttribute('open')));
    return details;
  }

  private table(label: string, differences: readonly DifferenceView[], page: ComparePage): HTMLElement {
    const heads = [l10n.t('What differs'), page.left ?? '', page.right ?? '', l10n.t('What it means')];
    return h(
      'div',
      {
        class: 'scroll-x',
        attributes: { 'data-scroll': `compare:${label}`, tabindex: 0, role: 'region', 'aria-label': label },
      },
      h(
        'table',
        { class: 'table compare', attributes: { 'aria-label': label } },
        h('thead', {}, h('tr', {}, ...heads.map((head) => h('th', { attributes: { scope: 'col' } }, head)))),
        h('tbody', {}, ...differences.map((difference) => this.row(difference))),
      ),
    );
  }

  private row({ what, left, right, hidden, meaning }: DifferenceView): HTMLElement {
    return h(
      'tr',
      {},
      h('th', { attributes: { scope: 'row' } }, what),
      this.cell(left, hidden),
      this.cell(right, hidden),
      h('td', { class: 'muted' }, meaning),
    );
  }

  private cell(value: string | undefined, hidden: boolean): HTMLElement {
    if (value === undefined) return h('td', { class: 'muted' }, l10n.t('not there'));
    const text = h('div', { class: 'mono compare-value' });
    text.textContent = multiline(value, 2000);
    return h(
      'td',
      {},
      text,
      hidden && h('div', { class: 'note' }, icon('lock'), h('span', {}, l10n.t('masked: the values differ'))),
    );
  }
}
