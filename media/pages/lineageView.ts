import type { LineagePage, LineageRowView } from '../../src/protocol/pages';
import { asString } from '../../src/util/records';
import { lineageCell, toneClass } from '../components/lineage';
import { roving } from '../components/roving';
import { countBadge } from '../components/toolkit';
import type { View, ViewContext } from '../context';
import { h } from '../dom';
import { l10n } from '../l10n';

const ALL = 'all';

/** The page "Lineage": what was requested, what the OCI spec says, what the kernel enforces. */
export class LineageView implements View<LineagePage> {
  constructor(private readonly context: ViewContext) {}

  draw(page: LineagePage): HTMLElement {
    const rows = page.groups.flatMap((group) => group.rows);
    const verdicts = [...new Map(rows.map(({ verdict, tone }) => [verdict, tone]))];
    const kept = asString(this.context.memory.get('verdict')) ?? ALL;
    const shown = verdicts.some(([verdict]) => verdict === kept) ? kept : ALL;
    const groups = page.groups
      .map((group) => ({ ...group, rows: group.rows.filter(({ verdict }) => shown === ALL || verdict === shown) }))
      .filter((group) => group.rows.length > 0);
    return h(
      'div',
      { class: 'stack' },
      this.filter([[ALL, 'neutral'], ...verdicts], shown, rows),
      ...groups.map(({ title, rows: own }) =>
        h('section', { class: 'card' }, h('h2', {}, title, countBadge(own.length)), this.table(title, own)),
      ),
      rows.length === 0 &&
        h(
          'p',
          { class: 'muted' },
          l10n.t('There is nothing to compare: neither a request, nor a spec, nor a running process is known.'),
        ),
    );
  }

  private filter(
    verdicts: readonly (readonly [string, LineageRowView['tone']])[],
    shown: string,
    rows: readonly LineageRowView[],
  ): HTMLElement {
    const buttons = verdicts.map(([verdict, tone]) => {
      const count = verdict === ALL ? rows.length : rows.filter((row) => row.verdict === verdict).length;
      return h(
        'button',
        {
          class: `filter ${toneClass(tone)}`,
          key: `filter:${verdict}`,
          attributes: { type: 'button', role: 'radio', 'aria-checked': String(verdict === shown) },
          onclick: () => {
            this.context.memory.set('verdict', verdict);
            this.context.redraw();
          },
        },
        verdict === ALL ? l10n.t('all') : verdict,
        h('span', { class: 'filter-count' }, String(count)),
      );
    });
    const group = h(
      'div',
      { class: 'filters', attributes: { role: 'radiogroup', 'aria-label': l10n.t('Show settings by verdict') } },
      ...buttons,
    );
    roving(group, buttons, {
      start: Math.max(
        0,
        verdicts.findIndex(([verdict]) => verdict === shown),
      ),
    });
    return group;
  }

  private table(title: string, rows: readonly LineageRowView[]): HTMLElement {
    const heads = [l10n.t('Setting'), l10n.t('Requested'), l10n.t('OCI spec'), l10n.t('Kernel'), l10n.t('Verdict')];
    return h(
      'div',
      { class: 'scroll-x', attributes: { 'data-scroll': `lineage:${title}` } },
      h(
        'table',
        { class: 'table lineage', attributes: { 'aria-label': title } },
        h('thead', {}, h('tr', {}, ...heads.map((head) => h('th', { attributes: { scope: 'col' } }, head)))),
        h('tbody', {}, ...rows.map((row) => this.row(title, row))),
      ),
    );
  }

  private row(title: string, row: LineageRowView): HTMLElement {
    const { setting, requested, specified, enforced, verdict, tone, because } = row;
    const key = `lineage:${title}:${setting}`;
    return h(
      'tr',
      {},
      h('th', { attributes: { scope: 'row' } }, setting),
      ...[requested, specified, enforced].map((cell, index) =>
        h('td', {}, lineageCell(this.context, cell, `${key}:${index}`)),
      ),
      h(
        'td',
        {},
        h('span', { class: `badge ${toneClass(tone)}` }, verdict),
        because && h('div', { class: 'muted because-text' }, because),
      ),
    );
  }
}
