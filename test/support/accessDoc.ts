// docs/access.md: the lists that tests hold against what is really asked, and the matrix that a test writes.
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = 'docs/access.md';
const BEGIN = '<!-- matrix: written by the tests, see below -->';
const END = '<!-- end of the matrix -->';

/** The calls in the table below a heading, as "GET /containers/{id}/json". */
export function listedCalls(heading: string): string[] {
  const text = readFileSync(FILE, 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| `((?:GET|POST|DELETE) [^`?]+)/gm)].map(([, call = '']) => call.trim());
}

/** The calls in the rows of "Other APIs" that begins with these words. */
export function callsTo(whom: string): string[] {
  const text = readFileSync(FILE, 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith('Other APIs')) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith(`| ${whom}`));
  return [...rows.join('\n').matchAll(/`([^`]+)`/g)].map(([, call = '']) => call);
}

/** The files in the table below "Files", as patterns of whole paths. */
export function listedFiles(home: string): RegExp[] {
  const text = readFileSync(FILE, 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith('Files\n')) ?? '';
  const cells = section.split('\n').flatMap((line) => (line.startsWith('| `') ? [line.split(' | ')[0] ?? ''] : []));
  const patterns = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, pattern = '']) => pattern));
  return patterns.map((pattern) => new RegExp(`^${expressionOf(pattern.replace(/^~/, home))}$`));
}

/** `*` is any one name, `**` any path, `[pid]` a number, `{a,b}` either. */
function expressionOf(pattern: string): string {
  return pattern.replace(/\*\*|\*|\[pid\]|[{},]|[.+?^$()|[\]\\]/g, (mark) => {
    switch (mark) {
      case '**':
        return '.*';
      case '*':
        return '[^/]*';
      case '[pid]':
        return '(?:\\d+|self|thread-self)';
      case '{':
        return '(?:';
      case '}':
        return ')';
      case ',':
        return '|';
      default:
        return `\\${mark}`;
    }
  });
}

/** What stands between the marks. */
export function writtenMatrix(): string {
  const text = readFileSync(FILE, 'utf8');
  return text.slice(text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)).trim();
}

export function writeMatrix(matrix: string): void {
  const text = readFileSync(FILE, 'utf8');
  const [before, after] = [text.slice(0, text.indexOf(BEGIN) + BEGIN.length), text.slice(text.indexOf(END))];
  writeFileSync(FILE, `${before}\n\n${matrix}\n\n${after}`);
}

/** A request as the tables name it: ids are all one. */
export function callOf(seen: string): string {
  return seen
    .replace(/^(\w+ \/containers\/)(?!json$|create$)[^/]+/, '$1{id}')
    .replace(/^(\w+ \/images\/)(?!json$|create$)[^/]+/, '$1{id}');
}

/** A Markdown table, its columns as wide as Prettier makes them. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(3, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[], fill = ' '): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width, fill)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [
    line(head),
    line(
      head.map(() => ''),
      '-',
    ),
    ...body.map((row) => line(row)),
  ].join('\n');
}
