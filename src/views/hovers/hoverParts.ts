import type { CommandId } from '../../contributions';
import type { Explanation } from '../../explain/explanation';
import { isKnown, type Fact } from '../../model/fact';
import { l10n, said } from '../l10n';

/** A piece of a hover, as data: what is text is only ever shown as text. */
export type HoverPart =
  | { readonly kind: 'title'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'pair'; readonly label: string; readonly value: string }
  | { readonly kind: 'command'; readonly text: string }
  | { readonly kind: 'line' }
  | { readonly kind: 'link'; readonly label: string; readonly url: string }
  /** A link that runs one of our own commands. */
  | { readonly kind: 'action'; readonly label: string; readonly command: CommandId; readonly argument: unknown };

/** An explanation: what it is, this value in words, why it matters, how to check, where it is defined. */
export function explanationParts(explanation: Explanation, withTitle = true): HoverPart[] {
  const { title, meaning, valueInWords, consequence, check, references } = explanation;
  return [
    ...(withTitle ? [{ kind: 'title', text: said(title) } as const] : []),
    { kind: 'text', text: said(meaning) },
    ...(valueInWords
      ? [{ kind: 'pair', label: withTitle ? l10n.t('This value') : l10n.t('Now'), value: said(valueInWords) } as const]
      : []),
    ...(consequence ? [{ kind: 'pair', label: l10n.t('Why it matters'), value: said(consequence) } as const] : []),
    ...(check ? [{ kind: 'command', text: check } as const] : []),
    ...references.map(({ label, url }): HoverPart => ({ kind: 'link', label: said(label), url })),
  ];
}

/** Where a fact comes from and how anybody can check it, or why it is not known and what would make it known. */
export function provenanceParts(fact: Fact<unknown>): HoverPart[] {
  if (!isKnown(fact)) {
    return [
      { kind: 'pair', label: l10n.t('Not known'), value: said(fact.unavailable) },
      { kind: 'pair', label: l10n.t('Remedy'), value: said(fact.remedy) },
    ];
  }
  return [
    ...(fact.note ? [{ kind: 'text', text: said(fact.note) } as const] : []),
    { kind: 'pair', label: l10n.t('Source'), value: said(fact.source) },
    { kind: 'pair', label: l10n.t('Read at'), value: fact.observedAt },
    { kind: 'pair', label: l10n.t('Route'), value: fact.route },
    { kind: 'command', text: fact.how },
    ...(fact.better ?? []).map(({ unavailable, remedy }): HoverPart => ({
      kind: 'pair',
      label: l10n.t('A more direct source did not answer'),
      value: `${said(unavailable)} ${said(remedy)}`,
    })),
  ];
}
