import { onTestFinished } from 'vitest';
import { type Chats, createChats } from '../../src/chats/chats.ts';
import { connect, type TestClient } from '../helpers/connect.ts';
import { shared } from '../helpers/shared-server.ts';
import { type Backend, backends } from '../helpers/stores.ts';
import { makeTempFolder, removeFolder, writeFiles } from '../helpers/temp-project.ts';
import { talk } from './stored-chats.ts';

/**
 * A client of a server with the chat tools, and a conversation C-1 "Carts" with two questions on its main branch: messages
 * 1 to 4. `say` adds to a branch.
 */
export async function chatClient(name = 'SQLite') {
  const server = await startChatServer(name);
  onTestFinished(server.end);
  return beginCarts(server);
}

/** One server for the tests of a file or a describe block: each call begins another conversation "Carts" there. */
export function sharedChatServer(name = 'SQLite'): () => Promise<Carts> {
  const server = shared(async () => {
    const made = await startChatServer(name);
    return { made, end: made.end };
  });
  return () => beginCarts(server());
}

type Carts = Awaited<ReturnType<typeof beginCarts>>;

async function startChatServer(name: string) {
  const backend = await backends.find((each) => each.name === name)?.create();
  if (!backend) throw new Error(`there is no ${name}`);
  const folder = makeTempFolder();
  writeFiles(folder, { 'a.ts': '1\n' });
  const client = await connect('v2-2026', { args: ['--project', folder, '--toolsets', 'chat', ...backend.flags] });
  const store = backend.open();
  const end = async () => {
    await client.close();
    await store.close();
    await backend.remove();
    removeFolder(folder);
  };
  return { client, chats: createChats(store), folder, backend, end };
}

interface ChatServer {
  client: TestClient;
  chats: Chats;
  folder: string;
  backend: Backend;
}

async function beginCarts({ client, chats, folder, backend }: ChatServer) {
  const id = String((await client.callTool('create_conversation', { title: 'Carts' })).data?.id);
  const number = Number(id.replace('C-', ''));
  const say = (lines: ReadonlyArray<readonly [string, string]>, branch?: string, to = number) =>
    talk(chats, folder, to, lines, branch);
  await say([
    ['Where is the total?', 'In `cart.ts`, function sumLines.'],
    ['Is it rounded?', 'Yes, to 2 digits.'],
  ]);
  const call = async (tool: string, args: Record<string, unknown> = {}) =>
    client.callTool(tool, { ...(tool.startsWith('list') ? {} : { conversation: id }), ...args });
  /** The texts of a branch in the order in which they were said. */
  const texts = async (branch?: string) => {
    const { data } = await call('get_conversation', { order: 'oldest', ...(branch !== undefined && { branch }) });
    return textsIn(data);
  };
  return { id, number, client, call, say, texts, chats, folder, backend };
}

function textsIn(data: Record<string, unknown> | undefined): string[] {
  const messages = Array.isArray(data?.messages) ? data.messages : [];
  return messages.map((message) => String(message.text));
}
