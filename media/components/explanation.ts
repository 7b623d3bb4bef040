import type { ExplanationView } from '../../src/protocol/pages';
import type { ViewContext } from '../context';
import { h, icon } from '../dom';
import { commandLine } from './copyButton';
import { l10n } from '../l10n';

/** An explanation: meaning, value in words, consequence, a command to check, links. */
export function explanationCard(
  context: ViewContext,
  explanation: ExplanationView,
  key: string,
  heading = true,
): HTMLElement {
  const { title, meaning, valueInWords, consequence, check, references } = explanation;
  return h(
    'div',
    { class: 'explanation' },
    heading && h('h3', {}, title),
    valueInWords && h('p', { class: 'in-words' }, valueInWords),
    h('p', {}, meaning),
    consequence && h('p', { class: 'consequence' }, icon('lightbulb'), h('span', {}, consequence)),
    check &&
      h(
        'div',
        { class: 'explanation-check' },
        h('div', { class: 'detail-label' }, l10n.t('Check it')),
        commandLine(context, check, `check:${key}`),
      ),
    references.length > 0 &&
      h(
        'ul',
        { class: 'references' },
        ...references.map(({ label, url }, index) => h('li', {}, link(label, url, `${key}:${index}`))),
      ),
  );
}

function link(label: string, url: string, key: string): HTMLElement {
  return h(
    'a',
    { key: `link:${key}`, title: url, attributes: { href: url } },
    icon('link-external'),
    h('span', {}, label),
  );
}
