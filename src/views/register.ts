import * as vscode from 'vscode';
import type { Log } from '../host/log';
import type { ClusterStore } from '../store/clusterStore';
import type { Examinations } from '../store/examinations';
import type { Comparisons } from '../store/comparisons';
import type { Lineages } from '../store/lineages';
import type { HostsStore } from '../store/hosts';
import type { StorageStore } from '../store/storageStore';
import { Disposables } from '../util/disposables';
import { Documents } from './documents/documents';
import type { BuildCalls } from './documents/contents';
import { registerElsewhere } from './hovers/elsewhere';
import { hoverExplanations } from './hovers/explanations';
import { toMarkdown } from './hovers/markdown';
import { SpecHovers } from './hovers/specHover';
import { containerHover, treeHover, type HoverContext } from './hovers/treeHovers';
import { useTranslation } from './l10n';
import type { Element } from './tree/elements';
import { LayersView } from './tree/layersView';

/** What the views need besides the store. */
export interface ViewParts {
  readonly log: Log;
  /** Kubernetes clusters, asked when somebody expands them. */
  readonly clusters: ClusterStore;
  /** What containerd stores, asked when somebody expands its row. */
  readonly storage: StorageStore;
  /** The calls that made a container, secrets masked unless `reveal`. */
  readonly buildCalls: BuildCalls;
  readonly examinations: Examinations;
  readonly lineages: Lineages;
  readonly comparisons: Comparisons;
}

/** The views that commands and pages work with. */
export interface Views extends vscode.Disposable {
  readonly layers: LayersView;
  readonly documents: Documents;
}

/** Registers the tree, the documents and the hovers. No I/O: the tree looks when it is first seen. */
export function registerViews(store: HostsStore, parts: ViewParts): Views {
  useTranslation((message, ...args) => vscode.l10n.t(message, ...args), vscode.l10n.bundle);
  const owned = new Disposables();
  const hoverContext = (): HoverContext => ({
    inventory: store.current,
    peek: (containerId) => store.peek(containerId),
    explain: hoverExplanations,
    lineage: (containerId) => parts.lineages.peek(containerId),
  });
  const documents = owned.add(new Documents(store, parts.buildCalls, parts.comparisons));
  owned.add(new SpecHovers(hoverExplanations, parts.lineages).register());
  owned.add(
    registerElsewhere({
      inventory: () => store.current,
      explain: hoverExplanations,
      lineages: parts.lineages,
      container: (container) => containerHover(container, hoverContext()),
    }),
  );
  const layers = owned.add(
    new LayersView(
      store,
      parts.log,
      (element) => {
        const key = hostAround(element);
        const snapshot = store.snapshots.find(({ about }) => about.key === key);
        const far = store.others.find(({ about }) => about.key === key);
        const inventory = snapshot?.current ?? far?.current ?? store.current;
        const context = { ...hoverContext(), inventory, snapshot: snapshot?.about, far: far?.about };
        return toMarkdown(treeHover(element.node, context));
      },
      parts.examinations,
      parts.clusters,
      parts.storage,
    ),
  );
  return { layers, documents, dispose: () => owned.dispose() };
}

/** The key of the host below whose row a row stands; undefined for this machine's. */
function hostAround(element: Element): string | undefined {
  let top = element;
  while (top.parent) top = top.parent;
  const { subject } = top.node;
  return subject.kind === 'host' ? subject.hostKey : undefined;
}
