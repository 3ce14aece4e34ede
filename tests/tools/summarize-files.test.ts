import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type TestClient } from '../helpers/connect.ts';
import { makeTempFolder, removeFolder, writeFiles } from '../helpers/temp-project.ts';

let folder: string;
let client: TestClient;

beforeAll(async () => {
  folder = makeTempFolder();
  writeFiles(folder, {
    'README.md': '# Shop\n\nSells things.\n',
    'package.json': '{"name":"shop","description":"Sells."}',
    'src/cart.ts':
      "import { money } from './money.ts';\nimport { z } from 'zod';\n\n/** Adds up what a customer buys. */\nexport function cart(items: Item[]): number {\n  // TODO: discounts\n  return money(items.length);\n}\n\nfunction hidden() {}\n",
    'src/money.ts': 'export const money = (amount: number): number => amount;\n',
    'src/cart.test.ts': "import { cart } from './cart.ts';\nit('adds up', () => cart([]));\n",
    'src/pay/card.ts': '/** Pays by card. */\nexport class Card {\n  charge(amount: number) {}\n}\n',
    'docs/how.md': '# How\n\n## To buy\n\n## To pay\n',
    'logo.png': Buffer.from('89504e470d0a1a0a00', 'hex'),
    '.env': 'KEY=secret-canary\n',
    ...Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [
        `many/file-${String(index).padStart(3, '0')}.ts`,
        `/** Does number ${index}. */\nexport function file${index}(one: string, two: number): string { return ''; }\n`,
      ]),
    ),
    'big.ts': Array.from(
      { length: 900 },
      (_, index) => `export function name${index}(${'a: string, '.repeat(8)}) {}`,
    ).join('\n'),
  });
  client = await connect('v2-2026', { args: ['--project', folder] });
});

afterAll(async () => {
  await client.close();
  removeFolder(folder);
});

interface Item {
  path: string;
  kind: string;
  purpose?: string;
  [field: string]: unknown;
}

async function summarize(args: Record<string, unknown>) {
  const { data, text, isError } = await client.callTool('summarize_files', args);
  const summaries: Item[] = Array.isArray(data?.summaries) ? data.summaries : [];
  return { data, text, isError, summaries };
}

describe('summarize_files', () => {
  it('tells of a file what it is for, what it offers, and whom it needs', async () => {
    const { text, data, summaries } = await summarize({ paths: ['src/cart.ts'] });
    expect(text.split('\n').slice(2).join('\n')).toMatchInlineSnapshot(`
      "src/cart.ts (TypeScript, 10 lines, 220 B, about 55 tokens, imported by 1)
      Adds up what a customer buys.
        5	function cart(items: Item[]): number
      Imports: src/money.ts
      Uses: zod
      Notes: 1 TODO"
    `);
    expect(data).toMatchObject({ mode: 'offline', total: 1, complete: true });
    expect(summaries[0]).toEqual({
      kind: 'file',
      path: 'src/cart.ts',
      mode: 'offline',
      language: 'TypeScript',
      lines: 10,
      bytes: 220,
      tokens: 55,
      purpose: 'Adds up what a customer buys.',
      exports: [{ line: 5, signature: 'function cart(items: Item[]): number' }],
      imports: ['src/money.ts'],
      uses: ['zod'],
      imported_by: 1,
      notes: ['1 TODO'],
    });
  });

  it('tells of the project and of folders what lies in them', async () => {
    const { summaries } = await summarize({});
    expect(summaries).toMatchObject([
      {
        kind: 'folder',
        path: '.',
        purpose: 'Shop: Sells things.',
        folders: [
          { path: 'docs', files: 1 },
          { path: 'many', files: 300 },
          { path: 'src', files: 4, purpose: 'Has pay/, cart.test, cart, money' },
        ],
      },
    ]);
    const { summaries: some } = await summarize({ paths: ['src', 'src/pay/'] });
    expect(some).toMatchObject([
      { path: 'src', central: expect.arrayContaining(['src/money.ts']) },
      { path: 'src/pay', files: 1, own_files: [{ path: 'src/pay/card.ts', purpose: 'Pays by card.' }] },
    ]);
  });

  it('says of a test what it tests, of a document its headings, of others what they are', async () => {
    const { summaries } = await summarize({
      paths: ['src/cart.test.ts', 'docs/how.md', 'logo.png', '.env', 'none.ts', '../x'],
    });
    expect(summaries).toMatchObject([
      { path: 'src/cart.test.ts', purpose: '1 test: adds up', notes: ['test'] },
      { path: 'docs/how.md', purpose: 'How', headings: ['How', 'To buy', 'To pay'] },
      { path: 'logo.png', notes: ['binary'] },
      { path: '.env', kind: 'error', error: expect.stringMatching(/^secret: /) },
      { path: 'none.ts', kind: 'error', error: expect.stringMatching(/^not_found: /) },
      { path: '../x', kind: 'error', error: expect.stringMatching(/^denied: /) },
    ]);
    expect(JSON.stringify(summaries)).not.toContain('canary');
  });

  it('goes through all files that match, page by page, each once', async () => {
    const seen: string[] = [];
    let cursor: unknown;
    do {
      const { data, summaries, text } = await summarize({
        paths: ['src/money.ts', 'many/*.ts'],
        ...(cursor ? { cursor } : {}),
      });
      expect(JSON.stringify(data).length).toBeLessThanOrEqual(10_000);
      expect(text.length).toBeLessThanOrEqual(10_000);
      expect(summaries.length).toBeGreaterThan(10);
      seen.push(...summaries.map(({ path }) => path));
      cursor = data?.next_cursor;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(301);
    expect(new Set(seen).size).toBe(301);
    expect(seen.slice(0, 2)).toEqual(['src/money.ts', 'many/file-000.ts']);
  });

  it('gives a line each where that is asked for, and shortens what does not fit', async () => {
    const { summaries: brief } = await summarize({ paths: ['src/cart.ts'], detail: 'brief' });
    expect(Object.keys(brief[0] ?? {})).toEqual([
      'kind',
      'path',
      'mode',
      'bytes',
      'language',
      'lines',
      'tokens',
      'purpose',
      'notes',
    ]);
    const { data, summaries } = await summarize({ paths: ['big.ts'], detail: 'full' });
    expect(JSON.stringify(data).length).toBeLessThanOrEqual(10_000);
    const shown = summaries[0]?.exports;
    expect(Array.isArray(shown) && shown.length + Number(summaries[0]?.more_exports)).toBe(900);
  });

  it('says so when nothing matches, and refuses a cursor of another question', async () => {
    expect((await summarize({ paths: ['nothing/*.ts'] })).text).toMatch(/^No file of .* matches\. Find paths/);
    const { data } = await summarize({ paths: ['many/*.ts'] });
    const { text, isError } = await summarize({ paths: ['src/*.ts'], cursor: data?.next_cursor });
    expect(isError).toBe(true);
    expect(text).toMatch(/^bad_input: The cursor does not belong/);
    const [digest] = JSON.parse(Buffer.from(String(data?.next_cursor), 'base64url').toString());
    const forged = Buffer.from(JSON.stringify([digest, { named: -5, after: '' }])).toString('base64url');
    expect((await summarize({ paths: ['many/*.ts'], cursor: forged })).text).toMatch(/^bad_input: /);
    const far = Buffer.from(JSON.stringify([digest, { named: 9_000_000, after: 'zzz' }])).toString('base64url');
    expect((await summarize({ paths: ['many/*.ts'], cursor: far })).data).toMatchObject({
      ...{ summaries: [], total: 300, complete: false },
      reason: 'nothing is left after this cursor; leave it out to begin again',
    });
  });
});
