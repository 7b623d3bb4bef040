import { h } from '../dom';
import { l10n } from '../l10n';

/** The hour of an ISO 8601 time in the reader's zone; the text itself where it is no time. */
export function clock(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : date.toLocaleTimeString(undefined, { hour12: false });
}

/** A moment: date and hour for the reader, the exact text on hover, and how long ago it was. */
export function timeElement(iso: string): HTMLElement {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return h('span', {}, iso);
  const shown = `${date.toLocaleDateString(undefined, { dateStyle: 'medium' })}, ${date.toLocaleTimeString(undefined, { hour12: false })}`;
  return h(
    'time',
    { title: iso, attributes: { datetime: iso } },
    shown,
    h('span', { class: 'muted age' }, ` · ${ago(Date.now() - date.getTime())}`),
  );
}

/** How long ago, in the largest unit that fits. */
export function ago(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 5) return l10n.t('just now');
  const units = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ] as const;
  const [size, name] = units.find(([length]) => seconds >= length) ?? [1, 's'];
  return l10n.t('{0} {1} ago', Math.floor(seconds / size), name);
}

/** Brings every "… ago" below an element up to date. */
export function refreshAges(root: ParentNode): void {
  for (const element of root.querySelectorAll('time[datetime]')) {
    const at = Date.parse(element.getAttribute('datetime') ?? '');
    const age = element.querySelector('.age');
    if (age && !Number.isNaN(at)) age.textContent = ` · ${ago(Date.now() - at)}`;
  }
}
