import type { CostsPage } from '../../src/protocol/hostPages';
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
          table(
            endpoint,
            ['Question', 'Times', 'Failed', 'Bytes', 'Mean', 'Longest'],
            questions.map((one) => [one.question, one.count, one.failed, one.bytes, one.mean, one.longest]),
          ),
          h('h3', {}, l10n.t('By minute')),
          table(
            `${endpoint}: minutes`,
            ['Minute', 'Questions', 'Bytes', 'Time'],
            minutes.map((one) => [one.minute, one.count, one.bytes, one.time]),
          ),
        ),
      ),
      h(
        'section',
        { class: 'card costs-looks' },
        h('h2', {}, l10n.t('Looks at the host'), countBadge(page.looks.length)),
        table(
          l10n.t('Looks at the host'),
          ['Ended at', 'Reason', 'Took'],
          page.looks.map((one) => [one.when, one.reason, one.took]),
        ),
      ),
    );
  }
}

function table(label: string, heads: readonly string[], rows: readonly (readonly string[])[]): HTMLElement {
  return h(
    'div',
    { class: 'table-scroll', attributes: { tabindex: '0', role: 'region', 'aria-label': label } },
    h(
      'table',
      { class: 'table costs-table' },
      h('thead', {}, h('tr', {}, ...heads.map((head) => h('th', { attributes: { scope: 'col' } }, head)))),
      h(
        'tbody',
        {},
        ...rows.map((cells) =>
          h(
            'tr',
            {},
            ...cells.map((cell, index) =>
              index === 0 ? h('th', { class: 'mono', attributes: { scope: 'row' } }, cell) : h('td', {}, cell),
            ),
          ),
        ),
      ),
    ),
  );
}
