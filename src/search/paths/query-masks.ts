import { maskBit, pairBit } from './path-index.ts';

/** For each place of a query a set of units or of pairs: 64 bits in two halves, see {@link maskBit} and {@link pairBit}. */
export interface BitSets {
  low: Int32Array;
  high: Int32Array;
}

/** What a name must have for a query to fit, and to fit well, so that a look at the bits of the name tells. */
export interface QueryMasks {
  /** The units from a place to the end of the query. */
  rest: BitSets;
  /** The unit at a place. */
  own: BitSets;
  /** The pair it makes with the unit before it. */
  pair: BitSets;
  /** The pair it makes with the next one where the two are transposed. */
  swapped: BitSets;
  /** The pair it makes then with the one after the next. */
  afterSwap: BitSets;
}

export function createQueryMasks(query: Uint16Array): QueryMasks {
  const size = query.length;
  const rest = createSets(size);
  const own = createSets(size);
  const pair = createSets(size);
  const swapped = createSets(size);
  const afterSwap = createSets(size);
  for (let at = size - 1; at >= 0; at--) {
    setBit(own, at, maskBit(query[at] ?? 0));
    if (at > 0) setPair(pair, at, query[at - 1], query[at]);
    if (at + 1 < size) setPair(swapped, at, query[at + 1], query[at]);
    if (at + 2 < size) setPair(afterSwap, at, query[at], query[at + 2]);
    rest.low[at] = (rest.low[at + 1] ?? 0) | (own.low[at] ?? 0);
    rest.high[at] = (rest.high[at + 1] ?? 0) | (own.high[at] ?? 0);
  }
  return { rest, own, pair, swapped, afterSwap };
}

/** With one place more, behind the end, where nothing is left. */
function createSets(size: number): BitSets {
  return { low: new Int32Array(size + 1), high: new Int32Array(size + 1) };
}

function setPair(sets: BitSets, at: number, first = 0, second = 0) {
  setBit(sets, at, pairBit(first, second));
}

function setBit({ low, high }: BitSets, at: number, bit: number) {
  if (bit < 32) low[at] = 1 << bit;
  else high[at] = 1 << (bit - 32);
}

/** Whether the set of a place has a bit in common with another set. */
export function meets(sets: BitSets, at: number, low: number, high: number): boolean {
  return ((sets.low[at] ?? 0) & low) !== 0 || ((sets.high[at] ?? 0) & high) !== 0;
}

/** Whether a set has at most one bit. */
export function isAtMostOne(low: number, high: number): boolean {
  return (low === 0 || high === 0) && (low & (low - 1)) === 0 && (high & (high - 1)) === 0;
}
