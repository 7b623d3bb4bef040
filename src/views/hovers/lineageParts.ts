import { originWords, verdictWord } from '../../explain/verdicts';
import { isKnown, type Fact } from '../../model/fact';
import { lineageAt, shownSetting } from '../../model/lineage/lookup';
import type { LineageRow, Place } from '../../model/lineage/row';
import { l10n, said } from '../l10n';
import { settingValue } from '../lineageWords';
import type { HoverPart } from './hoverParts';

/** More rows than this are no hover any more: the page Lineage has them all. */
const MOST_ROWS = 3;
const MOST_BELOW = 12;

/** Of a place in config.json: the lineage of the settings that stand there, and the verdicts on those below. */
export function placeLineageParts(rows: readonly LineageRow[], place: Place): HoverPart[] {
  const { rows: here, below } = lineageAt(rows, place);
  return [
    ...lineageParts(here),
    ...(below.length > 0 ? [{ kind: 'title', text: l10n.t('Lineage of what stands below') } as const] : []),
    ...below.slice(0, MOST_BELOW).map(({ setting, verdict }) => pair(said(setting), said(verdictWord(verdict)))),
    ...more(below.length - MOST_BELOW),
  ];
}

/** Settings on their way: requested, specified, enforced, and the verdict with its reason. Secrets are masked. */
export function lineageParts(rows: readonly LineageRow[]): HoverPart[] {
  return [...rows.slice(0, MOST_ROWS).flatMap(rowParts), ...more(rows.length - MOST_ROWS)];
}

function rowParts(row: LineageRow): HoverPart[] {
  const { setting, requested, specified, enforced, verdict, why } = row;
  const shown = (value: string): string => settingValue(row, value, false);
  return [
    { kind: 'title', text: l10n.t('Lineage: {0}: {1}', said(setting), said(verdictWord(verdict))) },
    pair(
      l10n.t('Requested'),
      inWords(requested, ({ field, value, origin }) =>
        origin === 'nobody' ? `${shown(value)} (${field})` : `${shown(value)} (${field}, ${said(originWords(origin))})`,
      ),
    ),
    pair(
      l10n.t('OCI spec'),
      inWords(specified, ({ path, value }) => `${shown(value)} (${path})`),
    ),
    pair(
      l10n.t('Kernel'),
      inWords(enforced, ({ file, besides = [], raw, readable }) => {
        const files = [file, ...besides].join(', ');
        const own = shownSetting(setting, raw, false);
        return own === shownSetting(setting, readable, false) || own === ''
          ? `${shown(readable)} (${files})`
          : l10n.t('{0}, written {1} ({2})', shown(readable), own, files);
      }),
    ),
    pair(l10n.t('Verdict'), `${said(verdictWord(verdict))}. ${said(why)}`),
  ];
}

function inWords<T>(fact: Fact<T>, words: (value: T) => string): string {
  return isKnown(fact) ? words(fact.value) : l10n.t('not known: {0} {1}', said(fact.unavailable), said(fact.remedy));
}

function more(count: number): HoverPart[] {
  return count > 0 ? [{ kind: 'text', text: l10n.t('{0} more: see the page Lineage.', count) }] : [];
}

function pair(label: string, value: string): HoverPart {
  return { kind: 'pair', label, value };
}
