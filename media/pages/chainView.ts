import { PAGE_TITLES, type ChainBox, type ChainPage } from '../../src/protocol/pages';
import { factList } from '../components/facts';
import { roving } from '../components/roving';
import { button } from '../components/toolkit';
import type { View, ViewContext } from '../context';
import { h, icon } from '../dom';
import { l10n } from '../l10n';

const STATUS_TONES: Readonly<Record<ChainBox['status'], string>> = {
  running: 'tone-green',
  exited: 'tone-neutral',
  stopped: 'tone-yellow',
  failed: 'tone-red',
  unknown: 'tone-neutral',
};

/** The page "Runtime Chain": who called whom, down to the container's first process; as a picture, then each link in full. */
export class ChainView implements View<ChainPage> {
  constructor(private readonly context: ViewContext) {}

  draw(page: ChainPage): HTMLElement {
    return h('div', { class: 'stack' }, this.picture(page.boxes), this.details(page.boxes));
  }

  private picture(boxes: readonly ChainBox[]): HTMLElement {
    const nodes = boxes.map((box) => this.node(box));
    const items = boxes.map((box, index) => h('li', {}, nodes[index], boxes[index + 1] && wire(box, boxes[index + 1])));
    const list = h(
      'ol',
      { class: 'picture', attributes: { 'aria-label': l10n.t('From the client to the container') } },
      ...items,
    );
    roving(list, nodes);
    return list;
  }

  private node(box: ChainBox): HTMLElement {
    const { id, title, icon: glyph, status, statusText, page } = box;
    const pid = box.facts.find(({ label }) => label === 'PID')?.value;
    return h(
      'button',
      {
        class: `node status-${status} ${STATUS_TONES[status]}`,
        key: `node:${id}`,
        title: page ? l10n.t('Open {0}', l10n.t(PAGE_TITLES[page])) : box.role,
        attributes: {
          type: 'button',
          'data-node': id,
          'aria-label': `${title}, ${pid ? `PID ${pid}, ` : ''}${statusText}. ${page ? l10n.t('Opens {0}.', l10n.t(PAGE_TITLES[page])) : ''}`,
        },
        onclick: () => this.open(box),
      },
      h('span', { class: 'chain-icon' }, icon(glyph)),
      h('span', { class: 'node-title' }, title),
      h('span', { class: 'node-pid mono' }, pid ?? '–'),
      statusBadge(box),
    );
  }

  private details(boxes: readonly ChainBox[]): HTMLElement {
    const cards = boxes.map((box, index) => this.card(box, index));
    const list = h(
      'ol',
      { class: 'chain', attributes: { 'aria-label': l10n.t('Each link in full') } },
      ...cards.map((card) => h('li', {}, card)),
    );
    roving(list, cards);
    return list;
  }

  private card(box: ChainBox, index: number): HTMLElement {
    const { id, title, role, icon: glyph, status, statusText, facts, page } = box;
    return h(
      'section',
      {
        class: `card chain-box status-${status}`,
        key: `box:${id}`,
        attributes: {
          'data-box': id,
          'aria-label': `${title}, ${statusText}. ${page ? l10n.t('Enter opens {0}.', l10n.t(PAGE_TITLES[page])) : ''}`,
        },
        onclick: (event) => {
          // The box's own buttons, and marking its text, mean something else.
          if (!isInteractive(event.target) && String(getSelection() ?? '') === '') this.open(box);
        },
        onkeydown: (event) => {
          if (event.target !== event.currentTarget || (event.key !== 'Enter' && event.key !== ' ')) return;
          event.preventDefault();
          this.open(box);
        },
      },
      h(
        'header',
        { class: 'chain-head' },
        h('span', { class: `chain-icon ${STATUS_TONES[status]}` }, icon(glyph)),
        h(
          'div',
          {},
          h('h2', {}, h('span', { class: 'chain-step' }, String(index + 1)), title),
          h('p', { class: 'muted' }, role),
        ),
        statusBadge(box),
      ),
      factList(this.context, facts, `chain:${id}`),
      page &&
        h(
          'div',
          { class: 'chain-open' },
          button(l10n.t(PAGE_TITLES[page]), { key: `open:${id}`, icon: 'arrow-right', onclick: () => this.open(box) }),
        ),
    );
  }

  private open({ page }: ChainBox): void {
    if (page) this.context.run(this.context.ask('openPage', { page }));
  }
}

function statusBadge({ status, statusText }: ChainBox): HTMLElement {
  return h('span', { class: `badge ${STATUS_TONES[status]}`, title: statusText }, h('span', { class: 'dot' }), status);
}

function wire(box: ChainBox, next: ChainBox | undefined): HTMLElement {
  const isPast = box.status === 'exited' || next?.status === 'exited';
  return h(
    'div',
    { class: `wire${isPast ? ' past' : ''}` },
    h('span', { class: 'wire-line', attributes: { 'aria-hidden': 'true' } }),
    h('span', {}, box.speaks),
  );
}

function isInteractive(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button, a, vscode-button, code') !== null;
}
