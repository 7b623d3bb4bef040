import { PAGE_TITLES, type ChainBox, type ChainPage } from '../../src/protocol/pages';
import { factList } from '../components/facts';
import { roving } from '../components/roving';
import { button } from '../components/toolkit';
import type { View, ViewContext } from '../context';
import { h, icon } from '../dom';

const STATUS_TONES: Readonly<Record<ChainBox['status'], string>> = {
  running: 'tone-green',
  exited: 'tone-neutral',
  stopped: 'tone-yellow',
  failed: 'tone-red',
  unknown: 'tone-neutral',
};

/** The page "Runtime Chain": who called whom, down to the container's first process. */
export class ChainView implements View<ChainPage> {
  constructor(private readonly context: ViewContext) {}

  draw(page: ChainPage): HTMLElement {
    const boxes = page.boxes.map((box) => this.box(box));
    const list = h('ol', { class: 'chain', attributes: { 'aria-label': 'From the client to the container' } });
    page.boxes.forEach((box, index) => {
      const element = boxes[index];
      if (element) list.append(h('li', {}, element, index < boxes.length - 1 && link(box, page.boxes[index + 1])));
    });
    roving(list, boxes);
    return list;
  }

  private box(box: ChainBox): HTMLElement {
    const { id, title, role, icon: glyph, status, statusText, facts, page } = box;
    const open = (): void => {
      if (page) this.context.run(this.context.ask('openPage', { page }));
    };
    return h(
      'section',
      {
        class: `card chain-box status-${status}`,
        key: `box:${id}`,
        attributes: {
          'data-box': id,
          'aria-label': `${title}, ${statusText}. ${page ? `Enter opens ${PAGE_TITLES[page]}.` : ''}`,
        },
        onclick: (event) => {
          // The box's own buttons and selections of its text mean something else.
          if (isInteractive(event.target) || String(getSelection() ?? '') !== '') return;
          open();
        },
        onkeydown: (event) => {
          if (event.target !== event.currentTarget || (event.key !== 'Enter' && event.key !== ' ')) return;
          event.preventDefault();
          open();
        },
      },
      h(
        'header',
        { class: 'chain-head' },
        h('span', { class: 'chain-icon' }, icon(glyph)),
        h('div', { class: 'chain-title' }, h('h2', {}, title), h('p', { class: 'muted' }, role)),
        h(
          'span',
          { class: `badge ${STATUS_TONES[status]}` },
          h('span', { class: 'dot' }),
          status === 'running' || status === 'exited' ? status : statusText,
        ),
      ),
      factList(this.context, facts, `chain:${id}`),
      page &&
        h(
          'div',
          { class: 'chain-open' },
          button(PAGE_TITLES[page], { key: `open:${id}`, icon: 'arrow-right', onclick: open }),
        ),
    );
  }
}

function link(box: ChainBox, next: ChainBox | undefined): HTMLElement {
  const gone = box.status === 'exited' || next?.status === 'exited';
  return h('div', { class: `chain-link${gone ? ' past' : ''}` }, icon('arrow-down'), h('span', {}, box.speaks ?? ''));
}

function isInteractive(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button, a, vscode-button, code') !== null;
}
