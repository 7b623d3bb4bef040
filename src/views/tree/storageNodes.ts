import { isKnown, type Fact, type KnownFact } from '../../model/fact';
import type { Layer, LayerDetail } from '../../model/layer';
import type { Count, StoredNamespace } from '../../model/stored';
import { formatCount } from '../../util/units';
import { l10n } from '../l10n';
import { detailNode } from './detailNode';
import { childId, type TreeNode } from './node';
import type { TreeSource } from './options';

/** What a namespace of containerd stores: asked when somebody expands the row, and never by a look. */
export function storageNode(parentId: string, layer: Layer, source: TreeSource): TreeNode[] {
  const { storage } = source;
  if (!storage || layer.kind !== 'containerd' || layer.containerdNamespace === undefined) return [];
  if (layer.status === 'failed' || layer.status === 'absent') return [];
  const id = childId(parentId, 'stored');
  const label = l10n.t('Snapshots, leases and images');
  const known = storage.knownNamespace(layer.id);
  const description = known ? summaryOf(known) : l10n.t('not asked yet');
  const rows = (stored: StoredNamespace): TreeNode[] =>
    storedDetails(stored).map((detail, index) => detailNode(id, detail, index));
  return [
    {
      id,
      label,
      description,
      icon: { id: 'database' },
      spoken: `${label}, ${description}`,
      subject: {
        kind: 'group',
        text: l10n.t('What containerd stores in this namespace, counted when you expand this row.'),
      },
      children: {
        when: 'asked',
        ask: async () => rows(await storage.namespace(layer.id).promise),
        known: () => {
          const answer = storage.knownNamespace(layer.id);
          return answer && rows(answer);
        },
      },
    },
  ];
}

function storedDetails({ snapshots, leases, images }: StoredNamespace): LayerDetail[] {
  const used = snapshots.filter(({ count }) => !isKnown(count) || count.value.count > 0);
  return [
    // A machine has several snapshotters, and mostly one of them is used.
    ...(used.length > 0 ? used : snapshots).map(({ snapshotter, count }) => ({
      label: l10n.t('Snapshots of {0}', snapshotter),
      fact: counted(count),
    })),
    { label: l10n.t('Leases'), fact: counted(leases) },
    { label: l10n.t('Images'), fact: counted(images) },
  ];
}

function summaryOf({ snapshots, leases, images }: StoredNamespace): string {
  const all = snapshots.map(({ count }) => count).filter((count): count is KnownFact<Count> => isKnown(count));
  const total: Count = {
    count: all.reduce((sum, { value }) => sum + value.count, 0),
    ...(all.some(({ value }) => value.atLeast) || all.length < snapshots.length ? { atLeast: true } : {}),
  };
  const parts = [wordsOf(total), ...[leases, images].map((fact) => (isKnown(fact) ? wordsOf(fact.value) : '?'))];
  return parts.join(' · ');
}

function counted(fact: Fact<Count>): Fact<string> {
  return isKnown(fact) ? { ...fact, value: wordsOf(fact.value) } : fact;
}

function wordsOf({ count, atLeast }: Count): string {
  return atLeast ? l10n.t('at least {0}', formatCount(count)) : formatCount(count);
}
