/**
 * Puts lines of a corpus together, so that one container stands for many: each goes to the first group of which no line has a
 * key of its own. What is apart has a group to itself.
 *
 * @param keysOf what a line sets; two lines of one key cannot be in one container
 */
export function packed<T>(
  lines: readonly T[],
  keysOf: (line: T) => readonly string[],
  isApart: (line: T) => boolean,
): readonly (readonly T[])[] {
  const open: { readonly keys: Set<string>; readonly lines: T[] }[] = [];
  const apart: T[][] = [];
  for (const line of lines) {
    if (isApart(line)) {
      apart.push([line]);
      continue;
    }
    const keys = keysOf(line);
    let group = open.find((one) => keys.every((key) => !one.keys.has(key)));
    if (!group) open.push((group = { keys: new Set(), lines: [] }));
    for (const key of keys) group.keys.add(key);
    group.lines.push(line);
  }
  return [...open.map((group) => group.lines), ...apart];
}
