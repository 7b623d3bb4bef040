import type { ObservedCallsView, ObservedCallView } from '../../src/protocol/pages';
import { h, icon, multiline } from '../dom';
import { l10n } from '../l10n';

/** What was seen, in one order of time; a row opens to what it carried. */
export function observedSection({ rows, missing }: ObservedCallsView): HTMLElement {
  return h(
    'section',
    { class: 'card observed' },
    h('h2', {}, l10n.t('Observed, in one order of time')),
    rows.length === 0
      ? h('p', { class: 'muted' }, l10n.t('Nothing was seen of it.'))
      : h('ol', { class: 'observed-list', attributes: { 'data-scroll': 'observed' } }, ...rows.map(row)),
    missing.length > 0 && h('h3', {}, l10n.t('Not known')),
    missing.length > 0 &&
      h(
        'ul',
        { class: 'plain-list' },
        ...missing.map(({ name, why }) =>
          h('li', {}, icon('circle-slash'), h('span', { class: 'mono' }, name), h('span', { class: 'muted' }, why)),
        ),
      ),
  );
}

function row({ at, offset, source, what, payload, clock, precision }: ObservedCallView, index: number): HTMLElement {
  const line = [
    h('span', { class: 'mono nowrap observed-offset', title: at }, offset),
    h('span', { class: 'badge tone-blue' }, source),
    h('span', { class: 'mono wrap' }, what),
  ];
  const pre = h('pre', { class: 'code', attributes: { tabindex: 0 } });
  pre.textContent = multiline(payload ?? '');
  return h(
    'li',
    {},
    h(
      'details',
      {},
      h('summary', { class: 'observed-line', key: `observed:${index}` }, ...line),
      h('div', { class: 'muted' }, l10n.t('{0}. Clock: {1}. Precision: {2}.', at, clock, precision)),
      payload !== undefined && pre,
    ),
  );
}
