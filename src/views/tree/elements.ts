import type { DoctorReport } from '../../model/doctor/finding';
import type { Inspection } from '../../model/inspection';
import { RuntimeError } from '../../model/problem';
import { visible } from '../../util/text';
import { l10n, said } from '../l10n';
import { childId, type TreeNode } from './node';
import { problemRows } from './problemRows';
import type { TreeSource } from './options';
import { rootNodes } from './roots';

/** A row with an identity that lasts: the same object for the same id, whatever the row says at the moment. */
export interface Element {
  readonly id: string;
  node: TreeNode;
  parent: Element | undefined;
  /** The children that were last handed out; undefined before anybody has asked. */
  loaded: readonly Element[] | undefined;
}

/** What has to be drawn anew: some rows with all below them, or everything. */
export type Dirty = readonly Element[] | 'everything';

/**
 * The rows that are on the screen, kept in step with the inventory: hands out children, and finds out which rows a new
 * inventory changes, so that only these are drawn anew.
 */
export class Elements {
  private readonly known = new Map<string, Element>();
  private readonly inspections = new Map<string, Promise<Inspection>>();
  private report: Promise<DoctorReport> | undefined;
  private source: TreeSource | undefined;
  private roots: readonly Element[] | undefined;

  constructor(
    private readonly inspect: (containerId: string) => Promise<Inspection>,
    private readonly examine: () => Promise<DoctorReport>,
  ) {}

  /** Takes a new inventory or other options. `changed` names containers whose inspections are out of date. */
  update(source: TreeSource, changed: ReadonlySet<string>): Dirty {
    this.source = source;
    for (const id of changed) this.inspections.delete(id);
    if (!this.roots) return 'everything';
    const nodes = rootNodes(source);
    if (!sameIds(this.roots, nodes)) return 'everything';
    const dirty: Element[] = [];
    this.compareAll(this.roots, nodes, changed, dirty);
    return dirty;
  }

  /** Forgets what was inspected and examined, so that the next look at it is a new one. */
  forgetInspections(): void {
    this.report = undefined;
    this.inspections.clear();
  }

  /** The children of a row, or the top rows. A container is inspected for its children; a failure becomes a row. */
  async children(parent: Element | undefined): Promise<readonly Element[]> {
    if (!this.source) return [];
    if (!parent) {
      this.roots = this.take(rootNodes(this.source), undefined, this.roots);
      return this.roots;
    }
    const nodes = await this.childNodes(parent.node);
    parent.loaded = this.take(nodes, parent, parent.loaded);
    return parent.loaded;
  }

  /**
   * The row of a container under a layer (or by itself, without one), with all rows above it known, also when its page
   * is not shown yet; then `shown` tells how many entries of which lists must be. Undefined where the tree has no such row.
   */
  async find(
    containerId: string,
    layerId: string | undefined,
  ): Promise<{ readonly element: Element; readonly shown: ReadonlyMap<string, number> } | undefined> {
    if (!this.source) return undefined;
    const byLayer = this.source.options.grouping === 'layer';
    const wanted = byLayer ? layerId : undefined;
    const all = this.source.with({ pageSize: Number.MAX_SAFE_INTEGER, shown: new Map() });
    const shown = new Map<string, number>();
    let listId = 'containers';
    for (const { node, index } of findPath(rootNodes(all), containerId, wanted) ?? []) {
      const visibleNow = this.source.options.shown.get(listId) ?? this.source.options.pageSize;
      if (index >= visibleNow) shown.set(listId, index + 1);
      listId = node.id;
    }
    // The rows themselves come from lists in pages: no row may ever hand out thousands of children.
    const paged = this.source.with({ shown: new Map([...this.source.options.shown, ...shown]) });
    let parent: Element | undefined;
    for (const { node } of findPath(rootNodes(paged), containerId, wanted) ?? []) parent = this.intern(node, parent);
    if (!parent || byLayer || layerId === undefined) return parent && { element: parent, shown };
    const links = await this.children(parent);
    const link = links.find(({ node }) => node.subject.kind === 'container' && node.subject.layerId === layerId);
    return { element: link ?? parent, shown };
  }

  private async childNodes(node: TreeNode): Promise<readonly TreeNode[]> {
    const { children } = node;
    if (!children) return [];
    if (children.when === 'now') return children.make();
    try {
      if (children.when === 'asked') return await children.ask();
      if (children.when === 'examined') return children.make(await this.examined());
      return children.make(await this.inspected(children.containerId));
    } catch (error) {
      switch (children.when) {
        case 'asked':
          return problemRows(node.id, RuntimeError.from(error, node.label).problem);
        case 'examined':
          return [failureNode(node.id, l10n.t('Cannot be examined'), RuntimeError.from(error, 'Examining the shims'))];
        case 'inspected':
          return [
            failureNode(node.id, l10n.t('Cannot be inspected'), RuntimeError.from(error, 'Inspecting the container')),
          ];
      }
    }
  }

  /** Takes a newer report; returns the rows that were made from an older one. */
  takeReport(report: DoctorReport): readonly Element[] {
    this.report = Promise.resolve(report);
    return (this.roots ?? []).filter(({ node, loaded }) => node.children?.when === 'examined' && loaded);
  }

  private async examined(): Promise<DoctorReport> {
    const asked = (this.report ??= this.examine());
    asked.catch(() => {
      if (this.report === asked) this.report = undefined;
    });
    return asked;
  }

  private async inspected(containerId: string): Promise<Inspection> {
    const known = this.inspections.get(containerId);
    if (known) return known;
    const asked = this.inspect(containerId);
    this.inspections.set(containerId, asked);
    // A failure is not kept: the next look asks again.
    asked.catch(() => {
      if (this.inspections.get(containerId) === asked) this.inspections.delete(containerId);
    });
    return asked;
  }

  private take(
    nodes: readonly TreeNode[],
    parent: Element | undefined,
    before: readonly Element[] | undefined,
  ): readonly Element[] {
    const elements = nodes.map((node) => this.intern(node, parent));
    const kept = new Set(elements);
    for (const gone of before ?? []) if (!kept.has(gone)) this.forget(gone);
    return elements;
  }

  private intern(node: TreeNode, parent: Element | undefined): Element {
    const known = this.known.get(node.id);
    if (known) {
      known.node = node;
      known.parent = parent;
      return known;
    }
    const element: Element = { id: node.id, node, parent, loaded: undefined };
    this.known.set(node.id, element);
    return element;
  }

  private forget(element: Element): void {
    this.known.delete(element.id);
    for (const child of element.loaded ?? []) this.forget(child);
  }

  private compareAll(
    elements: readonly Element[],
    nodes: readonly TreeNode[],
    changed: ReadonlySet<string>,
    dirty: Element[],
  ): void {
    elements.forEach((element, index) => {
      const node = nodes[index];
      if (node) this.compare(element, node, changed, dirty);
    });
  }

  private compare(element: Element, node: TreeNode, changed: ReadonlySet<string>, dirty: Element[]): void {
    const same = looks(element.node) === looks(node);
    element.node = node;
    // A row that is drawn anew gets its children anew too: nothing below it needs a look.
    if (!same) return void dirty.push(element);
    if (!element.loaded || !node.children) return;
    // A report stays until another is made: rows of it are no inventory.
    if (node.children.when === 'examined') return;
    if (node.children.when === 'inspected') {
      if (changed.has(node.children.containerId)) dirty.push(element);
      return;
    }
    const nodes = node.children.when === 'asked' ? node.children.known() : node.children.make();
    if (!nodes) return;
    if (!sameIds(element.loaded, nodes)) return void dirty.push(element);
    this.compareAll(element.loaded, nodes, changed, dirty);
  }
}

/** Everything of a row that is drawn. */
function looks({ label, description, icon, spoken, context, children }: TreeNode): string {
  return JSON.stringify([label, description, icon, spoken, context, children !== undefined]);
}

function sameIds(elements: readonly Element[], nodes: readonly TreeNode[]): boolean {
  return elements.length === nodes.length && elements.every(({ id }, index) => id === nodes[index]?.id);
}

interface Step {
  readonly node: TreeNode;
  /** Its place in its list. */
  readonly index: number;
}

/** The rows from the top to a container's; only rows whose children are known without asking anybody are searched. */
function findPath(nodes: readonly TreeNode[], containerId: string, layerId: string | undefined): Step[] | undefined {
  for (const [index, node] of nodes.entries()) {
    const { subject } = node;
    if (subject.kind === 'container') {
      if (subject.containerId === containerId && (layerId === undefined || subject.layerId === layerId)) {
        return [{ node, index }];
      }
      continue;
    }
    if (subject.kind === 'layer' && layerId !== undefined && subject.layerId !== layerId) continue;
    if (node.children?.when !== 'now') continue;
    const below = findPath(node.children.make(), containerId, layerId);
    if (below) return [{ node, index }, ...below];
  }
  return undefined;
}

function failureNode(parentId: string, label: string, { problem }: RuntimeError): TreeNode {
  const description = visible(said([problem.reason, problem.remedy].filter(Boolean).join(' ')), 300);
  return {
    id: childId(parentId, 'failure'),
    label,
    description,
    icon: { id: 'error', color: 'charts.red' },
    spoken: `${label}: ${description}`,
    subject: { kind: 'problem', problem },
    context: ['problem'],
  };
}
