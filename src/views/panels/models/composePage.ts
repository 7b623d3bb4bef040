import { composeDifferences, type SettingDifference } from '../../../model/compose/compare';
import type { Difference } from '../../../model/compare/differences';
import { valueOf } from '../../../model/fact';
import type { LineageRow } from '../../../model/lineage/row';
import { maskText } from '../../../model/secrets';
import type { ComparePage, DifferenceView } from '../../../protocol/hostPages';
import type { ReadCompose } from '../../../store/comparisons';
import { counted, visible } from '../../../util/text';
import { aspectWord, cellWord, columnWord } from '../../documents/compareWords';
import { l10n, said } from '../../l10n';
import { settingValue } from '../../lineageWords';

/** The page "Compare" of a container and its Compose file: what the file asks for, and what the container has instead. */
export function composePage(
  { inspection, facts, lineage, asked, files, service }: ReadCompose,
  reveal: boolean,
): Pick<ComparePage, 'subtitle' | 'left' | 'right' | 'sections' | 'unread'> {
  const { settings, members } = composeDifferences(facts, lineage, asked, reveal);
  const file = files.map((path) => path.slice(path.lastIndexOf('/') + 1)).join(', ');
  return {
    subtitle: `${visible(file, 120)} ↔ ${inspection.name}: ${said(counted(settings.length + members.length, 'difference'))}`,
    left: l10n.t('{0}, service {1}', visible(file, 120), visible(service, 80)),
    right: inspection.name,
    sections: [
      {
        aspect: 'lineage',
        title: aspectWord('lineage'),
        differences: settings.map((one) => settingView(one, reveal)),
        expected: [],
      },
      { aspect: 'engine', title: aspectWord('engine'), differences: members.map(memberView), expected: [] },
    ],
    unread: asked.unread.map(({ key, why }) => ({ key: visible(key, 120), why: said(why) })),
  };
}

function settingView({ setting, asked, row, hidden }: SettingDifference, reveal: boolean): DifferenceView {
  return {
    what: row ? `${said(row.group)} › ${said(setting)}` : said(setting),
    ...(asked === undefined ? {} : { left: row ? settingValue(row, asked, reveal) : asked }),
    ...(row ? { right: columnsOf(row, reveal) } : {}),
    hidden,
    meaning: meaningOf(asked, row, reveal),
  };
}

/** Whether it is the container that was made otherwise, or the kernel that has something else. */
function meaningOf(asked: string | undefined, row: LineageRow | undefined, reveal: boolean): string {
  if (!row) return l10n.t('The container has no such thing.');
  const why = said(reveal ? row.why : maskText(row.why));
  if (row.verdict !== 'in-force') return why;
  return asked === undefined
    ? l10n.t('The file does not ask for it: the container was made otherwise, or updated since.')
    : l10n.t('The file asks for something else than the container was made with, or updated to since.');
}

/** Requested, specified and enforced, each on a line of its own. */
function columnsOf(row: LineageRow, reveal: boolean): string {
  const { requested, specified, enforced, verdict } = row;
  const values = {
    requested: valueOf(requested)?.value,
    specified: valueOf(specified)?.value,
    kernel: valueOf(enforced)?.readable,
    verdict,
  };
  return Object.entries(values)
    .flatMap(([column, value]) => {
      if (value === undefined) return [];
      const cell = column === 'verdict' ? cellWord(column, value) : settingValue(row, value, reveal);
      return [`${columnWord(column)}: ${cell}`];
    })
    .join('\n');
}

function memberView({ path, left, right, hidden }: Difference): DifferenceView {
  return {
    what: path.join(' › '),
    ...(left === undefined ? {} : { left }),
    ...(right === undefined ? {} : { right }),
    hidden,
  };
}
