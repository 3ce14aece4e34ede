import { execFileSync } from 'node:child_process';
import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientKinds, connect, type TestClient } from '../helpers/connect.ts';
import { cleanEnvironment } from '../helpers/program.ts';
import { makeTempFolder, removeFolder, tempProject, writeFiles } from '../helpers/temp-project.ts';

const shop = {
  'src/cart/cart.ts':
    "import { applyDiscount } from './discount.ts';\nexport class Cart {\n  total() {\n    return applyDiscount(this);\n  }\n}\n",
  'src/cart/discount.ts': 'export function applyDiscount(cart: Cart) {\n  return cart.sum * 0.9;\n}\n',
  'src/cart/discount.test.ts': "it('applies the discount to the cart', () => applyDiscount(cart));\n",
  'src/mail/invoice.ts': 'export function sendInvoice(order: Order) {\n  // by mail\n}\n',
  'src/mail/reminder.ts': 'export function sendReminder(order: Order) {}\n',
  'src/http/server.ts': 'export function listen(port: number) {}\n',
  'docs/discount.md': '# Discount\n\nHow a cart gets its discount.\n',
  '.env': 'DISCOUNT_SECRET=zebra\n',
  'logo.png': Buffer.from([1, 2, 0, 3]),
};

let folder: string;
let client: TestClient;

beforeAll(async () => {
  folder = makeTempFolder();
  writeFiles(folder, shop);
  client = await connect('v2-2026', { args: ['--project', folder] });
});

afterAll(async () => {
  await client.close();
  removeFolder(folder);
});

function suggest(args: Record<string, unknown>, from = client) {
  return from.callTool('suggest_files', args);
}

async function pathsOf(args: Record<string, unknown>, from = client): Promise<string[]> {
  const { files } = (await suggest(args, from)).data ?? {};
  return Array.isArray(files) ? files.map(({ path }) => path) : [];
}

async function withClient(project: string, use: (client: TestClient) => Promise<void>) {
  const other = await connect('v2-2026', { args: ['--project', project] });
  try {
    await use(other);
  } finally {
    await other.close();
  }
}

function git(cwd: string, ...args: string[]) {
  execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=a@b', ...args], { cwd, env: cleanEnvironment() });
}

describe('suggest_files', () => {
  it('ranks files for a task and says why, with the same facts as text and as data', async () => {
    const { text, data } = await suggest({ task: 'The discount is applied twice to a cart', limit: 2 });
    expect(text.replace(/ of octant-\S+,/, ' of P,').replace(/\(0\.\d+/, '(0.x')).toMatchInlineSnapshot(`
      "2 files of P, best first (offline):
      src/cart/discount.ts (1; 71 B, about 18 tokens): defines applyDiscount; has discount, cart; tested by src/cart/discount.test.ts; linked by imports to src/cart/cart.ts
      src/cart/cart.ts (0.x; 117 B, about 30 tokens): defines Cart; has discount, cart; linked by imports to src/cart/discount.ts"
    `);
    expect(data).toMatchObject({
      mode: 'offline',
      complete: true,
      files: [{ path: 'src/cart/discount.ts', score: 1, bytes: 71, tokens: 18 }, { path: 'src/cart/cart.ts' }],
    });
  });

  it('answers every kind of client alike', async () => {
    for (const kind of clientKinds) {
      const other = await connect(kind, { args: ['--project', folder] });
      expect((await pathsOf({ task: 'send the invoice by mail' }, other))[0], kind).toBe('src/mail/invoice.ts');
      await other.close();
    }
  });

  it('keeps to globs', async () => {
    const task = 'discount of a cart';
    expect(await pathsOf({ task, include: ['docs/'] })).toEqual(['docs/discount.md']);
    expect(await pathsOf({ task, exclude: ['*.test.ts', 'docs/'] })).not.toContain('src/cart/discount.test.ts');
    expect(await pathsOf({ task, include: ['nothing/'] })).toEqual([]);
  });

  it('raises what lies near the paths that the caller works on', async () => {
    const task = 'send something for an order';
    expect((await pathsOf({ task, near: ['src/mail/reminder.ts'] }))[0]).toBe('src/mail/reminder.ts');
    expect((await pathsOf({ task, near: [join(folder, 'src/mail/invoice.ts')] }))[0]).toBe('src/mail/invoice.ts');
  });

  it('suggests no file that nobody may read', async () => {
    const { data } = await suggest({ task: 'Put the discount into the .env file' });
    expect(JSON.stringify(data)).not.toContain('".env"');
  });

  it('never reads what may hold secrets', async () => {
    expect(await pathsOf({ task: 'zebra' })).toEqual([]);
  });

  it('says so when nothing is found', async () => {
    const { text, data, isError } = await suggest({ task: 'the of and' });
    expect([isError, data]).toEqual([false, expect.objectContaining({ files: [], complete: true })]);
    expect(text).toMatch(/^No file of \S+ has anything of this task/);
  });

  it('stays within 10,000 characters, and says what it left out', async () => {
    const long = Object.fromEntries(
      Array.from({ length: 50 }, (_, at) => [
        `${'folder/'.repeat(30)}discount${at}.ts`,
        'export const discount = 1;\n',
      ]),
    );
    await withClient(tempProject(long), async (other) => {
      const { text, data } = await suggest({ task: 'discount', limit: 50 }, other);
      expect(text.length).toBeLessThan(10_000);
      expect(JSON.stringify(data).length).toBeLessThan(10_000);
      expect(data).toMatchObject({ complete: false, reason: expect.stringMatching(/^\d+ more do not fit/) });
      expect(text).toContain('more do not fit');
    });
  });
});

describe('What another process writes', () => {
  it('is in the very next answer', async () => {
    const project = tempProject({ 'src/a.ts': 'export const apple = 1;\n' });
    await withClient(project, async (other) => {
      expect(await pathsOf({ task: 'pear' }, other)).toEqual([]);
      for (const name of ['plum', 'fig', 'lime', 'melon', 'cherry', 'olive']) {
        writeFiles(project, { [`new/${name}/tree.ts`]: `export const ${name}Stone = 1;\n` });
        expect(await pathsOf({ task: `${name}Stone`, limit: 1 }, other)).toEqual([`new/${name}/tree.ts`]);
      }
      writeFiles(project, { 'src/a.ts': 'export const quince = 1;\n' });
      expect(await pathsOf({ task: 'quince' }, other)).toEqual(['src/a.ts']);
      expect(await pathsOf({ task: 'apple' }, other)).toEqual([]);
      unlinkSync(join(project, 'src/a.ts'));
      expect(await pathsOf({ task: 'quince' }, other)).toEqual([]);
    });
  });

  it('counts from its first commit on', async () => {
    const project = tempProject({ 'one.ts': 'export const a = 1;\n', 'two.ts': 'export const b = 1;\n' });
    git(project, 'init', '-q');
    await withClient(project, async (other) => {
      expect(await pathsOf({ task: 'refund orders' }, other)).toEqual([]);
      git(project, 'add', 'one.ts');
      git(project, 'commit', '-q', '-m', 'Refund orders');
      const { data } = await suggest({ task: 'refund orders' }, other);
      expect(data).toMatchObject({ files: [{ path: 'one.ts', why: ['commit "Refund orders"'] }] });
      git(project, 'mv', 'one.ts', 'three.ts');
      git(project, 'add', 'two.ts');
      git(project, 'commit', '-q', '-m', 'Move things');
      expect((await pathsOf({ task: 'refund orders' }, other))[0]).toBe('three.ts');
    });
  });
});

describe('A project', () => {
  it('may be empty', async () => {
    await withClient(tempProject(), async (other) => {
      expect((await suggest({ task: 'anything' }, other)).data).toMatchObject({ files: [], complete: true });
    });
  });

  it('is told from others', async () => {
    const [one, two] = [tempProject({ 'one.ts': 'fruit' }), tempProject({ 'two.ts': 'fruit' })];
    const other = await connect('v2-2026', { args: ['--project', one, '--project', two] });
    expect(await pathsOf({ task: 'fruit' }, other)).toEqual(['one.ts']);
    expect(await pathsOf({ task: 'fruit', project: two }, other)).toEqual(['two.ts']);
    await other.close();
  });

  it('tells a client that asks how far it is while it is read for the first time', async () => {
    const text = Array.from({ length: 4000 }, (_, at) => `export const someName${at} = otherName${at};`).join('\n');
    const large = tempProject(Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`${at}.ts`, text])));
    await withClient(large, async (other) => {
      const done: number[] = [];
      const options = { onprogress: ({ progress }: { progress: number }) => void done.push(progress) };
      await other.callTool('suggest_files', { task: 'some name' }, options);
      expect(done.length).toBeGreaterThan(0);
      expect(done).toEqual(done.toSorted((a, b) => a - b));
    });
  });
});

describe('A hostile task', () => {
  it.each([
    ['of a megabyte', 'discount '.repeat(120_000)],
    ['without a space', 'x'.repeat(1_000_000)],
    ['of control characters', '\u0000\u0007\u001b[2J discount \u009f\u202e'],
    ['of the characters of patterns', '(((.*)+)+)+$ [a-z]{1,9999} \\ ^ discount | ?'],
    ['of globs and paths', '../../../etc/passwd **/* C:\\x /dev/zero discount'],
    ['in another script', '購物車的折扣計算錯誤 discount скидка خصم 🎁'],
    ['of broken surrogates', '\ud800 discount \udc00'],
  ])('%s is answered like any other', async (_, task) => {
    const started = performance.now();
    const { text, data, isError } = await suggest({ task });
    expect(isError).toBe(false);
    expect(performance.now() - started).toBeLessThan(3000);
    expect(JSON.stringify(data).length).toBeLessThan(10_000);
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
  });

  it.each([
    { task: '' },
    { task: 'x', limit: 0 },
    { task: 'x', limit: 51 },
    { task: 'x', surprise: 1 },
    { task: 'x', include: ['{1..9}'] },
    {},
  ])('that is no task is refused: %j', async (args) => {
    expect((await suggest(args)).text).toMatch(/^bad_input: /);
  });
});
