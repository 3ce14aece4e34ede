import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitText } from '../../src/summaries/split-text.ts';
import { estimateTokens } from '../../src/text/estimate-tokens.ts';

describe('A text that is split', () => {
  it('is whole again when its parts are put together, and no part is too long', () => {
    const line = fc.string({ maxLength: 200, unit: fc.constantFrom('a', ' ', '日', '{') });
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 80 }),
        fc.array(fc.nat(80)),
        fc.integer({ min: 60, max: 400 }),
        (lines, starts, most) => {
          const text = lines.join('\n');
          const parts = splitText(
            text,
            starts.sort((a, b) => a - b),
            most,
          );
          const joined = parts.map((part) => part.text).join('');
          expect(joined === text || joined === `${text}\n`).toBe(true);
          for (const part of parts) expect(estimateTokens(part.text)).toBeLessThanOrEqual(most + 1);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is cut before declarations, and says which lines a part has', () => {
    const body = Array.from({ length: 10 }, () => '  a line of a body that has some length').join('\n');
    const text = Array.from({ length: 6 }, (_, index) => `function f${index}() {\n${body}\n}`).join('\n');
    const starts = Array.from({ length: 6 }, (_, index) => index * 12 + 1);
    const parts = splitText(text, starts, 250);
    expect(parts.length).toBeGreaterThan(2);
    for (const { text: part } of parts) expect(part).toMatch(/^function f\d/);
    expect(parts.map(({ from }) => from).every((from) => starts.includes(from))).toBe(true);
    expect(parts.at(-1)?.to).toBe(72);
  });

  it('may be one line of a megabyte', () => {
    const parts = splitText('x'.repeat(1_000_000), [], 6000);
    expect(
      parts
        .map((part) => part.text)
        .join('')
        .trimEnd(),
    ).toHaveLength(1_000_000);
  });
});
