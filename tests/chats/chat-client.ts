import { onTestFinished } from 'vitest';
import { createChats } from '../../src/chats/chats.ts';
import { connect } from '../helpers/connect.ts';
import { backends } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';
import { talk } from './stored-chats.ts';

/**
 * A client of a server with the chat tools, and a conversation C-1 "Carts" with two questions on its main branch: messages
 * 1 to 4. `say` adds to a branch.
 */
export async function chatClient(name = 'SQLite') {
  const backend = await backends.find((each) => each.name === name)?.create();
  if (!backend) throw new Error(`there is no ${name}`);
  const folder = tempProject({ 'a.ts': '1\n' });
  const client = await connect('v2-2026', { args: ['--project', folder, '--toolsets', 'chat', ...backend.flags] });
  const store = backend.open();
  const chats = createChats(store);
  onTestFinished(async () => {
    await client.close();
    await store.close();
    await backend.remove();
  });
  await client.callTool('create_conversation', { title: 'Carts' });
  const say = (lines: ReadonlyArray<readonly [string, string]>, branch?: string, number = 1) =>
    talk(chats, folder, number, lines, branch);
  await say([
    ['Where is the total?', 'In `cart.ts`, function sumLines.'],
    ['Is it rounded?', 'Yes, to 2 digits.'],
  ]);
  const call = async (tool: string, args: Record<string, unknown> = {}) =>
    client.callTool(tool, { ...(tool.startsWith('list') ? {} : { conversation: 'C-1' }), ...args });
  /** The texts of a branch in the order in which they were said. */
  const texts = async (branch?: string) => {
    const { data } = await call('get_conversation', { order: 'oldest', ...(branch !== undefined && { branch }) });
    return textsIn(data);
  };
  return { client, call, say, texts, chats, folder, backend };
}

function textsIn(data: Record<string, unknown> | undefined): string[] {
  const messages = Array.isArray(data?.messages) ? data.messages : [];
  return messages.map((message) => String(message.text));
}
