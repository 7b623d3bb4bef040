import { COMMANDS } from '../../contributions';
import { awaitsReader, isKnown, type Fact } from '../../model/fact';
import type { Inspection, ShimFacts } from '../../model/inspection';
import type { ContainerProcess } from '../../model/process';
import { asStrings, asString, memberAt } from '../../util/records';
import { readableId, shellLine, visible } from '../../util/text';
import { l10n } from '../l10n';
import { factNode } from './factNodes';
import { childId, type TreeNode } from './node';
import type { TreeSource } from './options';
import { sharingOf, type Sharing } from './namespaces';
import { paged } from './paging';

/** What an OCI config says first: where it lies, what it starts, from which root. */
export function configNodes(id: string, containerId: string, { facts }: Inspection): TreeNode[] {
  const member = (label: string, ...path: readonly string[]): TreeNode[] =>
    isKnown(facts.ociConfig)
      ? factNode(id, label, containerId, 'ociConfig', facts.ociConfig, (spec) => asString(memberAt(spec, ...path)))
      : [];
  return [
    ...readerOffer(id, containerId, facts.ociConfig),
    ...factNode(id, l10n.t('Bundle'), containerId, 'bundlePath', facts.bundlePath, (path) => path),
    ...(isKnown(facts.ociConfig)
      ? factNode(id, l10n.t('Program'), containerId, 'ociConfig', facts.ociConfig, (spec) =>
          // Only the program: arguments may hold secrets, and the page masks them.
          asStrings(memberAt(spec, 'process', 'args'))
            .slice(0, 1)
            .join(''),
        )
      : []),
    ...member(l10n.t('Root file system'), 'root', 'path'),
    ...member(l10n.t('Working directory'), 'process', 'cwd'),
    ...member(l10n.t('Cgroups path'), 'linux', 'cgroupsPath'),
    ...member(l10n.t('OCI version'), 'ociVersion'),
    ...factNode(id, l10n.t('OCI runtime'), containerId, 'runtime', facts.runtime, ({ binary, version }) =>
      [binary, version].filter(Boolean).join(' '),
    ),
  ];
}

/** The offer to have the engine hand over config.json, where it could. */
function readerOffer(id: string, containerId: string, config: Fact<unknown>): TreeNode[] {
  if (!awaitsReader(config)) return [];
  const label = l10n.t('Read it through a reader container…');
  const description = l10n.t('asks first');
  return [
    {
      id: childId(id, 'reader'),
      label,
      description,
      icon: { id: 'unlock' },
      spoken: `${label} ${description}`,
      subject: { kind: 'fact', containerId, name: 'ociConfig', fact: config },
      command: { id: COMMANDS.readThroughContainer, argument: containerId },
    },
  ];
}

/** The shim: its process, its socket, and what it serves. */
export function shimNodes(id: string, containerId: string, { facts }: Inspection, source: TreeSource): TreeNode[] {
  const of = (label: string, show: (shim: ShimFacts) => string | undefined): TreeNode[] =>
    isKnown(facts.shim) ? factNode(id, label, containerId, 'shim', facts.shim, show) : [];
  return [
    ...factNode(id, l10n.t('PID'), containerId, 'shimPid', facts.shimPid, String),
    ...(isKnown(facts.shim) ? [] : factNode(id, l10n.t('Details'), containerId, 'shim', facts.shim, () => undefined)),
    ...of(l10n.t('Command line'), ({ argv }) => shellLine(argv)),
    ...of(l10n.t('Started'), ({ startedAt }) => startedAt),
    ...of(l10n.t('Parent'), ({ parentPid, parentComm }) =>
      parentComm === undefined ? String(parentPid) : `${parentPid} (${parentComm})`,
    ),
    ...of(l10n.t('Socket'), ({ socket }) => socket),
    ...of(l10n.t('Serves'), ({ serves }) => serves.map((served) => nameOfServed(served, source)).join(', ')),
  ];
}

function nameOfServed(runtimeId: string, source: TreeSource): string {
  const id = readableId(runtimeId);
  const name = source.nameOf(runtimeId);
  return name === undefined ? id : `${name} (${id})`;
}

/** The namespaces of the init process: type, inode, whose they are. */
export function namespaceNodes(
  id: string,
  containerId: string,
  inspection: Inspection,
  source: TreeSource,
): TreeNode[] {
  const { namespaces } = inspection.facts;
  if (!isKnown(namespaces)) {
    return factNode(id, l10n.t('Namespaces'), containerId, 'namespaces', namespaces, () => undefined);
  }
  // What children will get is told apart only where it differs: else it says the same twice.
  const told = Object.entries(namespaces.value).filter(
    ([type, inode]) =>
      namespaces.value[type.replace(/_for_children$/, '')] !== inode || !type.endsWith('_for_children'),
  );
  return told.map(([type, inode]): TreeNode => {
    const sharing = sharingOf(type, inode, inspection, source.inventory.containers);
    const shown = [String(inode), sharingWord(sharing)].filter(Boolean).join(' · ');
    return {
      id: childId(id, 'namespace', type),
      label: visible(type, 40),
      description: shown,
      icon:
        sharing.kind === 'host'
          ? { id: 'broadcast', color: 'charts.orange' }
          : sharing.kind === 'joined'
            ? { id: 'references', color: 'charts.blue' }
            : { id: 'circle-small' },
      spoken: l10n.t('{0} namespace, {1}', visible(type, 40), shown),
      subject: { kind: 'namespace', containerId, type, fact: namespaces, shown },
      context: ['fact', 'checkable'],
    };
  });
}

/** Whose namespace it is, in words; empty where it is the container's own or nothing tells. */
function sharingWord(sharing: Sharing): string {
  switch (sharing.kind) {
    case 'own':
      return l10n.t('its own');
    case 'host':
      return l10n.t('shared with host');
    case 'joined':
      return sharing.container === undefined
        ? l10n.t('joined from {0}', visible(sharing.path, 80))
        : l10n.t('shared with {0}', visible(sharing.container.name ?? sharing.container.runtimeId, 80));
    case 'unknown':
      return '';
  }
}

/** The processes, parents before children. */
export function processNodes(id: string, containerId: string, { facts }: Inspection, source: TreeSource): TreeNode[] {
  const { processes } = facts;
  if (!isKnown(processes)) {
    return factNode(id, l10n.t('Processes'), containerId, 'processes', processes, () => undefined);
  }
  return paged(id, processes.value, source.options, (process): TreeNode => {
    const words = processWords(process);
    // A command line may hold secrets: the row shows the program alone.
    const program = visible(process.command.split(' ')[0] || l10n.t('(no command line)'), 120);
    return {
      id: childId(id, 'process', String(process.hostPid)),
      label: program,
      description: words,
      icon: process.role === 'init' ? { id: 'star-full', color: 'charts.yellow' } : { id: 'gear' },
      spoken: l10n.t('Process {0}, {1}', program, words),
      subject: { kind: 'fact', containerId, name: 'processes', fact: processes, shown: `${program} · ${words}` },
      context: ['fact', 'checkable'],
    };
  });
}

function processWords({ hostPid, containerPid, role, uid, state }: ContainerProcess): string {
  return [
    l10n.t('PID {0}', hostPid),
    ...(containerPid === undefined ? [] : [l10n.t('{0} inside', containerPid)]),
    role,
    ...(uid === undefined ? [] : [l10n.t('uid {0}', uid)]),
    ...(state === undefined ? [] : [visible(state, 20)]),
  ].join(' · ');
}
