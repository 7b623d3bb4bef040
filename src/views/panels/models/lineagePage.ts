import { isKnown, type Fact } from '../../../model/fact';
import { LINEAGE_GROUPS, type LineageRow, type Verdict } from '../../../model/lineage/row';
import { maskNamed, maskText } from '../../../model/secrets';
import type { LineageCell, LineagePage, LineageRowView } from '../../../protocol/pages';
import { provenanceView, unknownView } from './factViews';
import { pageHeader } from './header';
import type { PageInput } from './input';

const VERDICTS: Readonly<Record<Verdict, { readonly words: string; readonly tone: LineageRowView['tone'] }>> = {
  'in-force': { words: 'in force', tone: 'good' },
  differs: { words: 'differs', tone: 'attention' },
  'not-enforced': { words: 'not enforced', tone: 'bad' },
  unreadable: { words: 'unreadable', tone: 'neutral' },
  unset: { words: 'unset', tone: 'neutral' },
};

/** The page "Lineage": rows by group, in the groups' own order. */
export function lineagePage(input: PageInput, rows: readonly LineageRow[]): LineagePage {
  const groups = LINEAGE_GROUPS.map((title) => ({
    title,
    rows: rows.filter(({ group }) => group === title).map((row) => rowView(row, input)),
  }));
  return { kind: 'lineage', header: pageHeader(input), groups: groups.filter((group) => group.rows.length > 0) };
}

function rowView(
  { setting, requested, specified, enforced, verdict, why }: LineageRow,
  input: PageInput,
): LineageRowView {
  const shown = (value: string): string => (input.reveal ? value : maskText(maskNamed(setting, value)));
  const { words, tone } = VERDICTS[verdict];
  return {
    setting,
    requested: cell(requested, input, ({ field, value, origin }) => [
      shown(value),
      origin === 'nobody' ? field : `${field} · by the ${origin}`,
    ]),
    specified: cell(specified, input, ({ path, value }) => [shown(value), path]),
    enforced: cell(enforced, input, ({ file, readable }) => [shown(readable), file]),
    verdict: words,
    tone,
    because: why,
  };
}

/** @param show the value, and the place in which it stands */
function cell<T>(fact: Fact<T>, { copies }: PageInput, show: (value: T) => readonly [string, string]): LineageCell {
  if (!isKnown(fact)) return { unknown: unknownView(fact) };
  const [value, place] = show(fact.value);
  return { value, place, provenance: provenanceView(fact, copies) };
}
