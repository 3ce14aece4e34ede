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
 * @param seen a byte per trigram: a stamp of the block that had it last, so that it is cleared once in 255 blocks
 * @param notes room for a note per byte
 * @returns where the notes end
 */
export function noteTrigrams(text: usize, length: usize, folds: usize, seen: usize, block: u32, notes: usize): usize {
  const stamp = <u8>((block % 255) + 1);
  if (stamp === 1 || block === 1) memory.fill(seen, 0, trigrams);
  if (length < 3) return notes;
  const end = text + length;
  let note = notes;
  let pair = ((<u32>load<u8>(folds + <usize>load<u8>(text))) << 6) | <u32>load<u8>(folds + <usize>load<u8>(text + 1));
  for (let at = text + 2; at < end; at++) {
    const trigram = (pair << 6) | <u32>load<u8>(folds + <usize>load<u8>(at));
    const place = seen + <usize>trigram;
    // written always and kept only if new: a branch here would be mispredicted half of the time
    store<u32>(note, (trigram << 14) | block);
    note += (<usize>(load<u8>(place) !== stamp)) << 2;
    store<u8>(place, stamp);
    pair = trigram & 0xfff;
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
 * becomes one. In ascending order of the buckets. Lists lie in groups of 32 trigrams, of which most are in no block at
 * all: the lengths of those that are in one, two bytes each, and then their lists.
 *
 * @param groups two words for each group of all buckets: which of its trigrams are there, and where it begins in `lists`
 * @param begin where the lists of the bucket begin in `lists`
 * @param scratch three words for each list of a bucket
 * @returns where they end
 */
export function writeBucket(
  bucket: u32,
  notes: usize,
  notesEnd: usize,
  groups: usize,
  lists: usize,
  begin: u32,
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
  let total = begin;
  for (let group: u32 = 0; group < listsPerBucket >> 5; group++) {
    let present: u32 = 0;
    for (let bit: u32 = 0; bit < 32; bit++) {
      present |= (<u32>(load<u32>(counters + ((<usize>((group << 5) + bit)) << 2)) !== 0)) << bit;
    }
    const record = groups + ((<usize>(bucket * (listsPerBucket >> 5) + group)) << 3);
    store<u32>(record, present);
    store<u32>(record + 4, total);
    let lengthAt = lists + <usize>total;
    total += popcnt(present) << 1;
    for (let left = present; left; left &= left - 1) {
      const list = <usize>((group << 5) + ctz(left));
      const length = load<u32>(counters + (list << 2)) >> 14;
      const isDense = length >= bitmapBytes;
      const stored = min(length, bitmapBytes);
      store<u16>(lengthAt, <u16>stored);
      lengthAt += 2;
      store<u32>(states + (list << 3), total);
      store<u32>(states + (list << 3) + 4, isDense ? denseFlag : 0);
      if (isDense) memory.fill(lists + <usize>total, 0, bitmapBytes);
      total += stored;
    }
  }

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
