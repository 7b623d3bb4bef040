import type { Inventory } from '../../model/inventory';
import type { Layer } from '../../model/layer';
import type { Welcome } from '../../contributions';
import { containerAlone } from './containerNodes';
import { doctorNode } from './doctorNodes';
import { farNode } from './farNodes';
import { snapshotNode } from './hostNodes';
import { layerNode } from './layerNodes';
import type { TreeNode } from './node';
import type { TreeSource } from './options';
import { paged } from './paging';

/** The top rows: this machine's, then other live hosts and the snapshots. Empty when there is nothing to see, so that the welcome view can say why. */
export function rootNodes(source: TreeSource): TreeNode[] {
  const others = [
    ...source.others.map((host) => farNode(host, source)),
    ...source.snapshots.map((snapshot) => snapshotNode(snapshot, source)),
  ];
  if (others.length === 0 && welcomeOf(source.inventory) !== undefined) return [];
  // Without a kernel of ours there are no shims to look at.
  const doctor = source.inventory.layers.some(isHere) ? [doctorNode()] : [];
  return [...hostRows(source), ...doctor, ...others];
}

function isHere({ kind, status }: Layer): boolean {
  return kind === 'kernel' && status !== 'absent';
}

/** The rows of one host, grouped as the user wants them. */
export function hostRows(source: TreeSource): TreeNode[] {
  const layers = source.inventory.layers.filter(({ status }) => status !== 'absent');
  if (source.options.grouping === 'layer') return layers.map((layer) => layerNode(layer, source));
  const { root } = source;
  return [
    ...paged(root || 'containers', source.containers, source.options, (one) => containerAlone(root, one, source)),
    // What is broken must be seen in every grouping.
    ...layers.filter(({ problem }) => problem !== undefined).map((layer) => layerNode(layer, source)),
  ];
}

/** What keeps the tree empty, most telling first; undefined when there is something to show. */
export function welcomeOf({ layers, containers }: Inventory): Welcome | undefined {
  if (containers.length > 0) return undefined;
  // What the user could allow is offered by a row.
  if (layers.some(({ awaits }) => awaits)) return undefined;
  // Whoever has a cluster has something to see, also on a machine without an engine.
  if (layers.some(({ kubeContexts }) => kubeContexts && kubeContexts.length > 0)) return undefined;
  const daemons = layers.filter(isDaemon);
  if (daemons.some(({ status }) => status === 'ok' || status === 'partly')) return undefined;
  const codes = daemons.map(({ problem }) => problem?.code);
  if (codes.includes('denied')) return 'denied';
  if (daemons.some(({ status, problem }) => status === 'failed' && problem?.code !== 'absent')) return 'refused';
  return 'absent';
}

function isDaemon({ kind }: Layer): boolean {
  return kind === 'engine' || kind === 'cri' || kind === 'containerd';
}
