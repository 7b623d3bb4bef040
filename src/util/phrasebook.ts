/** Longer texts are none of ours. */
const LIMIT = 4000;
/** How many translated texts are kept; a tree of thousands of rows says the same few hundred. */
const KEPT = 4000;
/** Templates of fewer letters ("{0} and {1}") fit any sentence: they only take single words. */
const LIGHT = 6;
/** How deep a part of a text may have parts that are texts themselves. */
const DEPTH = 3;

/** A text with placeholders: what stands before, between and after them, and which name each has. */
interface Template {
  readonly literals: readonly string[];
  readonly names: readonly string[];
  readonly translation: string;
  /** How many characters of it are literal: of several that fit, the one that says most is meant. */
  readonly weight: number;
}

/**
 * Translates finished texts: those that the model and the explanations have put together without knowing of languages. A
 * text is looked up as it is, then compared with the templates ("PID {0} has ended"), then taken apart into sentences.
 * What is not found stays as it is, so a text without a translation is shown in English and never lost.
 *
 * Facts are not texts: only give it what our own code has written. What a template quotes is only translated when it is
 * itself a text of several words.
 */
export class Phrasebook {
  private readonly exact = new Map<string, string>();
  /** By the first two characters; those that begin with a placeholder under ''. */
  private readonly templates = new Map<string, Template[]>();
  private readonly known = new Map<string, string>();

  /** @param bundle translations by their English text, with {0}, {1}… for what is filled in, {n} for digits alone */
  constructor(bundle: Readonly<Record<string, string>>) {
    for (const [text, translation] of Object.entries(bundle)) {
      const template = parse(text, translation);
      if (!template) this.exact.set(text, translation);
      else if (template.weight > 1) {
        const begin = template.literals[0]?.slice(0, 2) ?? '';
        const key = begin.length === 2 ? begin : '';
        this.templates.set(key, [...(this.templates.get(key) ?? []), template]);
      }
    }
    for (const list of this.templates.values()) list.sort((a, b) => b.weight - a.weight);
  }

  /** The translation of a text of ours, or the text itself. */
  translate(text: string): string {
    if (text.length > LIMIT || this.exact.size + this.templates.size === 0) return text;
    const kept = this.known.get(text);
    if (kept !== undefined) return kept;
    const translation = this.find(text, DEPTH) ?? text;
    if (this.known.size >= KEPT) this.known.clear();
    this.known.set(text, translation);
    return translation;
  }

  private find(text: string, depth: number): string | undefined {
    return this.whole(text, depth) ?? this.sentences(text, depth);
  }

  private whole(text: string, depth: number): string | undefined {
    const exact = this.exact.get(text);
    if (exact !== undefined) return exact;
    const fitting = [...(this.templates.get(text.slice(0, 2)) ?? []), ...(this.templates.get('') ?? [])];
    let best: { readonly template: Template; readonly parts: readonly string[] } | undefined;
    for (const template of fitting) {
      if (best && best.template.weight >= template.weight) continue;
      const parts = match(template, text);
      if (parts) best = { template, parts };
    }
    if (best) return this.fill(best.template, best.parts, depth);
    // "3 mounts." is "3 mounts" with a full stop.
    const bare = text.endsWith('.') ? text.slice(0, -1) : '';
    const translation = bare === '' || depth === 0 ? undefined : this.whole(bare, 0);
    return translation === undefined ? undefined : `${translation}.`;
  }

  private fill({ names, translation }: Template, parts: readonly string[], depth: number): string {
    const values = new Map(names.map((name, index) => [name, this.part(parts[index] ?? '', depth - 1)]));
    return translation.replace(/\{(\d+|n)\}/g, (placeholder, name: string) => values.get(name) ?? placeholder);
  }

  /** One word may be a name, whatever it says: names stay. */
  private part(text: string, depth: number): string {
    if (depth <= 0 || !text.trim().includes(' ')) return text;
    const inner = text.trim();
    const start = text.indexOf(inner);
    const [before, after] = [text.slice(0, start), text.slice(start + inner.length)];
    return `${before}${this.find(inner, depth) ?? inner}${after}`;
  }

  /** Text after text, as they are joined by blanks: each run of sentences that is known is translated. */
  private sentences(text: string, depth: number): string | undefined {
    const parts = text.split(/(?<=[.!?:;”)]) (?=[A-Z“‘(0-9/-])|(?<=,) |(?<=\n)/);
    if (parts.length < 2 || parts.length > 60) return undefined;
    const translated: string[] = [];
    let found = false;
    for (let at = 0; at < parts.length;) {
      let length = Math.min(parts.length - at, 8);
      if (at === 0 && length === parts.length) length--;
      let translation: string | undefined;
      for (; length > 0 && translation === undefined; length--) {
        translation = this.whole(join(text, parts, at, length), depth - 1);
      }
      found ||= translation !== undefined;
      translated.push(translation ?? parts[at] ?? '');
      at += translation === undefined ? 1 : length + 1;
    }
    return found ? translated.join(' ').replaceAll('\n ', '\n') : undefined;
  }
}

function join(text: string, parts: readonly string[], at: number, length: number): string {
  const start = parts.slice(0, at).reduce((sum, part) => sum + separated(part), 0);
  const run = parts.slice(at, at + length);
  return text.slice(start, start + run.reduce((sum, part) => sum + separated(part), 0)).trimEnd();
}

function separated(part: string): number {
  return part.length + (part.endsWith('\n') ? 0 : 1);
}

function parse(text: string, translation: string): Template | undefined {
  const names = [...text.matchAll(/\{(\d+|n)\}/g)].map(([, name = '']) => name);
  if (names.length === 0) return undefined;
  const literals = text.split(/\{(?:\d+|n)\}/);
  return { literals, names, translation, weight: literals.join('').replaceAll(' ', '').length };
}

/** What stands at the placeholders; undefined when the text is not of this form. In one pass, whatever the text holds. */
function match({ literals, names, weight }: Template, text: string): readonly string[] | undefined {
  const first = literals[0] ?? '';
  const last = literals.at(-1) ?? '';
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return undefined;
  const end = text.length - last.length;
  const parts: string[] = [];
  let at = first.length;
  for (const literal of literals.slice(1, -1)) {
    // Two placeholders without anything between them: the first takes all.
    const found = literal === '' ? end : text.indexOf(literal, at);
    if (found < 0 || found + literal.length > end) return undefined;
    parts.push(text.slice(at, found));
    at = found + literal.length;
  }
  parts.push(text.slice(at, end));
  const isOdd = (part: string, index: number): boolean =>
    names[index] === 'n' ? !/^[\d,.]+$/.test(part) : weight < LIGHT && part.includes(' ');
  return parts.some(isOdd) ? undefined : parts;
}
