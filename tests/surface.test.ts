import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { toolsets } from '../src/settings.ts';
import { connect } from './helpers/connect.ts';
import { tempProject } from './helpers/temp-project.ts';

/** What a client pays and sees. A change here is a change of the public surface and belongs in CHANGELOG.md. */
describe('The surface', () => {
  it('is what the snapshots say, one file a tool', async () => {
    const client = await connect('v2-2026', { args: ['--project', tempProject(), '--toolsets', toolsets.join(',')] });
    const tools = await client.listTools();
    for (const tool of tools) {
      await expect(`${JSON.stringify(tool, null, 2)}\n`).toMatchFileSnapshot(`__snapshots__/tools/${tool.name}.json`);
    }
    const prompts = `${JSON.stringify(await client.listPrompts(), null, 2)}\n`;
    await expect(prompts).toMatchFileSnapshot('__snapshots__/prompts.json');
    const templates = `${JSON.stringify(await client.listResourceTemplates(), null, 2)}\n`;
    await expect(templates).toMatchFileSnapshot('__snapshots__/resource-templates.json');
    await client.close();
  });

  it.each([
    { offered: 'by default', args: ['--toolsets', 'default'], most: 7000, mostTools: 29 },
    { offered: 'in all', args: ['--toolsets', toolsets.join(',')], most: 13_000, mostTools: 50 },
  ])('costs a client under $most tokens for the tools $offered', async ({ args, most, mostTools }) => {
    const client = await connect('v2-2026', { args: ['--project', tempProject(), ...args] });
    const tools = await client.listTools();
    await client.close();
    expect(encode(JSON.stringify({ tools })).length).toBeLessThan(most);
    expect(tools.length).toBeLessThanOrEqual(mostTools);
  });
});
