// Builds the posting lists of one segment. The trigrams of eight blocks are marked in a table at once, a bit for each
// block, which is then read from one end to the other: so every trigram is noted once for all eight, with a byte that
// says in which, and the notes are in order. They lie in 64 buckets by their first symbol, and each bucket is sorted by
// counting: it has 4,096 lists, whose counters and ends stay in the processor's nearest cache; without buckets every note
// would miss it (the first pass of an MSB radix sort).

/** Trigrams of 6-bit symbols. */
const trigrams: u32 = 1 << 18;
const trigramMask: u32 = trigrams - 1;
const buckets: u32 = 64;
const listsPerBucket: u32 = trigrams / buckets;

/**
 * Where two tables lie: the symbol of each byte, and a byte of marks for each trigram. They are always there, since an
 * address that comes as an argument costs an addition for every byte of a text.
 */
const foldsAt: usize = 1024;
const marksAt: usize = 65536;

function mark(trigram: u32, bit: u8): void {
  store<u8>(<usize>trigram, load<u8>(<usize>trigram, marksAt) | bit, marksAt);
}

/** Marks the trigrams of a block with its bit. */
export function markTrigrams(text: usize, length: usize, bit: u32): void {
  if (length < 3) return;
  const end = text + length;
  const mine = <u8>bit;
  let last = <u32>load<u8>(<usize>load<u8>(text), foldsAt); // up to five symbols, the latest of them lowest
  last = (last << 6) | <u32>load<u8>(<usize>load<u8>(text, 1), foldsAt);
  let at = text + 2;
  for (; at + 8 <= end; at += 8) {
    last = (last << 6) | <u32>load<u8>(<usize>load<u8>(at), foldsAt);
    last = (last << 6) | <u32>load<u8>(<usize>load<u8>(at, 1), foldsAt);
    mark((last >> 6) & trigramMask, mine);
    mark(last & trigramMask, mine);
    last = (last << 6) | <u32>load<u8>(<usize>load<u8>(at, 2), foldsAt);
    last = (last << 6) | <u32>load<u8>(<usize>load<u8>(at, 3), foldsAt);
    mark((last >> 6) & trigramMask, mine);
    mark(last & trigramMask, mine);
    last = (last << 6) | <u32>load<u8>(<usize>load<u8>(at, 4), foldsAt);
    last = (last << 6) | <u32>load<u8>(<usize>load<u8>(at, 5), foldsAt);
    mark((last >> 6) & trigramMask, mine);
    mark(last & trigramMask, mine);
    last = (last << 6) | <u32>load<u8>(<usize>load<u8>(at, 6), foldsAt);
    last = (last << 6) | <u32>load<u8>(<usize>load<u8>(at, 7), foldsAt);
    mark((last >> 6) & trigramMask, mine);
    mark(last & trigramMask, mine);
  }
  for (; at < end; at++) {
    last = (last << 6) | <u32>load<u8>(<usize>load<u8>(at), foldsAt);
    mark(last & trigramMask, mine);
  }
}

/**
 * Takes the marks of a group of eight blocks off the table and notes them at the ends of their buckets, as words: 12 bits of
 * the trigram, 12 of the group, and the marks.
 *
 * @param group counted from 1
 * @param ends a word per bucket, where its notes end
 */
export function noteMarks(group: u32, ends: usize): void {
  const none = i8x16.splat(0);
  for (let bucket: u32 = 0; bucket < buckets; bucket++) {
    const row = marksAt + <usize>(bucket * listsPerBucket);
    const endAt = ends + <usize>(bucket << 2);
    let end = <usize>load<u32>(endAt);
    for (let list: u32 = 0; list < listsPerBucket; list += 64) {
      const at = row + <usize>list;
      const a = v128.load(at);
      const b = v128.load(at, 16);
      const c = v128.load(at, 32);
      const d = v128.load(at, 48);
      if (!v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) continue;
      const low = <u32>i8x16.bitmask(i8x16.eq(a, none)) | ((<u32>i8x16.bitmask(i8x16.eq(b, none))) << 16);
      const high = <u32>i8x16.bitmask(i8x16.eq(c, none)) | ((<u32>i8x16.bitmask(i8x16.eq(d, none))) << 16);
      const head = (list << 20) | (group << 8);
      for (let left = ~(<u64>low | ((<u64>high) << 32)); left; left &= left - 1) {
        const place = <usize>ctz(left);
        store<u32>(end, (head + ((<u32>place) << 20)) | <u32>load<u8>(at + place));
        end += 4;
      }
      v128.store(at, none);
      v128.store(at, none, 16);
      v128.store(at, none, 32);
      v128.store(at, none, 48);
    }
    store<u32>(endAt, <u32>end);
  }
}

/** In the low bits of a counter, the last group of its list; above, first the bytes of the list. */
const groupMask: u32 = 0xfff;
/** In a list's state, that it is a bitmap. */
const denseFlag: u32 = 1 << 31;

/**
 * Sorts a bucket into lists, in ascending order of the buckets. A list is what postings.as.ts reads; one that would not be
 * shorter than a bitmap becomes one. They lie 32 trigrams together, of which most are in no block at all: the lengths of
 * the lists of those that are in one, two bytes each, and then these lists.
 *
 * @param records two words for each 32 trigrams of all buckets: which of them are there, and where that begins in `lists`
 * @param begin where the lists of the bucket begin in `lists`
 * @param scratch three words for each list of a bucket
 * @returns where they end
 */
export function writeBucket(
  bucket: u32,
  notes: usize,
  notesEnd: usize,
  records: usize,
  lists: usize,
  begin: u32,
  scratch: usize,
  bitmapBytes: u32,
): u32 {
  const counters = scratch;
  memory.fill(counters, 0, (<usize>listsPerBucket) << 2);
  for (let note = notes; note < notesEnd; note += 4) {
    const word = load<u32>(note);
    const counter = counters + ((<usize>(word >> 20)) << 2);
    const count = load<u32>(counter);
    const group = (word >> 8) & groupMask;
    const skipped = group - (count & groupMask) - 1;
    const bytes = 1 + <u32>isLong(skipped & 127, word & 255) + ((skipped >> 7) << 1);
    store<u32>(counter, ((count & ~groupMask) + (bytes << 12)) | group);
  }

  // each list's state: where its next byte goes (or its bitmap is), and its last group with the flag of a bitmap
  const states = counters + ((<usize>listsPerBucket) << 2);
  let total = begin;
  for (let first: u32 = 0; first < listsPerBucket; first += 32) {
    let present: u32 = 0;
    for (let bit: u32 = 0; bit < 32; bit++) {
      present |= (<u32>(load<u32>(counters + ((<usize>(first + bit)) << 2)) !== 0)) << bit;
    }
    const record = records + (<usize>(bucket * listsPerBucket + first) >> 2);
    store<u32>(record, present);
    store<u32>(record + 4, total);
    let lengthAt = lists + <usize>total;
    total += popcnt(present) << 1;
    for (let left = present; left; left &= left - 1) {
      const list = <usize>(first + ctz(left));
      const length = load<u32>(counters + (list << 2)) >> 12;
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
    const state = states + ((<usize>(word >> 20)) << 3);
    const group = (word >> 8) & groupMask;
    const marks = word & 255;
    const last = load<u32>(state + 4);
    let next = load<u32>(state);
    store<u32>(state + 4, (last & denseFlag) | group);
    if (last & denseFlag) {
      store<u8>(lists + <usize>(next + group - 1), <u8>marks);
      continue;
    }
    let skipped = group - last - 1;
    for (; skipped > 127; skipped -= 128) {
      store<u16>(lists + <usize>next, 255);
      next += 2;
    }
    // a second byte is written always, if not needed then to where nothing is: a branch would be mispredicted half of the time
    const at = lists + <usize>next;
    const long = isLong(skipped, marks);
    store<u8>(at, <u8>select<u32>(128 | skipped, (skipped << 3) | ctz(marks), long));
    store<u8>(select<usize>(at + 1, counters, long), <u8>marks);
    store<u32>(state, next + 1 + <u32>long);
  }
  return total;
}

/** Whether a group takes two bytes in a list. */
function isLong(skipped: u32, marks: u32): bool {
  return ((marks & (marks - 1)) | (skipped >> 4)) !== 0;
}
