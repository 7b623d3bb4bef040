import { setAttributes, svg } from '../dom';

/** A number at a moment. */
export interface Point {
  readonly atMs: number;
  readonly value: number;
}

/** Two minutes at one sample per 2 s. */
export const KEPT_POINTS = 60;
const WIDTH = 240;
const HEIGHT = 44;

/** A small live line. It is a picture of the number that stands beside it in words, so readers skip it. */
export class Sparkline {
  readonly element: SVGElement;
  private readonly line = svg('polyline', { class: 'spark-line', points: '' });
  private readonly area = svg('polygon', { class: 'spark-area', points: '' });
  private readonly limit = svg('line', { class: 'spark-limit', x1: 0, x2: WIDTH, y1: -10, y2: -10 });

  constructor() {
    this.element = svg(
      'svg',
      { class: 'sparkline', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      this.area,
      this.line,
      this.limit,
    );
  }

  /** @param ceiling the limit in force, drawn as a line once the value comes near it */
  draw(points: readonly Point[], ceiling: number | undefined): void {
    const coordinates = sparkPoints(points, WIDTH, HEIGHT, ceiling);
    const text = coordinates.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
    const first = coordinates[0];
    setAttributes(this.line, { points: text });
    setAttributes(this.area, { points: first ? `${first[0].toFixed(1)},${HEIGHT} ${text} ${WIDTH},${HEIGHT}` : '' });
    const top = highest(points, ceiling);
    const isNear = ceiling !== undefined && top === ceiling * HEADROOM;
    const y = isNear ? HEIGHT - (ceiling / top) * HEIGHT : -10;
    setAttributes(this.limit, { y1: y, y2: y });
  }
}

const HEADROOM = 1.1;

/** Places points in a picture: the newest at the right edge, zero at the bottom. */
export function sparkPoints(
  points: readonly Point[],
  width: number,
  height: number,
  ceiling: number | undefined,
): readonly (readonly [number, number])[] {
  const shown = points.slice(-KEPT_POINTS);
  const top = highest(shown, ceiling);
  const step = width / (KEPT_POINTS - 1);
  return shown.map(({ value }, index) => [
    width - (shown.length - 1 - index) * step,
    height - (value / top) * (height - 2) - 1,
  ]);
}

/** The picture's upper end: the limit where the values come within reach of it, else a little above the highest value. */
function highest(points: readonly Point[], ceiling: number | undefined): number {
  const most = points.reduce((high, { value }) => Math.max(high, value), 0);
  if (ceiling !== undefined && ceiling > 0 && most > ceiling / 4) return Math.max(ceiling, most) * HEADROOM;
  return most === 0 ? 1 : most * 1.25;
}
