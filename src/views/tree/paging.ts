import { COMMANDS } from '../../contributions';
import { l10n } from '../l10n';
import { childId, type TreeNode } from './node';
import type { TreeOptions } from './options';

/** The rows of a list's first entries, and one that shows more: a list of thousands is drawn as fast as one of ten. */
export function paged<T>(
  listId: string,
  items: readonly T[],
  options: TreeOptions,
  make: (item: T) => TreeNode,
): TreeNode[] {
  const count = options.shown.get(listId) ?? options.pageSize;
  const rows = items.slice(0, count).map(make);
  const left = items.length - rows.length;
  if (left > 0) {
    const label = l10n.t('Show {0} more', Math.min(left, options.pageSize));
    rows.push({
      id: childId(listId, 'more'),
      label,
      description: l10n.t('{0} of {1} shown', rows.length, items.length),
      icon: { id: 'ellipsis' },
      spoken: `${label}, ${l10n.t('{0} of {1} shown', rows.length, items.length)}`,
      subject: { kind: 'more', listId },
      context: ['more'],
      command: { id: COMMANDS.showMore, argument: listId },
    });
  }
  return rows;
}
