import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Chats, createChats } from '../../src/chats/chats.ts';
import type { Store } from '../../src/store/store.ts';
import { type Backend, backends } from '../helpers/stores.ts';

const project = { id: 'shop', name: 'Shop', folder: '/shop' };
const ann = { source: 'agent:ann' };
const question = (text: string) => ({ question: { text }, details: {} });
const answer = (text: string) =>
  ({ status: 'done', answer: { text, details: { model: 'p/m' } }, details: {} }) as const;

describe.each(backends)('Turns on $name', ({ isThere, create }) => {
  describe.skipIf(!isThere)('', () => {
    let backend: Backend;
    const stores: Store[] = [];
    let chats: Chats;
    let other: Chats;

    beforeAll(async () => {
      backend = await create();
      stores.push(backend.open(), backend.open());
      [chats, other] = stores.map(createChats) as [Chats, Chats];
    });
    afterAll(async () => {
      for (const store of stores) await store.close();
      await backend?.remove();
    });

    async function ask(number: number, text: string, said: string, by = chats) {
      const turn = await by.turns.begin(project, number, question(text), ann);
      return by.turns.end(turn, answer(said), ann);
    }

    async function texts(number: number, branch?: string) {
      const { messages } = await chats.path('shop', number, branch, { order: 'oldest', limit: 100 });
      return messages.map(({ text }) => text);
    }

    it('puts a question and its answer behind the head', async () => {
      const { number } = await chats.create(project, { title: 'A' }, ann);
      expect(await ask(number, 'one?', 'one')).toMatchObject({ head: 2, is_conflict: false });
      expect(await ask(number, 'two?', 'two', other)).toMatchObject({ head: 4, is_conflict: false });
      expect(await texts(number)).toEqual(['one?', 'one', 'two?', 'two']);
    });

    it('keeps an answer whose branch has gone on meanwhile on a branch of its own', async () => {
      const { number } = await chats.create(project, {}, ann);
      const [first, second] = [
        await chats.turns.begin(project, number, question('a?'), ann),
        await other.turns.begin(project, number, question('b?'), ann),
      ];
      expect(await other.turns.end(second, answer('b'), ann)).toMatchObject({ is_conflict: false });
      expect(await chats.turns.end(first, answer('a'), ann)).toMatchObject({ is_conflict: true });
      expect(await texts(number)).toEqual(['b?', 'b']);
      expect(await texts(number, 'main~2')).toEqual(['a?', 'a']);
    });

    it('begins no turn twice under one request id', async () => {
      const { number } = await chats.create(project, {}, ann);
      const author = { ...ann, request: { id: `r-${number}`, digest: 'd' } };
      const first = await chats.turns.begin(project, number, question('a?'), author);
      const again = await other.turns.begin(project, number, question('a?'), author);
      expect(again).toMatchObject({ id: first.id, isRepeated: true, status: 'running' });
      await chats.turns.end(first, answer('a'), ann);
      expect(await texts(number)).toEqual(['a?', 'a']);
      expect(await other.turns.begin(project, number, question('a?'), author)).toMatchObject({
        status: 'done',
        answer: 2,
      });
    });

    it('keeps what a dead process had of an answer, for the next reader', async () => {
      const { number } = await chats.create(project, {}, ann);
      const turn = await other.turns.begin(project, number, question('a?'), ann);
      await other.turns.beat(turn, '\ufeffas\0 far\u200b as');
      await stores[0]?.write('shop', ({ db }) =>
        db.updateTable('chat_turns').set({ beat_at: 0 }).where('id', '=', turn.id).execute(),
      );
      await chats.turns.settleLeft('shop', number);
      const { messages } = await chats.path('shop', number, undefined, { order: 'newest', limit: 1 });
      expect(messages).toMatchObject([{ text: 'as far as', status: 'interrupted' }]);
      expect(await other.turns.end(turn, answer('as far as it goes'), ann)).toMatchObject({ is_conflict: true });
      expect(await texts(number)).toEqual(['a?', 'as far as']);
      expect(await texts(number, 'main~2')).toEqual(['a?', 'as far as it goes']);
    });

    it('answers a question anew, and keeps the first answer', async () => {
      const { number } = await chats.create(project, {}, ann);
      await ask(number, 'a?', 'first');
      await ask(number, 'b?', 'b');
      const anew = await chats.turns.begin(project, number, { question: { message: 1 }, details: {} }, ann);
      await chats.turns.end(anew, answer('second'), ann);
      expect(await texts(number)).toEqual(['a?', 'second']);
      expect(await texts(number, 'main~2')).toEqual(['a?', 'first', 'b?', 'b']);
    });

    it('leaves the question where a turn has failed, to be answered later', async () => {
      const { number } = await chats.create(project, {}, ann);
      const turn = await chats.turns.begin(project, number, question('a?'), ann);
      await chats.turns.end(turn, { status: 'failed', details: { error: 'no model' } }, ann);
      expect(await texts(number)).toEqual(['a?']);
      const again = await chats.turns.begin(project, number, { question: { message: 1 }, details: {} }, ann);
      await chats.turns.end(again, answer('a'), ann);
      expect(await texts(number)).toEqual(['a?', 'a']);
    });

    it('finds any page of a long path', async () => {
      const { number } = await chats.create(project, {}, ann);
      for (let count = 1; count <= 40; count++) await ask(number, `q${count}`, `a${count}`);
      const all = await texts(number);
      expect(all).toHaveLength(80);
      for (const order of ['oldest', 'newest'] as const) {
        const seen: string[] = [];
        for (let after: { head: number; depth: number } | undefined, isMore = true; isMore; ) {
          const page = await chats.path('shop', number, undefined, { order, limit: 7, after });
          seen.push(...page.messages.map(({ text }) => text));
          after = page.next;
          isMore = after !== undefined;
        }
        expect(order === 'oldest' ? seen : seen.reverse()).toEqual(all);
      }
      const rows = await stores[0]?.read(({ db }) =>
        sql<{ count: number }>`select count(*) as count from events where entity = 'chat_turn'`.execute(db),
      );
      expect(Number(rows?.rows[0]?.count)).toBe(0);
    });
  });
});
