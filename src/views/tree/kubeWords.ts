import type { DockershimVerdict } from '../../model/kubernetes/dockershim';
import { l10n } from '../l10n';
import type { Icon } from './node';

/** A verdict in a word or two. */
export function verdictWord(verdict: DockershimVerdict): string {
  switch (verdict) {
    case 'works':
      return l10n.t('dockershim, works until 1.24');
    case 'removed':
      return l10n.t('dockershim, removed in 1.24');
    case 'migrated':
      return l10n.t('no dockershim');
    case 'cri-dockerd':
      return l10n.t('cri-dockerd');
    case 'unknown':
      return l10n.t('cannot be told');
  }
}

/** A verdict's icon; shape and colour both differ. */
export function verdictIcon(verdict: DockershimVerdict): Icon {
  switch (verdict) {
    case 'works':
      return { id: 'warning', color: 'charts.yellow' };
    case 'removed':
      return { id: 'error', color: 'charts.red' };
    case 'migrated':
    case 'cri-dockerd':
      return { id: 'pass', color: 'charts.green' };
    case 'unknown':
      return { id: 'question', color: 'disabledForeground' };
  }
}
