import type { Address } from '../wasm/modules.ts';

/**
 * A block is a piece of a file, cut at line ends, and a document of the index. 8 KB: small enough that two words in one
 * block are mostly close together, large enough that the lists stay short. Of 4 KB, they take half as much again.
 */
export const blockBytes = 8192;
/** A remainder shorter than this is not worth a block of its own. */
const minLastBytes = 2048;

/** In memory a block is a record of four words: start, length, number of its first line, file. */
export const blockRecordBytes = 16;
export const blockRecordWords = blockRecordBytes / 4;

/** Ends of the blocks of `length` bytes from `start`; `findNewline` returns the end where there is none. */
export function* cutBlocks(
  start: Address,
  length: number,
  findNewline: (from: Address, end: Address) => Address,
): Generator<Address> {
  const end = start + length;
  for (let at = start; at < end; ) {
    const wanted = at + blockBytes;
    at = wanted + minLastBytes >= end ? end : Math.min(end, findNewline(wanted, end) + 1);
    yield at;
  }
}
