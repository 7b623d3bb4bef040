import type { CgroupsPage, ControllerView, LineageRowView, ReadingView, UsageSample } from '../../src/protocol/pages';
import { asArray, asNumber, asRecord, asString } from '../../src/util/records';
import { copyButton } from '../components/copyButton';
import { factRow } from '../components/facts';
import { lineageCard, toneClass } from '../components/lineage';
import { KEPT_POINTS, type Point } from '../components/points';
import { Sparkline } from '../components/sparkline';
import type { View, ViewContext } from '../context';
import { h, icon, setText } from '../dom';
import { rateOf, shownRate, type Rate } from './rates';
import { l10n } from '../l10n';

interface Live {
  readonly reading: ReadingView;
  readonly value: HTMLElement;
  readonly chart?: Sparkline;
  readonly rate?: { readonly element: HTMLElement; readonly kind: Rate };
  readonly ceiling: number | undefined;
}

/** The page "Cgroups": a card per controller, with live numbers while it is seen. */
export class CgroupsView implements View<CgroupsPage> {
  private readonly live = new Map<string, Live>();
  private readonly history: Map<string, Point[]>;
  private readonly pulse = h('span', { class: 'pulse', attributes: { role: 'status' } });

  constructor(private readonly context: ViewContext) {
    this.history = readHistory(context.memory.get('history'));
  }

  draw(page: CgroupsPage): HTMLElement {
    this.live.clear();
    const { controllers } = page;
    const element = h(
      'div',
      { class: 'stack' },
      h('section', { class: 'card compact' }, factRow(this.context, page.fact, 'cgroups')),
      controllers.length > 0 && h('div', { class: 'live-line' }, this.pulse),
      h('div', { class: 'controllers' }, ...controllers.map((controller) => this.controller(controller))),
    );
    for (const key of this.live.keys()) this.drawChart(key);
    if (this.pulse.textContent === '') setText(this.pulse, l10n.t('Reading…'));
    return element;
  }

  usage(sample: UsageSample): void {
    const { problem } = sample;
    this.pulse.classList.toggle('failed', problem !== undefined);
    setText(
      this.pulse,
      problem ? `${problem.why} ${problem.remedy}` : l10n.t('Live: read every 2 s while this page is visible'),
    );
    for (const { key, value, shown } of sample.values) {
      const points = this.history.get(key) ?? [];
      points.push({ atMs: sample.atMs, value });
      if (points.length > KEPT_POINTS + 1) points.shift();
      this.history.set(key, points);
      const live = this.live.get(key);
      if (live) setText(live.value, shown);
      this.drawChart(key);
    }
    this.context.memory.set(
      'history',
      [...this.history].map(([key, points]) => ({ key, points })),
    );
  }

  private drawChart(key: string): void {
    const live = this.live.get(key);
    const points = this.history.get(key) ?? [];
    if (!live?.chart) return;
    if (!live.rate) return live.chart.draw(points, live.ceiling);
    const rates = rateOf(points, live.rate.kind);
    live.chart.draw(rates, undefined);
    const newest = rates[rates.length - 1];
    setText(live.rate.element, newest ? shownRate(newest.value) : '');
  }

  private controller(controller: ControllerView): HTMLElement {
    const { name, version, cgroupPath, directory, readings } = controller;
    const byRole = (role: ReadingView['role']): readonly ReadingView[] =>
      readings.filter((reading) => reading.role === role);
    const limits = byRole('limit');
    const uses = byRole('usage');
    const events = byRole('event');
    return h(
      'section',
      { class: 'card controller', attributes: { 'aria-label': name || 'cgroup' } },
      h('h2', {}, name || 'cgroup', h('span', { class: 'badge' }, `v${version}`)),
      h(
        'div',
        { class: 'mono wrap cgroup-path', title: l10n.t('The path in the hierarchy, as /proc/PID/cgroup prints it') },
        cgroupPath,
      ),
      directory === undefined &&
        h('p', { class: 'muted' }, l10n.t('This hierarchy is not mounted on this machine: there is nothing to read.')),
      limits.length > 0 && h('h3', {}, l10n.t('Limits')),
      ...limits.map((reading) => this.reading(reading, limits)),
      uses.length > 0 && h('h3', {}, l10n.t('Use')),
      ...uses.map((reading) => this.reading(reading, limits)),
      events.length > 0 && h('h3', {}, l10n.t('Events')),
      ...events.map((reading) => this.reading(reading, limits)),
      readings.length === 0 &&
        directory !== undefined &&
        h('p', { class: 'muted' }, l10n.t('No limit and no use to show: this controller only groups or names.')),
    );
  }

  private reading(reading: ReadingView, limits: readonly ReadingView[]): HTMLElement {
    const { key, path, label, file, raw, shown, role, effective, how, meaning, lineage } = reading;
    const value = h('span', { class: 'reading-value', title: raw }, shown);
    const live = role === 'limit' ? undefined : this.makeLive(reading, value, limits);
    if (live) this.live.set(key, live);
    return h(
      'div',
      { class: `reading ${role}` },
      h(
        'div',
        { class: 'reading-head' },
        h('span', { class: 'reading-label', title: meaning }, label),
        h('span', { class: 'reading-numbers' }, live?.rate?.element, value),
      ),
      effective &&
        h(
          'div',
          { class: 'note' },
          icon('arrow-up'),
          h(
            'span',
            {},
            `${l10n.t('Effective: {0}, set by the stricter', effective.shown)} `,
            h('code', {}, effective.path),
          ),
        ),
      live?.chart?.element,
      h(
        'div',
        { class: 'reading-file' },
        h('code', { title: path }, file),
        copyButton(this.context, how, l10n.t('Copy: {0}', how.text), `reading:${key}`),
      ),
      lineage && this.lineage(lineage, key),
    );
  }

  /** The verdict on a limit; opened, the way by which it came here. */
  private lineage(row: LineageRowView, key: string): HTMLElement {
    const memoryKey = `lineage:${key}`;
    const details = h(
      'details',
      { class: 'reading-lineage', key: memoryKey, attributes: { open: this.context.memory.get(memoryKey) === true } },
      h(
        'summary',
        {},
        h('span', { class: `badge ${toneClass(row.tone)}` }, row.verdict),
        h('span', { class: 'muted' }, row.requested.value ?? ''),
        h('span', { class: 'muted mono' }, row.requested.place ?? ''),
      ),
      lineageCard(this.context, row, memoryKey),
    );
    details.addEventListener('toggle', () => this.context.memory.set(memoryKey, details.hasAttribute('open')));
    return details;
  }

  private makeLive(reading: ReadingView, value: HTMLElement, limits: readonly ReadingView[]): Live | undefined {
    const ceiling = reading.unit === 'bytes' || reading.unit === 'count' ? ceilingOf(reading, limits) : undefined;
    if (reading.value === undefined || reading.role === 'event' || isPeak(reading)) return { reading, value, ceiling };
    const kind: Rate | undefined = reading.unit === 'µs' || reading.unit === 'ns' ? reading.unit : undefined;
    return {
      reading,
      value,
      ceiling,
      chart: new Sparkline(),
      ...(kind ? { rate: { kind, element: h('span', { class: 'rate' }) } } : {}),
    };
  }
}

/** A high-water mark only ever rises: a line of it tells nothing. */
function isPeak({ file }: ReadingView): boolean {
  return /(?:^|\.)(?:peak|max_usage|watermark)/.test(file);
}

/** The hard limit of the same unit, by the kernel's own names. */
function ceilingOf(reading: ReadingView, limits: readonly ReadingView[]): number | undefined {
  return limits.find(
    ({ unit, file }) => unit === reading.unit && /^(?:memory|pids)\.(?:max|limit_in_bytes)$/.test(file),
  )?.value;
}

function readHistory(kept: unknown): Map<string, Point[]> {
  const entries = asArray(kept).map((entry): [string, Point[]] => {
    const record = asRecord(entry);
    const points = asArray(record?.['points']).flatMap((point) => {
      const atMs = asNumber(asRecord(point)?.['atMs']);
      const value = asNumber(asRecord(point)?.['value']);
      return atMs === undefined || value === undefined ? [] : [{ atMs, value }];
    });
    return [asString(record?.['key']) ?? '', points];
  });
  return new Map(entries);
}
