import { COMMANDS } from '../../contributions';
import { known, valueOf } from '../../model/fact';
import type { KubeNode, KubePod, Listed } from '../../model/kubernetes/cluster';
import type { LayerDetail } from '../../model/layer';
import { counted, shellLine, visible } from '../../util/text';
import { l10n, said } from '../l10n';
import { detailNode } from './detailNode';
import { podContainerNode } from './kubeContainerNodes';
import { verdictIcon, verdictWord } from './kubeWords';
import { childId, now, type TreeNode } from './node';
import type { TreeSource } from './options';
import { paged } from './paging';
import { problemRows } from './problemRows';

/** A node's row: runtime, kubelet, whether it is ready and whether it is this machine; below it its pods. */
export function nodeNode(parentId: string, contextName: string, node: KubeNode, source: TreeSource): TreeNode {
  const id = childId(parentId, 'node', node.name);
  const name = visible(node.name, 100);
  const kubelet = valueOf(node.kubelet);
  const runtime = valueOf(node.containerRuntime);
  const description = [
    ...(node.place.verdict === 'here' ? [l10n.t('this machine')] : []),
    runtime === undefined ? l10n.t('runtime not reported') : visible(runtime, 60),
    ...(kubelet === undefined ? [] : [l10n.t('kubelet {0}', visible(kubelet, 40))]),
    readyWord(node),
  ].join(' · ');
  const { clusters } = source;
  return {
    id,
    label: name,
    description,
    icon: node.ready === 'True' ? { id: 'server', color: 'charts.green' } : { id: 'warning', color: 'charts.yellow' },
    spoken: l10n.t('Node {0}, {1}', name, description),
    subject: { kind: 'kube', topic: 'node', contextName, details: nodeDetails(contextName, node) },
    context: ['kube-node'],
    ...(clusters === undefined
      ? {}
      : {
          children: {
            when: 'asked' as const,
            ask: async () =>
              nodeRows(id, contextName, node, await clusters.pods(contextName, node.name).promise, source),
            known: () => {
              const pods = clusters.knownPods(contextName, node.name);
              return pods && nodeRows(id, contextName, node, pods, source);
            },
          },
        }),
  };
}

function readyWord({ ready }: KubeNode): string {
  switch (ready) {
    case 'True':
      return l10n.t('ready');
    case 'False':
      return l10n.t('not ready');
    case 'Unknown':
      return l10n.t('does not report');
    case undefined:
      return l10n.t('readiness not reported');
  }
}

function nodeDetails(contextName: string, node: KubeNode): LayerDetail[] {
  const how = shellLine(['kubectl', '--context', contextName, 'describe', 'node', node.name]);
  const derived = (label: string, value: string, source: string): LayerDetail => ({
    label,
    fact: known('derived', value, source, how),
  });
  return [
    { label: l10n.t('Container runtime'), fact: node.containerRuntime },
    { label: l10n.t('Kubelet'), fact: node.kubelet },
    { label: l10n.t('CRI socket of kubeadm'), fact: node.criSocket },
    { label: l10n.t('Operating system'), fact: node.osImage },
    { label: l10n.t('Kernel'), fact: node.kernel },
    derived(
      l10n.t('This machine'),
      `${placeWord(node)}: ${node.place.because}`,
      'nodeInfo.bootID and machineID against /proc/sys/kernel/random/boot_id and /etc/machine-id',
    ),
    ...node.conditions.map(({ type, status, message }) => ({
      label: visible(type, 60),
      fact: known(
        'kubernetes-api' as const,
        message ? `${status}: ${message}` : status,
        `Kubernetes API GET /api/v1/nodes, .status.conditions of ${node.name}`,
        how,
      ),
    })),
  ];
}

function placeWord({ place }: KubeNode): string {
  switch (place.verdict) {
    case 'here':
      return l10n.t('yes');
    case 'elsewhere':
      return l10n.t('no');
    case 'unknown':
      return l10n.t('not known');
  }
}

function nodeRows(
  id: string,
  contextName: string,
  node: KubeNode,
  pods: Listed<KubePod>,
  source: TreeSource,
): TreeNode[] {
  const about = childId(id, 'about');
  const { verdict, because } = node.dockershim;
  const check = l10n.t('Dockershim');
  const word = verdictWord(verdict);
  return [
    ...(pods.problem ? problemRows(id, pods.problem) : []),
    {
      id: about,
      label: l10n.t('About this node'),
      icon: { id: 'info' },
      spoken: l10n.t('About the node {0}', visible(node.name, 80)),
      subject: { kind: 'group', text: l10n.t('What the node says of itself, with the source of each fact.') },
      children: now(() => nodeDetails(contextName, node).map((detail, index) => detailNode(about, detail, index))),
    },
    {
      id: childId(id, 'dockershim'),
      label: check,
      description: `${word} · ${visible(said(because), 300)}`,
      icon: verdictIcon(verdict),
      spoken: `${check}, ${word}: ${visible(said(because), 300)}`,
      subject: { kind: 'kube', topic: 'check', contextName, details: [] },
      command: { id: COMMANDS.dockershimCheck, argument: { contextName } },
    },
    ...paged(id, pods.items, source.options, (pod) => podNode(id, contextName, pod, node, source)),
  ];
}

/** Pods by the name of their node, where the nodes themselves may not be read. */
export function podGroups(id: string, contextName: string, pods: Listed<KubePod>, source: TreeSource): TreeNode[] {
  const groups = new Map<string, KubePod[]>();
  for (const pod of pods.items) {
    const key = pod.nodeName ?? '';
    groups.set(key, [...(groups.get(key) ?? []), pod]);
  }
  return [...groups].map(([nodeName, members]): TreeNode => {
    const groupId = childId(id, 'pods-of', nodeName);
    const label = nodeName === '' ? l10n.t('Not scheduled') : visible(nodeName, 100);
    const description = l10n.t('node that may not be read · {0}', said(counted(members.length, 'pod')));
    return {
      id: groupId,
      label,
      description,
      icon: { id: 'server', color: 'disabledForeground' },
      spoken: `${label}, ${description}`,
      subject: { kind: 'group', text: l10n.t('Pods of a node whose own record you may not read.') },
      children: now(() =>
        paged(groupId, members, source.options, (pod) => podNode(groupId, contextName, pod, undefined, source)),
      ),
    };
  });
}

function podNode(
  parentId: string,
  contextName: string,
  pod: KubePod,
  node: KubeNode | undefined,
  source: TreeSource,
): TreeNode {
  const id = childId(parentId, 'pod', pod.namespace, pod.name);
  const label = visible(`${pod.namespace}/${pod.name}`, 140);
  const running = pod.containers.filter(({ state }) => state === 'running').length;
  const description = l10n.t('{0} · {1} of {2} running', visible(pod.phase, 30), running, pod.containers.length);
  const how = shellLine([
    'kubectl',
    '--context',
    contextName,
    '-n',
    pod.namespace,
    'get',
    'pod',
    pod.name,
    '-o',
    'yaml',
  ]);
  const source1 = `Kubernetes API GET /api/v1/pods, ${pod.namespace}/${pod.name}`;
  const row = (name: string, value: string): LayerDetail => ({
    label: name,
    fact: known('kubernetes-api', value, source1, how),
  });
  return {
    id,
    label,
    description,
    icon: { id: 'package' },
    spoken: l10n.t('Pod {0}, {1}', label, description),
    subject: {
      kind: 'kube',
      topic: 'pod',
      contextName,
      details: [
        row(l10n.t('Phase'), pod.phase),
        row('UID', pod.uid),
        ...(pod.nodeName ? [row(l10n.t('Node'), pod.nodeName)] : []),
      ],
    },
    context: ['kube-pod'],
    children: now(() =>
      pod.containers.map((container) => podContainerNode(id, { contextName, pod, node, how }, container, source)),
    ),
  };
}
