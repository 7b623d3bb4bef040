/** A number at a moment. */
export interface Point {
  readonly atMs: number;
  readonly value: number;
}

/** Two minutes at one sample per 2 s. */
export const KEPT_POINTS = 60;

/** How much higher than a limit in sight the picture reaches. */
export const HEADROOM = 1.1;

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
export function highest(points: readonly Point[], ceiling: number | undefined): number {
  const most = points.reduce((high, { value }) => Math.max(high, value), 0);
  if (ceiling !== undefined && ceiling > 0 && most > ceiling / 4) return Math.max(ceiling, most) * HEADROOM;
  return most === 0 ? 1 : most * 1.25;
}
