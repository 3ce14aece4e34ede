// Lines in memory. An end is exclusive; only `\n` ends a line here.

export function countNewlines(from: usize, end: usize): u32 {
  const newline = i8x16.splat(10);
  let count: u32 = 0;
  let at = from;
  for (; at + 16 <= end; at += 16) count += <u32>popcnt(i8x16.bitmask(i8x16.eq(v128.load(at), newline)));
  for (; at < end; at++) count += <u32>(load<u8>(at) === 10);
  return count;
}

/** The first `\n` at or after `from`, or `end`. */
export function findNewline(from: usize, end: usize): usize {
  const newline = i8x16.splat(10);
  let at = from;
  for (; at + 16 <= end; at += 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), newline));
    if (found) return at + <usize>ctz(found);
  }
  while (at < end && load<u8>(at) !== 10) at++;
  return at;
}

/** Where the line of `at` begins, looking back no further than `from`, which begins a line. */
export function startOfLine(at: usize, from: usize): usize {
  const newline = i8x16.splat(10);
  let start = at;
  for (; start - from >= 16; start -= 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(start - 16), newline));
    if (found) return start - <usize>(clz(found) - 16);
  }
  while (start > from && load<u8>(start - 1) !== 10) start--;
  return start;
}
