import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import type { Author } from '../../src/tickets/rows.ts';
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
      tickets.setQueue(project, { label, parallel, attempts, isPaused: false, running: 0 }, by('ann'));

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
      const undo = tickets.undo(project, number, undefined, by('ann'));
      await expect(undo).rejects.toThrow(/claim of T-\d+ is over and agent:bob holds it now/);
      expect(await documentOf(number)).toEqual(before);
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
