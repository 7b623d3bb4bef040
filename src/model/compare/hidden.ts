import { asRecord } from '../../util/records';
import type { Comparable } from './aspects';
import { DEEPEST, membersOf } from './align';

/**
 * What may be shown of a value, with a mark on each secret that is not the same on the other side: masked alike, two texts
 * would look equal in a diff.
 *
 * @param mark what is added: another one for each side
 */
export function markHidden(own: Comparable, other: Comparable, mark: string): unknown {
  const walk = (a: Comparable, b: Comparable, key: string, depth: number): unknown => {
    if (typeof a.shown === 'string') {
      const isHidden = a.shown === b.shown && JSON.stringify(a.raw) !== JSON.stringify(b.raw);
      return isHidden ? `${a.shown} (${mark})` : a.shown;
    }
    if (depth > DEEPEST) return a.shown;
    const [inA, inB] = [membersOf(a.raw, key), membersOf(b.raw, key)];
    if (!inA || !inB) return a.shown;
    if (Array.isArray(a.shown)) {
      const names = [...inA.keys()];
      const otherNames = [...inB.keys()];
      const [shownA, shownB]: (readonly unknown[])[] = [a.shown, Array.isArray(b.shown) ? b.shown : []];
      return names.map((name, index) =>
        walk(
          { raw: inA.get(name), shown: shownA?.[index] },
          { raw: inB.get(name), shown: shownB?.[otherNames.indexOf(name)] },
          key,
          depth + 1,
        ),
      );
    }
    const [shownA, shownB] = [asRecord(a.shown) ?? {}, asRecord(b.shown) ?? {}];
    return Object.fromEntries(
      Object.entries(shownA).map(([name, member]) => [
        name,
        walk({ raw: inA.get(name), shown: member }, { raw: inB.get(name), shown: shownB[name] }, name, depth + 1),
      ]),
    );
  };
  return walk(own, other, '', 0);
}
