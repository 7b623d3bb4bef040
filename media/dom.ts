import { visible } from '../src/util/text';

/** What can hang below an element: text becomes a text node, never markup. */
export type Child = Node | string | number | undefined | false;

interface Properties {
  readonly class?: string | undefined;
  /** Marks an element whose focus and scroll position survive a redraw. */
  readonly key?: string | undefined;
  readonly title?: string | undefined;
  readonly onclick?: ((event: MouseEvent) => void) | undefined;
  readonly onkeydown?: ((event: KeyboardEvent) => void) | undefined;
  readonly attributes?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
}

/** More than any label or command is long; longer texts are cut, and say so. */
const TEXT_LIMIT = 20_000;

/** Makes an element. */
export function h(tag: string, properties: Properties = {}, ...children: readonly Child[]): HTMLElement {
  const element = document.createElement(tag);
  if (properties.class) element.className = properties.class;
  if (properties.key) element.dataset['key'] = properties.key;
  if (properties.title) element.title = visible(properties.title, 500);
  if (properties.onclick) element.addEventListener('click', properties.onclick);
  if (properties.onkeydown) element.addEventListener('keydown', properties.onkeydown);
  setAttributes(element, properties.attributes ?? {});
  append(element, children);
  return element;
}

/** Hangs children below an element. */
export function append(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : visible(String(child), TEXT_LIMIT));
  }
}

/** Sets attributes; false and undefined leave one out, true sets it empty. */
export function setAttributes(
  element: Element,
  attributes: Readonly<Record<string, string | number | boolean | undefined>>,
): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}

/** Replaces an element's text; the same text again is not touched, so that readers do not say it twice. */
export function setText(element: Element, text: string): void {
  const shown = visible(text, TEXT_LIMIT);
  if (element.textContent !== shown) element.textContent = shown;
}

/** Text of several lines, each made visible, for a `pre`. */
export function multiline(text: string, limit = 200_000): string {
  const cut = text.length > limit;
  const lines = text
    .slice(0, limit)
    .split(/\r?\n/)
    .map((line) => visible(line, TEXT_LIMIT));
  return lines.join('\n') + (cut ? `\n… (${text.length} characters)` : '');
}

/** An icon of the editor's own set; decoration only, so hidden from readers. */
export function icon(name: string): HTMLElement {
  return h('span', { class: `codicon codicon-${name}`, attributes: { 'aria-hidden': 'true' } });
}

const SVG = 'http://www.w3.org/2000/svg';

/** Makes an SVG element. */
export function svg(
  tag: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: readonly SVGElement[]
): SVGElement {
  const element = document.createElementNS(SVG, tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/** A text in an SVG, with what cannot be seen made visible. */
export function svgText(text: string, attributes: Readonly<Record<string, string | number>>, limit = 80): SVGElement {
  const element = svg('text', attributes);
  element.textContent = visible(text, limit);
  return element;
}
