// Builds the posting lists of one segment. The trigrams of each block are noted once, dealt out to 64 buckets by their
// first symbol, and each bucket is sorted by counting. A bucket has 4,096 lists, whose counters and ends stay in the
// processor's nearest cache; without buckets every note would miss it (the first pass of an MSB radix sort).

/** Trigrams of 6-bit symbols. */
const trigrams: u32 = 1 << 18;
const buckets: u32 = 64;
const listsPerBucket: u32 = trigrams / buckets;

/**
 * Notes each trigram of a block once, as a word: the trigram and, in 14 bits, the block.
 *
 * @param folds 256 bytes: the symbol of each byte
 * @param seen a bit per trigram, cleared here
 * @param notes room for a note per byte
 * @returns where the notes end
 */
export function noteTrigrams(text: usize, length: usize, folds: usize, seen: usize, block: u32, notes: usize): usize {
  if (length < 3) return notes;
  memory.fill(seen, 0, trigrams >> 3);
  const end = text + length;
  let note = notes;
  let trigram =
    ((<u32>load<u8>(folds + <usize>load<u8>(text))) << 6) | <u32>load<u8>(folds + <usize>load<u8>(text + 1));
  for (let at = text + 2; at < end; at++) {
    trigram = ((trigram << 6) | <u32>load<u8>(folds + <usize>load<u8>(at))) & (trigrams - 1);
    const place = seen + <usize>((trigram >> 5) << 2);
    const word = load<u32>(place);
    const bit = trigram & 31;
    // written always and kept only if new: a branch here would be mispredicted half of the time
    store<u32>(note, (trigram << 14) | block);
    note += (<usize>(~(word >> bit) & 1)) << 2;
    store<u32>(place, word | ((<u32>1) << bit));
  }
  return note;
}

/** Deals notes out to their buckets; `ends` has a word per bucket, where its notes end. */
export function dealNotes(notes: usize, notesEnd: usize, ends: usize): void {
  for (let note = notes; note < notesEnd; note += 4) {
    const word = load<u32>(note);
    const bucket = ends + <usize>((word >> 26) << 2);
    const end = load<u32>(bucket);
    store<u32>(<usize>end, word);
    store<u32>(bucket, end + 4);
  }
}

/**
 * Sorts a bucket into lists of gaps: one byte below 128 and two above. A list that would not be shorter than a bitmap
 * becomes one. In ascending order of the buckets.
 *
 * @param places where each list begins in `lists`; written for this bucket, and behind it where its lists end
 * @param scratch three words for each list of a bucket
 * @returns bytes of the lists so far
 */
export function writeBucket(
  bucket: u32,
  notes: usize,
  notesEnd: usize,
  places: usize,
  lists: usize,
  scratch: usize,
  bitmapBytes: u32,
): u32 {
  const mask = listsPerBucket - 1;
  const last = scratch;
  const next = last + ((<usize>listsPerBucket) << 2);
  const lengths = next + ((<usize>listsPerBucket) << 2);
  memory.fill(scratch, 0, <usize>listsPerBucket * 12);
  for (let note = notes; note < notesEnd; note += 4) {
    const word = load<u32>(note);
    const offset = (<usize>((word >> 14) & mask)) << 2;
    const block = word & 0x3fff;
    const gap = block - load<u32>(last + offset);
    store<u32>(last + offset, block);
    store<u32>(lengths + offset, load<u32>(lengths + offset) + 1 + <u32>(gap > 127));
  }
  const first = places + ((<usize>(bucket * listsPerBucket)) << 2);
  const begin = load<u32>(first);
  let total = begin;
  for (let list: u32 = 0; list < listsPerBucket; list++) {
    const offset = (<usize>list) << 2;
    const length = min(load<u32>(lengths + offset), bitmapBytes);
    store<u32>(first + offset, total);
    store<u32>(next + offset, total);
    store<u32>(lengths + offset, length);
    total += length;
  }
  store<u32>(first + ((<usize>listsPerBucket) << 2), total);
  memory.fill(last, 0, (<usize>listsPerBucket) << 2);
  memory.fill(lists + <usize>begin, 0, <usize>(total - begin));
  for (let note = notes; note < notesEnd; note += 4) {
    const word = load<u32>(note);
    const offset = (<usize>((word >> 14) & mask)) << 2;
    const block = word & 0x3fff;
    const at = lists + <usize>load<u32>(next + offset);
    if (load<u32>(lengths + offset) === bitmapBytes) {
      const byte = at + <usize>((block - 1) >> 3);
      store<u8>(byte, load<u8>(byte) | <u8>((<u32>1) << ((block - 1) & 7)));
      continue;
    }
    const gap = block - load<u32>(last + offset);
    store<u32>(last + offset, block);
    if (gap < 128) {
      store<u8>(at, <u8>gap);
      store<u32>(next + offset, load<u32>(next + offset) + 1);
    } else {
      store<u16>(at, <u16>(128 | (gap & 127) | ((gap >> 7) << 8)));
      store<u32>(next + offset, load<u32>(next + offset) + 2);
    }
  }
  return total;
}
