import { isUtf8 } from 'node:buffer';
import { byteEncoding, hasUtf8Mark, isBinary, utf16Encoding } from '../../projects/text-kind.ts';

/**
 * A file's bytes as the text that is searched: UTF-8 without byte order mark. UTF-16 is known by its mark, as ripgrep
 * does it; what is not UTF-8 otherwise is read as `decodeText` does.
 *
 * @returns undefined for a binary file; the bytes themselves, or a part of them, where nothing has to change
 */
export function toSearchableText(bytes: Buffer): Buffer | undefined {
  const encoding = utf16Encoding(bytes);
  if (encoding !== undefined) return unlessBinary(Buffer.from(new TextDecoder(encoding).decode(bytes)));
  if (isBinary(bytes)) return undefined;
  const start = hasUtf8Mark(bytes) ? 3 : 0;
  const text = bytes.subarray(start);
  return isUtf8(text) ? text : Buffer.from(text.toString(byteEncoding(text)));
}

function unlessBinary(text: Buffer): Buffer | undefined {
  return isBinary(text) ? undefined : text;
}
