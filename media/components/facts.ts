import type { FactView, ProvenanceView, UnknownView } from '../../src/protocol/pages';
import type { ViewContext } from '../context';
import { h, icon, type Child } from '../dom';
import { commandLine } from './copyButton';
import { clock, timeElement } from './time';
import { l10n } from '../l10n';

/** For people: the routes by which facts reach us. */
const ROUTE_LABELS: Readonly<Record<ProvenanceView['route'], string>> = {
  procfs: l10n.t('kernel · /proc'),
  cgroupfs: l10n.t('kernel · cgroup files'),
  bundle: l10n.t('bundle on disk'),
  'runtime-state': l10n.t('OCI runtime state'),
  shim: 'shim',
  containerd: l10n.t('containerd API'),
  cri: l10n.t('CRI API'),
  'podman-api': l10n.t('Podman API'),
  'docker-api': l10n.t('Docker API'),
  'reader-container': l10n.t('Docker API · reader container'),
  'kubernetes-api': l10n.t('Kubernetes API'),
  memory: l10n.t('seen earlier'),
  derived: 'derived',
};

/** A list of facts, label beside value. */
export function factList(context: ViewContext, facts: readonly FactView[], key: string): HTMLElement {
  return h('div', { class: 'facts' }, ...facts.map((fact, index) => factRow(context, fact, `${key}:${index}`)));
}

/** One fact with its provenance below, or why it is not known. */
export function factRow(context: ViewContext, fact: FactView, key: string): HTMLElement {
  return h(
    'div',
    { class: 'fact' },
    h('div', { class: 'fact-label', title: fact.help }, fact.label),
    h(
      'div',
      { class: 'fact-body' },
      fact.value === undefined
        ? unknownNote(fact.unknown)
        : h('div', { class: `fact-value ${fact.style ?? 'text'}` }, valueOf(fact)),
      fact.help && h('div', { class: 'fact-help' }, fact.help),
      fact.provenance && provenance(context, fact.provenance, key),
    ),
  );
}

function valueOf({ value = '', style }: FactView): Child {
  return style === 'time' ? timeElement(value) : value;
}

/** Why there is no value, and what would help. */
export function unknownNote(unknown: UnknownView | undefined): HTMLElement {
  return h(
    'div',
    { class: 'unknown' },
    icon('question'),
    h(
      'div',
      {},
      h('div', { class: 'unknown-why' }, unknown?.why ?? l10n.t('Not known.')),
      unknown && h('div', { class: 'unknown-remedy' }, unknown.remedy),
    ),
  );
}

/** The line "where from, when", which opens to how to check it. */
export function provenance(context: ViewContext, from: ProvenanceView, key: string): HTMLElement {
  const memoryKey = `open:${key}`;
  const body = h('div', { class: 'provenance-body' });
  const toggle = h('button', { class: 'provenance-toggle', key: `provenance:${key}`, attributes: { type: 'button' } });
  const fill = (): void => {
    const open = context.memory.get(memoryKey) === true;
    toggle.setAttribute('aria-expanded', String(open));
    body.hidden = !open;
    if (open && body.childElementCount === 0) body.append(...details(context, from, key));
  };
  toggle.append(
    icon('chevron-right'),
    h('span', { class: 'route' }, ROUTE_LABELS[from.route]),
    h('span', { class: 'provenance-source' }, from.source),
    h('span', { class: 'provenance-time', title: from.observedAt }, clock(from.observedAt)),
  );
  toggle.addEventListener('click', () => {
    context.memory.set(memoryKey, context.memory.get(memoryKey) !== true);
    fill();
  });
  fill();
  return h(
    'div',
    { class: 'provenance' },
    from.note && h('div', { class: 'note' }, icon('info'), h('span', {}, from.note)),
    toggle,
    body,
  );
}

function details(context: ViewContext, from: ProvenanceView, key: string): readonly HTMLElement[] {
  return [
    line(l10n.t('Source'), from.source),
    line(l10n.t('Observed'), timeElement(from.observedAt)),
    line(l10n.t('Check it'), commandLine(context, from.how, `how:${key}`)),
    ...(from.better.length > 0
      ? [
          line(
            l10n.t('Why not more direct'),
            h(
              'ul',
              {},
              ...from.better.map(({ why, remedy }) => h('li', {}, why, ' ', h('span', { class: 'muted' }, remedy))),
            ),
          ),
        ]
      : []),
  ];
}

function line(label: string, value: Child): HTMLElement {
  return h(
    'div',
    { class: 'detail' },
    h('div', { class: 'detail-label' }, label),
    h('div', { class: 'detail-value' }, value),
  );
}
