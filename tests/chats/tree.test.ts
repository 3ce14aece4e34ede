import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Message } from '../../src/chats/chat.ts';
import { type Chats, createChats } from '../../src/chats/chats.ts';
import { UserError } from '../../src/errors.ts';
import type { Store } from '../../src/store/store.ts';
import { type Backend, backends } from '../helpers/stores.ts';

/**
 * Two servers on one store do what comes to their minds to one conversation. Whatever the order, the tree is sound, each
 * branch is the path of first parents from its head, and nothing of one branch is found on another.
 */
const sizes: Record<string, { runs: number; length: number }> = {
  SQLite: { runs: 40, length: 25 },
  PostgreSQL: { runs: 8, length: 20 },
};

const project = { id: 'shop', name: 'Shop', folder: '/shop' };
const by = { source: 'human' };

interface World {
  chats: Chats;
  number: number;
  branches: string[];
  messages: number;
}

type Step = (world: World) => Promise<unknown>;
interface Deed {
  server: number;
  step: Step;
  [fc.toStringMethod](): string;
}

const at = fc.nat(999);
const pick = ({ branches }: World, index: number) => branches[index % branches.length] ?? 'main';
const one = ({ messages }: World, index: number) => 1 + (index % Math.max(1, messages));

const steps: ReadonlyArray<[string, (first: number, second: number) => Step]> = [
  ['talk', (a, b) => (world) => talk(world, pick(world, a), `t${b}`)],
  ['talk', (a, b) => (world) => talk(world, pick(world, a), `u${b}`)],
  [
    'fork',
    (a, b) => (w) =>
      w.chats.fork(
        project,
        w.number,
        { branch: pick(w, a), message: one(w, b), position: b % 3 ? 'after' : 'before' },
        by,
      ),
  ],
  [
    'edit',
    (a, b) => (w) =>
      w.chats.editMessage(
        project,
        w.number,
        one(w, b),
        { text: `e${a}`, branch: pick(w, a), isInPlace: a % 2 === 0 },
        by,
      ),
  ],
  [
    'delete',
    (a, b) => (w) => w.chats.removeMessage(project, w.number, one(w, a), { how: b % 3 ? 'delete' : 'restore' }, by),
  ],
  [
    'merge',
    (a, b) => (w) =>
      w.chats.merge(
        project,
        w.number,
        {
          source: pick(w, a),
          target: pick(w, b),
          strategy: (['pick', 'replay', 'adopt', undefined] as const)[(a + b) % 4],
        },
        by,
      ),
  ],
  ['drop', (a) => (w) => w.chats.removeBranch(project, w.number, pick(w, a), { restore: a % 2 === 0 }, by)],
  ['move', (a, b) => (w) => w.chats.updateBranch(project, w.number, pick(w, a), { head: one(w, b) }, by)],
  ['purge', (a) => (w) => w.chats.removeMessage(project, w.number, one(w, a), { how: 'purge' }, by)],
];

const deed: fc.Arbitrary<Deed> = fc.tuple(fc.nat(1), fc.nat(steps.length - 1), at, at).map(([server, kind, a, b]) => {
  const [name, make] = steps[kind] ?? ['talk', (first: number) => (world: World) => talk(world, 'main', `${first}`)];
  return { server, step: make(a, b), [fc.toStringMethod]: () => `${name}(${a}, ${b}) by ${server}` };
});

async function talk({ chats, number }: World, branch: string, text: string) {
  const turn = await chats.turns.begin(project, number, { branch, question: { text: `${text}?` }, details: {} }, by);
  await chats.turns.end(turn, { status: 'done', answer: { text, details: {} }, details: {} }, by);
}

describe.each(backends)('A tree of messages on $name', ({ name, isThere, create }) => {
  describe.skipIf(!isThere)('', () => {
    let backend: Backend;
    const stores: Store[] = [];

    beforeAll(async () => {
      backend = await create();
      stores.push(backend.open(), backend.open());
    });
    afterAll(async () => {
      for (const store of stores) await store.close();
      await backend?.remove();
    });

    it('is sound after any order of changes', { timeout: 240_000 }, async () => {
      const servers = stores.map(createChats);
      const { runs, length } = sizes[name] ?? { runs: 5, length: 10 };
      await fc.assert(
        fc.asyncProperty(fc.array(deed, { minLength: 5, maxLength: length }), async (deeds) => {
          const [first] = servers;
          if (!first) throw new Error('no server');
          const { number } = await first.create(project, {}, by);
          let branches = ['main'];
          let messages = 0;
          for (const { server, step } of deeds) {
            const chats = servers[server] ?? first;
            await step({ chats, number, branches, messages }).catch((error: unknown) => {
              if (!(error instanceof UserError)) throw error;
            });
            ({ branches, messages } = await check(first, number));
          }
        }),
        { numRuns: runs },
      );
    });
  });
});

/** Asks for everything, and compares it with what follows from parents alone. */
async function check(chats: Chats, number: number) {
  const { conversation } = await chats.get('shop', number);
  const page = { branch: 0, message: 0, limit: 10_000, most: 1000 };
  const { messages: all } = await chats.everything('shop', number, page);
  expect(all.map((message) => message.number)).toEqual(all.map((_, index) => index + 1));
  expect(conversation.messages).toBe(all.length);
  const { branches } = await chats.branches('shop', number, { limit: 1000 });
  for (const { name, head, messages, tokens } of branches) {
    const path = pathOf(all, head);
    const page = await chats.path('shop', number, name, { order: 'oldest', limit: 1000 });
    expect(page.messages.map((each) => each.number)).toEqual(path.map((each) => each.number));
    expect([messages, page.total]).toEqual([path.length, path.length]);
    expect(tokens).toBe(path.reduce((sum, each) => sum + each.tokens, 0));
    const newest = await chats.path('shop', number, name, { order: 'newest', limit: 3 });
    expect(newest.messages.map((each) => each.number)).toEqual(
      path
        .map((each) => each.number)
        .reverse()
        .slice(0, 3),
    );
  }
  const { lines } = await chats.lines('shop', number, { limit: 1000 });
  expect(lines.reduce((sum, { count }) => sum + count, 0)).toBe(all.length);
  await checkSearch(chats, number, all, branches);
  return { branches: branches.map(({ name }) => name), messages: all.length };
}

/** Found is what is not deleted, on a branch that has it. */
async function checkSearch(
  chats: Chats,
  number: number,
  all: readonly Message[],
  branches: ReadonlyArray<{ name: string; head: number | undefined }>,
) {
  const { hits } = await chats.search('shop', { text: 't', state: 'active', limit: 1000 });
  const here = hits.filter(({ conversation }) => conversation === number);
  for (const { message, branch } of here) {
    expect(message.deletedAt).toBeUndefined();
    expect(pathOf(all, branch.head).map((each) => each.number)).toContain(message.number);
  }
  const live = new Set(branches.flatMap(({ head }) => pathOf(all, head)));
  const wanted = [...live].filter(({ text, deletedAt }) => text.startsWith('t') && deletedAt === undefined);
  expect(new Set(here.map(({ message }) => message.number))).toEqual(new Set(wanted.map((each) => each.number)));
}

function pathOf(all: readonly Message[], head: number | undefined): Message[] {
  const path: Message[] = [];
  for (let next = head; next !== undefined; next = all[next - 1]?.parent) {
    const message = all[next - 1];
    if (message) path.unshift(message);
  }
  return path;
}
