import fc from 'fast-check';
import { cleanLine } from '../../src/text/clean.ts';

/** What people write, what YAML and templates read otherwise, and anything else. */
const odd = fc.constantFrom(
  ...['yes', 'null', '~', '1e3', '2026-11-21', '0x1F', "it's", '"quoted"', '- item', 'a: b', '# head', '*all', '&x'],
  ...['{a: 1}', '[b]', '%d', '@at', '`tick`', '!tag', '| pipe', '> fold', '日本語', 'é👩‍👩‍👧', ' : ', '---', '...'],
);
const words = fc.oneof(odd, fc.string({ unit: 'grapheme', maxLength: 40 }), fc.lorem({ maxCount: 6 }));
const line = (most: number) => words.map((text) => cleanLine(text).slice(0, most).toWellFormed().trim() || 'x');
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
const argumentName = fc.stringMatching(/^[a-z][a-z0-9_]{0,10}$/);

const argument = fc.record(
  {
    name: argumentName,
    description: line(60),
    required: fc.boolean(),
    default: fc.oneof(words, fc.constantFrom('two\nlines', ' spaces ', 'end\n', '\n\nstart', 'tab\there')),
    complete: fc.oneof(
      fc.constantFrom('files' as const, 'tickets' as const, 'plans' as const, 'prompts' as const, 'models' as const),
      fc.array(line(20), { minLength: 1, maxLength: 3 }),
    ),
  },
  { requiredKeys: ['name', 'required'] },
);

const piece = fc.oneof(
  words,
  fc.constantFrom(
    '\n',
    '\n\n',
    '\n---\n',
    ' ',
    '\t',
    '\\{{x}}',
    '$ARGUMENTS',
    '{{file:src/a.ts|20}}',
    '{{diff}}',
    '\\',
    '{{',
    '}}',
  ),
);

/** All that a prompt has, with each of its arguments in its body. */
export const promptFields = fc
  .record({
    name,
    title: line(60),
    description: line(100),
    tags: fc.array(line(20), { maxLength: 3 }),
    favourite: fc.boolean(),
    arguments: fc.uniqueArray(argument, { maxLength: 4, selector: (each) => each.name }),
    pieces: fc.array(piece, { minLength: 1, maxLength: 12 }),
  })
  .map(({ pieces, arguments: declared, ...fields }) => {
    const text = pieces.join(' ').replaceAll(/\{\{(?!file:|diff\}|x\})/g, '{ {');
    const body = `${text}${declared.map((each) => `\n{{${each.name}}}`).join('')}`;
    return { ...fields, arguments: declared, body: body.trim() === '' ? `${body}x` : body };
  });
