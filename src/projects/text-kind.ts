import { isUtf8 } from 'node:buffer';

/** How much of a file git looks at to call it binary. */
const sniffedBytes = 8000;

/** Git's rule: a NUL among the first 8,000 bytes (buffer_is_binary in git's xdiff-interface.c). UTF-16 has them too. */
export function isBinary(bytes: Buffer): boolean {
  const nul = bytes.indexOf(0);
  return nul >= 0 && nul < sniffedBytes;
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

/** Text as editors show it: a byte order mark at its start is no part of the first line. */
export function withoutByteOrderMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
