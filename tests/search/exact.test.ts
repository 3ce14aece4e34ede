import { afterAll, describe, expect, it } from 'vitest';
import { differencesOf, type ExactQuery, generateQueries, octantLines, ripgrepLines } from '../helpers/exact.ts';
import { openLogged } from '../helpers/logged-search.ts';
import { makeTempFolder, removeFolder, writeFiles } from '../helpers/temp-project.ts';

const folder = makeTempFolder();
const files: Record<string, string> = {
  'src/cart.ts':
    'export class Cart {\n  total = 0x00ff42;\n  add_item(name: string) { this.total += 1; }\n}\n\n// TODO: sum\n',
  'src/crlf.txt': 'first line;\r\n  second_line = 2024-11-05;\r\n\r\nlast line',
  'docs/größe.md': '# Größe\n\nDie Straße ist 5€ lang; ПРИВЕТ, привет мир 😀 and naïve café.\nσοφός ΣΟΦΌΣ K ſ\n',
  'docs/many.txt': Array.from(
    { length: 200 },
    (_, at) => `${at} row of MANY_WORDS_HERE(${at % 7}) é${at}.toString().x`,
  ).join('\n'),
  'empty.txt': '',
  'blank.txt': '\n\n \n',
};

afterAll(() => removeFolder(folder));

const byHand: ExactQuery[] = [
  ...['\\bпривет\\b', '\\w+ café\\b', '^$', '\\s$', '.{3}😀.', '(?i)größe', '\\p{Lu}{3}', '\\<row\\>', '[[:upper:]]_'],
  ...['[а-я]+ мир', '[^\\w\\s]{2}', '\\Wline;$', 'k', 'Σ', '\\S+\\s\\S+$', '(a|b|)c', 'x*', '\\A\\d+'],
].map((query) => ({ kind: 'by hand', query, mode: 'regex', case: 'smart', word: false }));

describe.each([
  { by: 'without an index', options: ['--refuse-hard-links'], hasIndex: false },
  { by: 'with an index', options: [], hasIndex: true },
])('search_files $by', ({ options, hasIndex }) => {
  it('finds the lines that ripgrep finds, on all pages', async () => {
    writeFiles(folder, files);
    const { client, search, warmUp } = await openLogged(folder, ...options);
    expect(await warmUp(hasIndex ? 10_000 : 500)).toBe(hasIndex);
    const texts = Object.keys(files).filter((path) => files[path] !== '');
    const generated = generateQueries(folder, texts, 7);
    const queries = [...byHand, ...byHand.map((each) => ({ ...each, word: true }))];
    for (let count = 0; count < 120; count++) queries.push(generated.next().value);
    for (const query of queries) {
      const theirs = await ripgrepLines(folder, query, [], 10_000);
      const ours = await octantLines(search, query);
      expect(differencesOf(ours ?? new Set(), theirs ?? new Set()), JSON.stringify(query)).toEqual([]);
    }
    await client.close();
  }, 120_000);
});
