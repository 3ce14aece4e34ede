import type { Address } from '../wasm/modules.ts';

/**
 * A block is a piece of a file, cut at line ends, and a document of the index. 4 KB: small enough that two words in one
 * block are mostly close together, large enough that the lists stay short.
 */
export const blockBytes = 4096;
/** A remainder shorter than this is not worth a block of its own. */
const minLastBytes = 1024;

/** In memory a block is a record of four words: start, length, number of its first line, file. */
export const blockRecordBytes = 16;
export const blockRecordWords = blockRecordBytes / 4;

/** Most blocks that `cutBlocks` makes of so many bytes. */
export function maxBlocksOf(bytes: number): number {
  return Math.floor(bytes / blockBytes) + 1;
}

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
