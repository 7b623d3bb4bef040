import { provideVSCodeDesignSystem, vsCodeButton, vsCodeTextField } from '@vscode/webview-ui-toolkit';
import { h, icon } from '../dom';

/*
 * The only file that knows the UI toolkit: its makers have ended it, and one day something else stands behind these
 * functions. Registered is only what is used.
 */

/** Makes the toolkit's elements known to the page. */
export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeTextField());
}

interface ButtonOptions {
  readonly key: string;
  readonly icon?: string;
  readonly appearance?: 'primary' | 'secondary';
  readonly pressed?: boolean;
  readonly onclick: () => void;
}

/** A button with a text. */
export function button(
  label: string,
  { key, icon: iconName, appearance = 'secondary', pressed, onclick }: ButtonOptions,
): HTMLElement {
  const element = h(
    'vscode-button',
    { key, onclick, attributes: { appearance, 'aria-pressed': pressed === undefined ? undefined : String(pressed) } },
    label,
  );
  if (iconName) {
    const glyph = icon(iconName);
    glyph.slot = 'start';
    element.prepend(glyph);
  }
  return element;
}

/** A button that is only an icon; its label is read aloud and shown on hover. */
export function iconButton(label: string, iconName: string, key: string, onclick: () => void): HTMLElement {
  return h(
    'vscode-button',
    { class: 'icon-button', key, title: label, onclick, attributes: { appearance: 'icon', 'aria-label': label } },
    icon(iconName),
  );
}

/** A number in a pill. Not the toolkit's badge: that sets an inline style, which the page's policy forbids. */
export function countBadge(count: number): HTMLElement {
  return h('span', { class: 'count-badge' }, String(count));
}

/** A text field for searching. */
export function searchField(options: {
  readonly key: string;
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly oninput: (text: string) => void;
  readonly onkeydown: (event: KeyboardEvent) => void;
}): HTMLElement {
  const { key, label, placeholder, value, oninput, onkeydown } = options;
  const glyph = icon('search');
  glyph.slot = 'start';
  const field = h(
    'vscode-text-field',
    { key, class: 'search-field', onkeydown, attributes: { placeholder, 'aria-label': label, value } },
    glyph,
  );
  field.addEventListener('input', () => oninput(textOf(field)));
  return field;
}

function textOf(field: HTMLElement): string {
  const { value } = field as HTMLElement & { readonly value?: unknown };
  return typeof value === 'string' ? value : '';
}
