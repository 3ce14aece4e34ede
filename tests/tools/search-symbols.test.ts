import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type TestClient } from '../helpers/connect.ts';
import { makeTempFolder, removeFolder, tempProject, writeFiles } from '../helpers/temp-project.ts';

let folder: string;
let client: TestClient;

beforeAll(async () => {
  folder = makeTempFolder();
  writeFiles(folder, {
    'src/cart.ts':
      'import { sum } from "./sum";\n\nexport class Cart {\n  total(): number {\n    return sum(this.items);\n  }\n}\n\nexport function cartOf(x: string) {\n  return new Cart();\n}\n',
    'src/sum.ts': 'export const sum = (items: number[]) =>\n  items.length;\n',
    'src/old.py': 'class Cart:\n    def total(self):\n        return 1\n',
    'tests/cart.test.ts': 'class Cart {\n}\n',
    'include/cart.h': 'int cart_total(struct cart *cart);\n',
    'lib/cart.c': 'int cart_total(struct cart *cart)\n{\n\treturn 1;\n}\n',
    '.env': 'function Cart() {\n}\n',
    'docs/cart.md': '# Cart\n\ntext\n',
    'many.ts': Array.from({ length: 120 }, (_, at) => `export function handler${at}() {\n}\n`).join(''),
  });
  client = await connect('v2-2026', { args: ['--project', folder] });
});

afterAll(async () => {
  await client.close();
  removeFolder(folder);
});

async function search(query: string, args: Record<string, unknown> = {}) {
  return client.callTool('search_files', { query, mode: 'symbol', ...args });
}

interface Match {
  line: number;
  name: string;
}

async function found(query: string, args: Record<string, unknown> = {}): Promise<string[]> {
  const { files } = (await search(query, args)).data ?? {};
  if (!Array.isArray(files)) return [];
  return files.flatMap(({ path, matches }) => matches.map(({ line, name }: Match) => `${path}:${line} ${name}`));
}

describe('search_files, mode symbol', () => {
  it('shows definitions with kind, range, parent and signature, as text and as data', async () => {
    const { text, data } = await search('Cart');
    expect(text.replace(/octant-\w+/, 'PROJECT')).toMatchInlineSnapshot(`
      "3 matches in 3 files of PROJECT (8 searched):
      src/cart.ts
        3-7 class Cart: export class Cart {
      src/old.py
        1-3 class Cart: class Cart:
      tests/cart.test.ts
        1-2 class Cart: class Cart {"
    `);
    expect(data).toMatchObject({ match_count: 3, total_matches: 3, complete: true });
    expect((await search('total')).data?.files).toMatchInlineSnapshot(`
      [
        {
          "matches": [
            {
              "end_line": 6,
              "kind": "method",
              "line": 4,
              "name": "total",
              "parent": "Cart",
              "text": "total(): number {",
            },
          ],
          "path": "src/cart.ts",
        },
        {
          "matches": [
            {
              "end_line": 3,
              "kind": "method",
              "line": 2,
              "name": "total",
              "parent": "Cart",
              "text": "def total(self):",
            },
          ],
          "path": "src/old.py",
        },
        {
          "matches": [
            {
              "end_line": 4,
              "kind": "function",
              "line": 1,
              "name": "cart_total",
              "text": "int cart_total(struct cart *cart)",
            },
          ],
          "path": "lib/cart.c",
        },
        {
          "matches": [
            {
              "end_line": 1,
              "kind": "function",
              "line": 1,
              "name": "cart_total",
              "text": "int cart_total(struct cart *cart);",
            },
          ],
          "path": "include/cart.h",
        },
      ]
    `);
  });

  it('asks for a kind, an owner or both', async () => {
    expect(await found('function cart')).toEqual([
      'src/cart.ts:9 cartOf',
      'lib/cart.c:1 cart_total',
      'include/cart.h:1 cart_total',
    ]);
    expect((await found('Cart.total')).slice(0, 2)).toEqual(['src/cart.ts:4 total', 'src/old.py:2 total']);
    expect(await found('heading cart')).toEqual(['docs/cart.md:1 Cart']);
    expect(await found('const sum')).toEqual([]);
    expect(await found('fn sum')).toEqual(['src/sum.ts:1 sum']);
  });

  it('shows a body before what is only declared, and tests last', async () => {
    expect(await found('cart_total')).toEqual(['lib/cart.c:1 cart_total', 'include/cart.h:1 cart_total']);
    expect((await found('class Cart')).at(-1)).toBe('tests/cart.test.ts:1 Cart');
  });

  it('finds a name by its letters where none begins with the query', async () => {
    expect((await found('crtof'))[0]).toBe('src/cart.ts:9 cartOf');
    expect((await found('carttotl'))[0]).toBe('lib/cart.c:1 cart_total');
  });

  it('stays within globs and pages through everything once', async () => {
    expect(await found('Cart', { include: ['*.py'] })).toEqual(['src/old.py:1 Cart']);
    const names: string[] = [];
    let cursor: unknown;
    do {
      const { data, text } = await search('handler', { limit: 50, ...(cursor ? { cursor } : {}) });
      expect(Math.max(text.length, JSON.stringify(data).length)).toBeLessThanOrEqual(10_000);
      const { files } = data ?? {};
      if (Array.isArray(files)) names.push(...files.flatMap(({ matches }) => matches.map(({ name }: Match) => name)));
      cursor = data?.next_cursor;
    } while (cursor);
    expect(names).toHaveLength(120);
    expect(new Set(names).size).toBe(120);
  });

  it('says that nothing is called so, and what a query must have', async () => {
    expect((await search('zzqqzz')).text).toMatch(/^No match in \d+ files/);
    expect((await search('()')).text).toMatch(/^bad_input: "\(\)" names no definition/);
  });

  it('takes long and odd sources', async () => {
    const other = await connect('v2-2026', {
      args: [
        '--project',
        tempProject({
          'deep.ts': Array.from({ length: 390 }, (_, depth) => `${' '.repeat(depth)}class Deep${depth} {`).join('\n'),
          'wide.js': `function wide() {}${';'.repeat(500_000)}\n`,
          'broken.rs': 'fn deep_broken( {{{{ "\n'.repeat(2000),
          'empty.py': '',
        }),
      ],
    });
    const { data } = await other.callTool('search_files', { query: 'deep', mode: 'symbol', limit: 500 });
    expect(data).toMatchObject({ complete: true });
    expect(JSON.stringify(data).length).toBeLessThanOrEqual(10_000);
    await other.close();
  });
});
