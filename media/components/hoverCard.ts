import { h } from '../dom';

/** So long a pointer must rest, and may be away on its way to the card. */
const REST_MS = 350;
const LEAVE_MS = 200;
const GAP = 4;

/**
 * A card beside what the pointer rests on. It stays while the pointer is on it, and goes by Escape. What it says stands
 * elsewhere on the page too, for those who use no pointer.
 */
export class HoverCard {
  private readonly card = h('div', { class: 'hover-card', attributes: { role: 'tooltip' } });
  private timer: ReturnType<typeof setTimeout> | undefined;
  private shownFor = 0;

  constructor() {
    this.card.addEventListener('pointerenter', () => this.stopTimer());
    this.card.addEventListener('pointerleave', () => this.leave());
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.hide();
    });
  }

  /** Shows a card beside `anchor` after a moment; `fill` may add to it later, as long as `isCurrent` says so. */
  rest(anchor: HTMLElement, fill: (card: HTMLElement, isCurrent: () => boolean) => Promise<void>): void {
    this.stopTimer();
    this.timer = setTimeout(() => {
      const shown = ++this.shownFor;
      const content = h('div', { class: 'hover-card-content' });
      void fill(content, () => shown === this.shownFor).then(
        () => this.place(anchor, content, shown),
        () => undefined,
      );
      this.place(anchor, content, shown);
    }, REST_MS);
  }

  /** The pointer has left: the card goes, unless it is what the pointer went to. */
  leave(): void {
    this.stopTimer();
    this.timer = setTimeout(() => this.hide(), LEAVE_MS);
  }

  hide(): void {
    this.stopTimer();
    this.shownFor++;
    this.card.remove();
  }

  private place(anchor: HTMLElement, content: HTMLElement, shown: number): void {
    if (shown !== this.shownFor || content.childElementCount === 0) return;
    this.card.replaceChildren(content);
    document.body.append(this.card);
    const { left, top, bottom } = anchor.getBoundingClientRect();
    const { offsetHeight, offsetWidth } = this.card;
    const isBelow = bottom + GAP + offsetHeight <= window.innerHeight || bottom < window.innerHeight / 2;
    this.card.style.top = `${Math.max(0, isBelow ? bottom + GAP : top - GAP - offsetHeight)}px`;
    this.card.style.left = `${Math.max(0, Math.min(left, window.innerWidth - offsetWidth - GAP))}px`;
  }

  private stopTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
