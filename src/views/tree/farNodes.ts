import type { FarHost } from '../../store/farHost';
import { counted, visible } from '../../util/text';
import { l10n, said } from '../l10n';
import { childId, now, type Children, type Icon, type TreeNode } from './node';
import { TreeSource } from './options';
import { hostRows } from './roots';

/** The row of a live host beside this machine. It is connected when somebody expands it, and not before. */
export function farNode(host: FarHost, beside: TreeSource): TreeNode {
  const { key, name, added } = host.about;
  const id = childId('', 'host', key);
  const label = visible(name, 80);
  const { state } = host.connection;
  const description = visible(descriptionOf(host), 300);
  return {
    id,
    label,
    description,
    icon: ICONS[state],
    spoken: l10n.t('Host {0}, {1}', label, description),
    subject: { kind: 'host', hostKey: key },
    context: ['farHost', added === undefined ? 'foundHost' : 'addedHost', ...(state === 'none' ? [] : ['dialledHost'])],
    children: childrenOf(host, id, beside),
  };
}

const ICONS: Readonly<Record<FarHost['connection']['state'], Icon>> = {
  none: { id: 'remote' },
  connecting: { id: 'loading~spin' },
  connected: { id: 'remote', color: 'charts.green' },
  failed: { id: 'remote', color: 'charts.red' },
};

function descriptionOf({ about, connection, current }: FarHost): string {
  // A name that is the endpoint says it already.
  const where = about.endpoint === about.name ? '' : about.endpoint;
  const state = (): string => {
    switch (connection.state) {
      case 'none':
        return l10n.t('not connected: expand to connect');
      case 'connecting':
        return l10n.t('connecting…');
      case 'connected':
        return counted(current?.containers.length ?? 0, l10n.t('container'), l10n.t('containers'));
      case 'failed':
        return said(connection.problem.reason);
    }
  };
  return [where, state()].filter(Boolean).join(' · ');
}

function childrenOf(host: FarHost, id: string, { options }: TreeSource): Children {
  const rows = (): readonly TreeNode[] | undefined =>
    host.current && hostRows(new TreeSource(host.current, options, undefined, { root: id }));
  if (host.current) return now(() => rows() ?? []);
  return {
    when: 'asked',
    known: rows,
    ask: async () => {
      await host.inventory();
      return rows() ?? [];
    },
  };
}
