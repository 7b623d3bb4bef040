/**
 * Makes a list one stop for the Tab key, in which the arrow keys, Home and End move: the item that last had the focus
 * is the one that Tab reaches.
 */
export function roving(
  list: HTMLElement | SVGElement,
  items: readonly (HTMLElement | SVGElement)[],
  options: { readonly start?: number; readonly onFocus?: (index: number) => void } = {},
): void {
  const { start = 0, onFocus } = options;
  items.forEach((item, index) => {
    item.tabIndex = index === start ? 0 : -1;
    item.addEventListener('focus', () => {
      for (const other of items) other.tabIndex = other === item ? 0 : -1;
      onFocus?.(index);
    });
  });
  // The two kinds of element hear keys alike; their common type does not say so.
  (list as HTMLElement).addEventListener('keydown', (event) => {
    const current = items.findIndex((item) => item === document.activeElement);
    if (current < 0) return;
    const target = nextIndex(event.key, current, items.length);
    if (target === undefined) return;
    event.preventDefault();
    items[target]?.focus();
  });
}

/** Where a key leads in a list; undefined for keys that do not move. */
export function nextIndex(key: string, current: number, length: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
    case 'ArrowRight':
      return Math.min(current + 1, length - 1);
    case 'ArrowUp':
    case 'ArrowLeft':
      return Math.max(current - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return length - 1;
    default:
      return undefined;
  }
}
