import { counted } from '../text/count.ts';
import type { FileText } from './file-reader.ts';
import { bestRanges, scoreSections } from './sections.ts';

export const levelNames = ['full', 'ranges', 'part', 'outline', 'summary', 'name'] as const;
export type LevelName = (typeof levelNames)[number];

/** One way to show a file or another text. */
export interface Level {
  name: LevelName;
  /** What is shown besides the name; of a summary, one line. */
  text: string;
  /** The lines in it, where it is not all. */
  ranges?: ReadonlyArray<readonly [from: number, to: number]>;
  /** What it is worth beside the whole. */
  worth: number;
}

/** What less than all of a file is worth; `npm run eval -- --packing` tells what that makes of real commits. */
const worth = { full: 1, ranges: 0.3, outline: 0.15, summary: 0.04, name: 0.015 } as const;
/** What the best lines add to their outline grows more slowly than their number. */
const shares = [0.15, 0.4];
/** Below this, a part is hardly shorter than the whole. */
const leastLines = 40;

export const nameOnly: Level = { name: 'name', text: '', worth: worth.name };

/** The ways to show a file, the dearest first. @param words of the task, by their stems */
export function levelsOf(file: FileText, words: ReadonlyMap<string, number>): Level[] {
  const { lines, purpose, outline, parts } = file.describe();
  const levels: Level[] = [{ name: 'full', text: file.text, worth: worth.full }];
  if (lines.length >= leastLines && words.size > 0) {
    const sections = scoreSections(parts, words);
    for (const share of shares) {
      const ranges = bestRanges(sections, Math.floor(lines.length * share));
      if (ranges.length > 0) levels.push(showRanges(lines, ranges, coveredOf(sections, ranges)));
    }
  }
  if (outline !== '') levels.push({ name: 'outline', text: outline, worth: worth.outline });
  if (purpose !== '') levels.push({ name: 'summary', text: purpose, worth: worth.summary });
  return [...levels, nameOnly];
}

/** How much of what a file has of the task is in some of its lines. */
function coveredOf(
  sections: ReturnType<typeof scoreSections>,
  ranges: ReadonlyArray<readonly [number, number]>,
): number {
  const all = sections.reduce((sum, { score }) => sum + score, 0);
  const inside = sections.filter(({ from, to }) => ranges.some(([start, end]) => start <= from && to <= end));
  return inside.reduce((sum, { score }) => sum + score, 0) / Math.max(all, Number.MIN_VALUE);
}

function showRanges(lines: readonly string[], ranges: Array<[number, number]>, covered: number): Level {
  const pieces = ranges.flatMap(([from, to], at) => {
    const before = (ranges[at - 1]?.[1] ?? 0) + 1;
    return [gap(before, from - 1), ...lines.slice(from - 1, to)];
  });
  const text = [...pieces, gap((ranges.at(-1)?.[1] ?? 0) + 1, lines.length)].filter((line) => line !== undefined);
  return { name: 'ranges', text: text.join('\n'), ranges, worth: worth.outline + worth.ranges * covered };
}

function gap(from: number, to: number): string | undefined {
  return to < from ? undefined : `… (${counted(to - from + 1, 'line')}, from ${from})`;
}
