import { shellQuote } from '../../util/text';

/*
 * What is copied goes into a terminal. There, control characters act before any shell sees its quotes: a tab completes,
 * and an escape sequence can end the "bracketed paste" that holds lines back. So none of them is copied as itself.
 */

/* eslint-disable no-control-regex -- finding control characters is what these are for */
/** Characters that act in a terminal or cannot be seen, but the end of a line: quotes hold over lines. */
const ACTING = /([\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+)/;
/** In JSON, what JSON.stringify leaves as it is. */
const LEFT_IN_JSON = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
/* eslint-enable no-control-regex */

/** A command line for a POSIX shell, safe to paste into its terminal. Zero bytes, which no word can hold, are left out. */
export function pasteLine(words: readonly string[]): string {
  return words.map(pasteWord).join(' ');
}

/** `a<ESC>b` becomes `a"$(printf '\033')"b`: the shell puts the character back. */
function pasteWord(word: string): string {
  const parts = word.replaceAll('\0', '').split(ACTING);
  if (parts.length === 1) return shellQuote(parts[0] ?? '');
  return parts
    .map((part, index) => (index % 2 === 1 ? `"$(printf '${octal(part)}')"` : part === '' ? '' : shellQuote(part)))
    .join('');
}

function octal(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

/** JSON in which every character that acts or cannot be seen is written as its number. */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value).replace(
    LEFT_IN_JSON,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
