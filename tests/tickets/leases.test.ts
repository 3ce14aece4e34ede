import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import type { Author } from '../../src/tickets/ticket.ts';
import { createTickets, type Tickets } from '../../src/tickets/tickets.ts';
import { type Backend, backends } from '../helpers/stores.ts';

const project = { id: 'p', name: 'p', folder: '/p' };
const shortMs = 400;
const short = shortMs / 60_000;
const long = 10;

/** What a holder may still do when its lease has run out, with another holder or without. */
describe.each(backends)('Leases on $name', ({ isThere, create }) => {
  describe.skipIf(!isThere)('', () => {
    let backend: Backend;
    let store: Store;
    let tickets: Tickets;

    beforeAll(async () => {
      backend = await create();
      store = backend.open();
      tickets = createTickets(store);
    });
    afterAll(async () => {
      await store?.close();
      await backend?.remove();
    });

    async function add(...labels: string[]): Promise<number> {
      const [ticket] = await tickets.create(project, [{ change: { title: 'One', labels } }], by('ann'));
      return ticket?.number ?? 0;
    }

    const limit = (label: string, parallel: number, attempts = 3) =>
      tickets.setQueue(project, { label, parallel, attempts, isPaused: false }, by('ann'));

    const documentOf = async (number: number) => (await tickets.get('p', number, { history: 0 })).ticket.document;

    /** Ann's claim has run out, and Bob has the ticket. */
    async function late(): Promise<number> {
      const number = await add();
      await tickets.claim(project, { number, minutes: short }, by('ann', `ann's ${number}`));
      await delay(shortMs + 50);
      await tickets.claim(project, { number, minutes: long }, by('bob'));
      return number;
    }

    it('refuse every late write of an old holder, an undo too', async () => {
      const number = await late();
      const before = await documentOf(number);
      const undo = tickets.undo(project, number, {}, by('ann'));
      await expect(undo).rejects.toThrow(/claim of T-\d+ is over and agent:bob holds it now/);
      expect(await documentOf(number)).toEqual(before);
    });

    it('refuse all late writes that came before the first was refused, and none that came after', async () => {
      const number = await late();
      const ann = { ...by('ann'), calledAt: performance.now() };
      const write = (author: Author) => tickets.update(project, number, { title: 'Late' }, {}, author);
      for (let count = 0; count < 3; count++) await expect(write(ann)).rejects.toThrow(/claim of T-\d+ is over/);
      expect(await write(by('ann'))).toMatchObject({ document: { title: 'Late', claim: { holder: 'agent:bob' } } });
    });

    it('refuse a repeated claim that is over, rather than call it held', async () => {
      const number = await late();
      const again = tickets.claim(project, { number, minutes: short }, by('ann', `ann's ${number}`));
      await expect(again).rejects.toThrow(/You have no claim of T-\d+: agent:bob holds it now/);
      const write = tickets.update(project, number, { title: 'Late' }, {}, by('ann'));
      await expect(write).rejects.toMatchObject({ code: 'conflict' });
    });

    it('give a repeated claim again, with a new end, while it lasts', async () => {
      const number = await add();
      const claim = () => tickets.claim(project, { number, minutes: long }, by('ann', 'once'));
      const first = await claim();
      await delay(5);
      const second = await claim();
      expect(second).toMatchObject({ ticket: { number, version: 2, claimNumber: 1 } });
      expect(endOf(second)).toBeGreaterThan(endOf(first));
    });

    it('give the ticket again that was claimed, not one that was set aside on the way to it', async () => {
      await limit('worn', 5, 1);
      const [worn, next] = [await add('worn'), await add('worn')];
      await tickets.claim(project, { number: worn, minutes: short }, by('ann'));
      await delay(shortMs + 50);
      const claim = () => tickets.claim(project, { label: 'worn', minutes: long }, by('bob', 'past the worn one'));
      expect(await claim()).toMatchObject({ ticket: { number: next } });
      expect(await claim()).toMatchObject({ ticket: { number: next } });
      expect(await documentOf(worn)).toMatchObject({ status: 'blocked' });
    });

    it('come back to life where nobody has the ticket, unless its queue is full by then', async () => {
      await limit('narrow', 1);
      const [first, second] = [await add('narrow'), await add('narrow')];
      await tickets.claim(project, { number: first, minutes: short }, by('ann'));
      await delay(shortMs + 50);
      await tickets.touch('ann');
      expect((await tickets.get('p', first, { history: 0 })).claim).toMatchObject({ number: 1 });
      await delay(shortMs + 50);
      await tickets.claim(project, { number: second, minutes: long }, by('bob'));

      await tickets.touch('ann');
      expect((await tickets.get('p', first, { history: 0 })).claim).toBeUndefined();
      const renewal = tickets.renew(project, first, undefined, by('ann'));
      await expect(renewal).rejects.toThrow(/ran out, and its queue is full/);
    });

    it('count no attempts from before a ticket was opened again by hand', async () => {
      await limit('again', 5, 1);
      const number = await add('again');
      await tickets.claim(project, { label: 'again', minutes: long }, by('ann'));
      await tickets.release(project, number, { failure: 'red' }, by('ann'));
      expect(await documentOf(number)).toMatchObject({ status: 'blocked', attempts: 1 });
      await tickets.update(project, number, { status: 'open' }, {}, by('bob'));
      const claimed = await tickets.claim(project, { label: 'again', minutes: long }, by('ann'));
      expect(claimed).toMatchObject({ ticket: { number, document: { attempts: 1 } } });
    });

    it('set aside what has failed too often, when it is claimed by its name too', async () => {
      await limit('named', 5, 1);
      const number = await add('named');
      await tickets.claim(project, { number, minutes: short }, by('ann'));
      await delay(shortMs + 50);
      const refused = await tickets.claim(project, { number, minutes: long }, by('bob'));
      expect(refused).toMatchObject({ reason: expect.stringMatching(/^T-\d+ has failed too often/) });
      expect(await documentOf(number)).toMatchObject({ status: 'blocked' });
    });
  });
});

function by(name: string, request?: string): Author {
  return {
    ...{ source: `agent:${name}`, connection: name },
    ...(request !== undefined && { request: { id: request, digest: request } }),
  };
}

function endOf(claimed: Awaited<ReturnType<Tickets['claim']>>): number {
  return 'ticket' in claimed ? (claimed.ticket.claimExpiresAt ?? 0) : 0;
}
