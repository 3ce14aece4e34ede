import { join } from 'node:path';
import type { PatternQuery } from '../src/search/regex/compile-pattern.ts';
import { layOut, openFff } from './fff.ts';
import { formatRatio, interleave, printTable, ratioOf, spreadOf } from './report.ts';

interface FirstLines {
  name: string;
  query: PatternQuery;
  limit: number;
  /** Finds the first lines and returns how many there are. */
  find(): number;
}

const [goal, least] = [5, 2];
const times = 9;

/**
 * The first lines by this engine and by fff-node, both in process and warm, by turns. fff goes through files in its own
 * order and ends with a whole file.
 *
 * @param ignored paths below the folder where its ignore rules would hide them from fff, to be linked into `scratch`
 */
export async function benchFff(
  folder: string,
  scratch: string,
  searches: readonly FirstLines[],
  { rounds, ignored }: { rounds: number; ignored: readonly string[] | undefined },
) {
  if (ignored) layOut(join(scratch, 'fff'), ignored, folder);
  const fff = await openFff(ignored ? join(scratch, 'fff') : folder, 'contents');
  if (!fff) return console.log('  (no rows for fff-node: it does not run here)');
  const rows: string[][] = [];
  for (const { name, query, limit, find } of searches) {
    const theirs: number[] = [];
    const ours: number[] = [];
    let [lines, theirLines] = [find(), fff.countLines(query, limit)];
    await interleave(rounds, [
      async () => void theirs.push(medianOf(() => (theirLines = fff.countLines(query, limit)))),
      async () => void ours.push(medianOf(() => (lines = find()))),
    ]);
    const ratio = ratioOf(theirs, ours);
    const verdict = ratio >= goal ? 'met' : ratio >= least ? 'not met' : 'FELL BELOW';
    const ms = [theirs, ours].map((each) => spreadOf(each).median.toFixed(3));
    const marks = [formatRatio(ratio), formatRatio(goal), formatRatio(least), verdict];
    rows.push([name, ...ms, `${theirLines}`, `${lines}`, ...marks]);
  }
  fff.close();
  printTable(['fff-node / ours', 'fff ms', 'ours ms', 'fff lines', 'lines', 'ratio', 'goal', 'least', ''], rows);
}

function medianOf(work: () => unknown): number {
  const measured = Array.from({ length: times }, () => {
    const begin = performance.now();
    work();
    return performance.now() - begin;
  });
  return spreadOf(measured).median;
}
