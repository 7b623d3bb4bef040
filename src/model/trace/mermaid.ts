import { visible } from '../../util/text';
import type { Birth } from './birth';
import { LANE_TITLES, layOut } from './diagram';
import { asWritten, birthTitle, failedWords, type Say } from './exportWords';

/** A message longer than this makes a picture that nobody can read. */
const LONGEST = 160;

/** The birth as a Mermaid sequence diagram, in the reader's language. Dotted lines with a cross or a note say what was only reconstructed or failed. */
export function toMermaid(birth: Birth, say: Say = asWritten): string {
  const { rows } = layOut(birth);
  const lines = [
    'sequenceDiagram',
    `    accTitle: ${text(say(birthTitle(birth)))}`,
    ...birth.lanes.map((lane) => `    participant ${lane} as ${text(say(LANE_TITLES[lane]))}`),
    ...rows.flatMap(({ step, offset }) => {
      const { from, to, label, evidence, isAnswer, failed } = step;
      const said = `${text(say(label))} [${text(offset)}, ${text(say(evidence))}]`;
      if (from === to) return [`    Note over ${from}: ${said}`];
      const arrow = failed === true ? '--x' : isAnswer === true || evidence === 'reconstructed' ? '-->>' : '->>';
      return [`    ${from}${arrow}${to}: ${said}`];
    }),
    ...birth.times.map(({ lane, label, us, precisionUs, evidence }) => {
      const took = `${(us / 1000).toFixed(2)} ms ± ${(precisionUs / 1000).toFixed(2)} ms`;
      const over = birth.lanes.includes(lane) ? lane : (birth.lanes[0] ?? 'client');
      return `    Note over ${over}: ${text(`${say(label)}: ${took}`)} (${text(say(evidence))})`;
    }),
    ...(birth.failure === undefined
      ? []
      : [`    Note over ${birth.lanes[0] ?? 'client'}: ${text(say(failedWords(birth.failure)))}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * Text that Mermaid takes as text alone. Its messages end at a line break, `;` ends a statement, `#…;` is an entity, `%%`
 * begins a comment or directive, and `<` markup: all of them, and whatever else is no plain sign, become entities.
 */
function text(hostile: string): string {
  return visible(hostile, LONGEST).replace(
    /[^\p{L}\p{N} .,/_+?()[\]±=•…-]/gu,
    (character) => `#${character.codePointAt(0) ?? 63};`,
  );
}
