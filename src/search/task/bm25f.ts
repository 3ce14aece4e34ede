import { countIn, fields } from './task-document.ts';
import type { Term } from './task-question.ts';
import type { TaskWeights } from './task-weights.ts';
import { findHits, type Hits, tableOf, type WordSource, type WordTable } from './word-hits.ts';

export interface WordMatches {
  /** BM25F of each source, more where one passage of it has much of the question, by its place. */
  scores: Float64Array;
  /** Which terms a source has, the most telling first. */
  termsOf(place: number): Term[];
}

type Weights = Pick<TaskWeights, 'fields' | 'lengthPenalty' | 'saturation' | 'inName' | 'passage'>;

/** BM25F over sources that know their words only as hashes. https://doi.org/10.1561/1500000019 */
export function matchWords(sources: readonly WordSource[], terms: readonly Term[], weights: Weights): WordMatches {
  const table = tableOf(sources);
  const hits = findHits(table, terms);
  const rarity = rarities(hits, terms, sources.length);
  const worths = Float64Array.from(terms, ({ weight }, at) => weight * (rarity[at] ?? 0));
  const scores = sumShares(hits, worths, table, weights);
  if (weights.passage > 0) {
    const densities = densestPassages(hits, worths, sources.length);
    for (let place = 0; place < scores.length; place++)
      scores[place] = (scores[place] ?? 0) * (1 + weights.passage * (densities[place] ?? 0));
  }
  return {
    scores,
    termsOf(place) {
      const found = [...hits.terms.subarray(hits.ends[place - 1] ?? 0, hits.ends[place])];
      return found.sort((a, b) => (worths[b] ?? 0) - (worths[a] ?? 0)).flatMap((at) => terms[at] ?? []);
    },
  };
}

/** The inverse document frequency of each term. */
function rarities(hits: Hits, terms: readonly Term[], sources: number): Float64Array {
  const having = new Float64Array(terms.length);
  for (let hit = 0; hit < hits.count; hit++) {
    const at = hits.terms[hit] ?? 0;
    having[at] = (having[at] ?? 0) + 1;
  }
  return having.map((count) => (count === 0 ? 0 : Math.log(1 + (sources - count + 0.5) / (count + 0.5))));
}

function sumShares(hits: Hits, worths: Float64Array, table: WordTable, weights: Weights): Float64Array {
  const scores = new Float64Array(table.size);
  const scales = fields.map((field, at) => ({
    field,
    weight: weights.fields[field],
    penalty: weights.lengthPenalty[field],
    average: table.averageLengths[field],
    lengths: table.lengths[at] ?? noLengths,
  }));
  for (let hit = 0; hit < hits.count; hit++) {
    const place = hits.places[hit] ?? 0;
    const packed = hits.counts[hit] ?? 0;
    let count = 0;
    for (const { field, weight, penalty, average, lengths } of scales) {
      const times = countIn(packed, field);
      if (times > 0) count += (weight * times) / (1 - penalty + (penalty * (lengths[place] ?? 0)) / average);
    }
    const share =
      (count * (weights.saturation + 1)) / (count + weights.saturation) + namedShare(packed, weights.inName);
    scores[place] = (scores[place] ?? 0) + (worths[hits.terms[hit] ?? 0] ?? 0) * share;
  }
  return scores;
}

const noLengths = new Float64Array();

/** A name says what a file is about, however often or seldom the text says it. */
function namedShare(packed: number, inName: TaskWeights['inName']): number {
  return (
    (countIn(packed, 'path') > 0 ? inName.path : 0) + (countIn(packed, 'definitions') > 0 ? inName.definitions : 0)
  );
}

/** What the terms of the best passage of each place are worth together; 1 for the best of all. */
function densestPassages(hits: Hits, worths: Float64Array, places: number): Float64Array {
  const densest = new Float64Array(places);
  const sums = new Float64Array(32);
  let most = 0;
  for (let hit = 0; hit < hits.count; hit++) {
    const place = hits.places[hit] ?? 0;
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
