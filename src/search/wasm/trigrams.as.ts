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

/** In the low bits of a counter, the last block of its list; above, first the bytes of the list. */
const blockMask: u32 = 0x3fff;
/** In a list's state, that it is a bitmap. */
const denseFlag: u32 = 1 << 31;

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
  const counters = scratch;
  memory.fill(counters, 0, (<usize>listsPerBucket) << 2);
  for (let note = notes; note < notesEnd; note += 4) {
    const word = load<u32>(note);
    const counter = counters + ((<usize>((word >> 14) & (listsPerBucket - 1))) << 2);
    const count = load<u32>(counter);
    const block = word & blockMask;
    const bytes = 1 + <u32>(block - (count & blockMask) > 127);
    store<u32>(counter, ((count & ~blockMask) + (bytes << 14)) | block);
  }

  // each list's state: where its next byte goes (or its bitmap is), and its last block with the flag of a bitmap
  const states = counters + ((<usize>listsPerBucket) << 2);
  const first = places + ((<usize>(bucket * listsPerBucket)) << 2);
  const begin = load<u32>(first);
  let total = begin;
  for (let list: u32 = 0; list < listsPerBucket; list++) {
    const length = load<u32>(counters + ((<usize>list) << 2)) >> 14;
    store<u32>(first + ((<usize>list) << 2), total);
    store<u32>(states + ((<usize>list) << 3), total);
    store<u32>(states + ((<usize>list) << 3) + 4, length >= bitmapBytes ? denseFlag : 0);
    total += min(length, bitmapBytes);
  }
  store<u32>(first + ((<usize>listsPerBucket) << 2), total);
  memory.fill(lists + <usize>begin, 0, <usize>(total - begin));

  for (let note = notes; note < notesEnd; note += 4) {
    const word = load<u32>(note);
    const state = states + ((<usize>((word >> 14) & (listsPerBucket - 1))) << 3);
    const block = word & blockMask;
    const next = load<u32>(state);
    const last = load<u32>(state + 4);
    const isDense = last >> 31;
    const gap = block - (last & blockMask);
    if (gap > 127 && !isDense) {
      store<u16>(lists + <usize>next, <u16>(128 | (gap & 127) | ((gap >> 7) << 8)));
      store<u32>(state, next + 2);
    } else {
      // a bit or a byte without a branch: about half of the notes are of bitmaps, in no order that could be predicted
      const at = lists + <usize>(next + select<u32>((block - 1) >> 3, 0, isDense));
      const bit = load<u8>(at) | <u8>((<u32>1) << ((block - 1) & 7));
      store<u8>(at, select<u8>(bit, <u8>gap, isDense));
      store<u32>(state, next + 1 - isDense);
    }
    store<u32>(state + 4, (last & denseFlag) | block);
  }
  return total;
}
