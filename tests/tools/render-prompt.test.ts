import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { hasPostgres, tempDatabase } from '../helpers/postgres.ts';
import { sharedServer } from '../helpers/shared-server.ts';
import { tempProject } from '../helpers/temp-project.ts';

const files = {
  'src/cart.ts': `export const rate = 3;\n${'// a line of the cart that says little\n'.repeat(400)}`,
  'src/tax.ts': 'export function taxOf(price: number) {\n  return price / 5;\n}\n',
  '.env': 'KEY=hunter2\n',
};

const served = sharedServer(() => ({ files, flags: ['--toolsets', 'default,prompts'] }));

function serve() {
  const client = served();
  const save = (name: string, body: string) => client.callTool('save_prompt', { name, body });
  const render = (name: string, values = {}) => client.callTool('render_prompt', { name, arguments: values });
  return { client, save, render };
}

describe('render_prompt', () => {
  it('gives the text and its size, and the same as prompts/get', async () => {
    const { client, save, render } = serve();
    await save('greet', 'Hello {{who}}.');
    const { data, text } = await render('greet', { who: '{{x}} $& $1' });
    expect(data).toEqual({ name: 'greet', text: 'Hello {{x}} $& $1.', tokens: expect.any(Number) });
    expect(text).toMatch(/^greet, \d+ tokens:\n\nHello \{\{x\}\} \$& \$1\.$/);
    expect(await client.getPrompt('greet', { who: '{{x}} $& $1' })).toBe('Hello {{x}} $& $1.');
  });

  it('fills slots with files, summaries, tickets and plans within their tokens', async () => {
    const { client, save, render } = serve();
    const { data: made } = await client.callTool('create_ticket', { title: 'Round the tax' });
    const { data: planned } = await client.callTool('create_plan', { goal: 'Round the tax in src/tax.ts' });
    const [ticket, plan] = [`ticket:${made?.id}`, `plan:${Object(planned?.plan).id}`];
    await save('all', `F {{file:src/cart.ts|100}}\nS {{summary:src/tax.ts}}\nT {{${ticket}}}\nP {{${plan}|400}}`);
    const { data } = await render('all');
    const slots = Array.isArray(data?.slots) ? data.slots : [];
    expect(slots.map(({ slot, most }) => [slot, most])).toEqual([
      ['file:src/cart.ts', 100],
      ['summary:src/tax.ts', 1000],
      [ticket, 2000],
      [plan, 400],
    ]);
    for (const { tokens, most } of slots) {
      expect(tokens).toBeGreaterThan(0);
      expect(tokens).toBeLessThanOrEqual(most);
    }
    expect(slots[0]).toMatchObject({ note: 'cut to 100 tokens' });
    expect(data?.text).toMatch(/F export const rate = 3;[\s\S]*taxOf[\s\S]*Round the tax/);
    expect(await client.getPrompt('all', {})).toBe(data?.text);
    expect(Number(data?.tokens)).toBeGreaterThanOrEqual(slots.reduce((sum, { tokens }) => sum + tokens, 0) - 10);
    await save('small', 'Read: {{file:src/cart.ts|1}} end');
    expect(await client.getPrompt('small', {})).toBe('Read: (src/cart.ts: left out, too long) end');
  });

  it('fills a slot with the likeliest files for a task, which an argument may say', async () => {
    const { client, render } = serve();
    const { data: saved } = await client.callTool('save_prompt', {
      ...{ name: 'help', body: 'Do {{task}}.\n{{files:task|500}}' },
      arguments: [{ name: 'task', required: true }],
    });
    expect(saved).toMatchObject({ version: 1 });
    const { data } = await render('help', { task: 'Change how taxOf rounds' });
    expect(data?.text).toMatch(/src\/tax\.ts[\s\S]*export function taxOf/);
    expect(data).toMatchObject({ slots: [{ slot: 'files:Change how taxOf rounds', most: 500 }] });
  });

  it.each([
    ['{{file:.env}}', /^secret: /],
    ['{{file:../outside.ts}}', /^(?:denied|bad_input): /],
    ['{{file:src/none.ts}}', /^not_found: /],
    ['{{ticket:T-99}}', /^not_found: There is no T-99/],
    ['{{plan:what}}', /^bad_input: /],
  ])('refuses %s', async (body, message) => {
    const { save, render } = serve();
    await save('one', body);
    const { text, isError } = await render('one');
    expect(isError).toBe(true);
    expect(text).toMatch(message);
    expect(text).not.toContain('hunter2');
  });

  it('stays small unless it is asked for more', async () => {
    const { client, save } = serve();
    await save('long', 'word '.repeat(6000));
    const { data, text } = await client.callTool('render_prompt', { name: 'long' });
    expect(text.length).toBeLessThan(10_000);
    expect(data?.note).toBe(`${29_999 - Number(data?.next_offset)} characters more with offset ${data?.next_offset}.`);
    const whole = await client.callTool('render_prompt', { name: 'long', max_characters: 50_000 });
    expect(String(whole.data?.text)).toHaveLength(29_999);
  });

  it('stays small with many slots and a text that takes twice as much as JSON, and is read in pages', async () => {
    const { client, save } = serve();
    const line = '"\t\\" 👩‍👩‍👧\n';
    await save('odd', `${'{{file:src/tax.ts|100}}'.repeat(50)}${line.repeat(4000)}end`);
    let read = '';
    for (let offset: unknown = 0; offset !== undefined; ) {
      const { data, text } = await client.callTool('render_prompt', { name: 'odd', offset });
      expect(Math.max(text.length, JSON.stringify(data).length)).toBeLessThan(10_000);
      read += data?.text;
      offset = data?.next_offset;
    }
    const { data } = await client.callTool('render_prompt', { name: 'odd', max_characters: 200_000 });
    expect(read).toBe(data?.text);
    expect(read).toMatch(/end$/);
  });
});

describe.skipIf(!hasPostgres)('render_prompt, while the store is away', () => {
  it('does not take what it cannot see for what is not there', async () => {
    const { url, drop } = await tempDatabase();
    const own = { '.octant/prompts/mine.md': '---\nname: mine\n---\nMine.\n', 'src/a.ts': 'export {};\n' };
    const args = ['--project', tempProject(own), '--data-dir', tempProject(), '--store', url, '--toolsets', 'prompts'];
    const client = await connect('v2-2026', { args });
    onTestFinished(() => client.close());
    await client.callTool('save_prompt', { name: 'kept', body: 'Kept.' });
    await client.callTool('save_prompt', { name: 'plan-feature', body: 'A plan of mine.' });
    await drop();
    const render = (name: string, values = {}) => client.callTool('render_prompt', { name, arguments: values });
    expect((await render('kept')).text).toMatch(
      /^unavailable: The store cannot be reached, and no file is a prompt "kept"\./,
    );
    expect((await render('mine')).data).toEqual({ name: 'mine', text: 'Mine.', tokens: expect.any(Number) });
    const builtIn = await client.callTool('list_prompts', { name: 'plan-feature' });
    expect(builtIn.data).toMatchObject({ prompts: [{ home: 'built-in' }] });
    const doubt = 'a prompt of this name that is saved there would count before this one.';
    expect(builtIn.text).toContain(doubt);
    const [argument] = Object(builtIn.data).prompts[0].arguments;
    expect((await render('plan-feature', { [argument]: 'x' })).data?.note).toContain(doubt);
  });
});
