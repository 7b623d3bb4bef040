import { originWords, verdictWord } from '../../../explain/verdicts';
import { isKnown, type Fact } from '../../../model/fact';
import { lineageAt, shownSetting } from '../../../model/lineage/lookup';
import { LINEAGE_GROUPS, type LineageRow, type Verdict } from '../../../model/lineage/row';
import type { LineageCell, LineagePage, LineageRowView, PlaceLineageView } from '../../../protocol/pages';
import { said } from '../../l10n';
import { settingValue } from '../../lineageWords';
import { provenanceView, unknownView } from './factViews';
import { pageHeader } from './header';
import type { PageInput } from './input';

const TONES: Readonly<Record<Verdict, LineageRowView['tone']>> = {
  'in-force': 'good',
  differs: 'attention',
  'not-enforced': 'bad',
  unreadable: 'neutral',
  unset: 'neutral',
};

/** Beside one field more would hide what is meant; the page Lineage has them all. */
const MOST_ROWS = 5;
const MOST_BELOW = 60;

/** The page "Lineage": rows by group, in the groups' own order. */
export function lineagePage(input: PageInput, rows: readonly LineageRow[]): LineagePage {
  const groups = LINEAGE_GROUPS.map((title) => ({
    title: said(title),
    rows: rows.filter(({ group }) => group === title).map((row) => lineageRowView(row, input)),
  }));
  return { kind: 'lineage', header: pageHeader(input), groups: groups.filter((group) => group.rows.length > 0) };
}

/** What a lineage says of one place of config.json. */
export function placeLineageView(
  rows: readonly LineageRow[],
  path: readonly string[],
  input: PageInput,
): PlaceLineageView {
  const found = lineageAt(rows, path);
  return {
    rows: found.rows.slice(0, MOST_ROWS).map((row) => lineageRowView(row, input)),
    below: found.below.slice(0, MOST_BELOW).map(({ setting, verdict }) => ({
      setting,
      verdict: verdictWord(verdict),
      tone: TONES[verdict],
    })),
  };
}

/** A row as pages draw it. */
export function lineageRowView(row: LineageRow, input: PageInput): LineageRowView {
  const { setting, requested, specified, enforced, verdict, why } = row;
  const shown = (value: string): string => settingValue(row, value, input.reveal);
  return {
    setting,
    requested: cell(requested, input, ({ field, value, origin }) => [
      shown(value),
      origin === 'nobody' ? field : `${field} · ${said(originWords(origin))}`,
    ]),
    specified: cell(specified, input, ({ path, value }) => [shown(value), path]),
    enforced: cell(enforced, input, ({ file, besides = [], raw, readable }) => [
      shown(readable),
      [file, ...besides].join(', '),
      raw === readable || raw === '' ? undefined : shownSetting(setting, raw, input.reveal),
    ]),
    verdict: verdictWord(verdict),
    tone: TONES[verdict],
    because: why,
  };
}

/** @param show the value, the place in which it stands, and how it is written there */
function cell<T>(
  fact: Fact<T>,
  { copies }: PageInput,
  show: (value: T) => readonly [value: string, place: string, raw?: string | undefined],
): LineageCell {
  if (!isKnown(fact)) return { unknown: unknownView(fact) };
  const [value, place, raw] = show(fact.value);
  return { value, ...(raw === undefined ? {} : { raw }), place, provenance: provenanceView(fact, copies) };
}
