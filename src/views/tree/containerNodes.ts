import { hasInit, sightingIn, type Container, type Sighting } from '../../model/container';
import { isWithoutEngine } from '../../model/inventory';
import type { Layer } from '../../model/layer';
import { idOf, nameOf } from './ids';
import { visible } from '../../util/text';
import { l10n, said } from '../l10n';
import { aspectNodes, aspectsOf, type Aspect } from './aspectNodes';
import { childId, type TreeNode } from './node';
import type { TreeSource } from './options';
import { stateIcon, stateWord } from './states';

/** A container's row under a layer, by the name that this layer uses. */
export function containerInLayer(parentId: string, container: Container, layer: Layer, source: TreeSource): TreeNode {
  const sighting = sightingIn(container, layer.id);
  const state = sighting?.state ?? container.state;
  const { label, description } = nameIn(layer, container, sighting);
  const id = childId(parentId, 'container', container.id);
  return {
    id,
    label: visible(label, 120),
    description: visible(particular(container, description, source), 200),
    icon: stateIcon(state),
    spoken: l10n.t(
      'Container {0}, {1}, in {2}, {3}',
      visible(label, 120),
      stateWord(state),
      visible(said(layer.name), 60),
      visible(description, 120),
    ),
    subject: { kind: 'container', containerId: container.id, layerId: layer.id },
    context: containerContext(container, layer.id),
    children: {
      when: 'inspected',
      containerId: container.id,
      make: (inspection) => [
        ...letGoNodes(id, container, source),
        ...aspectNodes(id, container, source, inspection, aspectsOf(container)),
      ],
    },
  };
}

/** Says first what is particular of a container: that this very window runs in it, that no engine knows it. */
function particular(container: Container, description: string, { inventory }: TreeSource): string {
  const words = [
    container.sightings.some(({ own }) => own) ? l10n.t('this window runs in it') : '',
    isWithoutEngine(container, inventory.layers) ? l10n.t('no engine knows it') : '',
  ];
  return [...words, description].filter(Boolean).join(' · ');
}

/** A container's row of its own, with its whole chain below it. */
export function containerAlone(parentId: string, container: Container, source: TreeSource): TreeNode {
  const id = childId(parentId, 'container', container.id);
  const name = visible(nameOf(container), 120);
  const description = visible(particular(container, imageAndState(container), source), 200);
  return {
    id,
    label: name,
    description,
    icon: stateIcon(container.state),
    spoken: l10n.t('Container {0}, {1}, {2}', name, stateWord(container.state), description),
    subject: { kind: 'container', containerId: container.id },
    context: containerContext(container, undefined),
    children: {
      when: 'inspected',
      containerId: container.id,
      make: (inspection) => {
        const links = container.layers
          .map((layerId) => source.layer(layerId))
          .filter((layer): layer is Layer => layer !== undefined);
        const placed = placeAspects(links, aspectsOf(container));
        return [
          ...links.map((layer) => chainLink(id, container, layer, source, inspection, placed.get(layer.id) ?? [])),
          ...letGoNodes(id, container, source),
          ...aspectNodes(id, container, source, inspection, placed.get('') ?? []),
        ];
      },
    },
  };
}

/** One link of a container's chain: the layer, and the name under which it knows the container. */
function chainLink(
  parentId: string,
  container: Container,
  layer: Layer,
  source: TreeSource,
  inspection: Parameters<typeof aspectNodes>[3],
  aspects: readonly Aspect[],
): TreeNode {
  const { label, description } = nameIn(layer, container, sightingIn(container, layer.id));
  const id = childId(parentId, 'layer', layer.id);
  const shown = visible(`${label} · ${description}`, 200);
  return {
    id,
    label: visible(said(layer.name), 80),
    description: shown,
    icon: stateIcon(sightingIn(container, layer.id)?.state ?? container.state),
    spoken: l10n.t('{0} knows it as {1}', visible(said(layer.name), 80), shown),
    subject: { kind: 'container', containerId: container.id, layerId: layer.id },
    context: containerContext(container, layer.id),
    ...(aspects.length === 0
      ? {}
      : {
          children: {
            when: 'now' as const,
            make: () => aspectNodes(id, container, source, inspection, aspects),
          },
        }),
  };
}

/** Gives each aspect to the layer whose business it is; those without such a layer stay with the container itself (''). */
function placeAspects(layers: readonly Layer[], aspects: readonly Aspect[]): Map<string, Aspect[]> {
  const homes: Readonly<Record<Aspect, Layer['kind']>> = {
    findings: 'engine',
    config: 'oci-runtime',
    shim: 'shim',
    cgroups: 'kernel',
    namespaces: 'kernel',
    processes: 'kernel',
    calls: 'engine',
    chain: 'kernel',
    lineage: 'engine',
    engineRecord: 'engine',
    criRecord: 'cri',
    containerdRecord: 'containerd',
    runtimeState: 'oci-runtime',
  };
  const placed = new Map<string, Aspect[]>();
  for (const aspect of aspects) {
    // The chain and the findings are about all of them, so they belong to none.
    const home =
      aspect === 'chain' || aspect === 'findings' ? undefined : layers.find((layer) => layer.kind === homes[aspect]);
    const key = home?.id ?? '';
    placed.set(key, [...(placed.get(key) ?? []), aspect]);
  }
  return placed;
}

function letGoNodes(parentId: string, container: Container, source: TreeSource): TreeNode[] {
  return container.letGo.map((letGo) => {
    const name = visible(source.layer(letGo.layerId)?.name ?? letGo.layerId, 80);
    const label = hasInit(container.state) ? name : l10n.t('Not in {0}', name);
    return {
      id: childId(parentId, 'letGo', letGo.layerId),
      label,
      description: visible(letGo.because, 300),
      icon: { id: 'circle-slash', color: 'disabledForeground' },
      spoken: `${label}: ${visible(letGo.because, 300)}`,
      subject: { kind: 'letGo', letGo },
    };
  });
}

/** What a layer calls a container, and what it says of it. */
function nameIn(
  layer: Layer,
  container: Container,
  sighting: Sighting | undefined,
): { readonly label: string; readonly description: string } {
  const pid = sighting?.initPid ?? container.sightings.find(({ initPid }) => initPid !== undefined)?.initPid;
  const elsewhere = container.name;
  switch (layer.kind) {
    case 'client':
    case 'engine':
    case 'cri':
      return {
        label: sighting?.name ?? nameOf(container),
        description: joined(
          // Podman's word for what CRI calls the sandbox.
          layer.kind === 'engine' && sighting?.sandbox?.isSandbox ? l10n.t('infra container') : undefined,
          sighting?.image ?? container.image,
          sighting?.stateText ?? stateWord(container.state),
        ),
      };
    case 'containerd':
    case 'oci-runtime':
      return {
        label: idOf(container),
        description: joined(
          elsewhere,
          sighting?.stateText ?? stateWord(sighting?.state ?? container.state),
          pid === undefined || layer.kind === 'containerd' ? undefined : l10n.t('init {0}', pid),
        ),
      };
    case 'shim': {
      const shim = sighting?.shim;
      const label = shim === undefined ? idOf(container) : l10n.t('shim {0}', shim.pid);
      return {
        label: shim === undefined ? label : `${label} · ${pid === undefined ? idOf(container) : pid}`,
        description: joined(elsewhere, shim === undefined ? undefined : idOf(container)),
      };
    }
    case 'kernel':
      return {
        label: pid === undefined ? idOf(container) : l10n.t('PID {0}', pid),
        description: joined(elsewhere ?? idOf(container), sighting?.name === elsewhere ? undefined : sighting?.name),
      };
  }
}

function imageAndState(container: Container): string {
  return joined(container.image, container.stateText ?? stateWord(container.state));
}

function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}

/** Words for the menus: which layers are above and below, and which documents exist. */
function containerContext(container: Container, layerId: string | undefined): string[] {
  const at = layerId === undefined ? -1 : container.layers.indexOf(layerId);
  return [
    'container',
    ...(at > 0 ? ['above'] : []),
    ...(at >= 0 && at < container.layers.length - 1 ? ['below'] : []),
    ...(container.compose?.configFiles.length ? ['compose'] : []),
  ];
}
