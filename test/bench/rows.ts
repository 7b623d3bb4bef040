/** One figure of a run. */
export interface Row {
  readonly what: string;
  /** How many containers ran; absent where it does not matter. */
  readonly size?: number;
  readonly value: number;
  readonly unit: 'ms' | 'MiB' | '/s' | '/min' | 'KiB' | '';
  /** What it is compared with, in the same run, and how many times as much it is. */
  readonly peer?: string;
  readonly ratio?: number;
  readonly goal?: Goal;
}

/** What a figure should be. */
export interface Goal {
  readonly text: string;
  readonly met: boolean;
  /** Where it is not met: why, as far as it is known. */
  readonly why?: string;
}

/** A goal that a figure or its ratio stays at or below. */
export function atMost(limit: number, figure: number, text: string, why?: string): Goal {
  return { text, met: figure <= limit, ...(why === undefined ? {} : { why }) };
}

/** Makes figures of a run with so many containers; in milliseconds unless told otherwise. */
export function rowsOf(size: number): (what: string, value: number, more?: Partial<Row>) => Row {
  return (what, value, more = {}) => ({ what, size, value, unit: 'ms', ...more });
}

export function middle(times: readonly number[]): number {
  return quantile(times, 0.5);
}

export function quantile(times: readonly number[], part: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

export async function median(rounds: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await timed(work));
  return middle(times);
}

/** The power of N with which a figure grows, by least squares on logarithms; undefined with fewer than two sizes. */
export function exponentOf(rows: readonly Row[]): number | undefined {
  const points = rows.flatMap(({ size, value }) => (size && value > 0 ? [[Math.log(size), Math.log(value)]] : []));
  if (points.length < 2) return undefined;
  const mean = (at: 0 | 1): number => points.reduce((sum, point) => sum + (point[at] ?? 0), 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const over = points.reduce((sum, [x = 0, y = 0]) => sum + (x - meanX) * (y - meanY), 0);
  const under = points.reduce((sum, [x = 0]) => sum + (x - meanX) ** 2, 0);
  return under === 0 ? undefined : over / under;
}

/** The table of docs/performance.md. */
export function markdownOf(rows: readonly Row[], rounds: number, versions: Readonly<Record<string, unknown>>): string {
  const lines = rows.map(({ what, size, value, unit, peer, ratio, goal }) => {
    const beside = peer === undefined || ratio === undefined ? '' : `${ratio.toFixed(2)} × ${peer}`;
    const aim = goal === undefined ? '' : `${goal.text}: ${goal.met ? 'met' : '**missed**'}`;
    return `| ${what} | ${size ?? ''} | ${value.toFixed(1)} ${unit} | ${beside} | ${aim} |`;
  });
  const growth = [...new Set(rows.map(({ what }) => what))].flatMap((what) => {
    const exponent = exponentOf(rows.filter((row) => row.what === what));
    return exponent === undefined ? [] : [`| ${what} | N^${exponent.toFixed(2)} |`];
  });
  const missed = rows.filter(({ goal }) => goal && !goal.met);
  const reasons = [
    ...new Set(
      missed.map(({ what, goal }) => `- **${what}** (goal: ${goal?.text}). ${goal?.why ?? 'Not explained yet.'}`),
    ),
  ];
  const machine = Object.entries(versions).map(([name, value]) => `${name} ${String(value)}`);
  return `# Performance

Made by \`npm run bench -- --write\`; medians of ${rounds} rounds. Machine: ${machine.join(', ')}. Ratios are against a peer in
the same run.

| what | containers | median | beside | goal |
| --- | ---: | ---: | --- | --- |
${lines.join('\n')}

| how it grows with the number of containers | |
| --- | --- |
${growth.join('\n')}

## Missed, and why

${reasons.length > 0 ? reasons.join('\n') : 'Nothing.'}
`;
}
