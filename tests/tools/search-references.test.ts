import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type TestClient } from '../helpers/connect.ts';
import { makeTempFolder, removeFolder, writeFiles } from '../helpers/temp-project.ts';

let folder: string;
let client: TestClient;

beforeAll(async () => {
  folder = makeTempFolder();
  writeFiles(folder, {
    'a/notes.md': 'The total is counted.\n',
    'a/other.ts': 'const total = 1;\nprint(total);\n// total\n',
    'lib/unrelated.py': 'x.total()\n',
    'src/cart.ts': 'export function total(): number {\n  return 1;\n}\ntotal();\n',
    'src/page.ts': "import { total } from './cart.ts';\nrender(total());\n",
    'tests/cart.test.ts': "import { total } from '../src/cart.ts';\ntotal();\n",
    '.env': 'total=1\n',
    'many.js': 'use(everywhere);\n'.repeat(700),
  });
  client = await connect('v2-2026', { args: ['--project', folder] });
});

afterAll(async () => {
  await client.close();
  removeFolder(folder);
});

function search(query: string, args: Record<string, unknown> = {}) {
  return client.callTool('search_files', { query, mode: 'references', ...args });
}

describe('search_files, mode references', () => {
  it('shows definitions, then uses: in what imports them, in other code, in comments, in tests', async () => {
    const { text, data } = await search('total');
    expect(text.replace(/octant-\w+/, 'PROJECT')).toMatchInlineSnapshot(`
      "11 matches in 8 files of PROJECT (7 searched):
      a/other.ts
        1-1 (definition) const total: const total = 1;
      src/cart.ts
        1-3 (definition) function total: export function total(): number {
      a/other.ts
        2:7 print(total);
        3:4 (comment) // total
      src/cart.ts
        4:1 total();
      src/page.ts
        1:10 (import) import { total } from './cart.ts';
        2:8 render(total());
      lib/unrelated.py
        1:3 x.total()
      a/notes.md
        1:5 The total is counted.
      tests/cart.test.ts
        1:10 (import) import { total } from '../src/cart.ts';
        2:1 total();"
    `);
    expect(data).toMatchObject({ total_matches: 11, complete: true });
    const { files } = data ?? {};
    expect(Array.isArray(files) && files[1]).toEqual({
      path: 'src/cart.ts',
      matches: [
        {
          line: 1,
          end_line: 3,
          role: 'definition',
          kind: 'function',
          name: 'total',
          text: 'export function total(): number {',
        },
      ],
    });
  });

  it('goes through everything once in pages', async () => {
    const places: string[] = [];
    let cursor: unknown;
    do {
      const { data, text } = await search('total', { limit: 2, ...(cursor ? { cursor } : {}) });
      expect(text).not.toContain('undefined');
      const { files } = data ?? {};
      if (Array.isArray(files)) {
        for (const { path, matches } of files)
          places.push(...matches.map(({ line }: { line: number }) => `${path}:${line}`));
      }
      cursor = data?.next_cursor;
    } while (cursor);
    expect(places).toHaveLength(11);
    expect(new Set(places).size).toBe(11);
  });

  it('stays within its characters, whatever there is', async () => {
    const { data, text } = await search('everywhere', { limit: 500 });
    expect(Math.max(text.length, JSON.stringify(data).length)).toBeLessThanOrEqual(10_000);
    expect(data).toMatchObject({ total_matches: 700, next_cursor: expect.any(String) });
  });

  it('asks for the owner or the kind of the definition, within globs', async () => {
    const { data } = await search('function total', { include: ['src/'] });
    const { files } = data ?? {};
    expect(Array.isArray(files) && files.map(({ path }) => path)).toEqual(['src/cart.ts', 'src/page.ts']);
  });

  it('says that nothing uses the name', async () => {
    expect((await search('zzqq')).text).toMatch(/^No match in 7 files/);
  });
});
