/** As in tree.css: lines are of one height, so that only those in sight need to be drawn. */
export const ROW_HEIGHT = 24;
/** Lines drawn beyond both edges, so that scrolling does not show gaps. */
const OVERSCAN = 20;
/** Before fewer than these are left beyond an edge, the next are drawn. */
const RESERVE = 5;

/** The lines that are drawn: from the first to before the last. */
export interface TreeWindow {
  readonly first: number;
  readonly last: number;
}

/** What is in sight of `rows` lines: lengths in CSS pixels. */
export interface Sight {
  readonly scrollTop: number;
  readonly height: number;
  readonly rows: number;
}

/** The lines to draw for what is in sight. */
export function windowFor({ scrollTop, height, rows }: Sight, beyond = OVERSCAN): TreeWindow {
  return {
    first: Math.max(0, Math.floor(scrollTop / ROW_HEIGHT) - beyond),
    last: Math.min(rows, Math.ceil((scrollTop + height) / ROW_HEIGHT) + beyond),
  };
}

/**
 * Whether other lines must be drawn for what is in sight now. Not for each pixel: a long line at the edge of what is drawn
 * brings a scroll bar, which takes a line from the height, without which the bar would go and the line come back, for ever.
 */
export function isOutgrown(drawn: TreeWindow, sight: Sight): boolean {
  const needed = windowFor(sight, RESERVE);
  return needed.first < drawn.first || needed.last > drawn.last;
}
