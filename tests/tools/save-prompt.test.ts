import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { sharedBackend, sharedServer } from '../helpers/shared-server.ts';
import { backends } from '../helpers/stores.ts';

const home = { files: { 'a.ts': 'export const a = 1;\n' }, flags: ['--toolsets', 'prompts'] };

describe.each(backends)('save_prompt, $name', ({ isThere, create }) => {
  const backend = sharedBackend(create);
  const served = sharedServer(() => ({ ...home, store: backend().flags }));

  it.skipIf(!isThere)('keeps versions, changes only what is given, and brings one back', async () => {
    const client = served();
    const name = 'review-sql';
    const first = await client.callTool('save_prompt', {
      ...{ name, body: 'Review {{query}} for {{focus}}.', tags: ['sql'], source: 'human' },
      arguments: [
        { name: 'query', required: true, description: 'The query' },
        { name: 'focus', default: 'speed', complete: ['speed', 'locks'] },
      ],
    });
    expect(first.text).toMatch(/^Saved review-sql \([\w.-]+\) as version 1\. It takes query, focus\.$/);
    const second = await client.callTool('save_prompt', {
      name,
      body: 'Check {{query}} on {{engine}}.',
      if_version: 1,
    });
    expect(second.data).toMatchObject({ version: 2, arguments: ['query', 'engine'] });
    await client.callTool('save_prompt', { name, favourite: true });
    const whole = await client.callTool('list_prompts', { name });
    expect(whole.data).toMatchObject({
      prompts: [{ name, home: 'project', version: 3, favourite: true, tags: ['sql'], arguments: ['query', 'engine'] }],
      file: expect.stringContaining('  - name: query\n    description: The query\n    required: true\n'),
      versions: [{ version: 3 }, { version: 2 }, { version: 1, by: 'human' }],
    });
    const back = await client.callTool('save_prompt', { name, restore: 1 });
    expect(back.data).toMatchObject({ version: 4, arguments: ['query', 'focus'] });
    expect(await client.getPrompt(name, { query: 'q' })).toBe('Review q for speed.');
  });

  it.skipIf(!isThere)('makes a change once for a request id, and refuses what was not seen', async () => {
    const client = served();
    const call = { name: 'one', body: 'One', request_id: 'r1' };
    expect((await client.callTool('save_prompt', call)).data).toMatchObject({ version: 1 });
    expect((await client.callTool('save_prompt', call)).data).toMatchObject({ version: 1 });
    const other = await client.callTool('save_prompt', { ...call, body: 'Two' });
    expect(other.text).toMatch(/^conflict: This request_id was used/);
    const late = await client.callTool('save_prompt', { name: 'one', body: 'Late', if_version: 7 });
    expect(late.text).toMatch(/^conflict: The prompt one has version 1 now, not 7\. Nothing was changed/);
    const none = await client.callTool('save_prompt', { name: 'new', body: 'New', if_version: 1 });
    expect(none.text).toMatch(/^conflict: The prompt new is not there now, not 1/);
  });

  it.skipIf(!isThere)('loses no change of four servers that save at once', async () => {
    const args = [...served().flags, ...home.flags];
    const others = await Promise.all([2, 3, 4].map(() => connect('v2-2026', { args })));
    onTestFinished(async () => void (await Promise.all(others.map((each) => each.close()))));
    const saves = [served(), ...others].flatMap((client, at) =>
      [1, 2, 3, 4, 5].map((each) => client.callTool('save_prompt', { name: 'shared', body: `${at} ${each}` })),
    );
    const versions = (await Promise.all(saves)).map(({ data }) => data?.version);
    expect(versions.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
  });

  it.skipIf(!isThere)('takes a whole file as its body, and its scope', async () => {
    const client = served();
    const body = '---\nname: fix\nscope: global\ndescription: Fixes.\ntags: [bug]\n---\nFix {{what}}.\n';
    const { data } = await client.callTool('save_prompt', { name: 'fix', body });
    expect(data).toMatchObject({ scope: 'global', version: 1, arguments: ['what'] });
    const { data: whole } = await client.callTool('list_prompts', { name: 'fix' });
    expect(whole).toMatchObject({ prompts: [{ home: 'global', description: 'Fixes.', tags: ['bug'] }] });
  });
});

describe('save_prompt', () => {
  const served = sharedServer(() => home);

  it.each([
    [{ name: 'Bad Name', body: 'x' }, /^bad_input: name: must be lower-case letters/],
    [{ name: 'a' }, /^bad_input: There is no prompt a in the store yet\. Give its "body"\./],
    [{ name: 'a', body: 'Hi {{Who}}' }, /^bad_input: The prompt a: body: \{\{Who\}\} is no tag/],
    [{ name: 'a', body: '{{b}}', arguments: [] }, /^bad_input: The prompt a: body: \{\{b\}\} is not among/],
    [{ name: 'a', body: '{{include:a}}' }, /^bad_input: Prompts would include each other: a > a\./],
    [{ name: 'a', body: 'x'.repeat(100_001) }, /^bad_input: The prompt a: body: has 100001 characters/],
    [{ name: 'a', restore: 3 }, /^not_found: The prompt a has no version 3/],
    [{ name: 'a', restore: 1, body: 'x' }, /^bad_input: "restore" brings a version back whole/],
    [{ name: 'a', body: '---\nname: b\n---\nx' }, /^bad_input: "body" begins as a file does\. name: must be/],
  ])('refuses %j', async (args, message) => {
    expect((await served().callTool('save_prompt', args)).text).toMatch(message);
  });

  it('refuses what would make a circle, and says what is not there yet', async () => {
    const client = served();
    const first = await client.callTool('save_prompt', { name: 'one', body: '{{include:two}}' });
    expect(first.data?.note).toBe('There is no prompt two to include yet.');
    const second = await client.callTool('save_prompt', { name: 'two', body: 'x {{include:one}}' });
    expect(second.text).toBe('bad_input: Prompts would include each other: two > one > two.');
  });
});
