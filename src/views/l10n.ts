import { Phrasebook } from '../util/phrasebook';

/** Translates a message with {0}, {1}… in it, as `vscode.l10n.t` does. */
export type Translate = (message: string, ...args: (string | number | boolean)[]) => string;

/** Fills the placeholders and translates nothing: what holds until somebody gives a translation. */
export const english: Translate = (message, ...args) =>
  message.replace(/\{(\d+)\}/g, (placeholder, index: string) => String(args[Number(index)] ?? placeholder));
let translate = english;
let phrasebook = new Phrasebook({});

/**
 * Translation for files that do not know VS Code, so that they run in plain Node. The name is the one that
 * @vscode/l10n-dev looks for when it collects messages.
 */
export const l10n = {
  t: (message: string, ...args: (string | number | boolean)[]): string => translate(message, ...args),
};

/**
 * The translation of a finished text of the model or the explanations, which know nothing of languages. Never for facts:
 * a name that happens to read like a text of ours would be changed.
 */
export function said(text: string): string {
  return phrasebook.translate(text);
}

/** Gives the real translation and its bundle (none in English), once, at activation. */
export function useTranslation(real: Translate, bundle: Readonly<Record<string, string>> = {}): void {
  translate = real;
  phrasebook = new Phrasebook(bundle);
}
