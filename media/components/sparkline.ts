import { setAttributes, svg } from '../dom';
import { HEADROOM, highest, sparkPoints, type Point } from './points';

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
