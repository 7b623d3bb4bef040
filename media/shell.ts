import { HOST_PAGE_TITLES, type HostPageKind, type HostPageModel } from '../src/protocol/hostPages';
import { PAGE_KINDS, PAGE_TITLES, type PageHeader, type PageKind } from '../src/protocol/pages';
import { roving } from './components/roving';
import { timeElement } from './components/time';
import { iconButton } from './components/toolkit';
import type { ViewContext } from './context';
import { h, icon } from './dom';

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
  const { name, shortId, image, liveness, stateText, observedAt } = header;
  return h(
    'header',
    { class: 'page-head' },
    h(
      'div',
      { class: 'page-title' },
      h('div', {}, h('div', { class: 'eyebrow' }, icon(PAGE_ICONS[page]), PAGE_TITLES[page]), h('h1', {}, name)),
      iconButton('Read again', 'refresh', 'refresh', refresh),
    ),
    h(
      'div',
      { class: 'chips' },
      h('span', { class: `chip liveness-${liveness}` }, h('span', { class: 'dot' }), stateText),
      image !== undefined && h('span', { class: 'chip' }, icon('package'), image),
      h('span', { class: 'chip mono' }, shortId),
      h('span', { class: 'chip plain' }, icon('clock'), 'read ', timeElement(observedAt)),
    ),
    liveness === 'ended' &&
      h(
        'div',
        { class: 'banner attention' },
        icon('warning'),
        h('span', {}, 'This container has ended and no layer knows it any more. The page shows what was last read.'),
      ),
    navigation(context, page),
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
  history: 'This machine',
  dockershim: 'Kubernetes',
  doctor: 'This machine',
  compare: 'Two containers',
  costs: 'The explorer itself',
};

/** What stands above a page of the machine. */
export function hostHead({ kind, subtitle, observedAt }: HostPageModel, refresh: () => void): HTMLElement {
  return h(
    'header',
    { class: 'page-head' },
    h(
      'div',
      { class: 'page-title' },
      h(
        'div',
        {},
        h('div', { class: 'eyebrow' }, icon(HOST_PAGE_ICONS[kind]), HOST_PAGE_PLACES[kind]),
        h('h1', {}, HOST_PAGE_TITLES[kind]),
      ),
      iconButton('Read again', 'refresh', 'refresh', refresh),
    ),
    h(
      'div',
      { class: 'chips' },
      h('span', { class: 'chip' }, subtitle),
      h('span', { class: 'chip plain' }, icon('clock'), 'read ', timeElement(observedAt)),
    ),
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
      PAGE_TITLES[kind],
    ),
  );
  const bar = h('nav', { class: 'nav', attributes: { 'aria-label': 'Pages of this container' } }, ...links);
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
