import type { BirthBody, BirthStepView } from '../../src/protocol/birthPage';
import { l10n } from '../l10n';
import { svg, svgText } from '../dom';
import { roving } from './roving';

/**
 * Draws the sequence: lanes, messages in rows, and a time axis that is true to scale with a line from each moment to its row.
 * Every row can be reached by keyboard and says itself in one sentence.
 */
export function sequence(
  { steps, diagram }: Pick<BirthBody, 'steps' | 'diagram'>,
  selected: number,
  onSelect: (index: number) => void,
): { readonly element: SVGElement; readonly rows: readonly SVGElement[] } {
  const { width, height, bottom, axisX, leaderX, lanes, ticks } = diagram;
  const rows = steps.map((step, index) => {
    const row = rowOf(step, diagram.rows[index] ?? { y: 0, fromX: 0, toX: 0 }, { axisX, leaderX, width });
    row.addEventListener('click', () => row.focus());
    return row;
  });
  const [first] = ticks;
  const last = ticks.at(-1);
  const element = svg(
    'svg',
    {
      class: 'sequence',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: 'listbox',
      'aria-label': l10n.t('Sequence of steps in time; the table below says the same'),
    },
    ...(first && last ? [svg('line', { class: 'seq-axis', x1: axisX, y1: first.y, x2: axisX, y2: last.y })] : []),
    ...ticks.flatMap(({ y, label }) => [
      svg('line', { class: 'seq-axis', x1: axisX - 4, y1: y, x2: axisX, y2: y }),
      svgText(label, { class: 'seq-small', x: axisX - 8, y: y + 3, 'text-anchor': 'end' }),
    ]),
    ...lanes.flatMap(({ title, x }) => [
      svg('line', { class: 'seq-life', x1: x, y1: 38, x2: x, y2: bottom }),
      svg('rect', { class: 'seq-box', x: x - 52, y: 10, width: 104, height: 28, rx: 4 }),
      svgText(title, { class: 'seq-head', x, y: 28, 'text-anchor': 'middle' }),
    ]),
    ...rows,
  );
  roving(element, rows, { start: selected, onFocus: onSelect });
  return { element, rows };
}

function rowOf(
  step: BirthStepView,
  { y, fromX, toX, axis }: BirthBody['diagram']['rows'][number],
  { axisX, leaderX, width }: { readonly axisX: number; readonly leaderX: number; readonly width: number },
): SVGElement {
  const kind = step.failed ? 'failed' : step.evidence;
  const within = fromX === toX;
  const back = toX > fromX ? -7 : 7;
  const mark = step.evidence === 'reconstructed' ? ' ?' : '';
  return svg(
    'g',
    {
      class: `seq-row seq-${kind}`,
      role: 'option',
      'data-key': `step:${step.id}`,
      'data-step': step.id,
      'aria-label': step.sentence,
    },
    svg('rect', { class: 'seq-hit', x: leaderX - 2, y: y - 16, width: width - leaderX - 4, height: 32, rx: 4 }),
    ...(axis
      ? [
          svg('line', { class: 'seq-moment', x1: axisX, y1: axis.y1, x2: axisX, y2: Math.max(axis.y2, axis.y1 + 2) }),
          svg('polyline', {
            class: 'seq-leader',
            points: `${axisX + 3},${(axis.y1 + axis.y2) / 2} ${leaderX - 24},${y} ${leaderX - 4},${y}`,
          }),
        ]
      : []),
    svgText(step.offset, { class: 'seq-small', x: leaderX + 2, y: y + 3 }),
    ...(within
      ? [svg('rect', { class: 'seq-point', x: fromX - 5, y: y - 5, width: 10, height: 10, rx: 2 })]
      : [
          svg('line', {
            class: `seq-line${step.isAnswer || step.evidence === 'reconstructed' ? ' seq-dashed' : ''}`,
            x1: fromX,
            y1: y,
            x2: toX,
            y2: y,
          }),
          svg('polygon', { class: 'seq-tip', points: `${toX},${y} ${toX + back},${y - 4} ${toX + back},${y + 4}` }),
        ]),
    svgText(
      step.label + mark,
      {
        class: 'seq-label',
        x: within ? fromX + 11 : (fromX + toX) / 2,
        y: within ? y + 4 : y - 5,
        'text-anchor': within ? 'start' : 'middle',
      },
      40,
    ),
  );
}
