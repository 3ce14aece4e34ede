import { spawnSync } from 'node:child_process';
import { rgPath } from '@vscode/ripgrep';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern, type PatternQuery } from '../../../src/search/regex/compile-pattern.ts';
import { requiredLiteral } from '../../../src/search/regex/required-literal.ts';
import { otherCases } from '../../../src/text/case-folds.ts';

test('letters are equal without case as Unicode folds them, and as no other letters are', () => {
  for (let unit = 0; unit < 0x10000; unit++) {
    if (unit >= 0xd800 && unit < 0xe000) continue;
    const letter = String.fromCharCode(unit);
    const others = otherCases(letter);
    if (others.length === 0) continue;
    // without the flag u a class of units: the reference folds one letter at a time
    const fold = new RegExp(`^\\u{${unit.toString(16)}}+$`, 'iu');
    expect(fold.test(others.join('')), `${letter}: ${others.join(' ')}`).toBe(true);
  }
});

/** The numbers of the lines that ripgrep finds in a text. */
function ripgrep(text: string, args: readonly string[], query: string): number[] {
  const { stdout } = spawnSync(rgPath, ['-n', '--no-config', '--color=never', ...args, '-e', query, '-'], {
    input: text,
  });
  return [...stdout.toString().matchAll(/^(\d+):/gm)].map(([, line]) => Number(line));
}

function own(text: string, query: PatternQuery): number[] {
  const pattern = compilePattern(query);
  return text.split('\n').flatMap((line, index) => {
    return pattern.find(line) ? [index + 1] : [];
  });
}

const letters = [
  'k',
  'K',
  '\u212a',
  's',
  'S',
  '\u017f',
  'ß',
  '\u1e9e',
  'σ',
  'ς',
  'Σ',
  'ı',
  'İ',
  'i',
  'I',
  'é',
  'É',
  'я',
  'Я',
  'µ',
  'μ',
  'ǆ',
  'ǅ',
  'Å',
  'å',
  '\u212b',
  'ᾀ',
  'ᾈ',
  'θ',
  'ϑ',
  'ϴ',
];
const line = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 4 });

describe('The same lines as ripgrep', () => {
  test('without regard to case, in any script', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 30 }), line, (lines, query) => {
        const text = lines.join('\n');
        expect(own(text, { query, mode: 'text', letterCase: 'insensitive' })).toEqual(ripgrep(text, ['-iF'], query));
      }),
      { numRuns: 60 },
    );
  });

  test('for classes and ranges', () => {
    const text = letters.join('\n');
    for (const query of ['[k-t]', '[а-я]', '[α-ω]', '[À-ÿ]', '[^s]', '[A-Z]', 'ſ', '[ſ-ƀ]']) {
      expect(own(text, { query, mode: 'regex', letterCase: 'insensitive' }), query).toEqual(
        ripgrep(text, ['-i'], query),
      );
    }
  });

  test('for whole words', () => {
    const word = fc.string({
      unit: fc.constantFrom('a', 'b', '_', '1', ' ', '(', '.', '-'),
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), word, (lines, query) => {
        const text = lines.join('\n');
        const found = own(text, { query, mode: 'text', letterCase: 'sensitive', word: true });
        expect(found, JSON.stringify({ text, query })).toEqual(ripgrep(text, ['-wF'], query));
      }),
      { numRuns: 60 },
    );
    const text = 'ab\nab c\nxab\nabx\nb-ab\n';
    for (const query of ['a|ab', 'a.', '\\w+ c']) {
      expect(own(text, { query, mode: 'regex', letterCase: 'sensitive', word: true }), query).toEqual(
        ripgrep(text, ['-w'], query),
      );
    }
  });
});

test.each([
  ['foo\\([^)]*bar', 'foo('],
  ['a|b', ''],
  ['(?:abc)d+', 'abc'],
  ['x?yy*', 'y'],
  ['[ab]c\\ndef', 'c\ndef'],
])('every match of %s holds %j', (source, literal) =>
  expect(
    requiredLiteral(compilePattern({ query: source, mode: 'regex', letterCase: 'sensitive', multiline: true }).tree),
  ).toBe(literal),
);
