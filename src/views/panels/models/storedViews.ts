import { isKnown } from '../../../model/fact';
import type { StoredContainer } from '../../../model/stored';
import type { FactView } from '../../../protocol/pages';
import { visible } from '../../../util/text';
import { formatBytes, formatCount } from '../../../util/units';
import type { CopyTable } from './copyTable';
import { factView } from './factViews';

/** What containerd stores for a container, as lines of its box. */
export function storedViews(stored: StoredContainer, copies: CopyTable): FactView[] {
  const { snapshot, parents, usage, mounts, leases } = stored;
  const own = factView(
    'Snapshot',
    snapshot,
    copies,
    ({ kind, snapshotter, key }) => visible(`${kind}, ${snapshotter}: ${key}`),
    {
      style: 'mono',
      help: 'The top layer of its root file system: what the container writes is in an active snapshot.',
    },
  );
  // Without it the others say the same five times.
  if (!isKnown(snapshot)) return [own];
  return [
    own,
    factView(
      'Snapshot parents',
      parents,
      copies,
      (keys) => (keys.length === 0 ? 'none' : visible(`${keys.length}: ${keys.join(' → ')}`, 2_000)),
      { style: 'mono', help: 'The layers of its image, from the one next below to the lowest.' },
    ),
    factView(
      'Snapshot usage',
      usage,
      copies,
      ({ bytes, inodes }) => `${formatBytes(bytes)}, inodes: ${formatCount(inodes)}`,
      { help: 'What the container has written, and the files of it. Layers of the image are not counted.' },
    ),
    factView(
      'Snapshot mounts',
      mounts,
      copies,
      (lines) =>
        lines
          .map(({ type, source, options }) => visible(`${type} ${source} ${options.join(',')}`.trimEnd(), 4_000))
          .join('; ') || 'none',
      { style: 'mono', help: 'How the snapshotter would have the root file system mounted.' },
    ),
    factView(
      'Leases',
      leases,
      copies,
      (held) =>
        held.length === 0
          ? 'none'
          : visible(held.map(({ id, expires }) => (expires ? `${id} (until ${expires})` : id)).join(', '), 2_000),
      {
        style: 'mono',
        help: 'What keeps its snapshot from being collected, beside the container’s own record.',
      },
    ),
  ];
}
