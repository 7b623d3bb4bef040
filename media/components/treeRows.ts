/** A place in a document: keys from its root. */
export type Path = readonly string[];

/** One visible line of a document's tree. */
export interface TreeRow {
  readonly path: Path;
  readonly id: string;
  readonly key: string;
  readonly value: unknown;
  readonly depth: number;
  /** Members below; undefined for a single value. */
  readonly members?: number;
  readonly expanded: boolean;
  readonly position: number;
  readonly siblings: number;
}

/** The identity of a place. */
export function pathId(path: Path): string {
  return JSON.stringify(path);
}

/** The members of an object or array; undefined for a single value. */
export function membersOf(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  return typeof value === 'object' && value !== null ? Object.entries(value) : undefined;
}

/** The lines of a document of which the places in `expanded` are open. Without recursion: depth costs no stack. */
export function flatten(document: unknown, expanded: ReadonlySet<string>): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  const waiting = [frame(document, [])];
  while (waiting.length > 0) {
    const top = waiting[waiting.length - 1];
    const entry = top?.entries[top.next];
    if (!top || !entry) {
      waiting.pop();
      continue;
    }
    const [key, value] = entry;
    const path = [...top.path, key];
    const id = pathId(path);
    const members = membersOf(value)?.length;
    const isOpen = members !== undefined && expanded.has(id);
    rows.push({
      path,
      id,
      key,
      value,
      depth: top.path.length,
      expanded: isOpen,
      position: ++top.next,
      siblings: top.entries.length,
      ...(members === undefined ? {} : { members }),
    });
    if (isOpen) waiting.push(frame(value, path));
  }
  return rows;
}

interface Frame {
  readonly path: Path;
  readonly entries: readonly (readonly [string, unknown])[];
  next: number;
}

function frame(value: unknown, path: Path): Frame {
  return { path, entries: membersOf(value) ?? [], next: 0 };
}

const MAX_MATCHES = 1000;

/** The places whose key or single value holds the text, in document order; at most 1000. */
export function findMatches(document: unknown, text: string): readonly Path[] {
  const wanted = text.toLowerCase();
  if (wanted === '') return [];
  const found: Path[] = [];
  const waiting: { readonly path: Path; readonly value: unknown }[] = [{ path: [], value: document }];
  for (let next = waiting.pop(); next && found.length < MAX_MATCHES; next = waiting.pop()) {
    const { path, value } = next;
    const members = membersOf(value);
    const key = path[path.length - 1];
    const hit =
      (key?.toLowerCase().includes(wanted) ?? false) || (!members && String(value).toLowerCase().includes(wanted));
    if (hit && path.length > 0) found.push(path);
    for (let index = (members?.length ?? 0) - 1; index >= 0; index--) {
      const member = members?.[index];
      if (member) waiting.push({ path: [...path, member[0]], value: member[1] });
    }
  }
  return found;
}

/** The ids of the places above one, which must be open for it to be seen. */
export function ancestorsOf(path: Path): readonly string[] {
  return path.slice(0, -1).map((_, index) => pathId(path.slice(0, index + 1)));
}
