import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { backends } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';

async function serve(flags: readonly string[], files = {}) {
  const args = ['--project', tempProject(files), ...flags, '--toolsets', 'prompts'];
  const client = await connect('v2-2026', { args });
  onTestFinished(() => client.close());
  return client;
}

describe.each(backends)('delete_prompt, $name', ({ isThere, create }) => {
  it.skipIf(!isThere)('takes a prompt away, which can be brought back with its versions', async () => {
    const backend = await create();
    onTestFinished(() => backend.remove());
    const client = await serve(backend.flags);
    await client.callTool('save_prompt', { name: 'one', body: 'First' });
    await client.callTool('save_prompt', { name: 'one', body: 'Second' });
    const stale = await client.callTool('delete_prompt', { name: 'one', if_version: 1 });
    expect(stale.text).toMatch(/^conflict: The prompt one has version 2 now, not 1/);
    const call = { name: 'one', request_id: 'd1' };
    const { text, data } = await client.callTool('delete_prompt', call);
    expect(text).toMatch(/^one \([\w.-]+\) is deleted\. save_prompt with "restore": 2 brings it back\.$/);
    expect((await client.callTool('delete_prompt', call)).data).toEqual(data);
    expect((await client.listPrompts()).map(({ name }) => name)).not.toContain('one');
    const again = await client.callTool('delete_prompt', { name: 'one' });
    expect(again.text).toMatch(
      /^not_found: The prompt one is deleted\. Bring it back with save_prompt and "restore": 2\./,
    );
    await client.callTool('save_prompt', { name: 'one', restore: 2 });
    expect(await client.getPrompt('one', {})).toBe('Second');
    expect((await client.callTool('list_prompts', { name: 'one' })).data?.versions).toHaveLength(3);
  });
});

describe('delete_prompt', () => {
  it('says where a prompt is that the store does not have', async () => {
    const files = { '.octant/prompts/one.md': '---\nname: one\n---\nOne\n' };
    const client = await serve(['--data-dir', tempProject()], files);
    const ofFile = await client.callTool('delete_prompt', { name: 'one' });
    expect(ofFile.text).toBe('not_found: The store has no prompt one there; it is the file .octant/prompts/one.md.');
    const ofOurs = await client.callTool('delete_prompt', { name: 'plan-feature' });
    expect(ofOurs.text).toBe("not_found: The store has no prompt plan-feature there; it is Octant's own.");
    const none = await client.callTool('delete_prompt', { name: 'nope' });
    expect(none.text).toBe('not_found: The store has no prompt nope there; find others with list_prompts.');
  });
});
