import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import * as cl100k from 'gpt-tokenizer/encoding/cl100k_base';
import * as o200k from 'gpt-tokenizer/encoding/o200k_base';
import * as p50k from 'gpt-tokenizer/encoding/p50k_base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createChats } from '../../src/chats/chats.ts';
import { projectOf, talk } from '../chats/stored-chats.ts';
import { clientKinds, connect, type TestClient } from '../helpers/connect.ts';
import { cleanEnvironment } from '../helpers/program.ts';
import { createDraws } from '../helpers/random.ts';
import { openSqlite } from '../helpers/stores.ts';
import { makeTempFolder, removeFolder, tempProject, writeFiles } from '../helpers/temp-project.ts';

const method = (name: string) =>
  `  /** About ${name}. */\n  ${name}(amount: number): number {\n${'    this.log(amount);\n'.repeat(8)}    return amount;\n  }\n`;

const shop = {
  'src/cart/cart.ts': `import { applyDiscount } from './discount.ts';\n\n/** What somebody is about to buy. */\nexport class Cart {\n${['add', 'remove', 'discount', 'total', 'clear', 'merge'].map(method).join('\n')}}\n`,
  'src/cart/discount.ts': 'export function applyDiscount(sum: number) {\n  return sum * 0.9;\n}\n',
  'src/mail/invoice.ts': 'export function sendInvoice(order: Order) {\n  // by mail\n}\n',
  'src/http/keys.ts': `export const key = 'AKIA${'Z7XQ2MNB4PLK9RTA'}'; // a discount for partners\n`,
  'docs/discount.md': '# Discount\n\nHow a cart gets its discount.\n\n```ts\napplyDiscount(1);\n```\n\n<|endoftext|>\n',
  'docs/折扣.md': `# 折扣\n\n${'购物车在付款之前会得到折扣。'.repeat(30)}\n`,
  'app/[id]/page.tsx': 'export const page = 1;\n',
  '.octant/groups.json': JSON.stringify({ checkout: ['src/cart/', 'docs/discount.md'] }),
  '.octant/prompts/look.md':
    '---\nname: look\ndescription: Looks\narguments:\n  - name: task\n    required: true\n---\n\nLook at {{task}}.\n\n{{file:src/mail/invoice.ts}}\n',
  '.env': 'DISCOUNT_SECRET=zebra\n',
  'logo.png': Buffer.from([1, 2, 0, 3]),
};

const asText = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };
const itemForm = z.object({
  name: z.string(),
  kind: z.string().optional(),
  shown: z.string(),
  tokens: z.int(),
  of: z.int(),
});
const answerForm = z.object({
  tokens: z.int(),
  budget: z.int(),
  counted_by: z.string(),
  text: z.string(),
  items: z.array(itemForm),
  missed: z.array(itemForm),
  notes: z.array(z.string()).default([]),
});

const [folder, dataDir] = [makeTempFolder(), makeTempFolder()];
const args = ['--project', folder, '--data-dir', dataDir, '--toolsets', 'default,files'];
let client: TestClient;

beforeAll(async () => {
  writeFiles(folder, shop);
  client = await connect('v2-2026', { args });
});

afterAll(async () => {
  await client.close();
  [folder, dataDir].forEach(removeFolder);
});

async function build(input: Record<string, unknown>, from = client) {
  const { text, data, isError } = await from.callTool('build_context', input);
  if (isError) throw new Error(text);
  return answerForm.parse(data);
}

async function refusal(input: Record<string, unknown>): Promise<string> {
  const { text, isError } = await client.callTool('build_context', input);
  expect(isError).toBe(true);
  return text;
}

const shownOf = ({ items }: z.output<typeof answerForm>) => items.map(({ name, shown }) => `${name} ${shown}`);
const task = 'The discount of a cart is applied twice';

describe('build_context', () => {
  it('shows whole what fits, and of the rest what it has of the task', async () => {
    const { text, data } = await client.callTool('build_context', { task, budget: 320, model: 'gpt-5' });
    expect(text.replace(/of octant-\S+/, 'of P').replace(/; [0-9a-f]{12};.*/g, '; HASH; WHY')).toMatchInlineSnapshot(`
      "The context of P takes 214 of 320 tokens, by o200k.

      ## docs/discount.md

      \`\`\`\`md
      # Discount

      How a cart gets its discount.

      \`\`\`ts
      applyDiscount(1);
      \`\`\`

      <|endoftext|>
      \`\`\`\`

      ## src/cart/cart.ts (ranges)

      \`\`\`ts
      import { applyDiscount } from './discount.ts';

      /** What somebody is about to buy. */
      export class Cart {
      … (26 lines, from 5)
        /** About discount. */
        discount(amount: number): number {
          this.log(amount);
          this.log(amount);
          this.log(amount);
          this.log(amount);
          this.log(amount);
          this.log(amount);
          this.log(amount);
          this.log(amount);
          return amount;
        }

      … (39 lines, from 44)
      \`\`\`

      ## src/cart/discount.ts

      \`\`\`ts
      export function applyDiscount(sum: number) {
        return sum * 0.9;
      }
      \`\`\`

      ## src/http/keys.ts

      \`\`\`ts
      export const key = '[redacted: aws key]'; // a discount for partners
      \`\`\`

      In it:
      docs/discount.md: full; 40 of 40 tokens; HASH; WHY
      src/cart/cart.ts: ranges 1-4, 31-43; 114 of 384 tokens; HASH; WHY
      src/cart/discount.ts: full; 31 of 31 tokens; HASH; WHY
      src/http/keys.ts: full; 30 of 30 tokens; 1 secret redacted; HASH; WHY

      Missed most:
      src/cart/cart.ts: ranges 1-4, 31-43; 114 of 384 tokens; HASH; WHY"
    `);
    const { tokens, items } = answerForm.parse(data);
    expect(tokens).toBeLessThanOrEqual(320);
    for (const { name } of items) expect(text).toContain(name);
  });

  it('answers every kind of client alike', async () => {
    const texts = [];
    for (const kind of clientKinds) {
      const other = await connect(kind, { args });
      texts.push((await build({ task, budget: 500 }, other)).text);
      await other.close();
    }
    expect(new Set(texts).size).toBe(1);
  });

  it('is never over its budget, whoever counts, and the same for the same question', async () => {
    const draw = createDraws(3);
    const counts = { 'gpt-5': [o200k], 'gpt-4': [cl100k], p50k: [p50k], '': [o200k, cl100k] };
    for (const [model, vocabularies] of Object.entries(counts)) {
      for (let round = 0; round < 12; round++) {
        const budget = 1 + Math.floor(4000 * draw() ** 3);
        const format = ['markdown', 'xml', 'json'][round % 3];
        const asked = {
          paths: ['src', 'docs'],
          task: round % 2 === 0 ? task : '',
          budget,
          format,
          tree: round % 4 === 0,
        };
        const question = { ...asked, ...(model && { model }) };
        const built = await build(question);
        for (const { encode } of vocabularies) expect(encode(built.text, asText).length).toBeLessThanOrEqual(budget);
        expect(built.tokens).toBeLessThanOrEqual(budget);
        expect((await build(question)).text).toBe(built.text);
      }
    }
  });

  it('fits into one usual answer as long as nobody asks for more', async () => {
    const project = tempProject(
      Object.fromEntries(
        Array.from({ length: 300 }, (_, at) => [
          `src/discount-${at}.ts`,
          `export const cart${at} = "\\n";\n`.repeat(30),
        ]),
      ),
    );
    const other = await connect('v2-2026', {
      args: ['--project', project, '--data-dir', tempProject(), '--toolsets', 'files'],
    });
    for (const view of ['text', 'receipt']) {
      const { text, data } = await other.callTool('build_context', { task, view });
      expect(text.length).toBeLessThan(10_000);
      expect(JSON.stringify(data).length).toBeLessThan(10_000);
    }
    await other.close();
  });

  it('keeps the order of files whatever matters most', async () => {
    const first = await build({ task: 'send the invoice by mail', paths: ['src', 'docs'], budget: 4000 });
    const names = first.items.map(({ name }) => name);
    expect(names).toEqual(names.toSorted());
    const second = await build({ task, paths: ['src', 'docs'], budget: 4000 });
    const order = second.items.map(({ name }) => name);
    expect(order).toEqual(order.toSorted());
    expect(order).toEqual(expect.arrayContaining(names));
  });

  it('takes files, lines, folders, globs and groups, and leaves out what is excluded', async () => {
    const budget = 4000;
    expect(shownOf(await build({ paths: ['src/cart/cart.ts:3-4'], budget }))).toEqual(['src/cart/cart.ts:3-4 full']);
    expect(shownOf(await build({ paths: ['app/[id]/page.tsx'], budget }))).toEqual(['app/[id]/page.tsx full']);
    expect(shownOf(await build({ paths: ['app/[id]'], budget }))).toEqual(['app/[id]/page.tsx full']);
    expect(shownOf(await build({ groups: ['checkout'], exclude: ['docs/'], budget }))).toEqual([
      'src/cart/cart.ts full',
      'src/cart/discount.ts full',
    ]);
    const { notes } = await build({ paths: ['src/mail', '*.zig', 'gone.ts', 'logo.png', '.env'], budget });
    expect(notes).toEqual([
      '.env: secret: ".env" may hold credentials and is never read.',
      'gone.ts: not_found: There is no file "gone.ts". Find it with search_files, mode "path".',
      'logo.png: bad_input: "logo.png" is no text.',
      'nothing matches "*.zig"',
    ]);
  });

  it('takes a file once, however it is named, and of one named with lines these alone', async () => {
    const namesOf = async (paths: string[]) =>
      (await build({ task, paths, budget: 4000 })).items.map(({ name }) => name);
    const ofCart = (names: string[]) => names.filter((name) => name.startsWith('src/cart/cart.ts'));
    expect(ofCart(await namesOf(['src/cart/cart.ts:1-4']))).toEqual(['src/cart/cart.ts:1-4']);
    expect(ofCart(await namesOf(['./src/cart/cart.ts:1-4', 'src/cart/cart.ts:1-4', 'src//cart/cart.ts:6-8']))).toEqual([
      'src/cart/cart.ts:1-4',
      'src/cart/cart.ts:6-8',
    ]);
    expect(ofCart(await namesOf(['src/cart/cart.ts:1-4', './src/cart/cart.ts']))).toEqual(['src/cart/cart.ts']);
  });

  it('has what was named before what the task may concern, cut rather than left out', async () => {
    const many = tempProject({
      ...Object.fromEntries(
        Array.from({ length: 60 }, (_, at) => [
          `src/cart/discount${at}.ts`,
          `export const discountOfCart${at} = ${at};\n`,
        ]),
      ),
      'notes/long.txt': 'Nothing about it.\n'.repeat(3000),
      'notes/more.txt': 'Nor here.\n'.repeat(30),
      'src/other.ts': `export const other = [\n${'  1234,\n'.repeat(300)}];\n`,
    });
    const other = await connect('v2-2026', { args: ['--project', many, '--data-dir', tempProject()] });
    const ticket = { title: 'Look at the notes', overview: 'They are long.\n'.repeat(2000) };
    await other.callTool('create_ticket', ticket);
    const named = { paths: ['notes/long.txt', 'src/other.ts', 'notes/more.txt:7-9'], tree: true, ticket: 'T-1' };
    for (const format of ['markdown', 'xml', 'json']) {
      for (const budget of [1000, 2200, 6000]) {
        const built = await build({ ...named, task, budget, format }, other);
        expect(built.tokens).toBeLessThanOrEqual(budget);
        for (const told of [
          'tokens in 63 files',
          'Look at the notes',
          'Nothing about it.',
          'Nor here.',
          'src/other.ts',
        ]) {
          expect(built.text).toContain(told);
        }
        expect(['T-1', 'notes/long.txt', 'src/other.ts']).toContain(built.missed[0]?.name);
        expect(built.text).toMatch(/… \(\d+ more lines\)/);
      }
    }
    await other.close();
  });

  it('refuses what makes no sense, with what to do', async () => {
    expect(await refusal({})).toMatch(/^bad_input: Say what it is for/);
    expect(await refusal({ paths: ['gone.ts'] })).toMatch(/^not_found: There is no file "gone.ts"/);
    expect(await refusal({ paths: ['../etc/passwd'] })).toMatch(/^denied/);
    expect(await refusal({ groups: ['checkin'] })).toMatch(/^not_found: .*It has: checkout\./);
    expect(await refusal({ ticket: 'T-99' })).toMatch(/^not_found/);
    expect(await refusal({ budget: 0, task })).toMatch(/budget/);
    expect(await refusal({ task, paths: ['{1..9}'] })).toMatch(/^bad_input: The glob/);
  });

  it('holds nothing where nothing fits, and says what is missed', async () => {
    const built = await build({ task, budget: 1 });
    expect(built).toMatchObject({ text: '', tokens: 0, items: [] });
    expect(built.missed[0]).toMatchObject({ shown: 'nothing' });
    const bare = await build({ paths: ['src/mail/invoice.ts'], tree: true, budget: 24, model: 'gpt-5' });
    expect(bare.text).not.toContain('tree'); // not even as a heading with nothing below
    expect(bare.missed).toContainEqual(expect.objectContaining({ kind: 'tree', shown: 'nothing' }));
    expect(await build({ paths: ['*.zig'], budget: 100 })).toMatchObject({
      text: '',
      notes: ['nothing matches "*.zig"'],
    });
  });

  it('shows no secret', async () => {
    const { text } = await build({ paths: ['src/http/keys.ts'] });
    expect(text).toContain("key = '[redacted: ");
    expect(text).not.toContain('AKIA');
    expect((await build({ paths: ['.'], budget: 10_000 })).text).not.toMatch(/zebra|AKIA/);
  });

  it('takes a ticket with its files, and what it is about for the task', async () => {
    await client.callTool('create_ticket', { title: 'Send invoices by mail', files: ['docs/discount.md'] });
    const { text, items } = await build({ ticket: 'T-1', budget: 4000 });
    expect(text).toMatch(/^## ticket T-1\n/);
    expect(items.map(({ name }) => name)).toEqual(expect.arrayContaining(['docs/discount.md', 'src/mail/invoice.ts']));
  });

  it('takes a plan with its files', async () => {
    const { data } = await client.callTool('create_plan', { goal: task, model: 'none' });
    const { text } = await build({
      plan: z.object({ plan: z.object({ id: z.string() }) }).parse(data).plan.id,
      budget: 6000,
    });
    expect(text).toMatch(/^## plan P-1\n/);
    expect(text).toContain('applyDiscount');
  });

  it('takes saved prompts, rendered, behind everything else, and never in part', async () => {
    const asked = { prompts: ['look'], task: 'the mail', paths: ['src/cart/cart.ts'], budget: 4000 };
    const { text, items } = await build(asked);
    expect(text).toMatch(
      /## instructions look\n\n```markdown\nLook at the mail\.\n\nexport function sendInvoice\(order: Order\) \{\n {2}\/\/ by mail\n\}\n```$/,
    );
    expect(items.at(-1)).toMatchObject({ name: 'look', shown: 'full' });
    const small = await build({ ...asked, budget: 30 });
    expect(small.text).not.toContain('Look at');
    expect(small.missed[0]).toMatchObject({ name: 'look', shown: 'nothing' });
    expect(await refusal({ prompts: ['look'] })).toMatch(/^bad_input: The prompt "look" needs task\. Render it with/);
    expect(await refusal({ prompts: ['loo'], task })).toMatch(/^not_found: .*look/);
  });

  it('takes the newest of a conversation, tells what is left out of it, and finds files for its last question', async () => {
    const store = openSqlite(join(dataDir, 'octant.db'));
    const [chats, by] = [createChats(store), { source: 'human' }];
    const project = projectOf(folder);
    const { number } = await chats.create(project, { title: 'Mail' }, by);
    const lines = Array.from(
      { length: 12 },
      (_, at) => [`Question ${at}`, `${'An answer of some words. '.repeat(20)}${at}`] as const,
    );
    await talk(chats, folder, number, lines.slice(0, 6));
    await chats.fork(project, number, { branch: 'main', position: 'after', name: 'try fax' }, by);
    await talk(chats, folder, number, [
      ...lines.slice(6),
      ['How do we sendInvoice by mail?', `# So\nAKIA${'Z7XQ2MNB4PLK9RTA'}`],
    ]);
    const conversation = `C-${number}`;

    const whole = await build({ conversation, budget: 8000 });
    expect(whole.text).toMatch(
      /## conversation C-1\n\n```markdown\n# Mail\n\nBranch main, all 26 messages\.\n\n## 1 user\n\nQuestion 0\n/,
    );
    expect(whole.text).toMatch(/\n## 26 assistant\n\n### So\n\[redacted: aws key\]\n```$/);
    expect(shownOf(whole)).toEqual(expect.arrayContaining(['src/mail/invoice.ts full', 'C-1 full']));
    expect(whole.notes).toEqual([]);

    const part = await build({ conversation, budget: 1500 });
    expect(part.text).toMatch(/Branch main, the newest \d+ of 26 messages\.\n\n## \d+ user\n/);
    expect(part.text).toContain('How do we sendInvoice');
    expect(part.notes[0]).toMatch(/^C-1: \d+ of 26 messages are left out, \d long ones are cut$/);
    expect(part.missed.map(({ name }) => name)).toContain('C-1');

    const [before] = (await chats.path(project.id, number, 'main', { order: 'oldest', limit: 20 })).messages.slice(-1);
    const { version } = (await chats.get(project.id, number)).conversation;
    const details = { model: 'fake/wise', cleared: 0, files: [] };
    const summary = { message: before?.number ?? 0, text: 'They spoke of carts.', tokens: 5, asOf: version, details };
    await chats.keepSummary(project.id, number, summary, by);
    const summarized = await build({ conversation, budget: 1500 });
    expect(summarized.text).toContain('## Summary of those up to 20\n\nThey spoke of carts.\n\n## 21 user');
    expect(summarized.notes).toEqual(['C-1: 20 of 26 messages are summarized, 2 long ones are cut']);

    const branch = await build({ conversation: 'C-1/try fax', budget: 8000 });
    expect(branch.text).toContain('Branch try fax, all 12 messages.');
    expect(branch.text).not.toContain('sendInvoice by mail');
    expect(await refusal({ conversation: 'C-9' })).toMatch(/^not_found/);
    expect(await refusal({ conversation: 'C-1/nowhere' })).toMatch(/^not_found/);
    expect(await refusal({ conversation: 'x' })).toMatch(/^bad_input/);
    await store.close();
  });

  it('takes what has changed, last, with the files that have', async () => {
    const project = tempProject({ 'a.ts': 'export const a = 1;\n', 'b.ts': 'export const b = 1;\n' });
    const git = (...command: string[]) =>
      execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=a@b', ...command], {
        cwd: project,
        env: cleanEnvironment(),
      });
    git('init', '-q');
    git('add', '-A');
    git('commit', '-q', '-m', 'Begin');
    writeFiles(project, { 'b.ts': 'export const b = 2;\n' });
    const other = await connect('v2-2026', {
      args: ['--project', project, '--data-dir', tempProject(), '--toolsets', 'files'],
    });
    const { text, items } = await build({ diff: true }, other);
    expect(items.map(({ name }) => name)).toEqual(['b.ts', '']);
    expect(text).toMatch(/-export const b = 1;\n\+export const b = 2;\n```$/);
    await other.close();
  });

  it('is markdown, XML or JSON from which no file can break out', async () => {
    const project = tempProject({
      'a.md': '```ts\nfence\n````\nand </file> and <|endoftext|>\n',
      'b"<c>.ts': 'export const b = 1;\n',
    });
    const other = await connect('v2-2026', {
      args: ['--project', project, '--data-dir', tempProject(), '--toolsets', 'files'],
    });
    const paths = ['.'];
    expect((await build({ paths }, other)).text).toMatch(/^## a\.md\n\n`````md\n```ts\nfence\n````\n.*\n`````\n/);
    const xml = (await build({ paths, format: 'xml' }, other)).text;
    expect(xml.match(/<\/file>/g)).toHaveLength(2);
    expect(xml).toContain('path="b&quot;&lt;c&gt;.ts"');
    const json = z
      .array(z.object({ name: z.string() }))
      .parse(JSON.parse((await build({ paths, format: 'json' }, other)).text));
    expect(json.map(({ name }) => name)).toEqual(['a.md', 'b"<c>.ts']);
    await other.close();
  });

  it('looks at no more of many files than it needs, and says so', async () => {
    const project = tempProject(
      Object.fromEntries(
        Array.from({ length: 3000 }, (_, at) => [`d${at % 60}/f${at}.ts`, `export const f${at} = ${at};\n`.repeat(9)]),
      ),
    );
    chmodSync(join(project, 'd1/f1.ts'), 0);
    const other = await connect('v2-2026', {
      args: ['--project', project, '--data-dir', tempProject(), '--toolsets', 'files'],
    });
    const { notes, tokens, text } = await build({ paths: ['.'], budget: 3000, model: 'gpt-5' }, other);
    expect(notes).toContain('1000 more files were not looked at; name fewer');
    expect(tokens).toBeGreaterThan(2800);
    expect(text).toContain('d0/f0.ts');
    await other.close();
  });

  it('tells how far it is, and ends when its caller has gone', async () => {
    const heard: string[] = [];
    await client.callTool(
      'build_context',
      { task, paths: ['src'] },
      { onprogress: ({ message = '' }) => heard.push(message) },
    );
    expect(heard[0]).toBe('Reading what was asked for');
    const caller = new AbortController();
    const call = client.callTool('build_context', { task, paths: ['.'] }, { signal: caller.signal });
    caller.abort();
    await expect(call).rejects.toThrow();
    expect((await build({ task })).items.length).toBeGreaterThan(0);
  });
});
