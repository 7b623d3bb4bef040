import type { Copyable } from '../../src/protocol/pages';
import type { ViewContext } from '../context';
import { h } from '../dom';
import { iconButton } from './toolkit';
import { l10n } from '../l10n';

const CONFIRMED_MS = 1500;

/** A button that copies a text which the host holds. */
export function copyButton(context: ViewContext, copy: Copyable, label: string, key: string): HTMLElement {
  const element = iconButton(label, 'copy', `copy:${key}`, () => {
    const work = context.ask('copy', { copyId: copy.copyId }).then(() => confirm(context, element));
    context.run(work);
  });
  return element;
}

/** Shows for a moment that copying worked. */
export function confirm(context: ViewContext, element: HTMLElement): void {
  const glyph = element.querySelector('.codicon');
  glyph?.classList.replace('codicon-copy', 'codicon-check');
  element.classList.add('confirmed');
  context.announce(l10n.t('Copied'));
  setTimeout(() => {
    glyph?.classList.replace('codicon-check', 'codicon-copy');
    element.classList.remove('confirmed');
  }, CONFIRMED_MS);
}

/** A command with its copy button. */
export function commandLine(context: ViewContext, copy: Copyable, key: string): HTMLElement {
  return h(
    'div',
    { class: 'command' },
    h('span', { class: 'prompt', attributes: { 'aria-hidden': 'true' } }, '$'),
    h('code', {}, copy.text),
    copyButton(context, copy, l10n.t('Copy this command'), key),
  );
}
