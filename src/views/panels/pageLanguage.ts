import { asRecord } from '../../util/records';
import { l10n, said } from '../l10n';

/** The texts of the pages themselves; esbuild.mjs puts them here. Undefined where the sources run unbundled. */
declare const PAGE_TEXTS: readonly string[];

/**
 * What a page's model says in our own words, by the names of its properties. All others are facts, names and codes: they
 * stay as they are, whatever they happen to read like.
 */
const WORDS = new Set([
  ...['label', 'help', 'note', 'why', 'remedy', 'what', 'reason', 'meaning', 'valueInWords', 'consequence'],
  ...[
    'title',
    'subtitle',
    'text',
    'statusText',
    'failure',
    'because',
    'says',
    'setting',
    'verdictText',
    'severityWord',
  ],
  ...['subject', 'method', 'whatToDo', 'notes', 'when', 'speaks', 'presenceText', 'modeMeaning', 'detail', 'sentence'],
  ...['clock', 'clocks', 'precision', 'verdict', 'role', 'source'],
]);
/** Of these only what is longer than a word: elsewhere in the protocol they are codes. */
const CODES = new Set(['role', 'method', 'source', 'subject', 'title', 'text', 'detail']);
/** Below these everything is data of the container or a request. */
const DATA = new Set(['document', 'header', 'argv', 'copies', 'diagram', 'changes', 'params', 'processes', 'serves']);
/** Models are a few levels deep. */
const DEPTH = 16;

/** The texts of the pages in the language of the window, by their English text; those that stay the same are left out. */
export function pageTexts(): Readonly<Record<string, string>> {
  const texts = typeof PAGE_TEXTS === 'undefined' ? [] : PAGE_TEXTS;
  const pairs = texts.map((text) => [text, l10n.t(text)] as const);
  return Object.fromEntries(pairs.filter(([text, translated]) => text !== translated));
}

/** A message to a page with our own words in the language of the window. */
export function inLanguage(message: unknown): unknown {
  return translated(message, DEPTH);
}

function translated(value: unknown, depth: number): unknown {
  if (depth === 0) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => translated(item, depth - 1));
  const record = asRecord(value);
  if (!record) return value;
  return Object.fromEntries(
    Object.entries(record).map(([name, inner]): [string, unknown] => [name, member(name, inner, record, depth)]),
  );
}

function member(name: string, value: unknown, owner: Readonly<Record<string, unknown>>, depth: number): unknown {
  if (DATA.has(name)) return value;
  if (!WORDS.has(name)) return translated(value, depth - 1);
  if (typeof value === 'string') return isCode(name, value, owner) ? value : said(value);
  if (!Array.isArray(value)) return translated(value, depth - 1);
  return value.map((item: unknown) => (typeof item === 'string' ? said(item) : translated(item, depth - 1)));
}

/** The verdict on a node is a code, with its words beside it; that on a setting is the words. */
function isCode(name: string, value: string, owner: Readonly<Record<string, unknown>>): boolean {
  if (name === 'verdict') return 'verdictText' in owner;
  return CODES.has(name) && !value.includes(' ');
}
