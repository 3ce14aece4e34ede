import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineFilter, type LineFilter } from '../../../src/search/analysis/line-filter.ts';
import { literalsOf } from '../../../src/search/analysis/needle.ts';
import { trigramsOf } from '../../../src/search/analysis/pattern-trigrams.ts';
import type { TrigramQuery } from '../../../src/search/analysis/trigram-query.ts';
import { foldByte, trigramOf } from '../../../src/search/analysis/trigrams.ts';
import { compilePattern } from '../../../src/search/regex/compile-pattern.ts';
import { line, query } from '../../helpers/search-arbitraries.ts';

const compile = (source: string) => compilePattern({ query: source, mode: 'regex', letterCase: 'sensitive' });

/** What line-filter.as.ts does with one line and its `\n`. */
function passes({ rows, classes, accepting }: LineFilter, text: string): boolean {
  let state = 0;
  for (const byte of Buffer.from(`${text}\n`)) {
    state = rows[(state + (classes[byte] ?? 0)) / 4] ?? 0;
    if (state === accepting) return true;
  }
  return false;
}

function trigramsIn(text: string): Set<number> {
  const symbols = [...Buffer.from(text)].map(foldByte);
  return new Set(symbols.slice(2).map((third, at) => trigramOf(symbols[at] ?? 0, symbols[at + 1] ?? 0, third)));
}

function isMet(formula: TrigramQuery, trigrams: ReadonlySet<number>): boolean {
  if (formula.kind === 'all') return true;
  if (formula.kind === 'any') return formula.trigrams.some((trigram) => trigrams.has(trigram));
  const parts = formula.parts.map((part) => isMet(part, trigrams));
  return formula.kind === 'and' ? parts.every(Boolean) : parts.some(Boolean);
}

describe('Whatever a pattern matches', () => {
  it('passes its filter, has its trigrams, and holds its literals', () => {
    fc.assert(
      fc.property(query, fc.array(line, { minLength: 10, maxLength: 30 }), (each, lines) => {
        const pattern = compilePattern(each);
        const { tree } = pattern;
        const filter = createLineFilter(tree);
        const formula = trigramsOf(tree);
        const { required, isWhole } = literalsOf(tree);
        for (const raw of lines) {
          const text = raw.toWellFormed().replace(/\r$/, '');
          const isMatch = pattern.find(text) !== undefined;
          const bytes = Buffer.from(text);
          const holdsAll = required.every(({ bytes: wanted, masks }) =>
            bytes.some((_, at) =>
              wanted.every((byte, offset) => ((bytes[at + offset] ?? 0) | (masks[offset] ?? 0)) === byte),
            ),
          );
          if (isWhole) expect(holdsAll).toBe(isMatch);
          if (!isMatch) continue;
          expect(filter === undefined || passes(filter, text)).toBe(true);
          expect(isMet(formula, trigramsIn(text))).toBe(true);
          expect(holdsAll).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('A line filter', () => {
  const ascii = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '1', '2', '-', ' ', '_', '('), maxLength: 12 });

  it.each(['\\b\\d{2}-\\d\\b', '^a+b', 'b$', '^$', '\\ba\\B', '(a+)+$', 'a|[^ab]{4}', '(?:a|b)\\s+\\w'])(
    'is exact on ASCII for %s',
    (source) => {
      const pattern = compile(source);
      const filter = createLineFilter(pattern.tree);
      fc.assert(
        fc.property(ascii, (text) => {
          expect(filter && passes(filter, text)).toBe(pattern.find(text) !== undefined);
        }),
      );
    },
  );

  it('is left out where every line matches', () => {
    expect(createLineFilter(compile('a*').tree)).toBeUndefined();
  });

  it.each(['(a|b)*a.{40}', '(\\w{1,50}x){1,50}', '(a?){60}a{60}', '[a-z]{1000}'])('is small for %s', (source) => {
    const filter = createLineFilter(compile(source).tree);
    expect(filter?.rows.byteLength ?? 0).toBeLessThan(512 * 1024);
  });
});

describe('The trigrams of a pattern', () => {
  it.each([
    ['foobar', 4],
    ['\\d{4}-\\d{2}', 3],
    ['class\\s+\\w+Error', 7],
    ['foo|bar', 1],
    ['a.b', 0],
  ])('are what %s asks for', (source, most) => {
    const formula = trigramsOf(compile(source).tree);
    const parts = formula.kind === 'and' ? formula.parts.length : formula.kind === 'all' ? 0 : 1;
    expect(parts).toBe(most);
  });
});
