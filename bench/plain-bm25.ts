import { closeFile, openListed, readStart } from '../src/projects/door.ts';
import { isBinary } from '../src/projects/text-kind.ts';
import { walk } from '../src/projects/walk.ts';

const maxBytes = 1024 * 1024;
const [k1, b] = [1.2, 0.75];

/** What a search library does: BM25 over the lower-case words of a file's path, counted twice, and of its text. */
export function createPlainRanker(folder: string): (task: string) => string[] {
  const budget = { maxDepth: 256, maxEntries: 2_000_000, deadline: Number.POSITIVE_INFINITY };
  const paths: string[] = [];
  const lengths: number[] = [];
  const postings = new Map<string, Map<number, number>>();
  for (const { path, kind } of walk(folder, budget)) {
    if (kind !== 'file') continue;
    const place = paths.push(path) - 1;
    const words = [...wordsOf(path), ...wordsOf(path), ...wordsOf(readText(folder, path))];
    lengths.push(words.length);
    for (const word of words) {
      const places = postings.get(word) ?? new Map<number, number>();
      postings.set(word, places.set(place, (places.get(place) ?? 0) + 1));
    }
  }
  const average = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;

  return (task) => {
    const scores = new Map<number, number>();
    for (const word of new Set(wordsOf(task))) {
      const places = postings.get(word) ?? new Map<number, number>();
      const rarity = Math.log(1 + (paths.length - places.size + 0.5) / (places.size + 0.5));
      for (const [place, count] of places) {
        const length = 1 - b + (b * (lengths[place] ?? 0)) / average;
        scores.set(place, (scores.get(place) ?? 0) + (rarity * count * (k1 + 1)) / (count + k1 * length));
      }
    }
    const best = [...scores].sort(([, one], [, other]) => other - one).slice(0, 10);
    return best.map(([place]) => paths[place] ?? '');
  };
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];
}

function readText(folder: string, path: string): string {
  const file = openListed({ folder, refuseHardLinks: false }, path);
  if (!file) return '';
  try {
    const bytes = readStart(file, maxBytes);
    return isBinary(bytes) ? '' : bytes.toString('utf8');
  } finally {
    closeFile(file);
  }
}
