import type { BirthStepView, BirthTimeView, ExportFormat } from '../../src/protocol/birthPage';
import type { BirthPage } from '../../src/protocol/pages';
import { asString } from '../../src/util/records';
import { EVIDENCE, evidenceBadge, evidenceNote } from '../components/evidence';
import { sequence } from '../components/sequence';
import { button } from '../components/toolkit';
import type { View, ViewContext } from '../context';
import { h, icon, multiline, svg } from '../dom';
import { scrollTable } from '../components/scrollTable';
import { l10n } from '../l10n';

const STATUS_ICONS: Readonly<Record<BirthPage['status'], string>> = {
  starting: 'sync',
  running: 'pass',
  failed: 'error',
  unknown: 'history',
};

/** The page "Birth": who asked whom for what until the container ran, in time. */
export class BirthView implements View<BirthPage> {
  private readonly detail = h('div', { class: 'call-detail birth-detail', attributes: { 'aria-live': 'polite' } });

  constructor(private readonly context: ViewContext) {}

  draw(page: BirthPage): HTMLElement {
    const kept = asString(this.context.memory.get('step'));
    const selected = Math.max(
      0,
      page.steps.findIndex(({ id }) => id === kept),
    );
    const { element, rows } = sequence(page, selected, (index) => select(index));
    const tableRows = page.steps.map((step, index) => this.tableRow(step, () => rows[index]?.focus()));
    const select = (index: number): void => {
      rows.forEach((row, at) => row.setAttribute('aria-selected', String(at === index)));
      tableRows.forEach((row, at) => row.classList.toggle('selected', at === index));
      const step = page.steps[index];
      if (!step) return this.detail.replaceChildren();
      this.context.memory.set('step', step.id);
      this.detail.replaceChildren(...details(step));
    };
    select(selected);
    return h(
      'div',
      { class: 'stack', attributes: { 'data-status': page.status, 'data-live': String(page.live) } },
      this.statusCard(page),
      page.steps.length > 0 &&
        h(
          'div',
          { class: 'split birth' },
          h('section', { class: 'card sequence-card', attributes: { 'data-scroll': 'sequence' } }, element),
          this.detail,
        ),
      page.times.length > 0 && times(page.times),
      page.steps.length > 0 && stepTable(tableRows),
      sources(page),
    );
  }

  private statusCard({ status, statusText, failure, live, revealed, hasHar, steps }: BirthPage): HTMLElement {
    return h(
      'section',
      { class: `card birth-status birth-${status}` },
      h(
        'div',
        { class: 'birth-line' },
        icon(live && status === 'starting' ? 'loading' : STATUS_ICONS[status]),
        h('div', {}, h('b', {}, live ? l10n.t('Following') : titleOf(status)), ` · ${statusText}`),
      ),
      failure !== undefined && h('pre', { class: 'code birth-failure', attributes: { tabindex: 0 } }, failure),
      h(
        'div',
        { class: 'toolbar' },
        this.legend(steps),
        h('span', { class: 'grow' }),
        button(revealed ? l10n.t('Mask secrets') : l10n.t('Reveal secrets'), {
          key: 'reveal',
          icon: revealed ? 'eye-closed' : 'eye',
          pressed: revealed,
          onclick: () => this.context.reveal(!revealed),
        }),
        ...(steps.length > 0 ? this.exports(hasHar) : []),
      ),
    );
  }

  private legend(steps: BirthPage['steps']): HTMLElement {
    const kinds = (Object.keys(EVIDENCE) as (keyof typeof EVIDENCE)[]).filter((kind) =>
      steps.some(({ evidence }) => evidence === kind),
    );
    return h(
      'div',
      { class: 'legend' },
      ...kinds.map((kind) => h('span', { title: EVIDENCE[kind].says }, evidenceBadge(kind))),
    );
  }

  private exports(hasHar: boolean): HTMLElement[] {
    const formats: readonly (readonly [ExportFormat, string])[] = [
      ['mermaid', l10n.t('Mermaid')],
      ['svg', 'SVG'],
      ...(hasHar ? [['har', 'HAR'] as const] : []),
    ];
    return formats.flatMap(([format, name]) => [
      button(l10n.t('Open as {0}', name), {
        key: `open:${format}`,
        icon: 'go-to-file',
        onclick: () => this.context.run(this.context.ask('exportBirth', { format, to: 'document' })),
      }),
      button(l10n.t('Save {0}…', name), {
        key: `save:${format}`,
        icon: 'save',
        onclick: () => this.context.run(this.context.ask('exportBirth', { format, to: 'file' })),
      }),
    ]);
  }

  private tableRow(step: BirthStepView, focus: () => void): HTMLElement {
    const row = h(
      'tr',
      { attributes: { 'data-step': step.id } },
      h('td', { class: 'mono nowrap' }, step.offset),
      h('td', {}, step.from === step.to ? step.from : `${step.from} → ${step.to}`),
      h('td', { class: 'mono wrap' }, step.label),
      h('td', {}, evidenceBadge(step.evidence)),
      h('td', { class: 'muted' }, step.precision ?? l10n.t('only its order is known')),
    );
    row.addEventListener('click', focus);
    return row;
  }
}

function titleOf(status: BirthPage['status']): string {
  switch (status) {
    case 'running':
      return l10n.t('Started');
    case 'failed':
      return l10n.t('Failed to start');
    case 'starting':
      return l10n.t('Not started yet');
    case 'unknown':
      return l10n.t('As far as it is known');
  }
}

function details(step: BirthStepView): HTMLElement[] {
  const { from, to, label, detail, evidence, because, at, clock, precision, meaning, payload, failed } = step;
  return [
    h(
      'div',
      { class: 'call-line' },
      h('span', { class: 'parties' }, from, ...(from === to ? [] : [icon('arrow-right'), to])),
      evidenceBadge(evidence),
      failed && h('span', { class: 'badge tone-red' }, icon('error'), l10n.t('failed')),
    ),
    h('h2', { class: 'mono wrap' }, label),
    ...(detail === undefined ? [] : [h('div', { class: 'mono wrap call-target' }, detail)]),
    h('p', {}, meaning),
    evidenceNote(
      evidence,
      because,
      at === undefined
        ? h('div', { class: 'muted' }, l10n.t('Its moment is not known, only its place in the order.'))
        : h('div', { class: 'muted mono' }, at),
      clock !== undefined && h('div', { class: 'muted' }, l10n.t('Clock: {0}.', clock)),
      precision !== undefined && h('div', { class: 'muted' }, l10n.t('Precision: {0}.', precision)),
    ),
    ...(payload === undefined ? [] : [h('h3', {}, l10n.t('What it carried')), codeBlock(payload)]),
  ];
}

function codeBlock(text: string): HTMLElement {
  const element = h('pre', { class: 'code', attributes: { tabindex: 0 } });
  element.textContent = multiline(text);
  return element;
}

function times(rows: readonly BirthTimeView[]): HTMLElement {
  return h(
    'section',
    { class: 'card birth-times' },
    h('h2', {}, l10n.t('The time each layer took')),
    scrollTable({
      label: l10n.t('The time each layer took'),
      heads: [l10n.t('Layer'), l10n.t('Took'), l10n.t('From clocks'), ''],
      rows: rows.map(({ lane, label, took, precision, share, evidence, clocks }) =>
        h(
          'tr',
          {},
          h('td', {}, h('b', {}, lane), h('div', { class: 'muted' }, label)),
          h('td', { class: 'mono nowrap' }, took, h('div', { class: 'muted' }, precision), bar(share)),
          h('td', { class: 'muted' }, clocks.join(' and ')),
          h('td', {}, evidenceBadge(evidence)),
        ),
      ),
    }),
  );
}

/** A share of the longest, drawn. */
function bar(share: number): HTMLElement {
  const box = h('div', { class: 'birth-bar', attributes: { 'aria-hidden': 'true' } });
  box.append(
    svg(
      'svg',
      { viewBox: '0 0 100 4', preserveAspectRatio: 'none', width: '100%', height: 4 },
      svg('rect', { x: 0, y: 0, width: Math.max(1, share * 100), height: 4 }),
    ),
  );
  return box;
}

function stepTable(rows: readonly HTMLElement[]): HTMLElement {
  return h(
    'section',
    { class: 'card birth-steps' },
    h('h2', {}, l10n.t('Every step, in order')),
    scrollTable({
      label: l10n.t('Every step, in order'),
      heads: [l10n.t('Since the first'), l10n.t('Who'), l10n.t('What'), l10n.t('Evidence'), l10n.t('Precision')],
      rows,
    }),
  );
}

function sources({ sources: all, traced }: BirthPage): HTMLElement | undefined {
  if (all.length === 0) return undefined;
  return h(
    'section',
    { class: 'card birth-sources' },
    h('h2', {}, traced ? l10n.t('What was listened to') : l10n.t('What can no longer be known')),
    h(
      'ul',
      { class: 'plain-list' },
      ...all.map(({ name, listens, why }) =>
        h(
          'li',
          {},
          icon(listens ? 'pass' : 'circle-slash'),
          h('span', { class: 'mono' }, name),
          why !== undefined && h('span', { class: 'muted' }, why),
        ),
      ),
    ),
  );
}
