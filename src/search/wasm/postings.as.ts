// Sets of the blocks of one segment, as bitmaps. A posting list is either such a bitmap, when it is exactly as long as
// one, or names those of its bytes that are not zero, which always takes fewer bytes: the choice between dense and sparse
// that Roaring bitmaps make (Lemire et al., "Roaring Bitmaps", 2016). Neighbouring blocks have much in common, and eight of
// them share a byte. A byte below 128 stands for a byte of the bitmap with a single bit: four bits say how many zero bytes
// are skipped before it, and three which bit. A byte above skips up to 127, and the byte of the bitmap follows.
// Bitmaps are a multiple of 16 bytes.

export function addPostings(list: usize, length: usize, bitmap: usize, bitmapBytes: usize): void {
  if (length === bitmapBytes) {
    addBitmap(list, bitmap, bitmapBytes);
    return;
  }
  const end = list + length;
  let place = bitmap;
  for (let at = list; at < end; place++) {
    // both are computed, since to branch here would be mispredicted half of the time; the end of a list can be read past
    const word = <u32>load<u16>(at);
    const isLong = (word >> 7) & 1;
    place += <usize>select<u32>(word & 127, (word >> 3) & 15, isLong);
    store<u8>(place, load<u8>(place) | <u8>select<u32>(word >> 8, (<u32>1) << (word & 7), isLong));
    at += 1 + <usize>isLong;
  }
}

/** Keeps in `bitmap` what is in the list as well. `spare` is a bitmap's room. */
export function keepPostings(list: usize, length: usize, bitmap: usize, bitmapBytes: usize, spare: usize): void {
  if (length === bitmapBytes) {
    keepBitmap(list, bitmap, bitmapBytes);
    return;
  }
  memory.fill(spare, 0, bitmapBytes);
  addPostings(list, length, spare, bitmapBytes);
  keepBitmap(spare, bitmap, bitmapBytes);
}

export function addBitmap(other: usize, bitmap: usize, bitmapBytes: usize): void {
  for (let offset: usize = 0; offset < bitmapBytes; offset += 16) {
    v128.store(bitmap + offset, v128.or(v128.load(bitmap + offset), v128.load(other + offset)));
  }
}

export function keepBitmap(other: usize, bitmap: usize, bitmapBytes: usize): void {
  for (let offset: usize = 0; offset < bitmapBytes; offset += 16) {
    v128.store(bitmap + offset, v128.and(v128.load(bitmap + offset), v128.load(other + offset)));
  }
}

export function countMembers(bitmap: usize, bitmapBytes: usize): u32 {
  let count: u64 = 0;
  for (let offset: usize = 0; offset < bitmapBytes; offset += 8) count += popcnt(load<u64>(bitmap + offset));
  return <u32>count;
}

/** Writes the addresses of the members' blocks in a table of 16-byte records, ascending. */
export function listMembers(bitmap: usize, bitmapBytes: usize, table: usize, out: usize): u32 {
  let next = out;
  for (let offset: usize = 0; offset < bitmapBytes; offset += 8) {
    for (let word = load<u64>(bitmap + offset); word; word &= word - 1) {
      store<u32>(next, <u32>(table + (((offset << 3) + <usize>ctz(word)) << 4)));
      next += 4;
    }
  }
  return <u32>((next - out) >> 2);
}
