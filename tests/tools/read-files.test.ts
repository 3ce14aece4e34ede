import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type TestClient } from '../helpers/connect.ts';
import { makeTempFolder, removeFolder, writeFiles } from '../helpers/temp-project.ts';

let folder: string;
let client: TestClient;

const long = Array.from({ length: 3000 }, (_, index) => `line ${index + 1} holds "quotes" and\ttabs`).join('\n');

beforeAll(async () => {
  folder = makeTempFolder();
  writeFiles(folder, {
    'short.ts': 'export function one(): number {\n  return 1;\n}\n\nexport class Two {\n  three() {}\n}\n',
    'long.txt': long,
    'other.txt': long,
    'empty.txt': '',
    'crlf.txt': 'a\r\nb\r\n',
    'image.png': Buffer.from('89504e470d0a1a0a00', 'hex'),
    '.env.example': 'KEY=\n',
    'wide.txt': `${'w'.repeat(1900)}\nnext\n`,
    'huge.log': 'a line of some length\n'.repeat(500_000),
    'bom.txt': '\ufefffirst\n',
  });
  client = await connect('v2-2026', { args: ['--project', folder] });
});

afterAll(async () => {
  await client.close();
  removeFolder(folder);
});

interface FileData {
  path: string;
  state: string;
  text?: string;
  next?: string;
  from?: number;
  to?: number;
  total_lines?: number;
}

async function read(args: Record<string, unknown>): Promise<{ files: FileData[]; text: string; size: number }> {
  const { data, text } = await client.callTool('read_files', args);
  const files = Array.isArray(data?.files) ? data.files : [];
  return { files, text, size: JSON.stringify(data).length };
}

describe('read_files', () => {
  it('numbers the lines of several files', async () => {
    expect((await read({ paths: ['short.ts', 'crlf.txt', 'empty.txt'] })).text).toMatchInlineSnapshot(`
      "short.ts (7 lines, 81 B)
      1	export function one(): number {
      2	  return 1;
      3	}
      4	
      5	export class Two {
      6	  three() {}
      7	}

      crlf.txt (2 lines, 6 B)
      1	a
      2	b

      empty.txt (0 lines, 0 B)"
    `);
  });

  it('reads ranges, open ends and single lines', async () => {
    const { files } = await read({ paths: ['long.txt:2-3', 'long.txt:2999-', 'long.txt:7'] });
    expect(files.map(({ from, to, state }) => [from, to, state])).toEqual([
      [2, 3, 'part'],
      [2999, 3000, 'part'],
      [7, 7, 'part'],
    ]);
    expect(files[2]?.text).toBe('7\tline 7 holds "quotes" and\ttabs');
  });

  it('shares its budget and says how to read on', async () => {
    const { files, size, text } = await read({ paths: ['long.txt', 'short.ts', 'other.txt'] });
    expect(files.map(({ state }) => state)).toEqual(['part', 'whole', 'part']);
    expect(files[0]?.next).toBe(`long.txt:${(files[0]?.to ?? 0) + 1}-`);
    expect(Math.abs((files[0]?.to ?? 0) - (files[2]?.to ?? 0))).toBeLessThan(5);
    expect(size).toBeLessThanOrEqual(10_000);
    expect(text.length).toBeLessThanOrEqual(10_000);
  });

  it('reaches the end by following next, and loses no line', async () => {
    const seen: number[] = [];
    let path: string | undefined = 'long.txt';
    while (path) {
      const [file]: FileData[] = (await read({ paths: [path], max_tokens: 20_000 })).files;
      for (const line of file?.text?.split('\n') ?? []) seen.push(Number(line.split('\t')[0]));
      path = file?.next;
    }
    expect(seen).toEqual(Array.from({ length: 3000 }, (_, index) => index + 1));
  });

  it('always gets further, even where one line is larger than the budget', async () => {
    const { files } = await read({ paths: ['wide.txt'], max_tokens: 200 });
    expect(files[0]).toMatchObject({ from: 1, to: 1, next: 'wide.txt:2-' });
    expect(files[0]?.text).toMatch(/^1\tw{80,}… \(cut to fit\)$/);
  });

  it('says of a huge file how much of it can be read', async () => {
    const { files, text } = await read({ paths: ['huge.log:1-2', 'huge.log:900000'] });
    expect(files[0]).toMatchObject({ state: 'part', note: expect.stringContaining('first 8 MiB') });
    expect(text).toContain('limit: Only the first 8 MiB of huge.log can be read');
  });

  it('takes an absolute path into the project, and no other', async () => {
    const { files } = await read({ paths: [`${folder}/short.ts:1`, `${folder}/../x`, `${folder}-evil/short.ts`] });
    expect(files.map(({ state }) => state)).toEqual(['part', 'error', 'error']);
  });

  it('leaves a byte order mark out', async () => {
    expect((await read({ paths: ['bom.txt'] })).files[0]?.text).toBe('1\tfirst');
  });

  it('outlines declarations', async () => {
    const { text } = await read({ paths: ['short.ts'], view: 'outline' });
    expect(text).toMatch(/1\texport function one\(\): number/);
    expect(text).toMatch(/5\texport class Two/);
    expect(text).not.toContain('return 1');
  });

  it('answers for each file by itself', async () => {
    const { text } = await read({ paths: ['nope.ts', 'image.png', '.env.example', 'short.ts:99'] });
    expect(text).toMatchInlineSnapshot(`
      "nope.ts (error): not_found: There is no file "nope.ts". Find it with search_files, mode "path".

      image.png (binary, 9 B): Not UTF-8 text. Read it as a resource.

      .env.example (1 line, 5 B)
      1	KEY=

      short.ts:99 (error): bad_input: short.ts has 7 lines; line 99 is past its end."
    `);
  });

  it('tells what files are for, within its budget', async () => {
    const { text, files } = await read({ paths: ['short.ts', 'image.png', 'none.ts'], view: 'summary' });
    expect(text).toMatchInlineSnapshot(`
      "short.ts (TypeScript, 7 lines, 81 B, about 21 tokens, imported by 0)
      Defines one, Two
        1	function one(): number
        5	class Two: three

      image.png (9 B)
      Notes: binary

      none.ts (error): not_found: There is no file "none.ts". Find it with search_files, mode "path"."
    `);
    expect(files.map(({ state }) => state)).toEqual(['summary', 'summary', 'error']);
    const many = await read({
      paths: ['short.ts', 'other.txt', 'long.txt:3', 'crlf.txt'],
      view: 'summary',
      max_tokens: 200,
    });
    expect(many.files).toHaveLength(4);
    expect(many.files.at(-1)).toMatchObject({ state: 'error', error: expect.stringMatching(/^limit: No room/) });
  });
});
