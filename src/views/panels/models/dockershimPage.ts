import type { Inventory } from '../../../model/inventory';
import type { KubeNode } from '../../../model/kubernetes/cluster';
import type { KubeContext } from '../../../model/kubernetes/context';
import { maskArgs } from '../../../model/secrets';
import type { DockershimContextView, DockershimNodeView, DockershimPage } from '../../../protocol/hostPages';
import type { ClusterStore } from '../../../store/clusterStore';
import { counted, shellLine } from '../../../util/text';
import { verdictWord } from '../../tree/kubeWords';
import type { CopyTable } from './copyTable';

/** The page "Dockershim Check": every cluster that has been asked, node by node, and what is known of those that have not. */
export function dockershimPage(
  { layers, processes, observedAt }: Inventory,
  copies: CopyTable,
  clusters: Pick<ClusterStore, 'knownCluster'>,
): DockershimPage {
  const contexts = layers.flatMap(({ kubeContexts }) => kubeContexts ?? []);
  const views = contexts.map((context) => contextView(context, copies, clusters));
  const asked = views.filter(({ nodes }) => nodes !== undefined);
  const nodes = asked.flatMap((view) => view.nodes ?? []);
  const times = contexts.flatMap(({ name }) => clusters.knownCluster(name)?.nodes.observedAt ?? []);
  return {
    kind: 'dockershim',
    subtitle:
      contexts.length === 0
        ? 'No kubeconfig has a context'
        : `${counted(nodes.length, 'node')} of ${counted(asked.length, 'cluster')} asked`,
    // The oldest: nothing on the page is older than it says.
    observedAt: times.sort()[0] ?? observedAt,
    contexts: [...views].sort((a, b) => rank(a) - rank(b)),
    kubelets: [...processes.byPid.values()]
      .filter(({ argv }) => /(^|\/)kubelet$/.test(argv[0] ?? ''))
      .map(({ pid, argv }) => ({
        text: shellLine(maskArgs(argv)),
        how: copies.add(`ps -ww -o pid,args -p ${pid}`),
      })),
  };
}

/** What was asked before what was not, the current one first among equals. */
function rank({ nodes, current }: DockershimContextView): number {
  return (nodes === undefined ? 2 : 0) + (current ? 0 : 1);
}

function contextView(
  { name, server, current, obstacle }: KubeContext,
  copies: CopyTable,
  clusters: Pick<ClusterStore, 'knownCluster'>,
): DockershimContextView {
  const report = clusters.knownCluster(name);
  const problem = report === undefined ? obstacle : report.nodes.problem;
  return {
    name,
    current,
    ...(server === undefined ? {} : { server }),
    ...(problem === undefined ? {} : { problem }),
    ...(report === undefined ? {} : { nodes: report.nodes.items.map((node) => nodeView(node, name, copies)) }),
  };
}

function nodeView(
  { name, place, dockershim: { verdict, because, evidence, notes, migration } }: KubeNode,
  contextName: string,
  copies: CopyTable,
): DockershimNodeView {
  // The commands ask the cluster that this node is of, whichever is current.
  const inContext = (command: string): string =>
    command.replace(/^kubectl /, `${shellLine(['kubectl', '--context', contextName])} `);
  return {
    name,
    verdict,
    verdictText: verdictWord(verdict),
    because,
    here: place.verdict === 'here',
    evidence: evidence.map(({ what, value, found, says, how }) => ({
      what,
      value,
      found,
      says,
      how: copies.add(inContext(how)),
    })),
    notes,
    steps: migration.steps.map(({ text, command }) => ({
      text,
      ...(command === undefined ? {} : { command: copies.add(inContext(command)) }),
    })),
    links: migration.links,
  };
}
