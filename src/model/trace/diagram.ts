import type { Birth, BirthStep, Lane } from './birth';
import { asWritten, type Say } from './exportWords';

/*
 * Where everything of the sequence diagram stands, in pixels. Messages stand in rows of the same height, so that each can be
 * read; the time axis at the left is true to scale, and a line leads from each moment on it to its row. The page draws it in
 * the editor's colours, the export in its own.
 */

export interface DiagramLane {
  readonly lane: Lane;
  readonly title: string;
  readonly x: number;
}

/** One step as a row. */
export interface DiagramRow {
  readonly step: BirthStep;
  readonly y: number;
  readonly fromX: number;
  readonly toX: number;
  /** Where its moment begins and ends on the time axis; absent when only its order is known. */
  readonly axis?: { readonly y1: number; readonly y2: number };
  /** `+12.3 ms` since the first known moment, or `?`. */
  readonly offset: string;
}

export interface Diagram {
  readonly width: number;
  readonly height: number;
  readonly top: number;
  readonly bottom: number;
  /** Where the time axis stands, and where the leaders end. */
  readonly axisX: number;
  readonly leaderX: number;
  readonly lanes: readonly DiagramLane[];
  readonly rows: readonly DiagramRow[];
  readonly ticks: readonly { readonly y: number; readonly label: string }[];
}

export const LANE_TITLES: Readonly<Record<Lane, string>> = {
  client: 'client',
  dockerd: 'dockerd',
  cri: 'CRI plugin',
  containerd: 'containerd',
  shim: 'shim',
  runtime: 'OCI runtime',
  init: 'init',
};

const ROW = 34;
const HEAD = 56;
const FOOT = 20;
const AXIS_X = 64;
const LEADER_X = 128;
const LANE_WIDTH = 150;
const FIRST_LANE = 92;

export function layOut({ steps, lanes }: Pick<Birth, 'steps' | 'lanes'>): Diagram {
  const xs = new Map(lanes.map((lane, index) => [lane, LEADER_X + FIRST_LANE + index * LANE_WIDTH]));
  const top = HEAD;
  const bottom = HEAD + Math.max(1, steps.length) * ROW;
  const timed = steps.filter(({ atUs }) => atUs !== undefined);
  const startUs = Math.min(...timed.map(({ atUs }) => atUs ?? 0));
  const endUs = Math.max(...timed.map(({ atUs, precisionUs }) => (atUs ?? 0) + Math.min(precisionUs ?? 0, 20_000)));
  const spanUs = Math.max(1, endUs - startUs);
  const axisTop = top + ROW / 2;
  const axisBottom = Math.max(axisTop + 1, bottom - ROW / 2);
  const onAxis = (us: number): number => axisTop + ((Math.min(us, endUs) - startUs) / spanUs) * (axisBottom - axisTop);
  const rows = steps.map((step, index): DiagramRow => {
    const { atUs, precisionUs = 0 } = step;
    return {
      step,
      y: top + index * ROW + ROW / 2,
      fromX: xs.get(step.from) ?? LEADER_X,
      toX: xs.get(step.to) ?? LEADER_X,
      offset: atUs === undefined ? '?' : `+${milliseconds(atUs - startUs)}`,
      ...(atUs === undefined ? {} : { axis: { y1: onAxis(atUs), y2: onAxis(atUs + precisionUs) } }),
    };
  });
  return {
    width: LEADER_X + FIRST_LANE + (lanes.length - 1) * LANE_WIDTH + 130,
    height: bottom + FOOT,
    top,
    bottom,
    axisX: AXIS_X,
    leaderX: LEADER_X,
    lanes: lanes.map((lane) => ({ lane, title: LANE_TITLES[lane], x: xs.get(lane) ?? LEADER_X })),
    rows,
    ticks:
      timed.length === 0
        ? []
        : ticksOf(spanUs, axisBottom - axisTop).map((us) => ({ y: onAxis(startUs + us), label: milliseconds(us) })),
  };
}

/** Round distances, so many that each has some 60 pixels. */
function ticksOf(spanUs: number, pixels: number): number[] {
  const wanted = Math.max(1, Math.floor(pixels / 60));
  const rough = spanUs / wanted;
  const power = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
  const stepUs = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  const ticks: number[] = [];
  for (let us = 0; us <= spanUs && ticks.length < 500; us += stepUs) ticks.push(us);
  return ticks;
}

/** `0.42 ms`, `12.3 ms`, `278 ms`, `12.3 s`. */
export function milliseconds(us: number): string {
  const size = Math.abs(us);
  if (size < 10_000) return `${(us / 1000).toFixed(2)} ms`;
  if (size < 100_000) return `${(us / 1000).toFixed(1)} ms`;
  if (size < 10_000_000) return `${Math.round(us / 1000)} ms`;
  return `${(us / 1e6).toFixed(1)} s`;
}

/** A step in one sentence, for those who do not see the picture. */
export function stepSentence({ step, offset }: Pick<DiagramRow, 'step' | 'offset'>, say: Say = asWritten): string {
  const { from, to, label, evidence } = step;
  const who = from === to ? say(LANE_TITLES[from]) : `${say(LANE_TITLES[from])} → ${say(LANE_TITLES[to])}`;
  const when = offset === '?' ? say('moment not known') : offset;
  return `${when}, ${who}: ${say(label)} (${say(evidence)}${step.failed === true ? `, ${say('failed')}` : ''})`;
}
