import { settled } from '../src/chats/changes/settings.ts';
import { createChats } from '../src/chats/chats.ts';
import { addBranch, forwardHead, loadBranch } from '../src/chats/rows/branch-rows.ts';
import { createEditor } from '../src/chats/rows/edit.ts';
import { addMessage, analyzeMessages } from '../src/chats/rows/message-rows.ts';
import type { Store } from '../src/store/store.ts';
import { type Backend, backends } from '../tests/helpers/stores.ts';
import { makeTempFolder, removeFolder } from '../tests/helpers/temp-project.ts';
import { openClientWith } from './client.ts';
import { formatSpread, printTable, ratioOf, spreadOf } from './report.ts';

const rounds = 30;
const most = 3;
const text = 'What the total of a cart is, and where it is rounded. '.repeat(4);

/** Reading, drawing and forking large conversations beside small ones, by turns, through a client. */
export async function benchChats() {
  for (const { name, isThere, create } of backends) {
    if (isThere) await benchBackend(name, await create());
  }
}

async function benchBackend(name: string, backend: Backend) {
  const folder = makeTempFolder();
  const store = backend.open();
  const client = await openClientWith(['--toolsets', 'chat', ...backend.flags], [folder]);
  try {
    const chain = { small: await makeChain(store, folder, 100), large: await makeChain(store, folder, 10_000) };
    const fan = { small: await makeFan(store, folder, 100), large: await makeFan(store, folder, 1000) };
    await store.write('bench', ({ db, kind }) => analyzeMessages(db, kind)); // as autovacuum does within a minute
    const rows: string[][] = [];
    for (const [what, sizes, tool, args] of [
      ['newest page, 10,000 deep', chain, 'get_conversation', { limit: 20 }],
      ['oldest page, 10,000 deep', chain, 'get_conversation', { limit: 20, order: 'oldest' }],
      ['tree, 10,000 deep', chain, 'get_conversation', { view: 'tree' }],
      ['fork, 10,000 deep', chain, 'create_branch', { message: 50 }],
      ['newest page, 1,000 wide', fan, 'get_conversation', { limit: 20 }],
      ['tree, 1,000 wide', fan, 'get_conversation', { view: 'tree' }],
      ['branches, 1,000 wide', fan, 'get_conversation', { view: 'branches' }],
      ['fork, 1,000 wide', fan, 'create_branch', { message: 1 }],
    ] as const) {
      const timed = async (conversation: string) => {
        const begin = performance.now();
        const { isError } = await client.callTool({ name: tool, arguments: { conversation, ...args } });
        if (isError) throw new Error(`${tool} failed`);
        return performance.now() - begin;
      };
      const [small, large]: [number[], number[]] = [[], []];
      for (let round = 0; round < rounds + 3; round++) {
        const [one, other] = [await timed(sizes.small), await timed(sizes.large)];
        if (round < 3) continue; // both warm
        small.push(one);
        large.push(other);
      }
      const ratio = ratioOf(large, small);
      const verdict = ratio <= most ? 'within' : 'ABOVE';
      rows.push([what, ...formatSpread(spreadOf(large)), ratio.toFixed(2), `${verdict} ${most}`]);
    }
    console.log(`\nConversations on ${name}, in ms, and how many times the same on 100`);
    printTable(['call', 'median', 'min', 'max', 'ratio', ''], rows);
  } finally {
    await client.close();
    await store.close();
    await backend.remove();
    removeFolder(folder);
  }
}

const by = { source: 'human' };

/** Messages that follow one another on the main branch. */
async function makeChain(store: Store, folder: string, length: number): Promise<string> {
  const made = await newConversation(store, folder);
  await createEditor(store).change(made, made.number, by, { name: 'updated', result: settled }, async (edit) => {
    let parent: number | undefined;
    for (let count = 0; count < length; count++) {
      const role = count % 2 === 0 ? 'user' : 'assistant';
      parent = (await addMessage(edit, { parent, branch: 1, role, text: `${count} ${text}`, details: {} })).number;
    }
    if (parent !== undefined) await forwardHead(edit, await loadBranch(edit.tree, 1), parent);
    return { result: { title: 'chain' } };
  });
  return `C-${made.number}`;
}

/** Messages behind one first message, each with a branch. */
async function makeFan(store: Store, folder: string, width: number): Promise<string> {
  const made = await newConversation(store, folder);
  await createEditor(store).change(made, made.number, by, { name: 'updated', result: settled }, async (edit) => {
    const first = await addMessage(edit, { parent: undefined, branch: 1, role: 'user', text, details: {} });
    await forwardHead(edit, await loadBranch(edit.tree, 1), first.number);
    for (let count = 2; count <= width + 1; count++) {
      const { number: base } = first;
      const message = {
        parent: base,
        branch: count,
        role: 'assistant',
        text: `${count} ${text}`,
        details: {},
      } as const;
      const { number: head } = await addMessage(edit, message);
      await addBranch(edit, { name: `main~${count}`, head, base, from: 1 });
    }
    return { result: { title: 'fan' } };
  });
  return `C-${made.number}`;
}

function newConversation(store: Store, folder: string) {
  const id = folder.slice(folder.lastIndexOf('/') + 1).toLowerCase();
  return createChats(store).create({ id, name: id, folder }, {}, by);
}
