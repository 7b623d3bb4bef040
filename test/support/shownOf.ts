import { hoverExplanations } from '../../src/views/hovers/explanations';
import { treeHover } from '../../src/views/hovers/treeHovers';
import { contentsOf } from '../../src/views/documents/contents';
import { DOCUMENTS } from '../../src/views/documents/address';
import { explainers } from '../../src/views/panels/explainers';
import { CopyTable } from '../../src/views/panels/models/copyTable';
import { pageModel } from '../../src/views/panels/models/pageModel';
import { Elements, type Element } from '../../src/views/tree/elements';
import { snapshotNode } from '../../src/views/tree/hostNodes';
import type { Grouping } from '../../src/views/tree/grouping';
import { TreeSource } from '../../src/views/tree/options';
import { findContainer, type Inventory } from '../../src/model/inventory';
import type { LineageRow } from '../../src/model/lineage/row';
import { PAGE_KINDS } from '../../src/protocol/pages';
import type { ContainerSources } from '../../src/store/containerSources';
import type { Hosts } from '../../src/store/hosts';
import type { SnapshotStore } from '../../src/store/snapshotStore';

/** Everything that views show of one host, by where it is shown, as JSON. */
export type Shown = ReadonlyMap<string, string>;

export interface ShownHost {
  readonly hosts: Hosts;
  readonly sources: ContainerSources;
  readonly inventory: Inventory;
  /** The snapshot that is shown; absent for this machine. */
  readonly snapshot?: SnapshotStore;
}

/**
 * Draws the whole tree in both groupings with a hover for every row, and all pages and documents of every container that
 * can be inspected. What names the host itself (ids, the rows about the snapshot, the captions of a snapshot) is taken out,
 * so that the same host can be compared live and from a snapshot.
 */
export async function shownOf(
  host: ShownHost,
  groupings: readonly Grouping[] = ['layer', 'container'],
): Promise<Shown> {
  const shown = new Map<string, string>();
  const put = (where: string, value: unknown): void => void shown.set(where, neutral(value, host));
  const lineages = new Map<string, readonly LineageRow[]>();
  for (const { id } of host.inventory.containers) {
    const inspection = host.hosts.peek(id);
    if (inspection) lineages.set(id, await host.sources.lineage(inspection, false));
  }
  for (const grouping of groupings) {
    for (const { element, hover } of await rowsOf(host, grouping, lineages)) {
      const { id, label, description, icon, spoken, context, command } = element.node;
      put(`${grouping} ${neutral(id, host)}`, { label, description, icon, spoken, context, command });
      put(`${grouping} hover ${neutral(id, host)}`, hover);
    }
  }
  for (const { id } of host.inventory.containers) await putContainer(id, host, put);
  return shown;
}

async function putContainer(id: string, host: ShownHost, put: (where: string, value: unknown) => void): Promise<void> {
  const { hosts, sources, inventory, snapshot } = host;
  // What was read last: reading again would count on.
  const inspection = hosts.peek(id);
  if (!inspection) return put(`${neutral(id, host)} inspection`, { none: true });
  for (const page of PAGE_KINDS) {
    const lineage = page === 'lineage' ? await sources.lineage(inspection, false) : [];
    const birth = page === 'birth' ? await sources.birth(id, inspection, false) : undefined;
    const model = pageModel(
      page,
      {
        inspection,
        inventory,
        container: findContainer(inventory, id),
        copies: new CopyTable('0'),
        reveal: false,
        explain: explainers,
        ...(snapshot ? { snapshot: snapshot.about } : {}),
      },
      () => sources.calls(inspection, false),
      () => lineage,
      birth && (() => birth),
      page === 'calls' ? await sources.seen(inspection) : undefined,
    );
    const { snapshot: _, ...header } = model.header;
    // How many secrets could be revealed: in a redacted snapshot there are none left.
    put(`${neutral(id, host)} ${page}`, { ...model, header, ...('secrets' in model ? { secrets: 0 } : {}) });
  }
  for (const document of DOCUMENTS) {
    // Those of a comparison are made from two containers.
    if (document === 'environment' || document === 'lineage') continue;
    const buildCalls = sources.calls.bind(sources);
    put(`${neutral(id, host)} ${document}.json`, contentsOf(document, inspection, false, buildCalls));
  }
}

async function rowsOf(
  host: ShownHost,
  grouping: Grouping,
  lineages: ReadonlyMap<string, readonly LineageRow[]>,
): Promise<{ readonly element: Element; readonly hover: unknown }[]> {
  const { hosts, inventory, snapshot } = host;
  const elements = new Elements(
    async (id) => hosts.peek(id) ?? hosts.inspect(id),
    () => Promise.reject(new Error('nobody examines here')),
  );
  const options = { grouping, filter: [], pageSize: 5000, shown: new Map<string, number>() };
  elements.update(
    new TreeSource(inventory, options, undefined, snapshot ? { snapshots: [snapshot] } : {}),
    new Set<string>(),
  );
  const rows: { element: Element; hover: unknown }[] = [];
  const walk = async (parent: Element | undefined): Promise<void> => {
    for (const element of await elements.children(parent)) {
      if (element.node.subject.kind === 'host' || isAboutSnapshot(element)) continue;
      if (snapshot && !parent) continue;
      if (element.node.children?.when === 'examined') continue;
      const hover = treeHover(element.node, {
        inventory,
        peek: (id) => hosts.peek(id),
        explain: hoverExplanations,
        lineage: (id) => lineages.get(id),
      });
      rows.push({ element, hover });
      await walk(element);
    }
  };
  if (!snapshot) await walk(undefined);
  else {
    const row = (await elements.children(undefined)).find(({ node }) => node.subject.kind === 'host');
    if (row?.id !== snapshotNode(snapshot, new TreeSource(inventory, options)).id)
      throw new Error('no row of the host');
    await walk(row);
  }
  return rows;
}

function isAboutSnapshot({ id }: Element): boolean {
  return /^host:[\w-]+\/about(?:\/|$)/.test(id);
}

/** Without what names the host. */
function neutral(value: unknown, { snapshot }: ShownHost): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (!snapshot) return text;
  const { key } = snapshot.about;
  return text.replaceAll(`host:${key}/`, '').replaceAll(`@${key}/`, '').replaceAll(`@${key}%2F`, '');
}
