import { type FieldCounts, fields } from './task-document.ts';
import type { Term } from './task-question.ts';

/** Anything that has words in fields. */
export interface WordSource {
  words: Uint32Array;
  counts: Uint32Array;
  /** None where all of it is one passage. */
  passages?: Uint32Array;
  lengths: FieldCounts;
}

/** The words of all sources in one row, which is read ten times faster than as many small ones. */
export interface WordTable {
  /** Where the words of each source end. */
  ends: Uint32Array;
  words: Uint32Array;
  counts: Uint32Array;
  passages: Uint32Array;
  averageLengths: FieldCounts;
}

/** Those of lists that were asked about; a list may grow, but what it has stays. */
const tables = new WeakMap<readonly WordSource[], WordTable>();
const slotBits = 13; // of 16 kB, which stay in the nearest cache
const lowBits = 2 ** slotBits - 1;
const firstRoom = 2 ** 14;

/** Each place that has a term, with its packed counts and its passages; those of one place stand together. */
export interface Hits {
  count: number;
  places: Uint32Array;
  terms: Uint16Array;
  counts: Uint32Array;
  passages: Uint32Array;
}

export function tableOf(sources: readonly WordSource[]): WordTable {
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

function averageLengths(sources: readonly WordSource[]): Record<keyof FieldCounts, number> {
  const sums = { path: 0, definitions: 0, body: 0 };
  for (const { lengths } of sources) for (const field of fields) sums[field] += lengths[field];
  for (const field of fields) sums[field] = sums[field] / Math.max(1, sources.length) || 1;
  return sums;
}

/** Most words are none of the question's; a small table by their lower bits tells so, or which one they may be. */
export function findHits({ ends, words, counts, passages }: WordTable, terms: readonly Term[]): Hits {
  const slots = new Uint16Array(lowBits + 1);
  const hashes = new Uint32Array(terms.length + 1);
  const others = new Map<number, number>();
  for (const [at, { hash }] of terms.entries()) {
    hashes[at + 1] = hash;
    if (slots[hash & lowBits] === 0) slots[hash & lowBits] = at + 1;
    else others.set(hash, at);
  }
  let hits = createHits(firstRoom);
  let place = 0;
  for (let at = 0; at < words.length; at++) {
    const hash = words[at] ?? 0;
    const slot = slots[hash & lowBits] ?? 0;
    if (slot === 0) continue;
    const term = hashes[slot] === hash ? slot - 1 : others.get(hash);
    if (term === undefined) continue;
    while (at >= (ends[place] ?? Number.POSITIVE_INFINITY)) place++;
    if (hits.count === hits.places.length) hits = withRoom(hits);
    const hit = hits.count++;
    hits.places[hit] = place;
    hits.terms[hit] = term;
    hits.counts[hit] = counts[at] ?? 0;
    hits.passages[hit] = passages[at] ?? 0;
  }
  return hits;
}

function createHits(room: number): Hits {
  return {
    count: 0,
    places: new Uint32Array(room),
    terms: new Uint16Array(room),
    counts: new Uint32Array(room),
    passages: new Uint32Array(room),
  };
}

function withRoom(hits: Hits): Hits {
  const larger = createHits(hits.places.length * 2);
  larger.count = hits.count;
  for (const column of ['places', 'terms', 'counts', 'passages'] as const) larger[column].set(hits[column]);
  return larger;
}
