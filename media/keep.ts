/** Runs a redraw so that the focus and the scroll positions stay where they were. */
export function keepingPlace(root: HTMLElement, redraw: () => void): void {
  const focused = keyOf(document.activeElement);
  const scrolls = [...root.querySelectorAll<HTMLElement>('[data-scroll], .tree')].map((element) => ({
    name: nameOf(element),
    top: element.scrollTop,
    left: element.scrollLeft,
  }));
  const { scrollX, scrollY } = window;
  redraw();
  for (const element of root.querySelectorAll<HTMLElement>('[data-scroll], .tree')) {
    const before = scrolls.find(({ name }) => name === nameOf(element));
    if (before) element.scrollTo({ top: before.top, left: before.left, behavior: 'instant' });
  }
  window.scrollTo({ left: scrollX, top: scrollY, behavior: 'instant' });
  // Compared as data, not as a selector: keys hold text from outside.
  const target =
    focused === undefined
      ? undefined
      : [...root.querySelectorAll<HTMLElement | SVGElement>('[data-key]')].find(
          (element) => keyOf(element) === focused,
        );
  target?.focus({ preventScroll: true });
}

function keyOf(element: Element | null): string | undefined {
  return element instanceof HTMLElement || element instanceof SVGElement ? element.dataset['key'] : undefined;
}

function nameOf(element: HTMLElement): string {
  return element.dataset['scroll'] ?? element.className;
}
