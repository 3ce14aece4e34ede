// Builds the posting lists of one segment: first each block's trigrams are noted, then they are sorted by counting.

/** Trigrams of 6-bit symbols. */
const trigrams: u32 = 1 << 18;
/** Set in a list's place while it is being written as a bitmap; the rest is its last member then. */
const denseMark: u32 = 1 << 31;

/**
 * Notes each trigram of a block once, as a word: the trigram and, in 14 bits, the gap to the last block that had it.
 *
 * @param folds 256 bytes: the symbol of each byte
 * @param lastBlocks a 16-bit word per trigram, the number of the last block that had it, or 0
 * @param block counts from 1
 * @returns where the notes end
 */
export function noteTrigrams(
  text: usize,
  length: usize,
  folds: usize,
  lastBlocks: usize,
  block: u32,
  notes: usize,
): usize {
  if (length < 3) return notes;
  const end = text + length;
  let note = notes;
  let trigram =
    ((<u32>load<u8>(folds + <usize>load<u8>(text))) << 6) | <u32>load<u8>(folds + <usize>load<u8>(text + 1));
  for (let at = text + 2; at < end; at++) {
    trigram = ((trigram << 6) | <u32>load<u8>(folds + <usize>load<u8>(at))) & (trigrams - 1);
    const last = lastBlocks + ((<usize>trigram) << 1);
    const gap = block - <u32>load<u16>(last);
    // written always and kept only if new: a branch here would be mispredicted half of the time
    store<u32>(note, (trigram << 14) | gap);
    note += (<usize>(gap !== 0)) << 2;
    store<u16>(last, <u16>block);
  }
  return note;
}

/**
 * Turns the notes' number of bytes per trigram into places: `places` gets where each list begins, and after the last
 * one where it ends. A list that would not be shorter than a bitmap becomes one.
 *
 * @returns bytes of all lists
 */
export function placeLists(notes: usize, notesEnd: usize, places: usize, bitmapBytes: u32): u32 {
  memory.fill(places, 0, (<usize>trigrams + 1) << 2);
  for (let note = notes; note < notesEnd; note += 4) {
    const word = load<u32>(note);
    const place = places + ((<usize>(word >> 14)) << 2);
    store<u32>(place, load<u32>(place) + 1 + <u32>((word & 0x3fff) > 127));
  }
  let total: u32 = 0;
  for (let trigram: u32 = 0; trigram < trigrams; trigram++) {
    const place = places + ((<usize>trigram) << 2);
    const length = min(load<u32>(place), bitmapBytes);
    store<u32>(place, total);
    total += length;
  }
  store<u32>(places + ((<usize>trigrams) << 2), total);
  return total;
}

/**
 * Writes the lists.
 *
 * @param next room for a word per trigram
 * @param lists zeroed here
 */
export function writeLists(
  notes: usize,
  notesEnd: usize,
  places: usize,
  next: usize,
  lists: usize,
  bitmapBytes: u32,
): void {
  memory.fill(lists, 0, <usize>load<u32>(places + ((<usize>trigrams) << 2)));
  for (let trigram: u32 = 0; trigram < trigrams; trigram++) {
    const place = places + ((<usize>trigram) << 2);
    const isDense = load<u32>(place + 4) - load<u32>(place) === bitmapBytes;
    store<u32>(next + ((<usize>trigram) << 2), isDense ? denseMark : load<u32>(place));
  }
  for (let note = notes; note < notesEnd; note += 4) {
    const word = load<u32>(note);
    const gap = word & 0x3fff;
    const trigram = (<usize>(word >> 14)) << 2;
    const place = load<u32>(next + trigram);
    if (place & denseMark) {
      const member = (place & ~denseMark) + gap;
      const byte = lists + <usize>load<u32>(places + trigram) + <usize>((member - 1) >> 3);
      store<u8>(byte, load<u8>(byte) | <u8>((<u32>1) << ((member - 1) & 7)));
      store<u32>(next + trigram, member | denseMark);
    } else if (gap < 128) {
      store<u8>(lists + <usize>place, <u8>gap);
      store<u32>(next + trigram, place + 1);
    } else {
      store<u16>(lists + <usize>place, <u16>(128 | (gap & 127) | ((gap >> 7) << 8)));
      store<u32>(next + trigram, place + 2);
    }
  }
}
