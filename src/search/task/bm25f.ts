import { countIn, type FieldCounts, fields } from './task-document.ts';
import type { Term } from './task-question.ts';
import type { TaskWeights } from './task-weights.ts';

/** Anything that has words in fields. */
export interface WordSource {
  words: Uint32Array;
  counts: Uint32Array;
  /** None where all of it is one passage. */
  passages?: Uint32Array;
  lengths: FieldCounts;
}

/** Each place that has a term, with its packed counts and its passages; those of one place stand together. */
interface Hits {
  places: number[];
  terms: number[];
  counts: number[];
  passages: number[];
}

export interface WordMatches {
  /** BM25F of each source, more where one passage of it has much of the question, by its place. */
  scores: Float64Array;
  /** Which terms a source has, the most telling first. */
  termsOf(place: number): Term[];
}

type Weights = Pick<TaskWeights, 'fields' | 'lengthPenalty' | 'saturation' | 'inName' | 'passage'>;

/** The words of all sources in one row, which is read ten times faster than as many small ones. */
interface WordTable {
  /** Where the words of each source end. */
  ends: Uint32Array;
  words: Uint32Array;
  counts: Uint32Array;
  passages: Uint32Array;
  averageLengths: FieldCounts;
}

/** Those of lists that were asked about; a list may grow, but what it has stays. */
const tables = new WeakMap<readonly WordSource[], WordTable>();
const bitmapBits = 13; // of 8 kB, which stay in the nearest cache
const lowBits = 2 ** bitmapBits - 1;

/**
 * BM25F over sources that know their words only as hashes: one pass over all of them finds the few that the question has,
 * some 2 ns a word, so that there is no index to keep up to date. https://doi.org/10.1561/1500000019
 */
export function matchWords(sources: readonly WordSource[], terms: readonly Term[], weights: Weights): WordMatches {
  const table = tableOf(sources);
  const hits = findHits(table, terms);
  const average = table.averageLengths;
  const scores = new Float64Array(sources.length);
  const rarity = rarities(hits, terms, sources.length);
  const worths = terms.map(({ weight }, at) => weight * (rarity[at] ?? 0));
  for (let hit = 0; hit < hits.places.length; hit++) {
    const place = hits.places[hit] ?? 0;
    const at = hits.terms[hit] ?? 0;
    const source = sources[place];
    if (!source) continue;
    const packed = hits.counts[hit] ?? 0;
    const count = weighedCount(packed, source.lengths, average, weights);
    const share =
      (count * (weights.saturation + 1)) / (count + weights.saturation) + namedShare(packed, weights.inName);
    scores[place] = (scores[place] ?? 0) + (worths[at] ?? 0) * share;
  }
  if (weights.passage > 0) {
    const densities = densestPassages(hits, worths, sources.length);
    for (const [place, density] of densities.entries())
      scores[place] = (scores[place] ?? 0) * (1 + weights.passage * density);
  }
  return {
    scores,
    termsOf(place) {
      const found: number[] = [];
      for (let hit = 0; hit < hits.places.length; hit++)
        if (hits.places[hit] === place) found.push(hits.terms[hit] ?? 0);
      return found.sort((a, b) => (worths[b] ?? 0) - (worths[a] ?? 0)).flatMap((at) => terms[at] ?? []);
    },
  };
}

function tableOf(sources: readonly WordSource[]): WordTable {
  const known = tables.get(sources);
  if (known?.ends.length === sources.length) return known;
  const ends = new Uint32Array(sources.length);
  let end = 0;
  for (const [place, { words }] of sources.entries()) {
    end += words.length;
    ends[place] = end;
  }
  const [words, counts, passages] = [new Uint32Array(end), new Uint32Array(end), new Uint32Array(end)];
  for (const [place, source] of sources.entries()) {
    const start = ends[place - 1] ?? 0;
    words.set(source.words, start);
    counts.set(source.counts, start);
    if (source.passages) passages.set(source.passages, start);
  }
  const table = { ends, words, counts, passages, averageLengths: averageLengths(sources) };
  tables.set(sources, table);
  return table;
}

/** Most words are none of the question's; a bitmap of the lower bits tells so without a look-up. */
function findHits({ ends, words, counts, passages }: WordTable, terms: readonly Term[]): Hits {
  const bitmap = new Uint8Array(lowBits + 1);
  for (const { hash } of terms) bitmap[hash & lowBits] = 1;
  const places = new Map(terms.map(({ hash }, at) => [hash, at]));
  const hits: Hits = { places: [], terms: [], counts: [], passages: [] };
  let place = 0;
  for (let at = 0; at < words.length; at++) {
    const hash = words[at] ?? 0;
    if (bitmap[hash & lowBits] === 0) continue;
    const term = places.get(hash);
    if (term === undefined) continue;
    while (at >= (ends[place] ?? Number.POSITIVE_INFINITY)) place++;
    hits.places.push(place);
    hits.terms.push(term);
    hits.counts.push(counts[at] ?? 0);
    hits.passages.push(passages[at] ?? 0);
  }
  return hits;
}

/** The inverse document frequency of each term. */
function rarities(hits: Hits, terms: readonly Term[], sources: number): Float64Array {
  const having = new Float64Array(terms.length);
  for (const at of hits.terms) having[at] = (having[at] ?? 0) + 1;
  return having.map((count) => (count === 0 ? 0 : Math.log(1 + (sources - count + 0.5) / (count + 0.5))));
}

function averageLengths(sources: readonly WordSource[]): Record<keyof FieldCounts, number> {
  const sums = { path: 0, definitions: 0, body: 0 };
  for (const { lengths } of sources) for (const field of fields) sums[field] += lengths[field];
  for (const field of fields) sums[field] = sums[field] / Math.max(1, sources.length) || 1;
  return sums;
}

function weighedCount(packed: number, lengths: FieldCounts, average: FieldCounts, weights: Weights): number {
  let sum = 0;
  for (const field of fields) {
    const count = countIn(packed, field);
    if (count === 0) continue;
    const penalty = weights.lengthPenalty[field];
    sum += (weights.fields[field] * count) / (1 - penalty + (penalty * lengths[field]) / average[field]);
  }
  return sum;
}

/** A name says what a file is about, however often or seldom the text says it. */
function namedShare(packed: number, inName: TaskWeights['inName']): number {
  return (
    (countIn(packed, 'path') > 0 ? inName.path : 0) + (countIn(packed, 'definitions') > 0 ? inName.definitions : 0)
  );
}

/** What the terms of the best passage of each place are worth together; 1 for the best of all. */
function densestPassages(hits: Hits, worths: readonly number[], places: number): Float64Array {
  const densest = new Float64Array(places);
  const sums = new Float64Array(32);
  let most = 0;
  for (const [hit, place] of hits.places.entries()) {
    if (place !== hits.places[hit - 1]) sums.fill(0);
    const worth = worths[hits.terms[hit] ?? 0] ?? 0;
    let best = densest[place] ?? 0;
    for (let left = hits.passages[hit] ?? 0; left !== 0; left &= left - 1) {
      const passage = 31 - Math.clz32(left & -left);
      const sum = (sums[passage] ?? 0) + worth;
      sums[passage] = sum;
      if (sum > best) best = sum;
    }
    densest[place] = best;
    if (best > most) most = best;
  }
  return most === 0 ? densest : densest.map((value) => value / most);
}
