import type { CostsPage } from '../../src/protocol/hostPages';
import { scrollTable } from '../components/scrollTable';
import { countBadge } from '../components/toolkit';
import type { View } from '../context';
import { h } from '../dom';
import { l10n } from '../l10n';

/** The page "What the Explorer Costs": what is asked of whom, how often, and how long that takes. */
export class CostsView implements View<CostsPage> {
  draw(page: CostsPage): HTMLElement {
    return h(
      'div',
      { class: 'stack' },
      h(
        'section',
        { class: 'card costs-totals' },
        h(
          'dl',
          { class: 'costs-list' },
          ...page.totals.flatMap(({ label, value }) => [h('dt', {}, label), h('dd', {}, value)]),
        ),
        h('p', { class: 'muted' }, page.method),
      ),
      ...page.endpoints.map(({ endpoint, total, questions, minutes }) =>
        h(
          'section',
          { class: 'card', attributes: { 'data-endpoint': endpoint, 'aria-label': endpoint } },
          h('h2', { class: 'mono' }, endpoint),
          h('p', { class: 'muted' }, total),
          costsTable(
            endpoint,
            [l10n.t('Question'), l10n.t('Times'), l10n.t('Failed'), l10n.t('Bytes'), l10n.t('Mean'), l10n.t('Longest')],
            questions.map((one) => [one.question, one.count, one.failed, one.bytes, one.mean, one.longest]),
          ),
          h('h3', {}, l10n.t('By minute')),
          costsTable(
            l10n.t('{0}: by minute', endpoint),
            [l10n.t('Minute'), l10n.t('Questions'), l10n.t('Bytes'), l10n.t('Time')],
            minutes.map((one) => [one.minute, one.count, one.bytes, one.time]),
          ),
        ),
      ),
      h(
        'section',
        { class: 'card costs-looks' },
        h('h2', {}, l10n.t('Looks at the host'), countBadge(page.looks.length)),
        costsTable(
          l10n.t('Looks at the host'),
          [l10n.t('Ended at'), l10n.t('Reason'), l10n.t('Took')],
          page.looks.map((one) => [one.when, one.reason, one.took]),
        ),
      ),
    );
  }
}

function costsTable(label: string, heads: readonly string[], rows: readonly (readonly string[])[]): HTMLElement {
  const row = (cells: readonly string[]): HTMLElement =>
    h(
      'tr',
      {},
      ...cells.map((cell, index) =>
        index === 0 ? h('th', { class: 'mono', attributes: { scope: 'row' } }, cell) : h('td', {}, cell),
      ),
    );
  return scrollTable({ label, heads, rows: rows.map(row), kind: 'table costs-table' });
}
