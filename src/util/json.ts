import { RuntimeError } from '../model/problem';

/** Deeper answers are refused: everything that walks a value afterwards may use recursion. */
const DEPTH_LIMIT = 500;

/**
 * An integer from outside: a number where a JavaScript number holds it exactly, else its decimal digits. So
 * 9223372036854771712, cgroup v1's "unlimited", stays what it is instead of becoming …772000.
 */
export type ExactInteger = number | string;

/** The integer that decimal digits stand for. */
export function exactInteger(digits: string): ExactInteger {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : digits;
}

/**
 * Parses JSON without losing digits: an integer that is no safe JavaScript number, and a number that would become
 * infinite, is the text it was written as. Keys such as `__proto__` are own keys, as with JSON.parse.
 *
 * @param what what the text is, for the error: "Reading /run/…/config.json"
 * @throws RuntimeError `malformed` (with the parser's words) or `too-large` (nested more than 500 deep)
 */
export function parseJsonExact(text: string, what = 'Reading JSON'): unknown {
  const exact = quoteInexactNumbers(text);
  if (exact === undefined) {
    throw new RuntimeError({ code: 'too-large', what, reason: `It is nested more than ${DEPTH_LIMIT} levels deep.` });
  }
  try {
    return JSON.parse(exact) as unknown;
  } catch (error) {
    // The parser's message quotes the text itself, which may hold secrets: only its position is told.
    const place = /position \d+/.exec(error instanceof Error ? error.message : '')?.[0];
    throw new RuntimeError({ code: 'malformed', what, reason: `It is not valid JSON${place ? ` (${place})` : ''}.` });
  }
}

/** Puts quotes around the numbers that cannot be kept; undefined when the nesting is too deep. One pass, no backtracking. */
function quoteInexactNumbers(text: string): string | undefined {
  let depth = 0;
  let copied = 0;
  let result = '';
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
    } else if (isNumberStart(code)) {
      const end = endOfNumber(text, at);
      if (end - at > 15 || text.slice(at, end).includes('e') || text.slice(at, end).includes('E')) {
        const literal = text.slice(at, end);
        // Only what is a number by JSON's grammar: anything else is the parser's to refuse.
        if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(literal) && !isKept(literal)) {
          result += `${text.slice(copied, at)}"${literal}"`;
          copied = end;
        }
      }
      at = end;
    } else {
      if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++;
      else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--;
      if (depth > DEPTH_LIMIT) return undefined;
      at++;
    }
  }
  return copied === 0 ? text : result + text.slice(copied);
}

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;

/** Integers must be safe; fractions are approximations anyway and only have to be finite. */
function isKept(literal: string): boolean {
  const value = Number(literal);
  return /^-?\d+$/.test(literal) ? Number.isSafeInteger(value) : Number.isFinite(value);
}

function isNumberStart(code: number): boolean {
  return (code >= 48 && code <= 57) || code === 45;
}

function endOfNumber(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && /[0-9.eE+-]/.test(text.charAt(at))) at++;
  return at;
}

/** The index after a string's closing quote; the text's end when there is none. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) return at + 1;
  }
  return text.length;
}
