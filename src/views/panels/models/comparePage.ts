import { variableInWords } from '../../../explain/environment';
import { explainSpecPath } from '../../../explain/specPath';
import { ASPECTS, aspectOf, type Aspect, type Comparable } from '../../../model/compare/aspects';
import { differencesOf, type Difference } from '../../../model/compare/differences';
import { isExpected } from '../../../model/compare/expected';
import { isKnown, valueOf } from '../../../model/fact';
import type { LineageRow } from '../../../model/lineage/row';
import { RuntimeError } from '../../../model/problem';
import type { ComparePage, CompareSectionView, DifferenceView } from '../../../protocol/hostPages';
import type { Comparison, Comparisons, ReadSide } from '../../../store/comparisons';
import { memberAt } from '../../../util/records';
import { counted } from '../../../util/text';
import { aspectWord, cellWord, columnWord } from '../../documents/compareWords';
import { l10n, said } from '../../l10n';
import { composePage } from './composePage';
import { unknownView } from './factViews';

/** The page "Compare": what differs between two containers, or between a container and itself earlier, and nothing else. */
export async function comparePage(
  comparisons: Pick<Comparisons, 'chosen' | 'read' | 'readCompose'>,
  reveal: boolean,
  signal: AbortSignal,
): Promise<ComparePage> {
  const { chosen } = comparisons;
  const empty = { kind: 'compare', observedAt: new Date().toISOString(), sections: [], revealed: reveal } as const;
  if (!chosen) return { ...empty, subtitle: l10n.t('Nothing was chosen to compare') };
  try {
    if ('composeOf' in chosen) {
      return { ...empty, ...composePage(await comparisons.readCompose(chosen.composeOf, signal), reveal) };
    }
    const [left, right] = await Promise.all([
      comparisons.read(chosen.left, signal),
      comparisons.read(chosen.right, signal),
    ]);
    return { ...empty, ...compared(chosen, left, right, reveal) };
  } catch (error) {
    const { problem } = RuntimeError.from(error, 'Comparing');
    return { ...empty, subtitle: l10n.t('It cannot be compared'), problem };
  }
}

function compared(
  { left: { when } }: Comparison,
  left: ReadSide,
  right: ReadSide,
  reveal: boolean,
): Pick<ComparePage, 'subtitle' | 'left' | 'right' | 'sections'> {
  const sections = ASPECTS.map((aspect) => section(aspect, left, right, reveal));
  const count = sections.reduce((sum, { differences }) => sum + differences.length, 0);
  const name = ({ inspection }: ReadSide): string => inspection.name;
  return {
    subtitle: `${name(left)} ↔ ${name(right)}: ${counted(count, 'difference')}`,
    left:
      when === 'earlier'
        ? l10n.t('{0}, read at {1} UTC', name(left), left.inspection.observedAt.slice(11, 19))
        : name(left),
    right: when === 'earlier' ? l10n.t('{0}, now', name(right)) : name(right),
    sections,
  };
}

function section(aspect: Aspect, left: ReadSide, right: ReadSide, reveal: boolean): CompareSectionView {
  const [a, b] = [aspectOf(aspect, left, reveal), aspectOf(aspect, right, reveal)];
  const title = aspectWord(aspect);
  if (!isKnown(a) || !isKnown(b)) {
    const missing = isKnown(a) ? b : a;
    const unknown = isKnown(missing) ? {} : { unknown: unknownView(missing) };
    return { aspect, title, differences: [], expected: [], ...unknown };
  }
  const all = differencesOf(a.value, b.value).filter(
    (one) => !isElsewhere(aspect, one.path) && !isUnknown(aspect, one),
  );
  const views = aspect === 'lineage' ? settingViews(all, a.value, b.value) : all.map((one) => view(aspect, one, left));
  return {
    aspect,
    title,
    differences: views.filter(({ path }) => !isExpected(aspect, path)).map(withoutPath),
    expected: views.filter(({ path }) => isExpected(aspect, path)).map(withoutPath),
  };
}

/** Of a setting that both have a column that one side does not know. */
function isUnknown(aspect: Aspect, { path, left, right }: Difference): boolean {
  return aspect === 'lineage' && path.length === 3 && (left === undefined || right === undefined);
}

type PlacedView = DifferenceView & { readonly path: readonly string[] };

function withoutPath({ what, left, right, hidden, meaning }: PlacedView): DifferenceView {
  return {
    what,
    ...(left === undefined ? {} : { left }),
    ...(right === undefined ? {} : { right }),
    hidden,
    ...(meaning === undefined ? {} : { meaning: said(meaning) }),
  };
}

/** Variables have a section of their own; of a setting the reason is told beside it. */
function isElsewhere(aspect: Aspect, path: readonly string[]): boolean {
  if (aspect === 'config') return path[0] === 'process' && path[1] === 'env';
  if (aspect === 'engine') return path[0] === 'Config' && path[1] === 'Env';
  return aspect === 'lineage' && path[2] === 'why';
}

function view(aspect: Aspect, { path, left, right, hidden }: Difference, side: ReadSide): PlacedView {
  const meaning = meaningOf(aspect, path, left ?? right, side.lineage);
  return {
    path,
    what: path.join(' › ') || aspectWord(aspect),
    ...(left === undefined ? {} : { left }),
    ...(right === undefined ? {} : { right }),
    hidden,
    ...(meaning === undefined ? {} : { meaning }),
  };
}

function meaningOf(
  aspect: Aspect,
  path: readonly string[],
  value: string | undefined,
  rows: readonly LineageRow[],
): string | undefined {
  if (aspect === 'environment') return variableInWords(path[0] ?? '');
  if (aspect === 'config') return explainSpecPath(path, value)?.meaning;
  // A field of the engine's record means what the field of config.json means that comes of it.
  const field = path.join('.');
  const place = rows
    .filter((row) => {
      const asked = valueOf(row.requested)?.field;
      return asked !== undefined && (asked === field || asked.startsWith(`${field},`));
    })
    .flatMap((row) => valueOf(row.specified)?.places ?? [])[0];
  return place && explainSpecPath(place, undefined)?.meaning;
}

/** One row for each setting, with the columns that differ. */
function settingViews(differences: readonly Difference[], left: Comparable, right: Comparable): readonly PlacedView[] {
  const bySetting = new Map<string, Difference[]>();
  for (const difference of differences) {
    const key = JSON.stringify(difference.path.slice(0, 2));
    bySetting.set(key, [...(bySetting.get(key) ?? []), difference]);
  }
  return [...bySetting.values()].map((list): PlacedView => {
    const path = list[0]?.path ?? [];
    const words = (side: 'left' | 'right'): string | undefined => {
      const parts = list.flatMap((one) => {
        const value = one[side];
        if (value === undefined) return [];
        return one.path.length < 3
          ? [wholeSetting(value)]
          : [`${columnWord(one.path[2] ?? '')}: ${cellWord(one.path[2] ?? '', value)}`];
      });
      return parts.length > 0 ? parts.join('\n') : undefined;
    };
    const [a, b] = [words('left'), words('right')];
    const why = memberAt(right.shown, ...path.slice(0, 2), 'why') ?? memberAt(left.shown, ...path.slice(0, 2), 'why');
    return {
      path: [...path.slice(0, 2), ''],
      what: path.slice(0, 2).join(' › '),
      ...(a === undefined ? {} : { left: a }),
      ...(b === undefined ? {} : { right: b }),
      hidden: list.some(({ hidden }) => hidden),
      ...(typeof why === 'string' ? { meaning: why } : {}),
    };
  });
}

/** A setting that only one side has. */
function wholeSetting(json: string): string {
  try {
    const setting: unknown = JSON.parse(json);
    const columns = ['requested', 'specified', 'kernel', 'verdict'] as const;
    return columns
      .flatMap((column) => {
        const value = memberAt(setting, column);
        return typeof value === 'string' ? [`${columnWord(column)}: ${cellWord(column, value)}`] : [];
      })
      .join('\n');
  } catch {
    // A very long one was cut.
    return json;
  }
}
