import { isKnown, type Fact, type KnownFact, type UnknownFact } from '../../../model/fact';
import type { FactView, ProvenanceView, UnknownView } from '../../../protocol/pages';
import type { CopyTable } from './copyTable';

/** How a fact is shown. */
export interface FactOptions {
  readonly style?: FactView['style'];
  readonly help?: string | undefined;
}

/** A fact as a labelled line; `show` may return undefined where the value lacks what the line is about. */
export function factView<T>(
  label: string,
  fact: Fact<T>,
  copies: CopyTable,
  show: (value: T) => string | undefined,
  options: FactOptions & { readonly without?: UnknownView } = {},
): FactView {
  const common = {
    label,
    ...(options.style ? { style: options.style } : {}),
    ...(options.help ? { help: options.help } : {}),
  };
  if (!isKnown(fact)) return { ...common, unknown: unknownView(fact) };
  const value = show(fact.value);
  const provenance = provenanceView(fact, copies);
  if (value !== undefined) return { ...common, value, provenance };
  return {
    ...common,
    provenance,
    unknown: options.without ?? { why: `${fact.source} does not say.`, remedy: 'Check the source yourself.' },
  };
}

/** Where a known fact comes from. */
export function provenanceView(fact: KnownFact<unknown>, copies: CopyTable): ProvenanceView {
  return {
    source: fact.source,
    route: fact.route,
    observedAt: fact.observedAt,
    how: copies.add(fact.how),
    ...(fact.note ? { note: fact.note } : {}),
    better: (fact.better ?? []).map(unknownView),
  };
}

/** Why a fact is not known. */
export function unknownView(fact: UnknownFact): UnknownView {
  return { why: fact.unavailable, remedy: fact.remedy };
}
