import { namesIn, stemsOf } from '../search/task/identifier-words.ts';
import type { OutlineEntry } from '../text/outline.ts';

/** Lines of a file that belong together; 1-based, the last one included. */
export interface Section {
  from: number;
  to: number;
  /** How much of the task is in it. */
  score: number;
}

/** Where nothing says what belongs together. */
const blockLines = 30;
const maxTaskCharacters = 20_000;
const commentLine = /^\s*(?:\/\/|\/?\*|#|--|"""|@|\[)/;

/** The words of a task by their stems; those of its first sentences count more. */
export function weighWords(task: string): ReadonlyMap<string, number> {
  const stems = namesIn(task.slice(0, maxTaskCharacters)).flatMap(stemsOf);
  const weights = new Map<string, number>();
  for (const [at, word] of stems.entries()) if (!weights.has(word)) weights.set(word, at < 12 ? 1 : 0.5);
  return weights;
}

/** Lines that belong together, with the words in them by their stems. */
export interface Part {
  from: number;
  to: number;
  stems: ReadonlySet<string>;
}

/** The declarations of a file with what is around them, in their order. */
export function partsOfText(lines: readonly string[], entries: readonly OutlineEntry[]): Part[] {
  const starts = startsOf(lines, entries);
  return starts.map((from, at) => {
    const to = (starts[at + 1] ?? lines.length + 1) - 1;
    return { from, to, stems: new Set(namesIn(lines.slice(from - 1, to).join('\n')).flatMap(stemsOf)) };
  });
}

/** Each part with how much of the task is in it: a word that few parts have counts most. */
export function scoreSections(parts: readonly Part[], words: ReadonlyMap<string, number>): Section[] {
  const rarity = (word: string) => {
    const within = parts.filter(({ stems }) => stems.has(word)).length;
    return Math.log(1 + parts.length / (within + 0.5));
  };
  const weights = [...words].map(([word, weight]) => [word, weight * rarity(word)] as const);
  return parts.map(({ from, to, stems }) => {
    const score = weights.reduce((sum, [word, weight]) => (stems.has(word) ? sum + weight : sum), 0);
    return { from, to, score };
  });
}

/** Where declarations begin, with the comments above them; of types, their members too. */
function startsOf(lines: readonly string[], entries: readonly OutlineEntry[]): number[] {
  const declared = entries.filter(({ depth }) => depth <= 1).map(({ line }) => withComments(lines, line));
  const blocks = Array.from({ length: Math.ceil(lines.length / blockLines) }, (_, at) => at * blockLines + 1);
  return [...new Set([1, ...(declared.length > 0 ? declared : blocks)])].sort((a, b) => a - b);
}

function withComments(lines: readonly string[], line: number): number {
  let from = line;
  while (from > 1 && commentLine.test(lines[from - 2] ?? '')) from--;
  return from;
}

/** The sections with most of the task for their length, as far as a number of lines reaches, in their order and joined. */
export function bestRanges(sections: readonly Section[], maxLines: number): Array<[from: number, to: number]> {
  const density = ({ from, to, score }: Section) => score / Math.sqrt(to - from + 4);
  const wanted = sections.filter(({ score }) => score > 0).sort((a, b) => density(b) - density(a));
  const kept: Section[] = [];
  let left = maxLines;
  for (const section of wanted) {
    const length = section.to - section.from + 1;
    if (length > left) continue;
    left -= length;
    kept.push(section);
  }
  return join(kept.sort((a, b) => a.from - b.from));
}

/** What is only a few lines apart is one range. */
function join(sections: readonly Section[]): Array<[number, number]> {
  const ranges: Array<[number, number]> = [];
  for (const { from, to } of sections) {
    const last = ranges.at(-1);
    if (last && from - last[1] <= 4) last[1] = to;
    else ranges.push([from, to]);
  }
  return ranges;
}
