import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import type { Store } from '../../src/store/store.ts';
import { priorities, statuses } from '../../src/tickets/ticket.ts';
import { createTickets, type Tickets } from '../../src/tickets/tickets.ts';
import { type Backend, backends } from '../helpers/stores.ts';
import { report } from '../hostile/observe.ts';
import * as model from './model.ts';

/**
 * Four connections over two servers on one store do what comes to their minds, some of it at once. What they are told
 * and what is stored must be what a sequential model gives for some order of what was done at once.
 */
const sizes = { SQLite: { runs: 190, length: 60 }, PostgreSQL: { runs: 40, length: 40 } };

/** A deed of a run; clients name things by small numbers that may mean nothing. */
interface Wish {
  make: Make;
  [fc.toStringMethod](): string;
}

type Make = (context: {
  world: model.World;
  earlier: readonly model.Operation[];
}) => model.Operation | { sleep: number };

const toWish = (make: Make): Wish => ({ make, [fc.toStringMethod]: () => 'wish' });

const words = ['alpha', 'beta', 'gamma', 'delta', 'alphabet'];
const word = fc.constantFrom(...words);
const labels = fc.uniqueArray(fc.constantFrom('q', 'bug', 'a%', 'a_', '__proto__', 'constructor'), { maxLength: 2 });
const small = fc.integer({ min: 1, max: 7 });
const ticketNumber = fc.oneof({ weight: 15, arbitrary: fc.integer({ min: 1, max: 4 }) }, fc.constantFrom(5, 6, 99));
const kinds = ['blocks', 'blocked_by', 'parent', 'child', 'related', 'duplicates', 'superseded_by'];

const optional = <Fields extends object>(fields: { [Name in keyof Fields]: fc.Arbitrary<Fields[Name]> }) =>
  fc.record(fields, { requiredKeys: [], noNullPrototype: true });

const taskWish = fc.oneof(
  fc.record({ title: word, done: fc.boolean() }, { requiredKeys: ['title'], noNullPrototype: true }),
  optional({
    ...{ task: small, title: word, done: fc.boolean(), description: fc.constantFrom('', 'delta beta') },
    ...{ estimate: fc.nat(2), dependsOn: fc.array(small, { maxLength: 2 }), position: small },
    remove: fc.boolean(),
  }),
);
const itemWish = optional({
  ...{ item: small, text: word, evidence: fc.constantFrom('', 'shown'), remove: fc.constantFrom(false, false, true) },
});

const change: fc.Arbitrary<model.Change> = fc
  .tuple(
    optional({
      ...{ title: word, overview: fc.constantFrom('', 'alpha beta'), assignee: fc.constantFrom('', 'ann', "o'neil") },
      ...{ status: fc.constantFrom(...statuses), priority: fc.constantFrom(...priorities), labels },
    }),
    fc.oneof(
      { weight: 3, arbitrary: fc.constant({}) },
      optional({
        ...{ due: fc.constantFrom('', '2026-12-31', '2027-01-01'), estimate: fc.nat(2), addLabels: labels },
        ...{ removeLabels: labels, planStep: fc.constantFrom('', 'P-1/2'), prompts: fc.array(word, { maxLength: 1 }) },
        ...{ files: fc.array(fc.record({ path: word, hash: word }, { requiredKeys: ['path'] }), { maxLength: 1 }) },
      }),
      optional({
        ...{ tasks: fc.array(taskWish, { maxLength: 3 }), acceptance: fc.array(itemWish, { maxLength: 2 }) },
        ...{ comment: word, forceReason: word },
      }),
    ),
  )
  .map(([fields, others]) => JSON.parse(JSON.stringify({ ...fields, ...others })));

const create = fc
  .tuple(
    change,
    fc.array(fc.record({ kind: fc.constantFrom(...kinds), number: ticketNumber }), { maxLength: 2 }),
    fc.option(fc.record({ change, within: fc.constantFrom(...kinds) }), { nil: undefined, freq: 5 }),
  )
  .map(
    ([first, links, second]): Deed =>
      () => ({
        ...{ kind: 'create', change: { title: 'first', ...first }, links },
        ...(second && { second: { ...second, change: { title: 'second', ...second.change } } }),
      }),
  );

type Deed = (world: model.World) => model.Deed;

const ifVersion = fc.constantFrom(...([undefined, undefined, undefined, 0, 1] as const));
const claimOffset = fc.constantFrom(...([undefined, undefined, undefined, undefined, 0, 1] as const));

const update = fc.tuple(ticketNumber, change, ifVersion, claimOffset).map(
  ([ticket, wanted, late, offset]): Deed =>
    (world) => ({
      ...{ kind: 'update', ticket, change: wanted, link: [], unlink: [] },
      ...conditions(world, ticket, late, offset),
    }),
);

const linkUp = fc.tuple(ticketNumber, fc.constantFrom(...kinds), ticketNumber, fc.nat(3), fc.boolean()).map(
  ([ticket, kind, number, unlinked, isLinked]): Deed =>
    (world) => {
      const present = world.tickets.get(ticket)?.card.links ?? [];
      const [goes, id] = (present[unlinked] ?? 'related T-9').split(' T-');
      const unlink = unlinked > present.length ? [] : [{ kind: goes ?? '', number: Number(id) }];
      const link = isLinked ? [{ kind, number }] : unlink.map((each) => ({ ...each, kind: model.reverse(each.kind) }));
      return { kind: 'update', ticket, change: {}, link, unlink };
    },
);

const undo = fc.tuple(ticketNumber, ifVersion, claimOffset).map(
  ([ticket, late, offset]): Deed =>
    (world) => ({
      ...{ kind: 'undo', ticket },
      ...conditions(world, ticket, late, offset),
    }),
);
const remove = fc.tuple(ticketNumber, ifVersion).map(
  ([ticket, late]): Deed =>
    (world) => ({
      ...{ kind: 'delete', ticket },
      ...conditions(world, ticket, late, undefined),
    }),
);

/** The version, or the claim, that the ticket has, or one that it had. */
function conditions(world: model.World, ticket: number, late: number | undefined, offset: number | undefined) {
  const kept = world.tickets.get(ticket);
  return {
    ...(late !== undefined && { ifVersion: (kept?.version ?? 1) - late }),
    ...(offset !== undefined && kept?.card.claim && { claim: kept.card.claim.number - offset }),
  };
}

const minutes = fc.constantFrom(0, 15, 60);
const claim = fc.oneof(
  fc.tuple(ticketNumber, minutes).map(
    ([ticket, lease]): Deed =>
      () => ({ kind: 'claim', ticket, minutes: lease }),
  ),
  minutes.map(
    (lease): Deed =>
      () => ({ kind: 'claim', minutes: lease }),
  ),
  minutes.map(
    (lease): Deed =>
      () => ({ kind: 'claim', label: 'q', minutes: lease }),
  ),
);
const release = fc.tuple(ticketNumber, claimOffset, fc.constantFrom(undefined, 'red')).map(
  ([ticket, offset, failure]): Deed =>
    (world) => ({
      ...{ kind: 'release', ticket },
      ...conditions(world, ticket, undefined, offset),
      ...(failure !== undefined && { failure }),
    }),
);
const renew = fc.tuple(ticketNumber, claimOffset).map(
  ([ticket, offset]): Deed =>
    (world) => ({
      ...{ kind: 'renew', ticket },
      ...conditions(world, ticket, undefined, offset),
    }),
);
const limit = fc
  .record({ label: fc.constantFrom('q', 'bug'), parallel: fc.constantFrom(1, 2), attempts: fc.constantFrom(1, 2) })
  .map(
    (queue): Deed =>
      () => ({ kind: 'limit', ...queue, isPaused: false }),
  );

const deed = fc.oneof(
  { weight: 1, arbitrary: create },
  { weight: 8, arbitrary: update },
  { weight: 4, arbitrary: linkUp },
  { weight: 6, arbitrary: undo },
  { weight: 2, arbitrary: remove },
  { weight: 5, arbitrary: claim },
  { weight: 2, arbitrary: release },
  { weight: 1, arbitrary: renew },
  { weight: 1, arbitrary: limit },
);

const connections = 4;
const wish: fc.Arbitrary<Wish> = fc.oneof(
  {
    weight: 18,
    arbitrary: fc
      .tuple(deed, fc.nat(connections - 1), fc.option(fc.nat(30), { nil: undefined, freq: 2 }))
      .map(([toDeed, by, request]) =>
        toWish(({ world }) => ({ ...toDeed(world), by, ...(request !== undefined && { request }) })),
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.nat(30), fc.nat(connections - 1))
      .map(([back, by]) => toWish(({ earlier }) => ({ ...(earlier.at(-1 - (back % earlier.length)) ?? nothing), by }))),
  },
  { weight: 1, arbitrary: fc.constantFrom(10, 50).map((sleep) => toWish(() => ({ sleep }))) },
);
const nothing: model.Operation = { kind: 'claim', minutes: 0, by: 0 };

const first = toWish(() => ({ kind: 'create', change: { title: 'alpha', labels: ['q'] }, links: [], by: 0 }));

/** Mostly one after the other, sometimes three at once. */
const script = (length: number) =>
  fc
    .array(fc.array(wish, { minLength: 1, maxLength: 3, size: 'xsmall' }), { minLength: length / 2, maxLength: length })
    .map((batches) => [[first], [first], [first], ...batches]);

const by = 0;
const noLinks = { link: [], unlink: [] };
const limitOne = { kind: 'limit', label: 'q', parallel: 9, attempts: 1, isPaused: false, by } as const;

const rareCases: ReadonlyArray<readonly model.Operation[]> = [
  // a repeated claim that had set another ticket aside on its way
  [
    limitOne,
    { kind: 'claim', ticket: 1, minutes: 0, by },
    { kind: 'claim', minutes: 15, by, request: 1 },
    { kind: 'claim', minutes: 15, by, request: 1 },
    { kind: 'undo', ticket: 2, by },
    { kind: 'undo', ticket: 1, by: 1 },
  ],
  // a new task that is done before those that it depends on
  [
    { kind: 'update', ticket: 1, change: { tasks: [{ title: 'alpha' }] }, ...noLinks, by },
    { kind: 'update', ticket: 1, change: { tasks: [{ title: 'beta', done: true, dependsOn: [1] }] }, ...noLinks, by },
    { kind: 'update', ticket: 1, change: { tasks: [{ title: 'beta', dependsOn: [1] }] }, ...noLinks, by },
    { kind: 'update', ticket: 1, change: { tasks: [{ task: 1, remove: true }] }, ...noLinks, by },
    { kind: 'undo', ticket: 1, by },
    { kind: 'update', ticket: 1, change: { tasks: [{ task: 2, done: true }] }, ...noLinks, by },
  ],
  // two that are linked, deleted and brought back in another order
  [
    { kind: 'update', ticket: 1, change: {}, link: [{ kind: 'blocks', number: 2 }], unlink: [], by },
    { kind: 'update', ticket: 2, change: {}, link: [{ kind: 'blocks', number: 3 }], unlink: [], by },
    { kind: 'delete', ticket: 1, by },
    { kind: 'delete', ticket: 2, by },
    { kind: 'undo', ticket: 1, by },
    { kind: 'update', ticket: 3, change: {}, link: [{ kind: 'blocks', number: 1 }], unlink: [], by },
    { kind: 'undo', ticket: 2, by },
    { kind: 'undo', ticket: 3, by },
    { kind: 'undo', ticket: 2, by },
    { kind: 'claim', ticket: 2, minutes: 15, by },
  ],
];

describe.each(backends)('Tickets on $name', ({ name, isThere, create: createBackend }) => {
  describe.skipIf(!isThere)('', () => {
    const isSqlite = name === 'SQLite';
    const { runs, length } = sizes[isSqlite ? 'SQLite' : 'PostgreSQL'];
    const clock = { now: Date.now() };
    let backend: Backend;
    let stores: Store[] = [];
    let servers: Tickets[] = [];
    let count = 0;
    const told = new Map<string, number>();

    beforeAll(async () => {
      backend = await createBackend();
      stores = [0, 1].map(() => backend.open({ clock: () => clock.now }));
      // two stores of one process on one file would only wait for each other
      const used = isSqlite ? [stores[0], stores[0]] : stores;
      servers = used.flatMap((store) => (store ? [createTickets(store)] : []));
    });
    afterAll(async () => {
      for (const store of stores) await store.close();
      await backend?.remove();
    });

    it('are what a sequential model says, whoever does what at once', async () => {
      let run = 0;
      await fc.assert(
        fc.asyncProperty(script(length), async (batches) => {
          const id = `p${++run}`;
          const world = await playAll(id, batches);
          await checkRows(id, world);
          await checkAnswers(id, world);
        }),
        { numRuns: runs, endOnFailure: true },
      );
      if (isSqlite) expect(count).toBeGreaterThan(10_000);
      report(`${name}: ${count} operations in ${run} runs: ${[...told].map((pair) => pair.join(' ')).join(', ')}`);
    }, 300_000);

    it('are what the model says where chance seldom leads', async () => {
      for (const [index, operations] of rareCases.entries()) {
        const id = `r${index}`;
        const batches = operations.map((operation) => [toWish(() => operation)]);
        const world = await playAll(id, [[first], [first], [first], ...batches]);
        await checkRows(id, world);
        await checkAnswers(id, world);
      }
    });

    it('are as they were, byte for byte, after an undo, with all that they are found by', async () => {
      let undone = 0;
      await fc.assert(
        fc.asyncProperty(script(12), fc.array(deed, { minLength: 5, maxLength: 8 }), async (batches, deeds) => {
          const id = `u${++undone}`;
          const world = await playAll(id, batches);
          for (const toDeed of deeds) await undoTwice(id, { ...toDeed(world), by: connections });
        }),
        { numRuns: Math.floor(runs / 3), endOnFailure: true },
      );
    }, 300_000);

    async function undoTwice(id: string, operation: model.Operation) {
      const before = await dump(id);
      const { number } = await perform(id, operation);
      const after = await dump(id);
      if (number === undefined || operation.kind === 'create' || isEqual(before, after)) return;
      const undo: model.Operation = { kind: 'undo', ticket: number, by: connections + 1 };
      for (const wanted of [before, after, before]) {
        expect(await perform(id, undo)).not.toHaveProperty('refused');
        expect(await dump(id)).toEqual(wanted);
      }
    }

    /** All that is stored of tickets but what counts their changes and claims. */
    async function dump(id: string): Promise<unknown> {
      const text = isSqlite
        ? sql`select number, words from tickets join ticket_text on ticket_text.rowid = row_id
            where project_id = ${id} order by number`
        : sql`select number, words::text from tickets join ticket_text using (row_id)
            where project_id = ${id} order by number`;
      const queries = [
        sql`select number, status, title, priority, due, labels, assignee, tasks_total, tasks_done, document
            from tickets where project_id = ${id} order by number`,
        sql`select * from ticket_terms where project_id = ${id} order by number, term`,
        sql`select * from ticket_links where project_id = ${id} order by kind, from_number, to_number`,
        text,
      ];
      const parts: unknown[] = [];
      await stores[1]?.read(async ({ db }) => {
        for (const query of queries) parts.push((await query.execute(db)).rows);
      });
      return parts;
    }

    async function playAll(id: string, batches: readonly Wish[][]): Promise<model.World> {
      let worlds = [model.emptyWorld(isSqlite ? clock.now : 0)];
      const earlier: model.Operation[] = [];
      const done: unknown[] = [];
      for (const batch of batches) {
        const [world] = worlds;
        if (!world) break;
        const made = batch.map((each) => each.make({ world, earlier }));
        const slept = made.reduce((sum, each) => sum + ('sleep' in each ? each.sleep : 0), 0);
        if (isSqlite) clock.now += 1 + slept * 60_000;
        for (const each of worlds) each.now = isSqlite ? clock.now : 0;
        const asked = made.flatMap((each) => ('sleep' in each ? [] : [each]));
        const outcomes = await Promise.all(asked.map((operation) => perform(id, operation)));
        count += asked.length;
        for (const [index, outcome] of outcomes.entries()) note(asked[index], outcome);
        earlier.push(...asked.filter(({ request }) => request !== undefined));
        done.push(...asked.map((operation, index) => [operation, outcomes[index]]));
        worlds = await explain(id, worlds, asked, outcomes).catch((error) => {
          throw new Error(done.map((each) => JSON.stringify(each)).join('\n'), { cause: error });
        });
      }
      const [world] = worlds;
      if (!world) throw new Error('no world is left');
      return world;
    }

    function note(operation: model.Operation | undefined, outcome: Told) {
      const key = `${operation?.kind} ${'refused' in outcome ? outcome.refused : 'nothing' in outcome ? 'none' : 'ok'}`;
      told.set(key, (told.get(key) ?? 0) + 1);
    }

    /** The worlds after those orders of the operations that explain what was told and what is stored. */
    async function explain(id: string, worlds: model.World[], asked: model.Operation[], outcomes: Told[]) {
      const stored = await documents(id);
      const orders = permutations(asked.map((_, index) => index));
      const attempts = worlds.flatMap((world) => orders.map((order) => attempt(world, asked, order)));
      const found = attempts.filter(({ expected, kept }) => isLike(expected, outcomes) && isEqual(kept, stored));
      if (found.length > 0) return [...new Map(found.map(({ after }) => [model.hidden(after), after])).values()];
      const [first] = attempts;
      expect({ asked, outcomes, stored }).toEqual({ asked, outcomes: first?.expected, stored: first?.kept });
      throw new Error('no order of what was done at once explains it');
    }

    function attempt(world: model.World, asked: readonly model.Operation[], order: readonly number[]) {
      const expected: Told[] = [];
      let after = world;
      for (const index of order) {
        const operation = asked[index];
        if (!operation) continue;
        const step = model.play(after, operation);
        after = step.world;
        expected[index] = tell(step.outcome);
      }
      return { after, expected, kept: Object.fromEntries([...after.tickets].map(toPair)) };
    }

    async function perform(id: string, operation: model.Operation): Promise<Told> {
      try {
        return await performOn(servers[operation.by % 2], id, operation);
      } catch (error) {
        if (error instanceof UserError) return { refused: error.code };
        throw error;
      }
    }

    /** The stored document of each ticket; on PostgreSQL the times in it are those of its own clock. */
    async function documents(id: string): Promise<Record<string, string>> {
      const rows = await stores[0]?.read(({ db }) =>
        db.selectFrom('tickets').select(['number', 'document']).where('project_id', '=', id).execute(),
      );
      return Object.fromEntries((rows ?? []).map(({ number, document }) => [number, timeless(document)]));
    }

    function timeless(document: string): string {
      return isSqlite ? document : document.replace(/"at":\d+/g, '"at":0');
    }

    function toPair([number, { card }]: [number, model.Kept]): [number, string] {
      return [number, model.toText(card)];
    }

    function tell(outcome: model.Outcome): Told {
      if (!('tickets' in outcome)) return outcome;
      const [first] = outcome.tickets;
      return first ? { number: first.number, version: first.version, document: model.toText(first.card) } : {};
    }

    async function performOn(server: Tickets | undefined, id: string, operation: model.Operation): Promise<Told> {
      if (!server) throw new Error('no server');
      const project = { id, name: id, folder: `/${id}` };
      const author = {
        ...{ source: model.sourceOf(operation), connection: `${id} ${operation.by}` },
        ...(operation.request !== undefined && { request: { id: `r${operation.request}`, digest: digest(operation) } }),
      };
      switch (operation.kind) {
        case 'create': {
          const { change: first, links, second } = operation;
          const linksWithin = second?.within === undefined ? [] : [{ kind: kindOf(second.within), index: 1 }];
          const wanted = [
            { change: toChange(first), links: links.map(toLink), linksWithin },
            ...(second ? [{ change: toChange(second.change) }] : []),
          ];
          return seen((await server.create(project, wanted, author))[0]);
        }
        case 'update': {
          const { ticket, change: wanted, ifVersion: version, claim: own } = operation;
          const [link, unlink] = [operation.link.map(toLink), operation.unlink.map(toLink)];
          const options = { ifVersion: version, claim: own, link, unlink };
          return seen(await server.update(project, ticket, toChange(wanted), options, author));
        }
        case 'undo': {
          const { ticket, ifVersion: version, claim: own } = operation;
          return seen(await server.undo(project, ticket, { ifVersion: version, claim: own }, author));
        }
        case 'delete':
          return seen(await server.remove(project, operation.ticket, operation.ifVersion, author));
        case 'claim': {
          const { ticket: number, label, minutes: lease } = operation;
          const claimed = await server.claim(project, { number, label, minutes: lease }, author);
          return 'reason' in claimed ? { nothing: true } : seen(claimed.ticket);
        }
        case 'release': {
          const { ticket, claim: own, failure } = operation;
          return seen(await server.release(project, ticket, { claim: own, failure }, author));
        }
        case 'renew':
          return seen(await server.renew(project, operation.ticket, operation.claim, author));
        case 'limit': {
          const { label, parallel, attempts, isPaused } = operation;
          await server.setQueue(project, { label, parallel, attempts, isPaused }, author);
          return {};
        }
      }
    }

    function seen(ticket: { number: number; version: number; document: object } | undefined): Told {
      if (!ticket) throw new Error('a change gave no ticket');
      return { number: ticket.number, version: ticket.version, document: timeless(model.textOf(ticket.document)) };
    }

    /** What tickets are found by is what their documents give, and their events lead to their documents and back. */
    async function checkRows(id: string, world: model.World) {
      const read = <Row>(query: ReturnType<typeof sql<Row>>) =>
        stores[1]?.read(async ({ db }) => (await query.execute(db)).rows);
      const cards = [...world.tickets].sort(([a], [b]) => a - b);

      const rows = await read(sql`
        select number, version, status, title, priority, due, labels, assignee, tasks_total, tasks_done, claim_number
        from tickets where project_id = ${id} order by number`);
      expect(rows).toEqual(cards.map(([number, kept]) => rowOf(number, kept)));
      if (isSqlite) {
        const times = await read(sql`
          select number, created_at, updated_at, claim_expires_at
          from tickets where project_id = ${id} order by number`);
        expect(times).toEqual(
          cards.map(([number, { createdAt, updatedAt, expiresAt = null }]) => {
            return { number, created_at: createdAt, updated_at: updatedAt, claim_expires_at: expiresAt };
          }),
        );
      }

      const terms = await read(sql<{ term: string }>`
        select number || ' ' || term as term from ticket_terms where project_id = ${id}`);
      expect(terms?.map(({ term }) => term).sort()).toEqual(cards.flatMap(termsOf).sort());

      const links = await read(sql<{ link: string }>`
        select kind || ' ' || from_number || ' ' || to_number as link from ticket_links where project_id = ${id}`);
      const directed = ['blocks', 'parent', 'duplicates', 'supersedes'];
      const edges = directed.flatMap((kind) => model.edges(world, kind).map((edge) => [kind, ...edge].join(' ')));
      expect(links?.map(({ link }) => link).sort()).toEqual(edges.sort());

      const text = isSqlite
        ? sql<Indexed>`select number, words as text
            from tickets join ticket_text on ticket_text.rowid = row_id where project_id = ${id} order by number`
        : sql<Indexed>`select number, array_to_string(tsvector_to_array(words), ' ') as text
            from tickets join ticket_text using (row_id) where project_id = ${id} order by number`;
      const indexed = (await read(text)) ?? [];
      expect(indexed.map(({ number, text: found }) => [number, wordsIn(found)])).toEqual(
        cards.map(([number, { card }]) => [number, wordsIn(textOf(card))]),
      );

      const events = await read(sql<Event>`
        select entity_id, version, action, before, after from events
        where project_id = ${id} and entity = 'ticket' and action <> 'unchanged' order by seq`);
      const stored = await documents(id);
      for (const [number, document] of Object.entries(stored)) {
        const own = (events ?? []).filter(({ entity_id }) => entity_id === number);
        expect(own.map(({ version }) => version)).toEqual(own.map((_, index) => index + 1));
        const forth = own.reduce<unknown>((state, { after }) => patched(state, JSON.parse(after)), undefined);
        expect(timeless(model.textOf(forth))).toBe(document);
        const back = own.reduceRight<unknown>((state, { before }) => patched(state, JSON.parse(before)), forth);
        expect(back).toBe(null);
      }
      expect(new Set(events?.map(({ entity_id }) => entity_id))).toEqual(new Set(Object.keys(stored)));
    }

    it('leave no row behind that belongs to no ticket, and sound indexes', async () => {
      const key = sql.raw(isSqlite ? 'rowid' : 'row_id');
      const ticketsOf = (table: string, column: string) => sql<{ count: number }>`
        select count(*) as count from ${sql.table(table)} as other where not exists (select 1 from tickets
          where tickets.project_id = other.project_id and tickets.number = other.${sql.ref(column)})`;
      for (const query of [
        ticketsOf('ticket_terms', 'number'),
        ticketsOf('ticket_links', 'from_number'),
        ticketsOf('ticket_links', 'to_number'),
        sql<{
          count: number;
        }>`select count(*) as count from ticket_text where ${key} not in (select row_id from tickets)`,
        sql<{
          count: number;
        }>`select count(*) as count from tickets where row_id not in (select ${key} from ticket_text)`,
      ]) {
        const counted = await stores[0]?.read(async ({ db }) => (await query.execute(db)).rows[0]?.count);
        expect(Number(counted)).toBe(0);
      }
      if (!isSqlite) return;
      await stores[0]?.write('p1', async ({ db }) => {
        await sql`insert into ticket_text (ticket_text) values ('integrity-check')`.execute(db);
        expect((await sql`pragma integrity_check`.execute(db)).rows).toEqual([{ integrity_check: 'ok' }]);
      });
    });

    /** Lists, searches, boards and single tickets tell what the model knows. */
    async function checkAnswers(id: string, world: model.World) {
      const [server] = servers;
      if (!server) throw new Error('no server');
      const listed = async (question: Partial<Parameters<Tickets['list']>[1]>) => {
        const { rows } = await server.list(id, { statuses, ready: false, sort: 'created', limit: 100, ...question });
        return rows.map(({ number }) => number);
      };
      const numbers = (isMeant: (card: model.Card) => boolean) =>
        [...world.tickets]
          .flatMap(([number, { card }]) => (!card.isDeleted && isMeant(card) ? [number] : []))
          .sort(byNumber);

      expect(await listed({})).toEqual(numbers(() => true));
      expect(await listed({ ready: true, sort: 'priority' })).toEqual(model.ready(world));
      for (const status of statuses) {
        expect(await listed({ statuses: [status] })).toEqual(numbers((card) => card.status === status));
      }
      for (const label of ['q', 'a%', 'a_', '__proto__', 'constructor', 'toString']) {
        expect(await listed({ label })).toEqual(numbers((card) => card.labels.includes(label)));
      }
      for (const assignee of ['ann', "o'neil"]) {
        expect(await listed({ assignee })).toEqual(numbers((card) => card.assignee === assignee));
      }
      for (const text of [...words, 'alph', 'beta ALPHA', 'failed', 'shown', 'zeta']) {
        const wanted = text.toLowerCase().split(' ');
        expect(await listed({ text })).toEqual(
          numbers((card) => wanted.every((part) => wordsIn(textOf(card)).some((found) => found.startsWith(part)))),
        );
      }

      const { counts, columns, queues } = await server.board(id);
      for (const status of statuses) {
        expect(counts.get(status) ?? 0).toBe(numbers((card) => card.status === status).length);
      }
      expect([...(columns.get('open') ?? [])].map(({ number }) => number).sort(byNumber)).toEqual(
        numbers(({ status }) => status === 'open'),
      );
      expect(queues.map(({ label, running }) => [label, running])).toEqual(
        world.queues
          .map(({ label }) => [label, model.running(world, label)])
          .sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
      );

      for (const [number, kept] of world.tickets) {
        if (kept.card.isDeleted) continue;
        const { ticket, blockers, isReady, claim: active, linked } = await server.get(id, number, { history: 200 });
        expect({ version: ticket.version, blockers, isReady, claim: active?.number }).toEqual({
          ...{ version: kept.version, blockers: model.blockers(world, number) },
          ...{ isReady: model.free(world).includes(number) },
          claim: model.isActive(world, kept) ? kept.card.claim?.number : undefined,
        });
        const titles = kept.card.links.map((link) => Number(link.split('-')[1]));
        expect(new Set(linked.keys())).toEqual(new Set(titles));
      }
    }
  });
});

interface Told {
  refused?: string;
  nothing?: boolean;
  number?: number;
  version?: number;
  document?: string;
}

interface Indexed {
  number: number;
  text: string;
}

interface Event {
  entity_id: string;
  version: number;
  action: string;
  before: string;
  after: string;
}

function isLike(expected: readonly Told[], told: readonly Told[]): boolean {
  return expected.every((each, index) => {
    const { refused } = told[index] ?? {};
    if (each.refused !== undefined && refused !== undefined) return each.refused.split(' or ').includes(refused);
    return isEqual(each, told[index]);
  });
}

function isEqual(one: unknown, other: unknown): boolean {
  return model.textOf(one) === model.textOf(other);
}

function permutations(items: readonly number[]): number[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item) => permutations(items.filter((each) => each !== item)).map((rest) => [item, ...rest]));
}

function digest(operation: model.Operation): string {
  return createHash('sha256').update(model.asked(operation)).digest('hex');
}

const kindOf = (kind: string) => {
  const found = linkKinds.find((each) => each === kind);
  if (!found) throw new Error(kind);
  return found;
};
const linkKinds = [
  ...(['blocks', 'blocked_by', 'parent', 'child', 'related', 'duplicates', 'duplicated_by'] as const),
  ...(['supersedes', 'superseded_by'] as const),
];

function toLink({ kind, number }: model.LinkWish) {
  return { kind: kindOf(kind), number };
}

function toChange({ status, priority, ...rest }: model.Change) {
  return {
    ...rest,
    status: statuses.find((each) => each === status),
    priority: priorities.find((each) => each === priority),
  };
}

function rowOf(number: number, { version, claimNumber, card }: model.Kept) {
  return {
    ...{ number, version, status: card.isDeleted ? 'deleted' : card.status, title: card.title },
    ...{ priority: model.urgency.indexOf(card.priority), due: card.due || '9999-12-31' },
    ...{ labels: JSON.stringify(card.labels), assignee: card.assignee || null, tasks_total: card.tasks.length },
    ...{ tasks_done: card.tasks.filter(({ done }) => done).length, claim_number: claimNumber },
  };
}

function termsOf([number, { card }]: [number, model.Kept]): string[] {
  if (card.isDeleted) return [];
  const terms = [
    ...card.labels.map((label) => `label:${label}`),
    ...(card.assignee ? [`assignee:${card.assignee}`] : []),
    ...(card.planStep ? [`plan_step:${card.planStep.toUpperCase()}`] : []),
  ];
  return terms.map((term) => `${number} ${term}`);
}

function textOf({ title, overview, labels: own, tasks, acceptance, comments }: model.Card): string {
  const parts = [...tasks.flatMap((task) => [task.title, task.description]), ...acceptance.map(({ text }) => text)];
  return [title, overview, ...own, ...parts, ...comments.map(({ text }) => text)].join(' ');
}

function wordsIn(text: string): string[] {
  return [...new Set(text.toLowerCase().match(/[a-z0-9]+/g))].sort();
}

/** RFC 7396, once more. */
function patched(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const kept = Object.entries(isRecord(target) ? target : {}).filter(([key]) => !Object.hasOwn(patch, key));
  const given = Object.entries(patch).filter(([, value]) => value !== null);
  const old = isRecord(target) ? target : {};
  return Object.fromEntries([...kept, ...given.map(([key, value]) => [key, patched(old[key], value)])]);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function byNumber(a: number, b: number): number {
  return a - b;
}
