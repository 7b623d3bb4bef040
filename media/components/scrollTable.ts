import { h } from '../dom';

export interface ScrollTable {
  /** What it shows, for those who hear it. */
  readonly label: string;
  readonly heads: readonly string[];
  /** `tr` elements. */
  readonly rows: readonly HTMLElement[];
  /** More classes of the table. */
  readonly kind?: string;
}

/** A table in a box of its own, which scrolls where it is wider than the page; the keyboard reaches it. */
export function scrollTable({ label, heads, rows, kind = '' }: ScrollTable): HTMLElement {
  return h(
    'div',
    { class: 'table-scroll', attributes: { tabindex: '0', role: 'region', 'aria-label': label } },
    h(
      'table',
      { class: kind },
      h('thead', {}, h('tr', {}, ...heads.map((head) => h('th', { attributes: { scope: 'col' } }, head)))),
      h('tbody', {}, ...rows),
    ),
  );
}
