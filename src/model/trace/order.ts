import type { BirthStep } from './birth';

/** A step and its place in what must have happened first. */
export interface RankedStep {
  readonly rank: number;
  readonly step: BirthStep;
}

/**
 * The steps in the order in which they happened: by their times where these tell, else by rank. Times are intervals, so two
 * of them may not tell which was first; steps without a time stand where their rank puts them.
 */
export function inOrder(ranked: readonly RankedStep[]): BirthStep[] {
  const timed: RankedStep[] = [];
  for (const one of stable(ranked.filter(({ step }) => step.atUs !== undefined))) {
    let at = timed.length;
    while (at > 0 && isBefore(one.step, timed[at - 1]?.step)) at--;
    timed.splice(at, 0, one);
  }
  for (const one of stable(ranked.filter(({ step }) => step.atUs === undefined))) {
    const after = timed.map(({ rank }) => rank <= one.rank).lastIndexOf(true);
    timed.splice(after + 1, 0, one);
  }
  return timed.map(({ step }) => step);
}

function stable(steps: readonly RankedStep[]): RankedStep[] {
  return [...steps].sort((a, b) => a.rank - b.rank || (a.step.atUs ?? 0) - (b.step.atUs ?? 0));
}

/** True when a step was certainly before another. */
function isBefore(one: BirthStep, other: BirthStep | undefined): boolean {
  if (other === undefined) return false;
  return (one.atUs ?? 0) + (one.precisionUs ?? 0) <= (other.atUs ?? 0);
}
