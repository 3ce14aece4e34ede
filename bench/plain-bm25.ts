import { closeFile, openListed, readStart } from '../src/projects/door.ts';
import { isBinary } from '../src/projects/text-kind.ts';
import { walk } from '../src/projects/walk.ts';
import { roleOf } from '../src/search/files/file-role.ts';

const maxBytes = 1024 * 1024;
/** As MiniSearch has them. */
const [k1, b, delta] = [1.2, 0.7, 0.5];
const pathWeight = 2;
const codeRoles = new Set(['source', 'test', 'example']);

/**
 * What a search library does as it comes, given nothing but code: BM25+ over a file's path and its text, each a field by
 * itself, of words in lower case as punctuation divides them, times how many words of the task a file has. MiniSearch 7.2
 * finds as much.
 */
export function createPlainRanker(folder: string): (task: string) => string[] {
  const budget = { maxDepth: 256, maxEntries: 2_000_000, deadline: Number.POSITIVE_INFINITY };
  const files: Array<{ path: string; text: string }> = [];
  for (const { path, kind } of walk(folder, budget)) {
    const text = kind === 'file' ? readText(folder, path) : '';
    if (text !== '' && codeRoles.has(roleOf(path, text))) files.push({ path, text });
  }
  const byPath = createField(files.map(({ path }) => path));
  const byText = createField(files.map(({ text }) => text));

  return (task) => {
    const scores = new Float64Array(files.length);
    const matched = new Float64Array(files.length);
    for (const word of new Set(wordsOf(task))) {
      const found = new Map(byText(word));
      for (const [place, score] of byPath(word)) found.set(place, (found.get(place) ?? 0) + pathWeight * score);
      for (const [place, score] of found) {
        scores[place] = (scores[place] ?? 0) + score;
        matched[place] = (matched[place] ?? 0) + 1;
      }
    }
    for (const [place, count] of matched.entries()) scores[place] = (scores[place] ?? 0) * count;
    const found = [...scores.keys()].filter((place) => (scores[place] ?? 0) > 0);
    found.sort((one, other) => (scores[other] ?? 0) - (scores[one] ?? 0));
    return found.slice(0, 10).map((place) => files[place]?.path ?? '');
  };
}

function createField(texts: readonly string[]) {
  const postings = new Map<string, Map<number, number>>();
  const lengths = texts.map((text, place) => {
    const words = wordsOf(text);
    for (const word of words) {
      const places = postings.get(word) ?? new Map<number, number>();
      postings.set(word, places.set(place, (places.get(place) ?? 0) + 1));
    }
    return new Set(words).size;
  });
  const average = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;

  return (word: string): Array<[place: number, score: number]> => {
    const places = postings.get(word) ?? new Map<number, number>();
    const rarity = Math.log(1 + (texts.length - places.size + 0.5) / (places.size + 0.5));
    return Array.from(places, ([place, count]) => {
      const length = 1 - b + (b * (lengths[place] ?? 0)) / average;
      return [place, rarity * (delta + (count * (k1 + 1)) / (count + k1 * length))];
    });
  };
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[^\s\p{P}]+/gu) ?? [];
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
