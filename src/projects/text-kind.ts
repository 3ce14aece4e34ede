import { isUtf8 } from 'node:buffer';

/** How much of a file git looks at to call it binary. */
export const sniffedBytes = 8000;

/** Git's rule: a NUL among the first 8,000 bytes (buffer_is_binary in git's xdiff-interface.c). UTF-16 has them too. */
export function isBinary(bytes: Buffer): boolean {
  return (bytes.length > sniffedBytes ? bytes.subarray(0, sniffedBytes) : bytes).includes(0);
}

/** Whether bytes, perhaps cut within a character at their end, are UTF-8 text. */
export function isText(bytes: Buffer, isWhole: boolean): boolean {
  return !isBinary(bytes) && isUtf8(isWhole ? bytes : withoutPartialCharacter(bytes));
}

function withoutPartialCharacter(bytes: Buffer): Buffer {
  let end = bytes.length;
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) end = bytes.length - back; // the first byte of a sequence that may not be complete
    if (byte < 0x80 || byte >= 0xc0) break;
  }
  return bytes.subarray(0, end);
}

/**
 * The text of a whole file, or nothing for a binary one. UTF-16 is known by its byte order mark, as ripgrep does it. Where
 * only some bytes are not UTF-8 they are shown as U+FFFD; what is hardly UTF-8 is read byte by byte.
 */
export function decodeText(bytes: Buffer): string | undefined {
  const encoding = utf16Encoding(bytes);
  if (encoding !== undefined) return new TextDecoder(encoding).decode(bytes);
  if (isBinary(bytes)) return undefined;
  return withoutByteOrderMark(bytes.toString(byteEncoding(bytes)));
}

/** How bytes are read that are neither UTF-16 nor binary. */
export function byteEncoding(bytes: Buffer): 'utf8' | 'latin1' {
  if (isUtf8(bytes)) return 'utf8';
  let right = 0;
  for (const [character] of bytes.toString('utf8').matchAll(/[^\0-\x7f]/gu)) right += character === '\ufffd' ? -1 : 1;
  return right > 0 ? 'utf8' : 'latin1';
}

export function utf16Encoding(bytes: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined;
}

export function hasUtf8Mark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/** Text as editors show it: a byte order mark at its start is no part of the first line. */
export function withoutByteOrderMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
