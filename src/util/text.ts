/*
 * Text from outside (names, labels, env, paths, log lines) is hostile: it may hold control characters, terminal
 * escapes, bidirectional overrides and megabytes. What lives here makes such text safe and short to *show*; what is
 * copied or compared is always the original.
 */

/* eslint-disable no-control-regex -- finding control characters is what these are for */
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
/* eslint-enable no-control-regex */

/** Shows what cannot be seen (control characters, bidi overrides, lone surrogates) as `\u{…}`, and cuts at `limit`. */
export function visible(text: string, limit = 500): string {
  const cut = text.length > limit ? text.slice(0, limit) : text;
  const shown = cut
    .replace(INVISIBLE, (character) => escapeOf(character))
    .replace(LONE_SURROGATE, (character) => escapeOf(character));
  return cut.length < text.length ? `${shown}… (${text.length} characters)` : shown;
}

function escapeOf(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** The first 12 characters of a container id, as the docker CLI prints it. */
export function shortId(id: string): string {
  return id.slice(0, 12);
}

/** An id as people read it: those of 64 hex digits are drawn at random and may be shortened, what people chose may not. */
export function readableId(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? shortId(id) : id;
}

/** Quotes one word for a POSIX shell. Words of harmless characters stay as they are. */
export function shellQuote(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line for a POSIX shell from its words. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellQuote).join(' ');
}

/** "1 container", "2 containers". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** An absolute path without `.`, `..` and doubled or closing slashes. */
export function canonicalPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** A text without the characters, of those given, that it ends in. */
export function withoutEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text[end - 1] ?? '')) end--;
  return text.slice(0, end);
}
