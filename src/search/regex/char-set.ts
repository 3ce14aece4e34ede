/** First and last code points by turns, in order; ranges neither meet nor touch. */
export type Ranges = readonly number[];

/**
 * What one step of a pattern can match: a set of characters. ASCII is known at once, since most text is nothing else;
 * what lies beyond is worked out only when some text asks for it, since `\w` alone has 140,000 characters.
 */
export interface CharSet {
  /** 128 flags. */
  ascii: Uint8Array;
  /** The characters beyond ASCII where they are known to be few. */
  few: readonly number[] | undefined;
  /** Everything beyond ASCII. */
  wide(): Ranges;
}

export const lastCode = 0x10ffff;
const maxFew = 32;

/** @param ranges in any order */
export function rangesSet(ranges: Ranges): CharSet {
  const ascii = new Uint8Array(128);
  const above: number[] = [];
  for (const [first, last] of pairsOf(ranges)) {
    if (first < 128) ascii.fill(1, first, Math.min(last, 127) + 1);
    if (last >= 128) above.push(Math.max(first, 128), last);
  }
  const wide = joined(above);
  return { ascii, few: countOf(wide) <= maxFew ? codesOf(wide) : undefined, wide: () => wide };
}

export function singleSet(code: number): CharSet {
  return rangesSet([code, code]);
}

/** A set of many characters beyond ASCII, which are found when they are first asked for. */
export function lazySet(isInAscii: (code: number) => boolean, findWide: () => Ranges): CharSet {
  const wide = once(findWide);
  return { ascii: Uint8Array.from({ length: 128 }, (_, code) => (isInAscii(code) ? 1 : 0)), few: undefined, wide };
}

export function unionOf(sets: readonly CharSet[]): CharSet {
  const [only] = sets;
  if (sets.length === 1 && only) return only;
  const ascii = new Uint8Array(128).map((_, code) => (sets.some((set) => set.ascii[code] === 1) ? 1 : 0));
  const wide = once(() => joined(sets.flatMap((set) => set.wide())));
  if (sets.some(({ few }) => few === undefined)) return { ascii, few: undefined, wide };
  return { ascii, few: countOf(wide()) <= maxFew ? codesOf(wide()) : undefined, wide };
}

export function complementOf(set: CharSet): CharSet {
  const wide = once(() => inverted(set.wide()));
  return { ascii: set.ascii.map((flag) => 1 - flag), few: undefined, wide };
}

export function intersectionOf(a: CharSet, b: CharSet): CharSet {
  const both = complementOf(unionOf([complementOf(a), complementOf(b)]));
  const few = (a.few ?? b.few) && codesOf(both.wide());
  return { ...both, few };
}

export function hasCode({ ascii, wide }: CharSet, code: number): boolean {
  return code < 128 ? ascii[code] === 1 : isWithin(wide(), code);
}

export function isEmptySet({ ascii, few }: CharSet): boolean {
  return few?.length === 0 && !ascii.includes(1);
}

/** The one character of a set. */
export function onlyCode({ ascii, few }: CharSet): number | undefined {
  const first = ascii.indexOf(1);
  if (few === undefined || few.length + (first < 0 ? 0 : 1) !== 1) return undefined;
  return first < 0 ? few[0] : first === ascii.lastIndexOf(1) ? first : undefined;
}

export function* pairsOf(ranges: Ranges): Generator<[number, number]> {
  for (let at = 0; at < ranges.length; at += 2) yield [ranges[at] ?? 0, ranges[at + 1] ?? 0];
}

/** The ranges of a set, ASCII and all. */
export function allRanges({ ascii, wide }: CharSet): Ranges {
  const low: number[] = [];
  for (let code = ascii.indexOf(1); code >= 0; code = ascii.indexOf(1, code + 1)) low.push(code, code);
  return joined([...low, ...wide()]);
}

function isWithin(ranges: Ranges, code: number): boolean {
  let low = 0;
  let high = ranges.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[2 * middle + 1] ?? 0) < code) low = middle + 1;
    else high = middle;
  }
  return 2 * low < ranges.length && (ranges[2 * low] ?? 0) <= code;
}

function joined(ranges: Ranges): Ranges {
  const out: number[] = [];
  for (const [first, last] of [...pairsOf(ranges)].sort(([a], [b]) => a - b)) {
    const end = out.at(-1);
    if (end !== undefined && first <= end + 1) out[out.length - 1] = Math.max(end, last);
    else out.push(first, last);
  }
  return out;
}

function inverted(wide: Ranges): Ranges {
  const out: number[] = [];
  let next = 128;
  for (const [first, last] of pairsOf(wide)) {
    if (first > next) out.push(next, first - 1);
    next = last + 1;
  }
  if (next <= lastCode) out.push(next, lastCode);
  return out;
}

function countOf(ranges: Ranges): number {
  let count = 0;
  for (const [first, last] of pairsOf(ranges)) count += last - first + 1;
  return count;
}

function codesOf(ranges: Ranges): number[] {
  return [...pairsOf(ranges)].flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, offset) => first + offset),
  );
}

function once(find: () => Ranges): () => Ranges {
  let found: Ranges | undefined;
  return () => {
    found ??= find();
    return found;
  };
}
