import type { Comparable } from './aspects';
import { DEEPEST, membersOf } from './align';

/** One thing that is not the same. */
export interface Difference {
  /** Keys from the root; members of lists by the name that tells them apart. */
  readonly path: readonly string[];
  /** As it may be shown; absent where that side has no such thing. */
  readonly left?: string;
  readonly right?: string;
  /** True when both are masked: they differ, and are not shown. */
  readonly hidden: boolean;
}

/** More than anybody reads. */
const MOST = 2000;
/** A longer value is shown cut. */
const LONGEST = 2000;

interface Pair {
  readonly raw: unknown;
  readonly shown: unknown;
  readonly is: boolean;
}

/** What differs between two values, in the order of the left one; what only the right one has comes last in each object. */
export function differencesOf(left: Comparable, right: Comparable): readonly Difference[] {
  const found: Difference[] = [];
  const compare = (a: Pair, b: Pair, path: readonly string[]): void => {
    if (found.length >= MOST) return;
    if (JSON.stringify(a.raw) === JSON.stringify(b.raw) && a.is === b.is) return;
    const key = path.at(-1) ?? '';
    const [inA, inB] = [membersOf(a.raw, key), membersOf(b.raw, key)];
    if (path.length < DEEPEST && inA && inB && Array.isArray(a.raw) === Array.isArray(b.raw)) {
      const [shownA, shownB] = [shownMembers(a, inA), shownMembers(b, inB)];
      for (const name of new Set([...inA.keys(), ...inB.keys()])) {
        compare(pairOf(inA, shownA, name), pairOf(inB, shownB, name), [...path, name]);
      }
      return;
    }
    const [textA, textB] = [textOf(a), textOf(b)];
    found.push({
      path,
      ...(textA === undefined ? {} : { left: textA }),
      ...(textB === undefined ? {} : { right: textB }),
      hidden: textA !== undefined && textA === textB,
    });
  };
  compare({ ...left, is: true }, { ...right, is: true }, []);
  return found;
}

/** Members of what is shown, by the names that the raw value gives them: a masked variable has lost none of its name. */
function shownMembers(pair: Pair, raw: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
  if (Array.isArray(pair.raw) && Array.isArray(pair.shown)) {
    const shown: readonly unknown[] = pair.shown;
    return new Map([...raw.keys()].map((name, index) => [name, shown[index]]));
  }
  return membersOf(pair.shown, '') ?? new Map();
}

function pairOf(raw: ReadonlyMap<string, unknown>, shown: ReadonlyMap<string, unknown>, name: string): Pair {
  return { raw: raw.get(name), shown: shown.get(name), is: raw.has(name) };
}

function textOf({ shown, is }: Pair): string | undefined {
  if (!is) return undefined;
  const text = typeof shown === 'string' ? shown : (JSON.stringify(shown) ?? '');
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
