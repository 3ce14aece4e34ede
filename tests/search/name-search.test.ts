import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createJobControl } from '../../src/projects/job-control.ts';
import type { FileSource } from '../../src/search/files/text-files.ts';
import { createLiveText } from '../../src/search/live/live-text.ts';
import { areNamesSensitive, rankUsers, readUses, surveyReferences } from '../../src/search/symbols/find-references.ts';
import {
  comparePositions,
  isCaseSensitive,
  type NameQuestion,
  surveyFuzzySymbols,
  surveySymbols,
} from '../../src/search/symbols/find-symbols.ts';
import { parseSymbolQuery } from '../../src/search/symbols/symbol-query.ts';
import { writeFiles } from '../helpers/temp-project.ts';

const megabyte = 1024 * 1024;

function control() {
  return createJobControl({ budgetMs: 20_000, stopFlag: new Int32Array(new SharedArrayBuffer(4)), report() {} });
}

/** What a question finds in the shares of a search, put together. */
function symbolsIn(question: NameQuestion, sources: readonly FileSource[]) {
  const surveys = sources.map((source) => surveySymbols({ ...question, source }, control()));
  return {
    hits: surveys
      .flatMap(({ hits }) => hits)
      .sort(comparePositions)
      .slice(0, question.limit + 1),
    total: surveys.reduce((sum, { total }) => sum + total, 0),
    searched: surveys.reduce((sum, { searched }) => sum + searched, 0),
    hasGood: surveys.some(({ hasGood }) => hasGood),
  };
}

function referencesIn(question: NameQuestion, sources: readonly FileSource[]) {
  const surveys = sources.map((source) => surveyReferences({ ...question, source }, control()));
  const definitions = surveys.flatMap((each) => each.definitions).sort(comparePositions);
  const { name } = parseSymbolQuery(question.query);
  const isSensitive = areNamesSensitive(question);
  const { root, limit } = question;
  const files = rankUsers(surveys);
  return {
    definitions,
    files,
    uses: readUses({ root, name, isSensitive, files, definitions, limit }, control()),
    lines: surveys.reduce((sum, { lines }) => sum + lines, 0),
    searched: surveys.reduce((sum, { searched }) => sum + searched, 0),
  };
}

const name = fc.constantFrom('Cart', 'cart', 'cartTotal', 'x', 'Größe', 'total');
const line = fc.oneof(
  name.map((each) => `class ${each} {`),
  name.map((each) => `  ${each}() {`),
  name.map((each) => `function ${each}(a) { return 1; }`),
  name.map((each) => `use(${each});`),
  name.map((each) => `// ${each}`),
  name.map((each) => `import { ${each} } from './a.ts';`),
  fc.constantFrom(
    '}',
    '',
    '/*',
    '*/',
    '# Cart',
    'const s = `',
    'let y = "Cart";',
    'struct Cart {',
    'typedef int cart;',
  ),
);
const source = fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n'));
const content: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  { weight: 6, arbitrary: source },
  { weight: 1, arbitrary: source.map((text) => Buffer.from(`\ufeff${text}`, 'utf16le')) },
  { weight: 1, arbitrary: source.map((text) => Buffer.from(text, 'latin1')) },
  { weight: 1, arbitrary: source.map((text) => `${text}\0`) },
);
const path = fc.constantFrom(
  'a.ts',
  'b/a.ts',
  'b/cart.c',
  'b/cart.h',
  'tests/a.ts',
  'README.md',
  'x.json',
  '.env',
  'c/d/e.py',
);
const tree = fc.dictionary(path, content, { maxKeys: 8 });
const question = fc.record({
  query: fc.oneof(
    name,
    fc.constantFrom('class Cart', 'Cart.total', 'ca', 'CART', 'crat', 'heading Cart', 'cartTot', 'gröSSE', 'größe'),
  ),
  letterCase: fc.constantFrom('smart', 'sensitive', 'insensitive'),
  limit: fc.constantFrom(1, 3, 50),
  include: fc.constantFrom([], [], ['*.ts'], ['b/']),
  exclude: fc.constantFrom([], [], ['a*']),
});
const everything: FileSource[] = [{ part: 0, parts: 1 }];

describe('Names in the files that the index tells', () => {
  it('are those in all files, also after a change', async () => {
    await fc.assert(
      fc.asyncProperty(tree, tree, fc.array(question, { minLength: 1, maxLength: 5 }), async (before, later, asked) => {
        const folder = realpathSync(mkdtempSync(join(tmpdir(), 'octant-')));
        const root = { folder, refuseHardLinks: false };
        const live = createLiveText(root, { textBytes: 64 * megabyte, arenaBytes: 64 * megabyte });
        try {
          writeFiles(folder, before);
          expect(await live.build(control(), async () => true)).toBe('ready');
          for (const change of [{}, later]) {
            writeFiles(folder, change);
            for (const each of asked) {
              const whole = { ...each, root };
              const { name } = parseSymbolQuery(each.query);
              const ask = async (isSensitive: boolean, only: 'all' | 'outlined') => {
                const found = await live.holding({ ...whole, name, isSensitive, only }, control());
                if (found === undefined || found === 'stale') throw new Error('The index does not answer.');
                return found;
              };
              const outlined = await ask(isCaseSensitive(whole, name), 'outlined');
              const symbols = symbolsIn(whole, [{ paths: outlined.paths }]);
              expect({ ...symbols, searched: symbols.searched + outlined.passed }).toEqual(
                symbolsIn(whole, everything),
              );
              const all = await ask(areNamesSensitive(whole), 'all');
              const references = referencesIn(whole, [{ paths: all.paths }]);
              expect({ ...references, searched: references.searched + all.passed }).toEqual(
                referencesIn(whole, everything),
              );
            }
          }
        } finally {
          live.close();
          rmSync(folder, { recursive: true });
        }
      }),
      { numRuns: 80 },
    );
  }, 60_000);

  it('are the same however many threads share the files', () => {
    fc.assert(
      fc.property(tree, question, (files, asked) => {
        const folder = realpathSync(mkdtempSync(join(tmpdir(), 'octant-')));
        try {
          writeFiles(folder, files);
          const whole = { ...asked, root: { folder, refuseHardLinks: false } };
          const shares = [0, 1, 2].map((part) => ({ part, parts: 3 }));
          expect(symbolsIn(whole, shares)).toEqual(symbolsIn(whole, everything));
          expect(referencesIn(whole, shares)).toEqual(referencesIn(whole, everything));
        } finally {
          rmSync(folder, { recursive: true });
        }
      }),
      { numRuns: 80 },
    );
  });

  it('with a letter left out are found by their letters', () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'octant-')));
    writeFiles(folder, { 'a.ts': 'class createServer {\n}\nclass createXServer {\n}\n' });
    const asked = { query: 'createServr', letterCase: 'smart', include: [], exclude: [], limit: 10 } as const;
    const whole = { ...asked, root: { folder, refuseHardLinks: false } };
    const found = surveyFuzzySymbols({ ...whole, source: { part: 0, parts: 1 } }, control());
    expect(found.hits.map((hit) => hit.name)).toEqual(['createServer', 'createXServer']);
    rmSync(folder, { recursive: true });
  });
});
