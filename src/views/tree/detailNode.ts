import { isKnown } from '../../model/fact';
import type { LayerDetail } from '../../model/layer';
import { visible } from '../../util/text';
import { l10n, said } from '../l10n';
import { childId, type TreeNode } from './node';

/** A row for one labelled fact that belongs to no container; `index` keeps equal labels apart. */
export function detailNode(parentId: string, detail: LayerDetail, index: number): TreeNode {
  const { fact } = detail;
  const label = said(detail.label);
  const shown = isKnown(fact)
    ? visible(fact.value, 300)
    : l10n.t('not known: {0}', visible(said(fact.unavailable), 300));
  return {
    id: childId(parentId, 'detail', detail.label, String(index)),
    label: visible(label, 80),
    description: shown,
    icon: isKnown(fact) ? { id: 'circle-small' } : { id: 'question', color: 'disabledForeground' },
    spoken: `${visible(label, 80)}: ${shown}`,
    subject: { kind: 'detail', detail },
    context: isKnown(fact) ? ['fact', 'checkable'] : ['fact'],
  };
}
