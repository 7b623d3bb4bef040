import type { DoctorPage, FindingView } from '../../src/protocol/hostPages';
import { factList, unknownNote } from '../components/facts';
import { countBadge } from '../components/toolkit';
import type { View, ViewContext } from '../context';
import { h, icon } from '../dom';
import { l10n } from '../l10n';

const ICONS: Readonly<Record<FindingView['severity'], string>> = {
  attention: 'warning',
  leftover: 'archive',
  normal: 'info',
};
const TONES: Readonly<Record<FindingView['severity'], string>> = {
  attention: 'tone-red',
  leftover: 'tone-yellow',
  normal: 'tone-blue',
};

/** The page "Shim Doctor": what does not fit together, its evidence, what it means and what people do about it. */
export class DoctorView implements View<DoctorPage> {
  constructor(private readonly context: ViewContext) {}

  draw(page: DoctorPage): HTMLElement {
    return h(
      'div',
      { class: 'stack' },
      page.findings.length === 0 && this.healthy(page),
      ...page.findings.map((finding) => this.finding(finding)),
      page.more > 0 && h('p', { class: 'muted' }, l10n.t('… and {0} more, which the tree lists.', page.more)),
      page.normal.length > 0 &&
        h(
          'section',
          { class: 'stack', attributes: { 'aria-label': l10n.t('Looks odd and is right') } },
          h('h2', {}, l10n.t('Looks odd and is right'), countBadge(page.normal.length)),
          ...page.normal.map((finding) => this.finding(finding)),
        ),
      page.gaps.length > 0 &&
        h(
          'section',
          { class: 'card doctor-gaps' },
          h('h2', {}, l10n.t('What could not be looked at'), countBadge(page.gaps.length)),
          ...page.gaps.map((gap) => unknownNote(gap)),
        ),
      h(
        'section',
        { class: 'card doctor-examined' },
        h('h2', {}, l10n.t('What was looked at')),
        h('p', { class: 'muted' }, page.method),
        factList(this.context, page.examined, 'examined'),
      ),
    );
  }

  private healthy({ gaps }: DoctorPage): HTMLElement {
    const reach = gaps.length === 0 ? '' : ` ${l10n.t('in what could be looked at')}`;
    return h(
      'section',
      { class: 'card doctor-healthy' },
      icon('pass'),
      h(
        'div',
        {},
        h('h2', {}, l10n.t('Nothing is wrong{0}', reach)),
        h(
          'p',
          {},
          l10n.t('Every shim has its container, every container its shim; tasks, bundles and sockets belong together.'),
        ),
      ),
    );
  }

  private finding(finding: FindingView): HTMLElement {
    const { key, severity, title, subject, age, meaning, whatToDo, evidence, references, findingKind } = finding;
    return h(
      'section',
      {
        class: `card finding finding-${severity}`,
        attributes: { 'data-finding': findingKind, 'aria-label': `${finding.severityWord}: ${title}, ${subject}` },
      },
      h(
        'div',
        { class: 'finding-head' },
        h('span', { class: `badge ${TONES[severity]}` }, icon(ICONS[severity]), finding.severityWord),
        h('h2', {}, title),
      ),
      h(
        'div',
        { class: 'chips' },
        h('span', { class: 'chip mono', title: finding.runtimeId }, subject),
        h('span', { class: 'chip mono', title: finding.where }, finding.where),
        age !== undefined &&
          h('span', { class: 'chip plain' }, icon('clock'), l10n.t('nothing in it is younger than {0}', age)),
      ),
      h('p', {}, meaning),
      h('h3', {}, l10n.t('Evidence')),
      factList(this.context, evidence, `evidence:${key}`),
      severity !== 'normal' && h('h3', {}, l10n.t('What people do about it')),
      severity !== 'normal' && h('ul', { class: 'todo' }, ...whatToDo.map((text) => h('li', {}, text))),
      h(
        'ul',
        { class: 'references' },
        ...references.map(({ label, url }, index) =>
          h(
            'li',
            {},
            h(
              'a',
              { key: `link:${key}:${index}`, title: url, attributes: { href: url } },
              icon('link-external'),
              h('span', {}, label),
            ),
          ),
        ),
      ),
    );
  }
}
