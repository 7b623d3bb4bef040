import type { CallsPage, CallView } from '../../src/protocol/pages';
import { asNumber } from '../../src/util/records';
import { copyButton } from '../components/copyButton';
import { EVIDENCE, evidenceBadge, evidenceNote } from '../components/evidence';
import { explanationCard } from '../components/explanation';
import { unknownNote } from '../components/facts';
import { observedSection } from '../components/observed';
import { roving } from '../components/roving';
import { timeElement } from '../components/time';
import { button } from '../components/toolkit';
import type { View, ViewContext } from '../context';
import { h, icon, multiline } from '../dom';
import { l10n } from '../l10n';

/** The page "API Calls": the calls in order, and the selected one in full. */
export class CallsView implements View<CallsPage> {
  private readonly detail = h('div', { class: 'call-detail', attributes: { 'aria-live': 'polite' } });

  constructor(private readonly context: ViewContext) {}

  draw(page: CallsPage): HTMLElement {
    if (page.calls.length === 0)
      return h(
        'div',
        { class: 'stack' },
        h('section', { class: 'card' }, unknownNote(page.unknown)),
        observedSection(page.observed),
      );
    const kept = page.calls.findIndex(({ seq }) => seq === asNumber(this.context.memory.get('selected')));
    // Until somebody chooses: the first call that carries something.
    const selected = Math.max(0, kept >= 0 ? kept : page.calls.findIndex(({ payload }) => payload !== undefined));
    const items = page.calls.map((call) => this.item(call));
    const list = h(
      'div',
      {
        class: 'call-list',
        attributes: { role: 'listbox', 'aria-label': l10n.t('Calls in order'), 'data-scroll': 'calls' },
      },
      ...items,
    );
    const select = (index: number): void => {
      items.forEach((item, at) => item.setAttribute('aria-selected', String(at === index)));
      const call = page.calls[index];
      if (!call) return;
      this.context.memory.set('selected', call.seq);
      this.detail.replaceChildren(...this.details(call));
    };
    roving(list, items, { start: selected, onFocus: select });
    items.forEach((item, index) => item.addEventListener('click', () => select(index)));
    select(selected);
    return h(
      'div',
      { class: 'stack' },
      h(
        'div',
        { class: 'toolbar' },
        this.legend(page),
        h('span', { class: 'grow' }),
        this.revealButton(page),
        this.documentButton(),
      ),
      h('div', { class: 'split calls' }, list, this.detail),
      observedSection(page.observed),
    );
  }

  private legend({ calls }: CallsPage): HTMLElement {
    const kinds = (Object.keys(EVIDENCE) as CallView['evidence'][]).filter((kind) =>
      calls.some(({ evidence }) => evidence === kind),
    );
    return h(
      'div',
      { class: 'legend' },
      ...kinds.map((kind) =>
        h(
          'span',
          { title: EVIDENCE[kind].says },
          evidenceBadge(kind),
          h('span', { class: 'muted' }, EVIDENCE[kind].says),
        ),
      ),
    );
  }

  private revealButton({ revealed }: CallsPage): HTMLElement {
    return button(revealed ? l10n.t('Mask secrets') : l10n.t('Reveal secrets'), {
      key: 'reveal',
      icon: revealed ? 'eye-closed' : 'eye',
      pressed: revealed,
      onclick: () => this.context.reveal(!revealed),
    });
  }

  private documentButton(): HTMLElement {
    return button(l10n.t('Open as document'), {
      key: 'document',
      icon: 'go-to-file',
      onclick: () => this.context.run(this.context.ask('openDocument', { document: 'calls' })),
    });
  }

  private item(call: CallView): HTMLElement {
    const { seq, method, target, evidence, meaning } = call;
    return h(
      'div',
      { class: 'call', key: `call:${seq}`, attributes: { role: 'option', 'data-seq': seq } },
      h('span', { class: 'call-number' }, String(seq)),
      h(
        'div',
        { class: 'call-body' },
        h('div', { class: 'call-line' }, parties(call), evidenceBadge(evidence)),
        h('div', { class: 'call-method mono' }, h('b', {}, method), call.protocol === 'http' ? ` ${target}` : ''),
        h('div', { class: 'call-meaning' }, meaning),
      ),
    );
  }

  private details(call: CallView): readonly HTMLElement[] {
    const { seq, method, target, protocol, evidence, because, at, meaning, payload, defaults, copies, explanation } =
      call;
    const optional = [
      payload !== undefined && block(protocol === 'http' ? l10n.t('Body') : l10n.t('Message'), payload),
      defaults !== undefined &&
        block(l10n.t('Filled in by the daemon or the image: not part of what was asked'), defaults, 'defaults'),
      copies.length > 0 && h('h3', {}, l10n.t('Ask for the same yourself')),
      ...copies.map((copy) =>
        h(
          'div',
          { class: 'copy-block' },
          h(
            'div',
            { class: 'copy-head' },
            h('span', {}, copy.label),
            copyButton(this.context, copy, l10n.t('Copy as {0}', copy.label), `call:${seq}:${copy.label}`),
          ),
          codeBlock(copy.text),
        ),
      ),
      explanation && explanationCard(this.context, explanation, `call:${seq}`),
    ];
    return [
      h('div', { class: 'call-line' }, parties(call), evidenceBadge(evidence), h('span', { class: 'badge' }, protocol)),
      h('h2', { class: 'mono wrap' }, method),
      h('div', { class: 'mono wrap call-target' }, target),
      h('p', {}, meaning),
      evidenceNote(
        evidence,
        because,
        h('div', { class: 'muted' }, at ? timeElement(at) : l10n.t('The moment is not known.')),
      ),
      ...optional.filter((element): element is HTMLElement => element instanceof HTMLElement),
    ];
  }
}

function parties({ from, to }: CallView): HTMLElement {
  return h(
    'span',
    { class: 'parties' },
    h('span', { class: `party ${from}` }, from),
    icon('arrow-right'),
    h('span', { class: 'visually-hidden' }, ' to '),
    h('span', { class: `party ${to}` }, to),
  );
}

function block(title: string, text: string, kind = ''): HTMLElement {
  return h('div', { class: `payload ${kind}` }, h('h3', {}, title), codeBlock(text));
}

function codeBlock(text: string): HTMLElement {
  const element = h('pre', { class: 'code', attributes: { tabindex: 0 } });
  element.textContent = multiline(text);
  return element;
}
