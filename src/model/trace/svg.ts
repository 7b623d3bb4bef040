import { visible } from '../../util/text';
import type { Birth, BirthStep } from './birth';
import { layOut, milliseconds, stepSentence, type Diagram, type DiagramRow } from './diagram';
import { asWritten, birthTitle, failedWords, TIMES_TITLE, type Say } from './exportWords';

/*
 * The diagram as a file of its own. It stands on its own ground and follows the reader's light or dark scheme; evidence is
 * told by dashes and words too, never by colour alone.
 */

const STYLE = `
.ground{fill:#fff}text{font:12px ui-sans-serif,system-ui,sans-serif;fill:#1f2328}
.small{font-size:10px;fill:#59636e}.head{font-weight:600}.title{font-size:15px;font-weight:600}
.life,.leader,.axis,.tick{stroke:#afb8c1;stroke-width:1;fill:none}.life{stroke-dasharray:2 4}
.box{fill:#f6f8fa;stroke:#8c959f}.message{stroke-width:1.5;fill:none}.moment{stroke-width:3}
.recorded{stroke:#1a7f37}.observed{stroke:#0969da}.reconstructed{stroke:#9a6700}.failed{stroke:#cf222e}
.reconstructed.message,.answer{stroke-dasharray:5 4}
.tip-recorded{fill:#1a7f37}.tip-observed{fill:#0969da}.tip-reconstructed{fill:#9a6700}.tip-failed{fill:#cf222e}
@media (prefers-color-scheme:dark){.ground{fill:#0d1117}text{fill:#e6edf3}.small{fill:#9198a1}
.life,.leader,.axis,.tick{stroke:#59636e}.box{fill:#161b22;stroke:#6e7681}
.recorded{stroke:#3fb950}.observed{stroke:#58a6ff}.reconstructed{stroke:#d29922}.failed{stroke:#f85149}
.tip-recorded{fill:#3fb950}.tip-observed{fill:#58a6ff}.tip-reconstructed{fill:#d29922}.tip-failed{fill:#f85149}}
`.trim();

const TITLE_HEIGHT = 34;
const TIME_ROW = 18;

/** The birth as an SVG file, in the reader's language: no script, no link, no font from elsewhere. */
export function toSvg(birth: Birth, say: Say = asWritten): string {
  const diagram = layOut(birth);
  const title = say(birthTitle(birth));
  const status = say(birth.status);
  const legendY = diagram.height + TITLE_HEIGHT;
  const height = legendY + 30 + birth.times.length * TIME_ROW + (birth.failure === undefined ? 0 : TIME_ROW) + 12;
  const words = [title, status, ...diagram.rows.map((row) => stepSentence(row, say))].join('. ');
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${diagram.width}" height="${height}" viewBox="0 0 ${diagram.width} ${height}" role="img" aria-labelledby="t d">
<title id="t">${xml(title)}</title>
<desc id="d">${xml(words, 20_000)}</desc>
<style>${STYLE}</style>
<rect class="ground" width="${diagram.width}" height="${height}"/>
<text class="title" x="12" y="24">${xml(`${title}: ${status}`)}</text>
<g transform="translate(0 ${TITLE_HEIGHT})">
${axis(diagram)}
${diagram.lanes.map(({ title: name, x }) => lane(say(name), x, diagram)).join('\n')}
${diagram.rows.map((row) => rowOf(row, diagram, say)).join('\n')}
</g>
${times(birth, legendY, say)}
</svg>
`;
}

function axis({ axisX, ticks }: Diagram): string {
  const [first] = ticks;
  const bottom = Math.max(...ticks.map(({ y }) => y), 0);
  if (!first) return '';
  return [
    `<line class="axis" x1="${axisX}" y1="${first.y}" x2="${axisX}" y2="${round(bottom)}"/>`,
    ...ticks.map(
      ({ y, label }) =>
        `<line class="tick" x1="${axisX - 4}" y1="${round(y)}" x2="${axisX}" y2="${round(y)}"/>` +
        `<text class="small" x="${axisX - 8}" y="${round(y + 3)}" text-anchor="end">${xml(label)}</text>`,
    ),
  ].join('\n');
}

function lane(name: string, x: number, { bottom }: Diagram): string {
  return (
    `<line class="life" x1="${x}" y1="40" x2="${x}" y2="${bottom}"/>` +
    `<rect class="box" x="${x - 52}" y="10" width="104" height="28" rx="4"/>` +
    `<text class="head" x="${x}" y="28" text-anchor="middle">${xml(name)}</text>`
  );
}

function rowOf(row: DiagramRow, { axisX, leaderX }: Diagram, say: Say): string {
  const { step, y, fromX, toX, offset, axis: at } = row;
  const kind = kindOf(step);
  const parts = [
    at &&
      `<line class="moment ${kind}" x1="${axisX}" y1="${round(at.y1)}" x2="${axisX}" y2="${round(Math.max(at.y2, at.y1 + 2))}"/>` +
        `<polyline class="leader" points="${axisX},${round((at.y1 + at.y2) / 2)} ${leaderX - 20},${y} ${leaderX},${y}"/>`,
    `<text class="small" x="${leaderX + 2}" y="${y + 3}">${xml(offset)}</text>`,
    fromX === toX
      ? `<rect class="message ${kind}" x="${fromX - 5}" y="${y - 5}" width="10" height="10"/>`
      : arrow(fromX, toX, y, kind, step.isAnswer === true),
    label(row, say),
  ];
  return `<g><title>${xml(stepSentence(row, say))}</title>${parts.filter(Boolean).join('')}</g>`;
}

function arrow(fromX: number, toX: number, y: number, kind: string, isAnswer: boolean): string {
  const back = toX > fromX ? -7 : 7;
  return (
    `<line class="message ${kind}${isAnswer ? ' answer' : ''}" x1="${fromX}" y1="${y}" x2="${toX}" y2="${y}"/>` +
    `<polygon class="tip-${kind}" points="${toX},${y} ${toX + back},${y - 4} ${toX + back},${y + 4}"/>`
  );
}

function label({ step, y, fromX, toX }: DiagramRow, say: Say): string {
  const within = fromX === toX;
  const x = within ? fromX + 10 : (fromX + toX) / 2;
  const mark = step.evidence === 'reconstructed' ? ` (${say(step.evidence)})` : '';
  return `<text x="${x}" y="${within ? y + 4 : y - 5}" text-anchor="${within ? 'start' : 'middle'}">${xml(say(step.label) + mark, 60)}</text>`;
}

function times(birth: Birth, top: number, say: Say): string {
  const lines = [
    say(TIMES_TITLE),
    ...birth.times.map(
      ({ label: does, us, precisionUs, evidence }) =>
        `${milliseconds(us)} ± ${milliseconds(precisionUs)}  ${say(does)} (${say(evidence)})`,
    ),
    ...(birth.failure === undefined ? [] : [say(failedWords(birth.failure))]),
  ];
  return lines
    .map(
      (line, index) =>
        `<text class="${index === 0 ? 'small' : ''}" x="12" y="${top + 16 + index * TIME_ROW}">${xml(line, 300)}</text>`,
    )
    .join('\n');
}

function kindOf({ evidence, failed }: BirthStep): string {
  return failed === true ? 'failed' : evidence;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Text for XML: what XML 1.0 has no sign for is shown by its number first. */
function xml(hostile: string, limit = 500): string {
  return visible(hostile, limit)
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0) ?? 63};`);
}
