import fc from 'fast-check';
import type { PatternQuery } from '../../src/search/regex/compile-pattern.ts';
import type { Tree } from './search-engine.ts';

/** Few words, so that queries hit, and everything that makes lines odd. */
const word = fc.constantFrom(
  ...['foo', 'Foo', 'FOO', 'bar', 'ba', 'x', '42', '2024-11', 'Error', 'class', 'é', 'É', 'ſ', 'K', 'straße', '日本語'],
  ...[
    '😀',
    '\u2028',
    '\u00a0',
    '\t',
    ' ',
    '  ',
    '.',
    '(',
    '_',
    '-',
    '=>',
    '\r',
    '\u0000x',
    'aaaaaaaaaa',
    'ﬀ',
    '\ufeff',
  ],
);
export const line = fc.array(word, { maxLength: 8 }).map((words) => words.join(''));
const ending = fc.constantFrom('\n', '\n', '\n', '\r\n');
const document = fc
  .tuple(fc.array(fc.tuple(line, ending), { maxLength: 30 }), line, fc.integer({ min: 1, max: 40 }))
  .map(
    ([lines, last, times]) =>
      lines
        .map((parts) => parts.join(''))
        .join('')
        .repeat(times) + last,
  );
const content = fc.oneof(
  { weight: 8, arbitrary: document },
  { weight: 1, arbitrary: document.map((each) => Buffer.from(`\ufeff${each}`, 'utf16le')) },
  { weight: 1, arbitrary: document.map((each) => Buffer.from(`\ufeff${each}`, 'utf16le').swap16()) },
  { weight: 1, arbitrary: document.map((each) => Buffer.from(each, 'latin1')) },
  { weight: 1, arbitrary: document.map((each) => Buffer.from(`${each}\u0000`)) },
);
export const path = fc.constantFrom('a', 'a/b', 'a-b', 'b.ts', 'c/d/e', 'é', 'z');
export const trees: fc.Arbitrary<Tree> = fc.dictionary(path, content, { maxKeys: 6 });

const atom = fc.constantFrom(
  ...['f', 'oo', 'foo', 'Foo', 'bar', 'a', '.', '\\w', '\\W', '\\d', '\\D', '\\s', '\\S', '[a-f]', '[^a-f]', '[^\\d]'],
  ...[
    'é',
    '[éa]',
    '[À-ÿ]',
    '😀',
    '\\ud83d\\ude00',
    '\\p{L}',
    '\\P{Lu}',
    '[[:alpha:]]',
    '(?i:é)',
    '\\<',
    '日',
    '\\u2028',
    '\\b',
    '\\B',
    '^',
    '$',
    '(?:)',
    '\\.',
    '[x-z0-9_]',
    '\\x41',
  ],
);
const quantifier = fc.constantFrom('', '', '', '', '*', '+', '?', '{2}', '{0,2}', '{3,}', '+?');
const isEdge = (part: string) => /^(\\b|\\B|\\<|\^|\$)$/.test(part);
const piece = fc.tuple(atom, quantifier).map(([part, times]) => (isEdge(part) ? part : `(?:${part})${times}`));
const pieces = fc.array(piece, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
export const expression = fc.array(pieces, { minLength: 1, maxLength: 3 }).map((options) => options.join('|'));
const letterCase = fc.constantFrom('sensitive', 'insensitive', 'smart');
export const query: fc.Arbitrary<PatternQuery> = fc.oneof(
  fc.record({
    query: line.filter((each) => each !== '' && !/[\r\n]/.test(each)),
    mode: fc.constant('text'),
    letterCase,
  }),
  fc.record({ query: expression, mode: fc.constant('regex'), letterCase }),
);

const text = fc
  .tuple(fc.array(fc.tuple(line, fc.constantFrom('\n', '\n', '\r\n')), { maxLength: 12 }), line)
  .map(([lines, last]) => lines.flat().join('') + last);
const latin1 = (value: string) => Buffer.from(value, 'latin1');
const projectContent: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  { weight: 6, arbitrary: text },
  { weight: 1, arbitrary: fc.constantFrom('', '\n', '\r', '\r\n', '\ufeff', '\n\n') },
  { weight: 1, arbitrary: text.map((each) => Buffer.from(`\ufeff${each}`, 'utf16le')) },
  { weight: 1, arbitrary: text.map((each) => Buffer.from(`\ufeff${each}`, 'utf16le').swap16()) },
  { weight: 1, arbitrary: text.map((each) => `\ufeff${each}`) },
  { weight: 1, arbitrary: text.map(latin1) },
  { weight: 1, arbitrary: text.map((each) => latin1(`\u00ef\u00bb\u00bf${each}\u00e9`)) },
  { weight: 1, arbitrary: text.map((each) => `${each}\u0000`) },
  { weight: 1, arbitrary: text.map((each) => `${'a'.repeat(9000)}\u0000\n${each}`) },
  { weight: 1, arbitrary: text.map((each) => `${each}\n${'foo bar '.repeat(13_000)}end\n${each}`) },
);
export const projectPath = fc.constantFrom(
  ...['a.ts', 'a-b', 'a/b', 'a/.gitignore', 'c/d/e.ts', 'c/d.ts', 'c/.env', 'é', 'out/x', 'out/deep/y', '.gitignore'],
);
const ignoreRules = fc.constantFrom('out/\n', '*.ts\n', '!*.ts\n/a\n', 'e.ts\n');
/** Files of a project, ignore files among them. */
export const project = fc
  .dictionary(projectPath, projectContent, { maxKeys: 8 })
  .chain((files) =>
    ignoreRules.map((rules) =>
      Object.fromEntries(
        Object.entries(files).map(([name, value]) => [name, name.endsWith('.gitignore') ? rules : value]),
      ),
    ),
  );
/** What is asked of `findText`, less the project. */
export const question = fc
  .tuple(
    query,
    fc.record({
      order: fc.constant('path'),
      word: fc.boolean(),
      context: fc.constantFrom(0, 0, 2),
      limit: fc.constantFrom(1, 3, 50),
      maxCharacters: fc.constantFrom(200, 9000),
      include: fc.constantFrom([], [], ['*.ts'], ['c/']),
      exclude: fc.constantFrom([], [], ['a*'], ['d.ts']),
    }),
  )
  .map(([asked, options]) => ({ ...asked, ...options }));
