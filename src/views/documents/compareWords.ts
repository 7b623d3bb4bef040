import type { Aspect } from '../../model/compare/aspects';
import { l10n } from '../l10n';

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
