// Search for one literal with 128-bit SIMD: the two rarest bytes of the needle are compared at 16 places at once, and
// only where both agree is the rest looked at (W. Mula, "SIMD-friendly algorithms for substring searching", generic
// SIMD; memchr's `packed pair`). A letter that is to match in both cases has 0x20 in its mask: `byte | 0x20` is equal to
// a small letter for that letter's two cases alone.

// A needle in memory is five words: its length, the offsets of the two rarest bytes, the addresses of bytes and masks.

/** Where the needle occurs first between `from` and `end`, or 0. */
export function findNeedle(needle: usize, from: usize, end: usize): usize {
  const length = <usize>load<u32>(needle);
  if (end < from + length) return 0;
  const first = <usize>load<u32>(needle + 4);
  const second = <usize>load<u32>(needle + 8);
  const bytes = <usize>load<u32>(needle + 12);
  const masks = <usize>load<u32>(needle + 16);
  const firstByte = i8x16.splat(load<i8>(bytes + first));
  const firstMask = i8x16.splat(load<i8>(masks + first));
  const secondByte = i8x16.splat(load<i8>(bytes + second));
  const secondMask = i8x16.splat(load<i8>(masks + second));
  const last = end - length;
  let at = from;
  // 32 places a turn, most of which hold nothing: one test for both halves, and their loads wait for memory together
  for (; at + 31 <= last; at += 32) {
    const isFirst = i8x16.eq(v128.or(v128.load(at + first), firstMask), firstByte);
    const isSecond = i8x16.eq(v128.or(v128.load(at + second), secondMask), secondByte);
    const isNextFirst = i8x16.eq(v128.or(v128.load(at + first, 16), firstMask), firstByte);
    const isNextSecond = i8x16.eq(v128.or(v128.load(at + second, 16), secondMask), secondByte);
    const both = v128.and(isFirst, isSecond);
    const nextBoth = v128.and(isNextFirst, isNextSecond);
    if (!v128.any_true(v128.or(both, nextBoth))) continue;
    const found = <u32>i8x16.bitmask(both) | ((<u32>i8x16.bitmask(nextBoth)) << 16);
    for (let places = found; places; places &= places - 1) {
      const place = at + <usize>ctz(places);
      if (isNeedleAt(place, bytes, masks, length)) return place;
    }
  }
  for (; at <= last; at++) if (isNeedleAt(at, bytes, masks, length)) return at;
  return 0;
}

function isNeedleAt(at: usize, bytes: usize, masks: usize, length: usize): bool {
  let offset: usize = 0;
  for (; offset + 8 <= length; offset += 8) {
    if ((load<u64>(at + offset) | load<u64>(masks + offset)) !== load<u64>(bytes + offset)) return false;
  }
  for (; offset < length; offset++) {
    if ((load<u8>(at + offset) | load<u8>(masks + offset)) !== load<u8>(bytes + offset)) return false;
  }
  return true;
}
