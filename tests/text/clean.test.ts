import { describe, expect, it } from 'vitest';
import { cleanText } from '../../src/text/clean.ts';

const esc = String.fromCharCode(27);

describe('A text that is kept', () => {
  it('loses the escapes of a terminal whole', () => {
    expect(cleanText(`a ${esc}[1;31mred${esc}[0m rose${esc}[2K${String.fromCharCode(0x9b)}4m.`)).toBe('a red rose.');
  });

  it('keeps brackets that are none, and is clean after once', () => {
    const text = `see [31m] and arr[0]${esc}${esc}[31m[32m`;
    expect(cleanText(text)).toBe('see [31m] and arr[0][32m');
    expect(cleanText(cleanText(text))).toBe(cleanText(text));
  });
});
