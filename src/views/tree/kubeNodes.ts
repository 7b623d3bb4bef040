import { COMMANDS } from '../../contributions';
import { known, unknown } from '../../model/fact';
import type { ClusterReport } from '../../model/kubernetes/cluster';
import { authWords, type KubeContext } from '../../model/kubernetes/context';
import type { DockershimVerdict } from '../../model/kubernetes/dockershim';
import type { LayerDetail } from '../../model/layer';
import { maskArgs } from '../../model/secrets';
import { counted, shellLine, visible } from '../../util/text';
import { l10n, said } from '../l10n';
import { detailNode } from './detailNode';
import { nodeNode, podGroups } from './kubeNodeNodes';
import { verdictIcon, verdictWord } from './kubeWords';
import { childId, now, type Icon, type TreeNode } from './node';
import type { TreeSource } from './options';
import { paged } from './paging';
import { problemRows } from './problemRows';

/** One row per context of the kubeconfig files. Only expanding one asks its cluster. */
export function contextNodes(parentId: string, contexts: readonly KubeContext[], source: TreeSource): TreeNode[] {
  return paged(childId(parentId, 'contexts'), contexts, source.options, (context) =>
    contextNode(parentId, context, source),
  );
}

function contextNode(parentId: string, context: KubeContext, source: TreeSource): TreeNode {
  const id = childId(parentId, 'context', context.name);
  const name = visible(context.name, 80);
  const { clusters } = source;
  const report = clusters?.knownCluster(context.name);
  const state =
    context.obstacle !== undefined
      ? l10n.t('cannot be asked as it is')
      : report === undefined
        ? l10n.t('not asked yet')
        : said(counted(report.nodes.items.length, 'node'));
  const description = [
    ...(context.current ? [l10n.t('current')] : []),
    state,
    ...(context.server ? [visible(context.server, 120)] : []),
  ].join(' · ');
  return {
    id,
    label: name,
    description,
    icon: contextIcon(context, report),
    spoken: l10n.t('Kubernetes context {0}, {1}', name, description),
    subject: { kind: 'kube', topic: 'context', contextName: context.name, details: contextDetails(context) },
    context: ['kube-context', ...(context.auth.kind === 'exec' && !context.auth.allowed ? ['program'] : [])],
    ...(context.obstacle !== undefined
      ? { children: now(() => obstacleRows(id, context)) }
      : clusters === undefined
        ? {}
        : {
            children: {
              when: 'asked' as const,
              ask: async () => clusterRows(id, context, await clusters.cluster(context.name).promise, source),
              known: () => {
                const answer = clusters.knownCluster(context.name);
                return answer && clusterRows(id, context, answer, source);
              },
            },
          }),
  };
}

function contextIcon({ obstacle, auth }: KubeContext, report: ClusterReport | undefined): Icon {
  if (obstacle) return { id: auth.kind === 'exec' ? 'lock' : 'warning', color: 'charts.yellow' };
  if (!report) return { id: 'server-environment' };
  return report.nodes.problem
    ? { id: 'warning', color: 'charts.yellow' }
    : { id: 'server-environment', color: 'charts.green' };
}

function obstacleRows(id: string, context: KubeContext): TreeNode[] {
  if (!context.obstacle) return [];
  const rows = problemRows(id, context.obstacle);
  if (context.auth.kind !== 'exec' || context.auth.allowed) return rows;
  const label = l10n.t('Allow this program…');
  const line = visible(shellLine(maskArgs(context.auth.argv)), 200);
  return [
    ...rows,
    {
      id: childId(id, 'allow'),
      label,
      description: line,
      icon: { id: 'unlock' },
      spoken: `${label} ${line}`,
      subject: { kind: 'kube', topic: 'context', contextName: context.name, details: contextDetails(context) },
      command: { id: COMMANDS.allowCredentialProgram, argument: { contextName: context.name } },
    },
  ];
}

function contextDetails(context: KubeContext): LayerDetail[] {
  const how = shellLine(['kubectl', 'config', 'view', '--context', context.name, '--minify']);
  const row = (label: string, value: string): LayerDetail => ({
    label,
    fact: known('derived', value, context.file, how),
  });
  return [
    ...(context.current ? [row(l10n.t('Current'), l10n.t('kubectl uses it when no other is named'))] : []),
    row(l10n.t('Cluster'), context.cluster),
    row(l10n.t('Server'), context.server ?? l10n.t('none')),
    row(l10n.t('User'), `${context.user ?? l10n.t('none')}, ${authWords(context.auth)}`),
    ...(context.namespace ? [row(l10n.t('Namespace'), context.namespace)] : []),
    ...(context.insecure ? [row(l10n.t('Server certificate'), l10n.t('not checked (insecure-skip-tls-verify)'))] : []),
    row(l10n.t('File'), context.file),
  ];
}

/** What a cluster has answered: what is missing and why, the check, and its nodes (or the pods, where nodes are hidden). */
function clusterRows(id: string, context: KubeContext, report: ClusterReport, source: TreeSource): TreeNode[] {
  const { nodes, pods, version } = report;
  const how = shellLine(['kubectl', '--context', context.name, 'version']);
  const versionDetail: LayerDetail = {
    label: l10n.t('API server'),
    fact:
      version === undefined
        ? unknown('The API server does not tell its version.', `Try: ${how}`, 'kubernetes-api')
        : known('kubernetes-api', version, 'Kubernetes API GET /version', how, { observedAt: nodes.observedAt }),
  };
  return [
    ...(nodes.problem ? problemRows(id, nodes.problem) : []),
    ...(pods?.problem ? problemRows(childId(id, 'pods'), pods.problem) : []),
    detailNode(id, versionDetail, 0),
    ...(nodes.items.length > 0 ? [checkNode(id, context, report)] : []),
    ...paged(id, nodes.items, source.options, (node) => nodeNode(id, context.name, node, source)),
    ...(pods ? podGroups(id, context.name, pods, source) : []),
  ];
}

/** The dockershim check in one row; a click opens the page. */
function checkNode(id: string, context: KubeContext, { nodes }: ClusterReport): TreeNode {
  const order: readonly DockershimVerdict[] = ['removed', 'works', 'unknown', 'cri-dockerd', 'migrated'];
  const counts = order
    .map((verdict) => ({
      verdict,
      count: nodes.items.filter(({ dockershim }) => dockershim.verdict === verdict).length,
    }))
    .filter(({ count }) => count > 0);
  const label = l10n.t('Dockershim check');
  const description = counts.map(({ verdict, count }) => `${count}: ${verdictWord(verdict)}`).join(' · ');
  return {
    id: childId(id, 'check'),
    label,
    description,
    icon: verdictIcon(counts[0]?.verdict ?? 'unknown'),
    spoken: `${label}, ${description}`,
    subject: { kind: 'kube', topic: 'check', contextName: context.name, details: [] },
    command: { id: COMMANDS.dockershimCheck, argument: { contextName: context.name } },
  };
}
