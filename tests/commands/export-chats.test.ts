import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { chatClient, sharedChatServer } from '../chats/chat-client.ts';
import { runOctant } from '../helpers/command.ts';
import { connect } from '../helpers/connect.ts';
import { backends } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';

async function talked(made: Awaited<ReturnType<typeof chatClient>>) {
  await made.call('create_branch', { name: 'try "it" ~/1', message: 2 });
  await made.say([['{"a":1}', 'null']], 'try "it" ~/1'); // what looks like JSON stays text
  await made.say([['Copied\u200b?', '\ufeffOne\r\ntwo\0\u00ad\f.']], 'try "it" ~/1'); // as models and pages write
  await made.call('merge_branch', { source: 'try "it" ~/1', strategy: 'replay' });
  await made.call('update_conversation', { pin: [2], title: '[]', request_id: 'r-1' });
  await made.call('delete_message', { message: 3 });
  return { ...made, text: runOctant(['export', ...made.backend.flags]).stdout };
}

function importText(text: string, flags: readonly string[]) {
  const path = join(tempProject(), 'all.jsonl');
  writeFileSync(path, text);
  return runOctant(['import', path, ...flags]);
}

describe.each(backends)('Conversations on $name', ({ name, isThere }) => {
  it.skipIf(!isThere)('are exported, and read into any store', { timeout: 120_000 }, async () => {
    const { call, text, folder } = await talked(await chatClient(name));
    expect(text).toContain('"chat_messages"');
    const seen = async (ask: typeof call) => [
      (await ask('get_conversation', { view: 'export' })).text,
      (await ask('get_conversation', { view: 'tree' })).text,
    ];
    for (const target of backends.filter((each) => each.isThere)) {
      const other = await target.create();
      const { status, stderr } = importText(text, other.flags);
      expect(status, stderr).toBe(0);
      expect(runOctant(['export', ...other.flags]).stdout).toBe(text);
      const client = await connect('v2-2026', { args: ['--project', folder, '--toolsets', 'chat', ...other.flags] });
      onTestFinished(async () => {
        await client.close();
        await other.remove();
      });
      const ask: typeof call = async (tool, args) => client.callTool(tool, { conversation: 'C-1', ...args });
      expect(await seen(ask)).toEqual(await seen(call));
      const found = await client.callTool('list_conversations', { text: 'rounded' });
      expect(found.data).toMatchObject({ hits: [] });
      expect((await client.callTool('list_conversations', { text: 'sumlines' })).data?.hits).toHaveLength(1);
      const again = await ask('update_conversation', { pin: [2], title: '[]', request_id: 'r-1' });
      expect(again.data).toMatchObject({ title: '[]' });
      expect((await client.callTool('create_conversation', {})).data).toMatchObject({ id: 'C-2' });
    }
  });
});

describe('An export of conversations that somebody has edited', () => {
  const begin = sharedChatServer();
  let text: string;
  beforeAll(async () => {
    ({ text } = await talked(await begin()));
  });

  it.each([
    ['a message that is its own ancestor', /"number":2,"parent":1/, '"number":2,"parent":4'],
    ['a jump to nowhere', /"jump":\d+(,"jump_depth":1)/, '"jump":1$1'],
    ['a sum that is wrong', /"path_tokens":\d+/, '"path_tokens":1'],
    ['a branch that ends at no message', /("chat_branches":\{[^}]*"head":)\d+/, '$1400'],
    ['a text with hidden characters', 'Is it rounded?', 'Is it \\u200brounded?'],
  ])('is refused: %s', { timeout: 60_000 }, (_what, from, to) => {
    const edited = text.replace(from, to);
    expect(edited).not.toBe(text);
    const data = tempProject();
    const { status, stderr } = importText(edited, ['--data-dir', data]);
    expect(status, stderr).not.toBe(0);
    expect(runOctant(['export', '--data-dir', data]).stdout).not.toContain('chat_messages":{');
  });
});
