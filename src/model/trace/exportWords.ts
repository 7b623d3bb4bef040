import type { Birth } from './birth';

/** Turns a finished text of ours into the language of its reader. */
export type Say = (text: string) => string;

/** Leaves all texts as they are. */
export const asWritten: Say = (text) => text;

/** What stands above an exported birth. */
export function birthTitle({ name, containerId }: Birth): string {
  return `Birth of container ${name ?? containerId}`;
}

/** What stands above the times of an exported birth. */
export const TIMES_TITLE =
  'The time each layer took (recorded: captured on the wire; observed: seen in events or /proc; reconstructed: it must have been):';

/** Why a container did not start, as an export says it. */
export function failedWords(failure: string): string {
  return `Failed: ${failure}`;
}
