import type { LineageCell, LineageRowView, PlaceLineageView } from '../../src/protocol/pages';
import type { ViewContext } from '../context';
import { h } from '../dom';
import { provenance, unknownNote } from './facts';
import { l10n } from '../l10n';

/** The class of a badge that says a verdict. */
export function toneClass(tone: LineageRowView['tone']): string {
  return { good: 'tone-green', attention: 'tone-yellow', bad: 'tone-red', neutral: 'tone-neutral' }[tone];
}

/** The lineage of one place of config.json: each setting that stands there, and the verdicts on those below. */
export function placeLineage(context: ViewContext, { rows, below }: PlaceLineageView, key: string): HTMLElement {
  return h(
    'div',
    { class: 'place-lineage' },
    ...rows.map((row) => lineageCard(context, row, `${key}:${row.setting}`)),
    below.length > 0 &&
      h(
        'div',
        { class: 'lineage-card' },
        h('h3', {}, l10n.t('Lineage of what stands below')),
        h(
          'ul',
          { class: 'lineage-below' },
          ...below.map(({ setting, verdict, tone }) =>
            h('li', {}, h('span', { class: `badge ${toneClass(tone)}` }, verdict), h('span', {}, setting)),
          ),
        ),
      ),
  );
}

/** One setting on its way, as a card. */
export function lineageCard(context: ViewContext, row: LineageRowView, key: string): HTMLElement {
  const { setting, requested, specified, enforced, verdict, tone, because } = row;
  return h(
    'div',
    { class: 'lineage-card' },
    h('h3', {}, `${l10n.t('Lineage: {0}', setting)} `, h('span', { class: `badge ${toneClass(tone)}` }, verdict)),
    because && h('p', { class: 'muted' }, because),
    h(
      'dl',
      { class: 'lineage-steps' },
      ...(
        [
          [l10n.t('Requested'), requested],
          [l10n.t('OCI spec'), specified],
          [l10n.t('Kernel'), enforced],
        ] as const
      ).flatMap(([label, cell]) => [h('dt', {}, label), h('dd', {}, lineageCell(context, cell, `${key}:${label}`))]),
    ),
  );
}

/** One column of a row: the value, the place in which it stands, and where it comes from. */
export function lineageCell(context: ViewContext, cell: LineageCell, key: string): HTMLElement {
  const { value, raw, place, provenance: from, unknown } = cell;
  return h(
    'div',
    {},
    value === undefined
      ? unknown
        ? unknownNote(unknown)
        : h('span', { class: 'muted' }, '–')
      : h('div', { class: 'mono wrap' }, value),
    raw !== undefined && h('div', { class: 'muted mono wrap place' }, raw),
    place !== undefined && h('div', { class: 'muted mono wrap place' }, place),
    from && provenance(context, from, key),
  );
}
