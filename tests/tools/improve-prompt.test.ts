import { describe, expect, it } from 'vitest';
import { sharedServer } from '../helpers/shared-server.ts';

const served = sharedServer(() => ({
  files: { 'src/cart.ts': 'export function cartTotal() {}\n' },
  flags: ['--toolsets', 'prompts'],
}));

describe('improve_prompt', () => {
  it('says without a model what is weak, by name, and leaves the prompt as it is', async () => {
    const client = served();
    const prompt = 'You are a world-class expert. Make it better somehow.';
    const { data, text } = await client.callTool('improve_prompt', { prompt });
    expect(data).toMatchObject({
      mode: 'offline',
      note: expect.stringContaining('No model is set up for it'),
      prompt,
      changes: [],
      weaknesses: expect.arrayContaining([
        expect.objectContaining({ name: 'vague', what: expect.stringContaining('"Make it better"') }),
        expect.objectContaining({ name: 'role_play' }),
        expect.objectContaining({ name: 'no_place' }),
      ]),
    });
    expect(text).toContain('- vague: It is vague: ');
  });

  it('says where a long prompt is cut, gives it whole when asked to, and the same in its text', async () => {
    const client = served();
    const prompt = `${'Round the tax. '.repeat(3000)}end`;
    const { data, text } = await client.callTool('improve_prompt', { prompt });
    expect(data?.note).toMatch(/The prompt is cut here: \d+ of its 45003 characters\. Do not save it so/);
    expect(text).toContain(String(data?.prompt));
    expect(Math.max(text.length, JSON.stringify(data).length)).toBeLessThan(10_000);
    const whole = await client.callTool('improve_prompt', { prompt, max_characters: 60_000 });
    expect(whole.data).toMatchObject({ prompt });
    expect(whole.text).toContain(prompt);
  });

  it('looks at a saved one, and keeps nothing', async () => {
    const client = served();
    await client.callTool('save_prompt', { name: 'mine', body: 'Clean it up. TODO' });
    const { data } = await client.callTool('improve_prompt', { name: 'mine' });
    expect(data).toMatchObject({ prompt: 'Clean it up. TODO' });
    expect(JSON.stringify(data?.weaknesses)).toContain('"left_open"');
    expect((await client.callTool('list_prompts', { name: 'mine' })).data).toMatchObject({ prompts: [{ version: 1 }] });
  });

  it.each([[{}], [{ prompt: ' ' }], [{ prompt: 'a', name: 'b' }]])('refuses %j', async (args) => {
    const client = served();
    expect((await client.callTool('improve_prompt', args)).text).toMatch(/^bad_input: Give the text as "prompt", or/);
  });
});
