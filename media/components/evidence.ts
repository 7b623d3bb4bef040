import type { Evidence } from '../../src/model/apiCall';
import { h, icon } from '../dom';
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
