import { HOST_PAGE_TITLES, type HostPageKind, type HostPageModel } from '../src/protocol/hostPages';
import { PAGE_KINDS, PAGE_TITLES, type PageHeader, type PageKind, type SnapshotView } from '../src/protocol/pages';
import { roving } from './components/roving';
import { timeElement } from './components/time';
import { iconButton } from './components/toolkit';
import type { ViewContext } from './context';
import { h, icon } from './dom';
import { l10n } from './l10n';

const PAGE_ICONS: Readonly<Record<PageKind, string>> = {
  chain: 'type-hierarchy',
  config: 'json',
  lineage: 'git-compare',
  calls: 'arrow-swap',
  shim: 'layers',
  cgroups: 'dashboard',
  birth: 'pulse',
};
/** From the overview to the details. */
const ORDER: readonly PageKind[] = ['chain', 'config', 'lineage', 'calls', 'birth', 'shim', 'cgroups'];

/** What stands above every page: which container, how it is, when it was read, and the way to its other pages. */
export function pageHead(context: ViewContext, page: PageKind, header: PageHeader, refresh: () => void): HTMLElement {
  const { name, shortId, image, liveness, stateText, observedAt, snapshot, far } = header;
  return h(
    'header',
    { class: 'page-head' },
    h(
      'div',
      { class: 'page-title' },
      h(
        'div',
        {},
        h('div', { class: 'eyebrow' }, icon(PAGE_ICONS[page]), l10n.t(PAGE_TITLES[page])),
        h('h1', {}, name),
      ),
      iconButton(l10n.t('Read again'), 'refresh', 'refresh', refresh),
    ),
    h(
      'div',
      { class: 'chips' },
      h('span', { class: `chip liveness-${liveness}` }, h('span', { class: 'dot' }), stateText),
      image !== undefined && h('span', { class: 'chip' }, icon('package'), image),
      h('span', { class: 'chip mono' }, shortId),
      snapshot !== undefined && snapshotChip(snapshot),
      far !== undefined &&
        h('span', { class: 'chip', title: far.endpoint }, icon('remote'), l10n.t('on the host {0}', far.host)),
      h('span', { class: 'chip plain' }, icon('clock'), `${l10n.t('read')} `, timeElement(observedAt)),
    ),
    snapshot !== undefined &&
      snapshotBanner(
        snapshot,
        snapshot.redacted && ` ${l10n.t('Secrets were left out, so there is nothing to reveal.')}`,
      ),
    liveness === 'ended' &&
      h(
        'div',
        { class: 'banner attention' },
        icon('warning'),
        h(
          'span',
          {},
          l10n.t('This container has ended and no layer knows it any more. The page shows what was last read.'),
        ),
      ),
    navigation(context, page),
  );
}

function snapshotChip({ host }: SnapshotView): HTMLElement {
  return h('span', { class: 'chip' }, icon('archive'), l10n.t('snapshot of {0}', host));
}

function snapshotBanner({ takenAt }: SnapshotView, more: string | false): HTMLElement {
  return h(
    'div',
    { class: 'banner' },
    icon('archive'),
    h(
      'span',
      {},
      l10n.t('Nothing on this page is live: it was so when the snapshot was taken.'),
      ' ',
      timeElement(takenAt),
      ' · ',
      l10n.t('Commands show it only on the machine that it was taken on.'),
      more,
    ),
  );
}

const HOST_PAGE_ICONS: Readonly<Record<HostPageKind, string>> = {
  history: 'history',
  dockershim: 'checklist',
  doctor: 'pulse',
  compare: 'diff',
  costs: 'dashboard',
};
const HOST_PAGE_PLACES: Readonly<Record<HostPageKind, string>> = {
  history: l10n.t('This machine'),
  dockershim: l10n.t('Kubernetes'),
  doctor: l10n.t('This machine'),
  compare: l10n.t('Containers'),
  costs: l10n.t('The explorer itself'),
};

/** What stands above a page of the machine. */
export function hostHead(page: HostPageModel, refresh: () => void): HTMLElement {
  const { kind, subtitle, observedAt } = page;
  const snapshot = 'snapshot' in page ? page.snapshot : undefined;
  const place = snapshot === undefined ? HOST_PAGE_PLACES[kind] : snapshot.host;
  return h(
    'header',
    { class: 'page-head' },
    h(
      'div',
      { class: 'page-title' },
      h(
        'div',
        {},
        h('div', { class: 'eyebrow' }, icon(HOST_PAGE_ICONS[kind]), place),
        h('h1', {}, l10n.t(HOST_PAGE_TITLES[kind])),
      ),
      iconButton(l10n.t('Read again'), 'refresh', 'refresh', refresh),
    ),
    h(
      'div',
      { class: 'chips' },
      h('span', { class: 'chip' }, subtitle),
      snapshot !== undefined && snapshotChip(snapshot),
      h('span', { class: 'chip plain' }, icon('clock'), `${l10n.t('read')} `, timeElement(observedAt)),
    ),
    snapshot !== undefined && snapshotBanner(snapshot, false),
  );
}

function navigation(context: ViewContext, current: PageKind): HTMLElement {
  const kinds = ORDER.filter((kind) => PAGE_KINDS.includes(kind));
  const links = kinds.map((kind) =>
    h(
      'button',
      {
        class: 'nav-link',
        key: `nav:${kind}`,
        attributes: { type: 'button', 'aria-current': kind === current ? 'page' : undefined },
        onclick: () => {
          if (kind !== current) context.run(context.ask('openPage', { page: kind }));
        },
      },
      icon(PAGE_ICONS[kind]),
      l10n.t(PAGE_TITLES[kind]),
    ),
  );
  const bar = h('nav', { class: 'nav', attributes: { 'aria-label': l10n.t('Pages of this container') } }, ...links);
  roving(bar, links, { start: kinds.indexOf(current) });
  return bar;
}

/** A failure, with its reason and remedy. */
export function problemBanner(problem: {
  readonly what: string;
  readonly reason: string;
  readonly remedy?: string;
}): HTMLElement {
  return h(
    'div',
    { class: 'banner bad', attributes: { role: 'alert' } },
    icon('error'),
    h(
      'div',
      {},
      h('b', {}, problem.what),
      `: ${problem.reason}`,
      problem.remedy && h('div', { class: 'muted' }, problem.remedy),
    ),
  );
}
