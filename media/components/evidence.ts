import type { Evidence } from '../../src/model/apiCall';
import { h, icon } from '../dom';

/** What each kind of evidence is worth, and its sign. */
export const EVIDENCE: Readonly<
  Record<Evidence, { readonly tone: string; readonly icon: string; readonly says: string }>
> = {
  recorded: { tone: 'tone-green', icon: 'record', says: 'captured on the wire, or stored verbatim by a layer' },
  observed: {
    tone: 'tone-blue',
    icon: 'eye',
    says: 'seen to happen in events or logs; its content is not known from there',
  },
  reconstructed: {
    tone: 'tone-yellow',
    icon: 'history',
    says: 'rebuilt from its result: the request may have been written otherwise',
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
