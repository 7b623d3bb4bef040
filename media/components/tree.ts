import { visible } from '../../src/util/text';
import { h, icon, setAttributes } from '../dom';
import { nextIndex } from './roving';
import { ancestorsOf, flatten, pathId, type Path, type TreeRow } from './treeRows';
import { isOutgrown, ROW_HEIGHT, windowFor, type Sight, type TreeWindow } from './treeWindow';

const SHOWN_LENGTH = 160;

/** What a tree tells and asks its page. */
export interface TreeOptions {
  readonly label: string;
  readonly document: unknown;
  /** Ids of open places; the tree changes it. */
  readonly expanded: Set<string>;
  readonly selected: Path | undefined;
  /** Ids of places to point out, with what to say beside them. */
  readonly remarks: ReadonlyMap<string, string>;
  readonly onSelect: (path: Path, value: unknown) => void;
  readonly onExpand: () => void;
  /** The pointer came upon a line. */
  readonly onPoint: (line: HTMLElement, path: Path, value: unknown) => void;
  /** The pointer left the lines, or they moved. */
  readonly onLeave: () => void;
}

/** A document as a tree that draws only what is in sight: 10,000 members cost no more than 50. */
export class DocumentTree {
  readonly element: HTMLElement;
  private readonly spacer = h('div', { class: 'tree-spacer' });
  private readonly window = h('div', { class: 'tree-window' });
  private rows: readonly TreeRow[];
  private selected: number;
  private matches: ReadonlySet<string> = new Set();
  private drawn: TreeWindow = { first: 0, last: 0 };

  constructor(private readonly options: TreeOptions) {
    this.element = h(
      'div',
      {
        class: 'tree',
        key: 'tree',
        onkeydown: (event) => this.onKey(event),
        attributes: { role: 'tree', tabindex: 0, 'aria-label': options.label },
      },
      this.spacer,
    );
    this.spacer.append(this.window);
    this.element.addEventListener('scroll', () => {
      this.options.onLeave();
      this.drawIfOutgrown();
    });
    this.element.addEventListener('pointerover', (event) => this.onPointer(event));
    this.element.addEventListener('pointerleave', () => this.options.onLeave());
    this.rows = flatten(options.document, options.expanded);
    this.selected = Math.max(0, this.indexOf(options.selected));
    new ResizeObserver(() => this.drawIfOutgrown()).observe(this.element);
  }

  /** Points out the places that a search found. */
  setMatches(paths: readonly Path[]): void {
    this.matches = new Set(paths.map(pathId));
    this.draw();
  }

  /** Opens what is above a place, selects it and brings it into sight. */
  reveal(path: Path): void {
    for (const id of ancestorsOf(path)) this.options.expanded.add(id);
    this.reflow();
    const index = this.indexOf(path);
    if (index >= 0) this.select(index, true);
  }

  /** Opens or closes every place down to a depth. */
  setAll(open: boolean): void {
    this.options.expanded.clear();
    const openBelow = (): void => {
      for (const row of flatten(this.options.document, this.options.expanded))
        if (row.members) this.options.expanded.add(row.id);
    };
    // Three levels show all that config.json usually holds, and never open a million lines at once.
    if (open) for (let level = 0; level < 3; level++) openBelow();
    this.reflow();
  }

  draw(): void {
    this.drawn = windowFor(this.sight);
    const { first, last } = this.drawn;
    this.spacer.style.height = `${this.rows.length * ROW_HEIGHT}px`;
    this.window.style.transform = `translateY(${first * ROW_HEIGHT}px)`;
    this.window.replaceChildren(...this.rows.slice(first, last).map((row, offset) => this.line(row, first + offset)));
    setAttributes(this.element, {
      'aria-activedescendant': this.rows[this.selected] ? `row-${this.selected}` : undefined,
    });
  }

  private drawIfOutgrown(): void {
    if (isOutgrown(this.drawn, this.sight)) this.draw();
  }

  private get sight(): Sight {
    const { scrollTop, clientHeight } = this.element;
    return { scrollTop, height: clientHeight || 600, rows: this.rows.length };
  }

  private line(row: TreeRow, index: number): HTMLElement {
    const { id, key, value, depth, members, expanded, position, siblings } = row;
    const isSelected = index === this.selected;
    const remark = this.options.remarks.get(id);
    const element = h(
      'div',
      {
        class: `tree-row${isSelected ? ' selected' : ''}${this.matches.has(id) ? ' match' : ''}`,
        onclick: () => this.onClick(index),
        attributes: {
          id: `row-${index}`,
          role: 'treeitem',
          'aria-level': depth + 1,
          'aria-posinset': position,
          'aria-setsize': siblings,
          'aria-selected': String(isSelected),
          'aria-expanded': members === undefined ? undefined : String(expanded),
        },
      },
      members === undefined
        ? h('span', { class: 'twistie' })
        : h('span', { class: 'twistie' }, icon(expanded ? 'chevron-down' : 'chevron-right')),
      h('span', { class: 'tree-key' }, visible(key, SHOWN_LENGTH)),
      members === undefined && h('span', { class: 'tree-colon' }, ':'),
      valueText(value, members),
      remark && h('span', { class: 'tree-remark' }, icon('warning'), remark),
    );
    element.style.paddingInlineStart = `${8 + depth * 16}px`;
    return element;
  }

  private onClick(index: number): void {
    this.select(index, false);
    if (this.rows[index]?.members !== undefined) this.toggle(index);
  }

  private onPointer({ target }: PointerEvent): void {
    const line = target instanceof Element ? target.closest<HTMLElement>('.tree-row') : null;
    const row = line && this.rows[Number(line.id.slice('row-'.length))];
    if (row) this.options.onPoint(line, row.path, row.value);
    else this.options.onLeave();
  }

  private onKey(event: KeyboardEvent): void {
    const row = this.rows[this.selected];
    if (!row || event.ctrlKey || event.altKey || event.metaKey) return;
    const target = this.keyTarget(event.key, row);
    if (target === undefined) return;
    event.preventDefault();
    if (target === 'toggle') this.toggle(this.selected);
    else this.select(target, true);
  }

  private keyTarget(key: string, row: TreeRow): number | 'toggle' | undefined {
    const page = Math.max(1, Math.floor(this.element.clientHeight / ROW_HEIGHT) - 1);
    switch (key) {
      case 'ArrowRight':
        return row.members === undefined
          ? this.selected
          : row.expanded
            ? Math.min(this.selected + 1, this.rows.length - 1)
            : 'toggle';
      case 'ArrowLeft':
        return row.expanded ? 'toggle' : Math.max(0, this.indexOf(row.path.slice(0, -1)));
      case 'PageDown':
        return Math.min(this.selected + page, this.rows.length - 1);
      case 'PageUp':
        return Math.max(this.selected - page, 0);
      case 'Enter':
      case ' ':
        return row.members === undefined ? this.selected : 'toggle';
      default:
        return nextIndex(key, this.selected, this.rows.length);
    }
  }

  private toggle(index: number): void {
    const row = this.rows[index];
    if (!row || row.members === undefined) return;
    if (row.expanded) this.options.expanded.delete(row.id);
    else this.options.expanded.add(row.id);
    this.reflow();
  }

  private select(index: number, scroll: boolean): void {
    this.selected = index;
    if (scroll) this.bringIntoSight(index);
    this.draw();
    const row = this.rows[index];
    if (row) this.options.onSelect(row.path, row.value);
  }

  private bringIntoSight(index: number): void {
    const top = index * ROW_HEIGHT;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + ROW_HEIGHT > scrollTop + clientHeight) this.element.scrollTop = top + ROW_HEIGHT - clientHeight;
  }

  private reflow(): void {
    const path = this.rows[this.selected]?.path;
    this.rows = flatten(this.options.document, this.options.expanded);
    this.selected = Math.max(0, this.indexOf(path));
    this.draw();
    this.options.onExpand();
  }

  private indexOf(path: Path | undefined): number {
    const id = path && pathId(path);
    return this.rows.findIndex((row) => row.id === id);
  }
}

function valueText(value: unknown, members: number | undefined): HTMLElement {
  if (members !== undefined) {
    const noun = Array.isArray(value) ? (members === 1 ? 'item' : 'items') : members === 1 ? 'field' : 'fields';
    return h('span', { class: 'tree-count' }, `${members} ${noun}`);
  }
  const kind = value === null ? 'null' : typeof value;
  const text = typeof value === 'string' ? `"${visible(value, SHOWN_LENGTH)}"` : String(value);
  return h('span', { class: `tree-value ${kind}` }, text);
}
