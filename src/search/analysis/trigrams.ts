/**
 * Folds bytes to 64 symbols, so that a trigram has 18 bits: a table of all of them is a flat array, and upper and lower
 * case look alike to the index. Symbol 0 ends lines, 1 to 26 are letters, 27 to 36 digits, 37 is `_`, 38 is blank, and
 * the rest share 25: the punctuation that source code has most of comes first and has a symbol of its own.
 */
export const folds: Uint8Array = foldTable();

export const trigramCount = 1 << 18;

export function foldByte(byte: number): number {
  return folds[byte] ?? 0;
}

/** The number of three folded symbols. */
export function trigramOf(first: number, second: number, third: number): number {
  return (first << 12) | (second << 6) | third;
}

function foldTable(): Uint8Array {
  const firstShared = 39;
  const shared = 25;
  const punctuation = '.(),;:"\'=-/><*{}[]+#&!|$\\@%?~^`';
  const table = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) {
    const letter = String.fromCharCode(byte);
    const rank = punctuation.indexOf(letter);
    if (/[\n\r]/.test(letter)) table[byte] = 0;
    else if (/[a-z]/i.test(letter) && byte < 128) table[byte] = (byte | 0x20) - 0x60;
    else if (/[0-9]/.test(letter)) table[byte] = 27 + byte - 48;
    else if (letter === '_') table[byte] = 37;
    else if (letter === ' ' || letter === '\t') table[byte] = 38;
    else table[byte] = firstShared + ((rank >= 0 ? rank : byte) % shared);
  }
  return table;
}
