import type { SnapshotAbout, SnapshotStore } from '../../store/snapshotStore';
import { counted, visible } from '../../util/text';
import { l10n } from '../l10n';
import { childId, now, type TreeNode } from './node';
import { TreeSource } from './options';
import { hostRows } from './roots';

/** The row of a snapshot: a host beside this machine, as it was. Below it stand the same rows as for a live host. */
export function snapshotNode(snapshot: SnapshotStore, beside: TreeSource): TreeNode {
  const { about, current } = snapshot;
  const id = childId('', 'host', about.key);
  const label = visible(about.name, 80);
  const description = l10n.t(
    'snapshot of {0} · {1}',
    shownTime(about.takenAt),
    counted(current.containers.length, l10n.t('container'), l10n.t('containers')),
  );
  return {
    id,
    label,
    description,
    icon: { id: 'archive', color: 'charts.purple' },
    spoken: l10n.t('Host {0}, {1}', label, description),
    subject: { kind: 'host', hostKey: about.key },
    context: ['snapshot'],
    expanded: true,
    children: now(() => [
      aboutNode(id, about),
      ...hostRows(new TreeSource(current, beside.options, undefined, { root: id })),
    ]),
  };
}

/** A time as people read it, in their own zone. */
export function shownTime(iso: string): string {
  return new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

function aboutNode(parentId: string, about: SnapshotAbout): TreeNode {
  const id = childId(parentId, 'about');
  const label = l10n.t('About this snapshot');
  const row = (name: string, value: string, help: string): TreeNode => {
    const shown = visible(value, 300);
    return {
      id: childId(id, name),
      label: name,
      description: shown,
      icon: { id: 'circle-small' },
      spoken: `${name}: ${shown}`,
      subject: { kind: 'group', text: `${help} ${shown}` },
    };
  };
  return {
    id,
    label,
    description: l10n.t('nothing here is live'),
    icon: { id: 'info' },
    spoken: l10n.t('About this snapshot: nothing here is live'),
    subject: {
      kind: 'group',
      text: l10n.t(
        'This host is shown as it was when the snapshot was taken. Every fact keeps its source and its time.',
      ),
    },
    children: now(() => [
      ...(about.description === undefined ? [] : [row(l10n.t('What it is'), about.description, '')]),
      row(l10n.t('Taken'), about.takenAt, l10n.t('When this host was looked at.')),
      row(l10n.t('Taken by'), about.takenBy, l10n.t('The program that wrote the file.')),
      row(l10n.t('File'), about.file, l10n.t('Where it was read from.')),
      row(l10n.t('Secrets'), secretsText(about), l10n.t('What happened to passwords, tokens and keys.')),
      row(
        l10n.t('Not in a snapshot'),
        l10n.t('charts that move, recording and tracing, the shim doctor, answers of Kubernetes clusters'),
        l10n.t('These look at a machine that runs, so they are there for this machine alone:'),
      ),
    ]),
  };
}

function secretsText({ secrets }: SnapshotAbout): string {
  if (!secrets.redacted) return l10n.t('kept by whoever took the snapshot');
  return secrets.count === 0
    ? l10n.t('none were found')
    : l10n.t('{0} values were left out; the file lists where', secrets.count);
}
