/** Translates a message with {0}, {1}… in it, as `vscode.l10n.t` does. */
export type Translate = (message: string, ...args: (string | number | boolean)[]) => string;

let translate: Translate = (message, ...args) =>
  message.replace(/\{(\d+)\}/g, (placeholder, index: string) => String(args[Number(index)] ?? placeholder));

/**
 * Translation for files that do not know VS Code, so that they run in plain Node. The name is the one that
 * @vscode/l10n-dev looks for when it collects messages.
 */
export const l10n = {
  t: (message: string, ...args: (string | number | boolean)[]): string => translate(message, ...args),
};

/** Gives the real translation, once, at activation. */
export function useTranslation(real: Translate): void {
  translate = real;
}
