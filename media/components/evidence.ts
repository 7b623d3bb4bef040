import type { Evidence } from '../../src/model/apiCall';
import { h, icon, type Child } from '../dom';
import { l10n } from '../l10n';

/** What each kind of evidence is worth, and its sign. */
export const EVIDENCE: Readonly<
  Record<Evidence, { readonly tone: string; readonly icon: string; readonly says: string }>
> = {
  recorded: { tone: 'tone-green', icon: 'record', says: l10n.t('captured on the wire, or stored verbatim by a layer') },
  observed: {
    tone: 'tone-blue',
    icon: 'eye',
    says: l10n.t('seen to happen in events or logs; its content is not known from there'),
  },
  reconstructed: {
    tone: 'tone-yellow',
    icon: 'history',
    says: l10n.t('rebuilt from its result: the request may have been written otherwise'),
  },
};

export function evidenceBadge(evidence: Evidence): HTMLElement {
  return h(
    'span',
    { class: `badge ${EVIDENCE[evidence].tone}`, title: EVIDENCE[evidence].says },
    icon(EVIDENCE[evidence].icon),
    evidence,
  );
}

/** Why a call is said to have been made, and below it what is known of its moment. */
export function evidenceNote(evidence: Evidence, because: string, ...moment: readonly Child[]): HTMLElement {
  const words = h('div', {}, h('b', {}, evidence), ': ', because, ...moment);
  return h('div', { class: 'because' }, icon(EVIDENCE[evidence].icon), words);
}
