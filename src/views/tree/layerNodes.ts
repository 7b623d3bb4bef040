import { COMMANDS } from '../../contributions';
import type { Container } from '../../model/container';
import { sightingIn } from '../../model/container';
import type { Layer } from '../../model/layer';
import type { ProcessRef } from '../../model/process';
import { counted, shellLine, visible } from '../../util/text';
import { l10n, said } from '../l10n';
import { containerInLayer } from './containerNodes';
import { detailNode } from './detailNode';
import { nameOf } from './ids';
import { contextNodes } from './kubeNodes';
import { childId, now, type TreeNode } from './node';
import type { TreeSource } from './options';
import { paged } from './paging';
import { problemRows } from './problemRows';
import { layerIcon, layerWord } from './states';
import { storageNode } from './storageNodes';

/** A layer's row: name, version, endpoint, health; below it what is wrong, what it says of itself, and its containers. */
export function layerNode(layer: Layer, source: TreeSource): TreeNode {
  const id = childId(source.root, 'layer', layer.id);
  const containers = source.containersIn(layer);
  const name = visible(said(layer.name), 80);
  const count = said(counted(layer.containerIds.length, 'container'));
  const description = [
    layer.version === undefined ? undefined : visible(layer.version, 40),
    layer.kind === 'client' || layer.status === 'failed' ? undefined : count,
    layer.endpoint === undefined ? undefined : visible(layer.endpoint, 200),
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
  return {
    id,
    label: name,
    description,
    icon: layerIcon(layer.status),
    spoken: l10n.t('Runtime layer {0}, {1}, {2}', name, layerWord(layer.status), description),
    subject: { kind: 'layer', layerId: layer.id },
    context: ['layer', layer.kind, layer.status],
    expanded: layer.status === 'failed' || layer.kind === 'engine',
    children: now(() => [
      ...(layer.problem ? problemRows(id, layer.problem, layer.endpoint) : []),
      ...programOffer(id, layer),
      ...aboutNode(id, layer),
      ...storageNode(id, layer, source),
      ...contextNodes(id, layer.kubeContexts ?? [], source),
      ...containerNodes(id, layer, containers, source),
    ]),
  };
}

/** The offer to let the program run that this layer needs. */
function programOffer(parentId: string, { id, awaits }: Layer): TreeNode[] {
  if (!awaits) return [];
  const label = l10n.t('Allow this program…');
  const line = visible(shellLine(awaits.argv), 300);
  return [
    {
      id: childId(parentId, 'allow'),
      label,
      description: line,
      icon: { id: 'unlock' },
      spoken: `${label} ${line}`,
      subject: { kind: 'layer', layerId: id },
      command: { id: COMMANDS.connectOverSsh, argument: { layerId: id } },
    },
  ];
}

function aboutNode(parentId: string, layer: Layer): TreeNode[] {
  if (layer.details.length === 0) return [];
  const id = childId(parentId, 'about');
  const label = l10n.t('About this layer');
  return [
    {
      id,
      label,
      icon: { id: 'info' },
      spoken: l10n.t('About the layer {0}', visible(said(layer.name), 80)),
      subject: { kind: 'group', text: l10n.t('What this layer says of itself, with the source of each fact.') },
      children: now(() => layer.details.map((detail, index) => detailNode(id, detail, index))),
    },
  ];
}

/** The containers of a layer: Compose projects and pods as groups, shims each with what they serve. */
function containerNodes(
  id: string,
  layer: Layer,
  containers: readonly Container[],
  source: TreeSource,
): readonly TreeNode[] {
  switch (layer.kind) {
    case 'shim':
      return shimNodes(id, layer, containers, source);
    case 'engine':
      return grouped(id, layer, containers, source, (container) =>
        container.compose === undefined ? podOf(container) : { kind: 'compose', key: container.compose.project },
      );
    case 'cri':
      return grouped(id, layer, containers, source, podOf);
    case 'client':
    case 'containerd':
    case 'oci-runtime':
    case 'kernel':
      return paged(id, containers, source.options, (container) => containerInLayer(id, container, layer, source));
  }
}

function podOf({ sandbox }: Container): GroupKey | undefined {
  return sandbox && { kind: 'pod', key: sandbox.id, name: sandbox.name };
}

interface GroupKey {
  readonly kind: 'compose' | 'pod';
  readonly key: string;
  readonly name?: string;
}

function grouped(
  id: string,
  layer: Layer,
  containers: readonly Container[],
  source: TreeSource,
  groupOf: (container: Container) => GroupKey | undefined,
): readonly TreeNode[] {
  const groups = new Map<string, { group: GroupKey; members: Container[] }>();
  const entries: (Container | { group: GroupKey; members: Container[] })[] = [];
  for (const container of containers) {
    const group = groupOf(container);
    if (!group) {
      entries.push(container);
      continue;
    }
    const known = groups.get(group.key);
    if (known) known.members.push(container);
    else {
      const made = { group, members: [container] };
      groups.set(group.key, made);
      entries.push(made);
    }
  }
  // Groups first, by name: they are few, and people look for them by name.
  const sorted = [
    ...entries
      .filter((entry) => 'group' in entry)
      .sort((a, b) => ((a.group.name ?? a.group.key) < (b.group.name ?? b.group.key) ? -1 : 1)),
    ...entries.filter((entry) => !('group' in entry)),
  ];
  return paged(id, sorted, source.options, (entry) =>
    'group' in entry
      ? groupNode(id, entry.group, entry.members, layer, source)
      : containerInLayer(id, entry, layer, source),
  );
}

function groupNode(
  parentId: string,
  group: GroupKey,
  members: readonly Container[],
  layer: Layer,
  source: TreeSource,
): TreeNode {
  const id = childId(parentId, group.kind, group.key);
  const label = visible(group.name || group.key, 120);
  const running = members.filter(({ state }) => state === 'running').length;
  const kind = group.kind === 'compose' ? l10n.t('Compose project') : l10n.t('pod');
  const description = l10n.t('{0} · {1} of {2} running', kind, running, members.length);
  return {
    id,
    label,
    description,
    icon: { id: group.kind === 'compose' ? 'folder-library' : 'package' },
    spoken: `${label}, ${description}`,
    subject: { kind: 'group', text: `${kind}: ${label}` },
    context: [group.kind],
    expanded: true,
    children: now(() =>
      paged(id, members, source.options, (container) => containerInLayer(id, container, layer, source)),
    ),
  };
}

/** One row per shim process, with the containers it serves: several for a pod. */
function shimNodes(id: string, layer: Layer, containers: readonly Container[], source: TreeSource): TreeNode[] {
  const shims = new Map<string, { ref: ProcessRef; members: Container[] }>();
  const entries: (Container | { ref: ProcessRef; members: Container[] })[] = [];
  for (const container of containers) {
    const ref = sightingIn(container, layer.id)?.shim;
    if (!ref) {
      entries.push(container);
      continue;
    }
    const key = `${ref.pid}-${ref.startTicks}`;
    const known = shims.get(key);
    if (known) known.members.push(container);
    else {
      const made = { ref, members: [container] };
      shims.set(key, made);
      entries.push(made);
    }
  }
  return paged(id, entries, source.options, (entry) =>
    'ref' in entry ? shimNode(id, entry.ref, entry.members, layer, source) : containerInLayer(id, entry, layer, source),
  );
}

function shimNode(
  parentId: string,
  ref: ProcessRef,
  members: readonly Container[],
  layer: Layer,
  source: TreeSource,
): TreeNode {
  const id = childId(parentId, 'shim', String(ref.pid), String(ref.startTicks));
  const program = source.inventory.processes.byPid.get(ref.pid)?.argv[0]?.split('/').pop() ?? '';
  const label = l10n.t('{0} {1}', program.includes('conmon') ? 'conmon' : 'shim', ref.pid);
  const names = members.map(nameOf);
  const description = visible(
    [...(names.length > 3 ? [...names.slice(0, 3), `+${names.length - 3}`] : names)].join(', '),
    200,
  );
  return {
    id,
    label,
    description,
    icon: { id: 'server-process' },
    spoken: l10n.t('Shim process {0}, serves {1}', ref.pid, description),
    subject: { kind: 'shim', layerId: layer.id, pid: ref.pid },
    context: ['shim'],
    expanded: members.length > 1,
    children: now(() =>
      paged(id, members, source.options, (container) => containerInLayer(id, container, layer, source)),
    ),
  };
}
