import type { ContainerState } from '../../model/container';
import type { LayerKind, LayerStatus } from '../../model/layer';
import { l10n } from '../l10n';
import type { Icon } from './node';

/** A state's icon. Shape and colour both differ: colour alone says nothing to many. */
export function stateIcon(state: ContainerState): Icon {
  switch (state) {
    case 'running':
      return { id: 'vm-running', color: 'charts.green' };
    case 'paused':
      return { id: 'debug-pause', color: 'charts.yellow' };
    case 'restarting':
      return { id: 'sync', color: 'charts.orange' };
    case 'created':
      return { id: 'circle-large-outline', color: 'charts.blue' };
    case 'removing':
      return { id: 'trash', color: 'charts.orange' };
    case 'exited':
      return { id: 'vm-outline', color: 'disabledForeground' };
    case 'dead':
      return { id: 'error', color: 'charts.red' };
    case 'unknown':
      return { id: 'question', color: 'charts.purple' };
  }
}

/** A state in a word. */
export function stateWord(state: ContainerState): string {
  switch (state) {
    case 'running':
      return l10n.t('running');
    case 'paused':
      return l10n.t('paused');
    case 'restarting':
      return l10n.t('restarting');
    case 'created':
      return l10n.t('created');
    case 'removing':
      return l10n.t('being removed');
    case 'exited':
      return l10n.t('exited');
    case 'dead':
      return l10n.t('dead');
    case 'unknown':
      return l10n.t('state unknown');
  }
}

/** A layer's health as an icon. */
export function layerIcon(status: LayerStatus): Icon {
  switch (status) {
    case 'ok':
      return { id: 'pass', color: 'charts.green' };
    case 'partly':
      return { id: 'warning', color: 'charts.yellow' };
    case 'failed':
      return { id: 'error', color: 'charts.red' };
    case 'absent':
      return { id: 'circle-slash', color: 'disabledForeground' };
  }
}

/** A layer's health in words. */
export function layerWord(status: LayerStatus): string {
  switch (status) {
    case 'ok':
      return l10n.t('answers');
    case 'partly':
      return l10n.t('answers with gaps');
    case 'failed':
      return l10n.t('does not answer');
    case 'absent':
      return l10n.t('not on this machine');
  }
}

/** What a kind of layer is called where its own name is not at hand. */
export function kindWord(kind: LayerKind): string {
  switch (kind) {
    case 'client':
      return l10n.t('Client');
    case 'engine':
      return l10n.t('Engine');
    case 'cri':
      return l10n.t('CRI');
    case 'containerd':
      return 'containerd';
    case 'shim':
      return l10n.t('Shims');
    case 'oci-runtime':
      return l10n.t('OCI runtime');
    case 'kernel':
      return l10n.t('Kernel');
  }
}
