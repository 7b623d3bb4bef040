import type { Container } from '../../model/container';
import { known, unknown, unknownFrom, type Fact } from '../../model/fact';
import type { KubeContainer, KubeNode, KubePod, NodeCgroups } from '../../model/kubernetes/cluster';
import { localContainer } from '../../model/kubernetes/join';
import type { LayerDetail } from '../../model/layer';
import { RuntimeError } from '../../model/problem';
import { readableId, shellLine, visible } from '../../util/text';
import { l10n } from '../l10n';
import { aspectNodes, aspectsOf } from './aspectNodes';
import { detailNode } from './detailNode';
import { childId, now, type Children, type TreeNode } from './node';
import type { TreeSource } from './options';
import { stateIcon } from './states';

/** Where a pod's container stands. */
export interface PodPlace {
  readonly contextName: string;
  readonly pod: KubePod;
  /** Absent where the node may not be read. */
  readonly node: KubeNode | undefined;
  /** The command that shows the pod. */
  readonly how: string;
}

/**
 * A pod's container. Where it runs on this machine it is the same container as in the layers below, and opens the same
 * pages; elsewhere it shows what the API and the kubelet's metrics tell.
 */
export function podContainerNode(
  parentId: string,
  place: PodPlace,
  container: KubeContainer,
  source: TreeSource,
): TreeNode {
  const id = childId(parentId, 'container', container.name);
  const { container: local, because } = localContainer(container, place.pod, place.node?.place, source.runtimeIds);
  const name = visible(container.name, 100);
  const description = [
    ...(local ? [l10n.t('this machine')] : []),
    ...(container.role === 'init' ? [l10n.t('init container')] : []),
    ...(container.role === 'ephemeral' ? [l10n.t('ephemeral container')] : []),
    visible(container.stateText, 80),
    ...(container.runtimeId ? [visible(readableId(container.runtimeId), 40)] : []),
    ...(container.restarts > 0 ? [l10n.t('{0} restarts', container.restarts)] : []),
  ].join(' · ');
  const details = containerDetails(place, container, because);
  const row = {
    id,
    label: name,
    description,
    icon: stateIcon(container.state),
    spoken: l10n.t('Container {0} of pod {1}, {2}', name, visible(place.pod.name, 80), description),
  };
  return local
    ? { ...row, ...joined(id, local, details, source) }
    : {
        ...row,
        subject: { kind: 'kube', topic: 'container', contextName: place.contextName, details },
        context: ['kube-container'],
        children: remoteChildren(id, place, container, details, source),
      };
}

function joined(
  id: string,
  local: Container,
  details: readonly LayerDetail[],
  source: TreeSource,
): Pick<TreeNode, 'subject' | 'context'> & { readonly children: Children } {
  return {
    subject: { kind: 'container', containerId: local.id },
    context: ['container'],
    children: {
      when: 'inspected',
      containerId: local.id,
      make: (inspection) => [aboutNode(id, details), ...aspectNodes(id, local, source, inspection, aspectsOf(local))],
    },
  };
}

function aboutNode(parentId: string, details: readonly LayerDetail[]): TreeNode {
  const id = childId(parentId, 'kube');
  return {
    id,
    label: l10n.t('In Kubernetes'),
    icon: { id: 'info' },
    spoken: l10n.t('What Kubernetes says of this container'),
    subject: {
      kind: 'group',
      text: l10n.t('What the API server says of this container, and by what it was found here.'),
    },
    children: now(() => details.map((detail, index) => detailNode(id, detail, index))),
  };
}

function containerDetails({ pod, how }: PodPlace, container: KubeContainer, because: string): LayerDetail[] {
  const source = `Kubernetes API GET /api/v1/pods, ${pod.namespace}/${pod.name}`;
  const row = (label: string, value: string): LayerDetail => ({
    label,
    fact: known('kubernetes-api', value, source, how),
  });
  const id: Fact<string> = container.containerUri
    ? known('kubernetes-api', container.containerUri, `${source}, containerID of ${container.name}`, how)
    : unknown('No runtime has created it yet.', 'Refresh once the pod has started.', 'kubernetes-api');
  return [
    { label: l10n.t('Container id'), fact: id },
    row(l10n.t('State'), container.stateText),
    ...(container.image ? [row(l10n.t('Image'), container.image)] : []),
    {
      label: l10n.t('On this machine'),
      fact: known('derived', because, 'the container id, and the node’s boot id against this machine’s', how),
    },
  ];
}

/** What can be told of a container on another machine: its cgroup path comes from its kubelet, when somebody expands it. */
function remoteChildren(
  id: string,
  { contextName, node, pod }: PodPlace,
  { runtimeId }: KubeContainer,
  details: readonly LayerDetail[],
  source: TreeSource,
): Children {
  const { clusters } = source;
  const nodeName = node?.name ?? pod.nodeName;
  const rows = (cgroup: Fact<string> | undefined): TreeNode[] =>
    [...details, ...(cgroup ? [{ label: l10n.t('Cgroup path'), fact: cgroup }] : [])].map((detail, index) =>
      detailNode(id, detail, index),
    );
  if (!clusters || nodeName === undefined || runtimeId === undefined) {
    return now(() =>
      rows(
        unknown(
          'It has no container, or no node, to ask about.',
          'Refresh once the pod has started.',
          'kubernetes-api',
        ),
      ),
    );
  }
  const found = (paths: NodeCgroups): TreeNode[] => rows(cgroupFact(paths, runtimeId, contextName, nodeName));
  return {
    when: 'asked',
    ask: () =>
      clusters.cgroups(contextName, nodeName).promise.then(found, (error: unknown) =>
        // The other facts are here all the same.
        rows(unknownFrom(RuntimeError.from(error, 'Asking the kubelet for its metrics').problem, 'kubernetes-api')),
      ),
    known: () => {
      const paths = clusters.knownCgroups(contextName, nodeName);
      return paths && found(paths);
    },
  };
}

function cgroupFact(paths: NodeCgroups, runtimeId: string, contextName: string, nodeName: string): Fact<string> {
  const endpoint = `/api/v1/nodes/${nodeName}/proxy/metrics/cadvisor`;
  const how = `${shellLine(['kubectl', '--context', contextName, 'get', '--raw', endpoint])} | grep ${runtimeId.slice(0, 64).replace(/[^\w-]/g, '')}`;
  const path = paths.get(runtimeId);
  return path === undefined
    ? unknown(
        'The kubelet’s metrics have no cgroup of this container: it has ended, or it is too new.',
        'Refresh after a few seconds, if the container runs.',
        'kubernetes-api',
      )
    : known('kubernetes-api', path, `Kubernetes API GET ${endpoint}, label id`, how, {
        note: 'As the kubelet of its node names it: below the cgroup root that the kubelet sees.',
      });
}
