import type { Point } from '../components/points';
import { l10n } from '../l10n';

/** The unit in which a counter of time spent counts. */
export type Rate = 'µs' | 'ns';

/** Samples further apart than this have a gap between them in which nobody looked. */
const LONGEST_STEP_MS = 10_000;

/** How fast a counter of time spent rises: CPUs in use between each sample and the one before. */
export function rateOf(points: readonly Point[], kind: Rate): readonly Point[] {
  const perMillisecond = kind === 'ns' ? 1e6 : 1000;
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    const elapsed = before ? point.atMs - before.atMs : 0;
    if (!before || elapsed <= 0 || elapsed > LONGEST_STEP_MS || point.value < before.value) return [];
    return [{ atMs: point.atMs, value: (point.value - before.value) / perMillisecond / elapsed }];
  });
}

/** CPUs in use, for people: 0.5 → "50 % of a CPU". */
export function shownRate(cpus: number): string {
  const percent = cpus * 100;
  return l10n.t('{0} % of a CPU now', percent < 10 ? percent.toFixed(1) : Math.round(percent));
}
