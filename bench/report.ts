/** Plain tables of timings, and the verdicts below them. */

export interface Spread {
  median: number;
  min: number;
  max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
  return { median, min: at(0), max: at(sorted.length - 1) };
}

/** What all but a twentieth stay under. */
export function p95Of(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1] ?? Number.NaN;
}

/** The median of the ratios within each round, which a machine that slows down for some rounds does not shift. */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): number {
  return spreadOf(ours.map((value, round) => value / (theirs[round] ?? Number.NaN))).median;
}

export function formatSpread({ median, min, max }: Spread): string[] {
  return [median, min, max].map(formatNumber);
}

export function formatRatio(ratio: number): string {
  return Number.isFinite(ratio) ? `${ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(2)}x` : '-';
}

/** The first column is text and flush left, all others flush right. */
export function printTable(heading: readonly string[], rows: readonly (readonly string[])[]) {
  const all = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  for (const row of all) console.log(`  ${line(row).trimEnd()}`);
}

export function printGoal(goal: string, reached: string, isMet: boolean) {
  console.log(`  goal: ${goal}: ${reached}, ${isMet ? 'met' : 'NOT MET'}`);
}

/** Lets every contestant take its turn in each round, so that what disturbs the machine disturbs all of them. */
export async function interleave(rounds: number, turns: ReadonlyArray<() => Promise<void>>) {
  for (let round = 0; round < rounds; round++) {
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn();
  }
}

function formatNumber(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value.toFixed(value >= 10 ? 1 : 2);
}
