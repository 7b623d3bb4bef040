import { COMMANDS, type CommandId } from '../../contributions';
import { hasInit, type Container } from '../../model/container';
import { isKnown, type Fact } from '../../model/fact';
import type { FactName, Inspection } from '../../model/inspection';
import { findingsOf } from '../../model/containerFindings';
import { counted, visible } from '../../util/text';
import { l10n, said } from '../l10n';
import { callNodes } from './callNodes';
import { cgroupNodes } from './cgroupNodes';
import { summary } from './factNodes';
import { childId, now, type Icon, type TreeNode } from './node';
import { configNodes, namespaceNodes, processNodes, shimNodes } from './detailNodes';
import { chainNodes } from './chainNodes';
import type { TreeSource } from './options';

/** What there is to see of a container. */
export const ASPECTS = [
  'findings',
  'config',
  'shim',
  'cgroups',
  'namespaces',
  'processes',
  'calls',
  'chain',
  'lineage',
  'engineRecord',
  'criRecord',
  'containerdRecord',
  'runtimeState',
] as const;
export type Aspect = (typeof ASPECTS)[number];

const OF_PROCESSES: readonly Aspect[] = ['shim', 'cgroups', 'namespaces', 'processes'];

/** The aspects of a container: without a process there is no shim, no cgroup, no namespace; `letGo` says so instead. */
export function aspectsOf(container: Container): readonly Aspect[] {
  const alive = hasInit(container.state) || container.sightings.some(({ initPid }) => initPid !== undefined);
  return alive || container.state === 'unknown' ? ASPECTS : ASPECTS.filter((aspect) => !OF_PROCESSES.includes(aspect));
}

/** The rows of these aspects, from an inspection. Records that no layer holds are left out. */
export function aspectNodes(
  parentId: string,
  container: Container,
  source: TreeSource,
  inspection: Inspection,
  aspects: readonly Aspect[],
): TreeNode[] {
  return aspects.flatMap((aspect) => aspectNode(aspect, parentId, container, source, inspection) ?? []);
}

/** What is worth knowing of a container, each with its evidence; no row where there is nothing to say. */
function findingsNode(id: string, { facts }: Inspection): TreeNode | undefined {
  const findings = findingsOf(facts);
  if (findings.length === 0) return undefined;
  const label = l10n.t('Worth knowing');
  const description = said(counted(findings.length, 'finding'));
  return {
    id,
    label,
    description,
    icon: { id: 'lightbulb' },
    spoken: `${label}, ${description}`,
    subject: {
      kind: 'group',
      text: l10n.t('Facts about this container that people are glad to know: no score, no advice.'),
    },
    context: ['aspect', 'findings'],
    children: now(() =>
      findings.map((finding) => {
        const title = visible(said(finding.title), 160);
        const shown = visible(finding.evidence.value, 120);
        return {
          id: childId(id, finding.id),
          label: title,
          description: shown,
          icon: { id: 'info' },
          spoken: `${title}, ${shown}`,
          subject: {
            kind: 'detail',
            detail: { label: finding.title, fact: { ...finding.evidence, note: finding.text } },
          },
          context: ['finding', 'fact', 'checkable'],
        };
      }),
    ),
  };
}

function aspectNode(
  aspect: Aspect,
  parentId: string,
  container: Container,
  source: TreeSource,
  inspection: Inspection,
): TreeNode | undefined {
  const { facts } = inspection;
  const id = childId(parentId, aspect);
  const row = (
    label: string,
    icon: Icon,
    description: string,
    command: CommandId | undefined,
    about: { readonly name: FactName; readonly fact: Fact<unknown> } | undefined,
    children?: () => readonly TreeNode[],
  ): TreeNode => ({
    id,
    label,
    description,
    icon,
    spoken: `${label}, ${description}`,
    subject: about ? { kind: 'fact', containerId: container.id, ...about } : { kind: 'group', text: label },
    context: ['aspect', aspect, ...(about && isKnown(about.fact) ? ['fact', 'checkable'] : about ? ['fact'] : [])],
    ...(children ? { children: now(children) } : {}),
    ...(command ? { command: { id: command, argument: container.id } } : {}),
  });
  const record = (
    label: string,
    name: 'engineRecord' | 'criRecord' | 'containerdRecord' | 'runtimeState',
    command: CommandId,
  ): TreeNode | undefined =>
    isKnown(facts[name])
      ? row(
          label,
          { id: 'json' },
          summary(facts[name], () => (isKnown(facts[name]) ? facts[name].source : '')),
          command,
          {
            name,
            fact: facts[name],
          },
        )
      : undefined;

  switch (aspect) {
    case 'findings':
      return findingsNode(id, inspection);
    case 'config': {
      const { ociConfig } = facts;
      const from = isKnown(ociConfig) ? ociConfig.source : '';
      return row(
        l10n.t('OCI config'),
        { id: 'json' },
        summary(ociConfig, () => from),
        COMMANDS.showConfig,
        { name: 'ociConfig', fact: ociConfig },
        () => configNodes(id, container.id, inspection),
      );
    }
    case 'shim':
      return row(
        l10n.t('Shim'),
        { id: 'layers' },
        summary(facts.shimPid, (pid) => l10n.t('PID {0}', pid)),
        COMMANDS.showShim,
        { name: 'shim', fact: facts.shim },
        () => shimNodes(id, container.id, inspection, source),
      );
    case 'cgroups':
      return row(
        l10n.t('Cgroups'),
        { id: 'dashboard' },
        summary(facts.cgroupPaths, (paths) => mainPath(paths)),
        COMMANDS.showCgroups,
        { name: 'cgroupPaths', fact: facts.cgroupPaths },
        () => cgroupNodes(id, container.id, inspection),
      );
    case 'namespaces':
      return row(
        l10n.t('Namespaces'),
        { id: 'group-by-ref-type' },
        summary(facts.namespaces, (namespaces) => Object.keys(namespaces).join(', ')),
        undefined,
        { name: 'namespaces', fact: facts.namespaces },
        () => namespaceNodes(id, container.id, inspection, source),
      );
    case 'processes':
      return row(
        l10n.t('Processes'),
        { id: 'list-tree' },
        summary(facts.processes, (processes) => said(counted(processes.length, 'process', 'processes'))),
        undefined,
        { name: 'processes', fact: facts.processes },
        () => processNodes(id, container.id, inspection, source),
      );
    case 'calls':
      return row(
        l10n.t('API calls'),
        { id: 'arrow-swap' },
        said(counted(inspection.apiCalls.length, 'call')),
        COMMANDS.showCalls,
        undefined,
        () => callNodes(id, container.id, inspection),
      );
    case 'chain':
      return row(
        l10n.t('Runtime chain'),
        { id: 'link' },
        container.layers.map((layerId) => said(source.layer(layerId)?.name ?? layerId)).join(' → '),
        COMMANDS.showChain,
        undefined,
        () => chainNodes(id, container, inspection, source),
      );
    case 'lineage':
      return row(
        l10n.t('Lineage'),
        { id: 'git-compare' },
        l10n.t('requested → OCI spec → kernel'),
        COMMANDS.showLineage,
        undefined,
      );
    case 'engineRecord':
      return record(l10n.t('Engine record'), 'engineRecord', COMMANDS.openEngineRecord);
    case 'criRecord':
      return record(l10n.t('CRI record'), 'criRecord', COMMANDS.openCriRecord);
    case 'containerdRecord':
      return record(l10n.t('containerd record'), 'containerdRecord', COMMANDS.openContainerdRecord);
    case 'runtimeState':
      return record(l10n.t('Runtime state'), 'runtimeState', COMMANDS.openRuntimeState);
  }
}

/** The path that says most: v2's own, else that of the memory controller, else the first. */
function mainPath(paths: Readonly<Record<string, string>>): string {
  const memory = Object.entries(paths).find(([controllers]) => controllers.split(',').includes('memory'));
  return memory?.[1] ?? paths[''] ?? Object.values(paths)[0] ?? '';
}
