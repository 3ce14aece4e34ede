import { expect, it } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { tempProject } from '../helpers/temp-project.ts';

it('A saved prompt gets the text of its slots, each within its tokens and without secrets', async () => {
  const body = [
    'Review:',
    '{{file:src/cart.ts}}',
    '{{file:src/long.ts|40}}',
    '{{summary:src}}',
    '{{ticket:T-1}}',
    '{{files:the total of a cart|300}}',
  ].join('\n\n');
  const project = tempProject({
    '.octant/prompts/look.md': `---\nname: look\ndescription: Looks\n---\n\n${body}\n`,
    '.octant/prompts/none.md': '---\nname: none\n---\nSee {{files:zyzzogeton|300}}.\n',
    '.octant/prompts/broken.md': '---\nname: broken\ndescription: Looks\n---\n\n{{file:gone.ts}}\n',
    'src/cart.ts': `export const totalOfCart = 1; // AKIA${'Z7XQ2MNB4PLK9RTA'}\n`,
    'src/long.ts': 'export const long = 1;\n'.repeat(100),
  });
  const client = await connect('v2-2026', { args: ['--project', project, '--data-dir', tempProject()] });
  try {
    await client.callTool('create_ticket', { title: 'Sum the cart' });
    const text = await client.getPrompt('look', {});
    expect(text).toContain('\n\nexport const totalOfCart = 1; // [redacted: ');
    expect(text).toMatch(/\n… \(\d+ more lines\)\n/);
    expect(text).toContain('src/ (2 files');
    expect(text).toContain('title: Sum the cart');
    expect(text).toContain('## src/cart.ts\n\n```ts\nexport const totalOfCart');
    expect(text).not.toContain('AKIA');
    expect(await client.getPrompt('none', {})).toBe('See (files: none found).');
    await expect(client.getPrompt('broken', {})).rejects.toThrow('There is no file');
  } finally {
    await client.close();
  }
});
