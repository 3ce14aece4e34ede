import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readInvocation } from '../../src/config.ts';
import { type Context, createContext } from '../../src/context.ts';
import { createLog } from '../../src/log.ts';
import type { Source } from '../../src/packing/sources.ts';
import type { Project } from '../../src/projects/registry.ts';
import { makeTempFolder, removeFolder, writeFiles } from '../helpers/temp-project.ts';

const files = {
  'src/cart.ts': `export function totalOf(prices: number[]) {\n  return 1;\n}\n${'// and so on\n'.repeat(200)}`,
  'src/keys.ts': `export const key = 'AKIA${'Z7XQ2MNB4PLK9RTA'}';\nexport const after = 1;\n`,
  'docs/readme.md': '# Shop\n\nSells things.\n',
  'logo.png': Buffer.from([1, 0, 2]),
  '.env': 'TOKEN=abc\n',
};

const folders = [makeTempFolder(), makeTempFolder()] as const;
const call = { signal: new AbortController().signal, budgetMs: 20_000 };
let context: Context;
let project: Project;

beforeAll(async () => {
  const [folder, dataDir] = folders;
  writeFiles(folder, files);
  const invocation = readInvocation({ argv: ['--project', folder, '--data-dir', dataDir], env: {}, cwd: '/' });
  if (invocation.kind !== 'run') throw new Error('these arguments start a server');
  context = createContext(invocation.settings, '/', createLog('silent'));
  project = await context.projects.find(undefined);
});

afterAll(async () => {
  await context.close();
  folders.forEach(removeFolder);
});

function read(source: Source, maxTokens = 1000) {
  return context.sources.read(source, { project, maxTokens, model: 'gpt-5', actor: 'test' }, call);
}

describe('A source of text', () => {
  it('is a file or lines of it, cut at a line where it has more tokens than it may', async () => {
    expect(await read({ kind: 'file', of: 'docs/readme.md' })).toEqual({
      ...{ text: files['docs/readme.md'], tokens: 7, lines: 3, isCut: false, redactions: 0 },
      file: { path: 'docs/readme.md', hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect((await read({ kind: 'file', of: 'src/cart.ts:2-3' })).text).toBe('  return 1;\n}\n');
    const cut = await read({ kind: 'file', of: 'src/cart.ts' }, 60);
    expect(cut).toMatchObject({ isCut: true });
    expect(cut.tokens).toBeLessThanOrEqual(60);
    expect(cut.tokens).toBeGreaterThan(50);
    expect(cut.text).toMatch(/\n… \(\d+ more lines\)$/);
    expect(await read({ kind: 'file', of: 'src/cart.ts' }, 1)).toMatchObject({ text: '', tokens: 0, isCut: true });
  });

  it('tells which lines of a file are in it', async () => {
    const linesOf = async (of: string, maxTokens?: number) =>
      (await read({ kind: 'file', of }, maxTokens)).file?.ranges;
    expect(await linesOf('./src/cart.ts', 5000)).toBeUndefined();
    expect(await linesOf('src/cart.ts:2')).toEqual([{ from: 2, to: 2 }]);
    expect(await linesOf('src/cart.ts:200-')).toEqual([{ from: 200, to: 203 }]);
    expect(await linesOf('src/cart.ts:200-900')).toEqual([{ from: 200, to: 203 }]);
    const cut = await read({ kind: 'file', of: './src/cart.ts:3-' }, 60);
    const [range] = cut.file?.ranges ?? [];
    expect(cut).toMatchObject({ isCut: true, file: { path: 'src/cart.ts', ranges: [{ from: 3 }] } });
    expect(range?.to).toBe(3 + cut.text.split('\n').length - 2);
    expect(await linesOf('src/cart.ts', 1)).toEqual([{ from: 1, to: 1 }]);
  });

  it('has no secret in it, and its lines keep their numbers', async () => {
    const { text, redactions } = await read({ kind: 'file', of: 'src/keys.ts' });
    expect(text).toMatch(/^export const key = '\[redacted: [\w ]+\]';\nexport const after = 1;\n$/);
    expect(redactions).toBe(1);
    const pem = `-----BEGIN RSA PRIVATE KEY-----\n${'QUJD\n'.repeat(4)}-----END RSA PRIVATE KEY-----\nlast`;
    const hidden = await read({ kind: 'text', of: pem });
    expect(hidden.text).not.toContain('QUJD');
    expect(hidden.text.split('\n')).toHaveLength(7);
  });

  it.each([
    ['.env', 'secret'],
    ['logo.png', 'bad_input'],
    ['gone.ts', 'not_found'],
    ['../outside', 'denied'],
    ['docs/readme.md:9-12', 'bad_input'],
  ])('is refused where it is %s', async (of, code) => {
    await expect(read({ kind: 'file', of })).rejects.toMatchObject({ code });
  });

  it('is a ticket, a plan, or a summary of a file, of a folder or of the project', async () => {
    const author = { source: 'test', request: undefined, connection: 'test' };
    const [ticket] = await context.tickets.create(project, [{ change: { title: 'Sum the cart' } }], author);
    expect(ticket?.number).toBe(1);
    expect((await read({ kind: 'ticket', of: 'T-1' })).text).toContain('title: Sum the cart');
    await expect(read({ kind: 'ticket', of: 'T-9' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(read({ kind: 'plan', of: 'P-1' })).rejects.toMatchObject({ code: 'not_found' });
    expect((await read({ kind: 'summary', of: 'src/cart.ts' })).text).toContain('totalOf');
    expect((await read({ kind: 'summary', of: 'src' })).text).toContain('2 files');
    expect((await read({ kind: 'summary', of: '.' })).text).toContain('5 files');
    await expect(read({ kind: 'summary', of: 'gone.ts' })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is the tree with about the tokens of each file, the heaviest first', async () => {
    const { text } = await read({ kind: 'tree' });
    expect(text).toMatch(
      /^About 1,0\d\d tokens in 5 files\nsrc\/ 1,0\d\d\n {2}cart\.ts 1,0\d\d\n {2}keys\.ts 26\ndocs\/ 7\n {2}readme.md 7\n\.env \d\nlogo.png 0$/,
    );
  });

  it('is what has changed since the last commit, where there is one', async () => {
    await expect(read({ kind: 'diff' })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is counted for several texts at once', async () => {
    expect(await context.sources.count(['', 'hello world', '<|endoftext|>'], 'gpt-5', call)).toEqual([0, 2, 7]);
  });
});
