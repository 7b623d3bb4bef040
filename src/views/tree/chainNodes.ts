import { sightingIn, type Container } from '../../model/container';
import { valueOf } from '../../model/fact';
import type { Inspection } from '../../model/inspection';
import { visible } from '../../util/text';
import { l10n, said } from '../l10n';
import { factNode } from './factNodes';
import { idOf } from './ids';
import { childId, type TreeNode } from './node';
import type { TreeSource } from './options';
import { layerIcon, layerWord } from './states';

/** The links from the engine to the first process: who holds what of this container. */
export function chainNodes(id: string, container: Container, { facts }: Inspection, source: TreeSource): TreeNode[] {
  const links = container.layers.flatMap((layerId): TreeNode[] => {
    const layer = source.layer(layerId);
    // The shim and the kernel are told by the facts below, with their provenance.
    if (!layer || layer.kind === 'shim' || layer.kind === 'kernel') return [];
    const sighting = sightingIn(container, layerId);
    const says = visible([sighting?.name ?? idOf(container), sighting?.stateText].filter(Boolean).join(' · '), 200);
    const name = visible(said(layer.name), 80);
    return [
      {
        id: childId(id, 'link', layerId),
        label: name,
        description: says,
        icon: layerIcon(layer.status),
        spoken: l10n.t('{0}, {1}, {2}', name, layerWord(layer.status), says),
        subject: { kind: 'layer', layerId },
      },
    ];
  });
  const shim = valueOf(facts.shim);
  return [
    ...links,
    ...factNode(
      id,
      shim?.kind === 'conmon' ? 'conmon' : l10n.t('Shim'),
      container.id,
      'shimPid',
      facts.shimPid,
      (pid) => l10n.t('PID {0}', pid),
    ),
    ...factNode(id, l10n.t('First process'), container.id, 'initPid', facts.initPid, (pid) => l10n.t('PID {0}', pid)),
  ];
}
