import { asRecord, asString } from '../src/util/records';

/** As much of a document as is needed here: tests know no other. */
interface Pages {
  getElementById(id: string): { readonly textContent: string | null } | null;
}

/**
 * The texts of the pages in the language of the window: the host writes them into the page, by their English text. In
 * English there are none.
 */
const texts = readTexts();

/** Translation, by the name that the collector of texts looks for. {0}, {1}… are filled in. */
export const l10n = {
  t: (message: string, ...args: readonly (string | number)[]): string =>
    (texts.get(message) ?? message).replace(/\{(\d+)\}/g, (placeholder, index: string) =>
      String(args[Number(index)] ?? placeholder),
    ),
};

function readTexts(): ReadonlyMap<string, string> {
  // Tests of single parts have no page around them.
  const { document } = globalThis as { document?: Pages };
  const json = document?.getElementById('texts')?.textContent;
  const parsed: unknown = json ? JSON.parse(json) : {};
  return new Map(
    Object.entries(asRecord(parsed) ?? {}).flatMap(([text, translated]) => {
      const known = asString(translated);
      return known === undefined ? [] : [[text, known] as const];
    }),
  );
}
