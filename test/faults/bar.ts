// How often a line of the bar is tried, and what came out: for docs/faults.md.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What came out of a line: kept in out/results/fault-outcomes.json until the table is written. */
export interface Outcome {
  readonly id: string;
  readonly tries: number;
  /** What was measured, in words with its unit: "95th percentile 0.4 s, longest 0.9 s". */
  readonly measured: string;
}

const FILE = 'out/results/fault-outcomes.json';

/** True in `npm run test:long`. */
export const isLong = process.env['CRE_FAULTS'] === 'long';

/** How often: fewer times in each `npm test` than in a long run. */
export function times(short: number, long: number): number {
  return isLong ? long : short;
}

export function keepOutcome(outcome: Outcome): void {
  const others = readOutcomes().filter(({ id }) => id !== outcome.id);
  mkdirSync(dirname(FILE), { recursive: true });
  const all = [...others, outcome].sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
  writeFileSync(FILE, `${JSON.stringify(all, null, 2)}\n`);
  console.log(`      ${outcome.id}: ${outcome.tries} tries; ${outcome.measured}`);
}

export function readOutcomes(): Outcome[] {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8')) as Outcome[];
  } catch {
    return [];
  }
}

/** "median 0.31 s, longest 0.90 s" */
export function inWords(milliseconds: readonly number[]): string {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (part: number): string =>
    ((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0) / 1_000).toFixed(2);
  return `median ${at(0.5)} s, 95th percentile ${at(0.95)} s, longest ${at(1)} s`;
}
