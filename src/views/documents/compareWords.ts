import { verdictWord } from '../../explain/verdicts';
import type { Aspect } from '../../model/compare/aspects';
import type { Verdict } from '../../model/lineage/row';
import { l10n, said } from '../l10n';

/** An aspect of a container, for people. */
export function aspectWord(aspect: Aspect): string {
  switch (aspect) {
    case 'lineage':
      return l10n.t('Lineage');
    case 'config':
      return l10n.t('config.json');
    case 'environment':
      return l10n.t('Environment');
    case 'engine':
      return l10n.t('Engine record');
  }
}

/** What stands behind a masked secret that is another one on the other side. */
export function sideWord(side: 'left' | 'right'): string {
  return side === 'left' ? l10n.t('one value') : l10n.t('another value');
}

/** What a column of a lineage is called. */
export function columnWord(column: string): string {
  switch (column) {
    case 'requested':
      return l10n.t('Requested');
    case 'specified':
      return l10n.t('OCI spec');
    case 'kernel':
      return l10n.t('Kernel');
    default:
      return l10n.t('Verdict');
  }
}

/** What stands in a column of a lineage, as it is shown. */
export function cellWord(column: string, value: string): string {
  return column === 'verdict' ? said(verdictWord(value as Verdict)) : value;
}
