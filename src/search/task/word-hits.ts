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

/** The words of all sources, laid out so that only a few have to be looked at for each that is asked for. */
export interface WordTable {
  segments: readonly Segment[];
  /** Of each source, in the order of `fields`. */
  lengths: readonly Float64Array[];
  averageLengths: FieldCounts;
  /** How many sources there are. */
  size: number;
}

/** Words of neighbouring sources, those with the same lowest bits together. After a change one segment is made anew. */
interface Segment {
  sources: readonly WordSource[];
  /** Where the words begin whose lowest bits are the index, and at the end where the last of them end. */
  starts: Uint32Array;
  words: Uint32Array;
  /** In `sources`. */
  places: Uint16Array;
  counts: Uint32Array;
  passages: Uint32Array;
}

/** Each place that has a term, with its packed counts and its passages. */
interface Columns {
  count: number;
  places: Uint32Array;
  terms: Uint16Array;
  counts: Uint32Array;
  passages: Uint32Array;
}

/** Those of one place stand together, in the order of the terms. */
export interface Hits extends Columns {
  /** Where the hits of each place end, and those of the next begin. */
  ends: Uint32Array;
}

const segmentSources = 4096;
const bits = 13;
const mask = 2 ** bits - 1;

/** Those of lists that were asked about; a list may grow, but what it has stays. */
const tables = new WeakMap<readonly WordSource[], WordTable>();
/** By their first source, since a changed project is another list of mostly the same sources. */
const segments = new WeakMap<WordSource, Segment>();

export function tableOf(sources: readonly WordSource[]): WordTable {
  const known = tables.get(sources);
  if (known?.size === sources.length) return known;
  const found: Segment[] = [];
  for (let from = 0; from < sources.length; from += segmentSources) {
    found.push(segmentOf(sources.slice(from, from + segmentSources)));
  }
  const lengths = fields.map((field) => Float64Array.from(sources, (source) => source.lengths[field]));
  const table = { segments: found, lengths, averageLengths: averageLengths(sources), size: sources.length };
  tables.set(sources, table);
  return table;
}

function segmentOf(sources: readonly WordSource[]): Segment {
  const [first] = sources;
  const known = first && segments.get(first);
  if (known?.sources.length === sources.length && known.sources.every((source, at) => source === sources[at])) {
    return known;
  }
  const segment = createSegment(sources);
  if (first) segments.set(first, segment);
  return segment;
}

/** By counting, which takes a few nanoseconds a word. */
function createSegment(sources: readonly WordSource[]): Segment {
  const starts = new Uint32Array(mask + 2);
  for (const { words } of sources) {
    for (let at = 0; at < words.length; at++) {
      const next = ((words[at] ?? 0) & mask) + 1;
      starts[next] = (starts[next] ?? 0) + 1;
    }
  }
  for (let at = 1; at < starts.length; at++) starts[at] = (starts[at] ?? 0) + (starts[at - 1] ?? 0);
  const size = starts[mask + 1] ?? 0;
  const ends = starts.slice();
  const [words, counts, passages] = [new Uint32Array(size), new Uint32Array(size), new Uint32Array(size)];
  const places = new Uint16Array(size);
  for (const [place, source] of sources.entries()) {
    for (let at = 0; at < source.words.length; at++) {
      const word = source.words[at] ?? 0;
      const to = ends[word & mask] ?? 0;
      ends[word & mask] = to + 1;
      words[to] = word;
      places[to] = place;
      counts[to] = source.counts[at] ?? 0;
      passages[to] = source.passages?.[at] ?? 0;
    }
  }
  return { sources, starts, words, places, counts, passages };
}

function averageLengths(sources: readonly WordSource[]): Record<keyof FieldCounts, number> {
  const sums = { path: 0, definitions: 0, body: 0 };
  for (const { lengths } of sources) for (const field of fields) sums[field] += lengths[field];
  for (const field of fields) sums[field] = sums[field] / Math.max(1, sources.length) || 1;
  return sums;
}

/** @param terms each hash once */
export function findHits({ segments, size }: WordTable, terms: readonly Term[]): Hits {
  const hits = createColumns(roomFor(segments, terms));
  for (const [part, segment] of segments.entries()) {
    for (const [term, { hash }] of terms.entries()) {
      const end = segment.starts[(hash & mask) + 1] ?? 0;
      for (let at = segment.starts[hash & mask] ?? 0; at < end; at++) {
        if (segment.words[at] !== hash) continue;
        const hit = hits.count++;
        hits.places[hit] = part * segmentSources + (segment.places[at] ?? 0);
        hits.terms[hit] = term;
        hits.counts[hit] = segment.counts[at] ?? 0;
        hits.passages[hit] = segment.passages[at] ?? 0;
      }
    }
  }
  return byPlace(hits, size);
}

/** No more than this, since words that share their lowest bits are few. */
function roomFor(segments: readonly Segment[], terms: readonly Term[]): number {
  let room = 0;
  for (const { starts } of segments) {
    for (const { hash } of terms) room += (starts[(hash & mask) + 1] ?? 0) - (starts[hash & mask] ?? 0);
  }
  return room;
}

function byPlace(hits: Columns, size: number): Hits {
  const ends = new Uint32Array(size + 1);
  for (let hit = 0; hit < hits.count; hit++) {
    const next = (hits.places[hit] ?? 0) + 1;
    ends[next] = (ends[next] ?? 0) + 1;
  }
  for (let place = 1; place <= size; place++) ends[place] = (ends[place] ?? 0) + (ends[place - 1] ?? 0);
  const sorted = createColumns(hits.count);
  for (let hit = 0; hit < hits.count; hit++) {
    const place = hits.places[hit] ?? 0;
    const to = ends[place] ?? 0;
    ends[place] = to + 1;
    sorted.places[to] = place;
    sorted.terms[to] = hits.terms[hit] ?? 0;
    sorted.counts[to] = hits.counts[hit] ?? 0;
    sorted.passages[to] = hits.passages[hit] ?? 0;
  }
  return { ...sorted, count: hits.count, ends };
}

function createColumns(room: number): Columns {
  return {
    count: 0,
    places: new Uint32Array(room),
    terms: new Uint16Array(room),
    counts: new Uint32Array(room),
    passages: new Uint32Array(room),
  };
}
