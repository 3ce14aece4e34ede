import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { expectNoPath, type Served, serve, storeWithTickets, titlesIn } from './served.ts';

/** What another program, a newer Octant or a damaged disk may have left in the row of T-2. */
const odd: ReadonlyArray<[title: string, column: string, value: string, isReadable: boolean]> = [
  ['a document that is no JSON', 'document', `'{"title":'`, false],
  ['a document that is JSON, and no ticket', 'document', `'[]'`, false],
  ['a document with a field of a newer Octant', 'document', `json_set(document, '$.mood', 'fine')`, false],
  ['a document with a status of a newer Octant', 'document', `json_set(document, '$.status', 'frozen')`, false],
  ['a document with __proto__', 'document', `'{"__proto__":{"title":"ticket 1"},' || substr(document, 2)`, false],
  ['tasks named __proto__', 'document', `replace(document, '"tasks":{}', '"tasks":{"__proto__":{"title":"x"}}')`, true],
  ['a document of bytes', 'document', `cast(document as blob)`, false],
  ['a document of invalid UTF-8', 'document', `cast(x'7b22fffe' as text)`, false],
  ['an overview of invalid UTF-8', 'document', `cast(replace(document, '2 2', cast(x'fffe' as text)) as text)`, true],
  ['an overview of 5 MB', 'document', `json_set(document, '$.overview', printf('%.*c', 5000000, 'x'))`, true],
  ['a document of 5 MB that is no JSON', 'document', `printf('%.*c', 5000000, '[')`, false],
  ['a title of 5 MB', 'title', `printf('%.*c', 5000000, 'x')`, true],
  ['labels that are no JSON', 'labels', `'["a",'`, true],
  ['labels that are no list', 'labels', `'{"__proto__":1}'`, true],
  ['a label of 5 MB', 'labels', `json_array(printf('%.*c', 5000000, 'x'))`, true],
  ['100,000 labels', 'labels', `'["a"' || replace(printf('%.*c', 99999, 'x'), 'x', ',"a"') || ']'`, true],
  ['an assignee of 5 MB', 'assignee', `printf('%.*c', 5000000, 'x')`, true],
  ['a priority that there is not', 'priority', `99`, true],
];

describe('A stored ticket with', () => {
  it.each(odd)(
    '%s is reported when it is asked for, and all others are served',
    async (title, column, value, isReadable) => {
      const store = await storeWithTickets();
      change(store.path, `update tickets set ${column} = ${value} where number = 2`);
      const served = await serve(store);
      await expectOthers(served);

      const asked = await served.call('get_ticket', { ticket: 'T-2' });
      const updated = await served.call('update_ticket', { ticket: 'T-2', comment: 'seen' });
      expect(asked.text.length).toBeLessThan(11_000);
      if (isReadable) expect([title, asked.isError]).toEqual([title, false]);
      else {
        const text = expect.stringContaining('unavailable: T-2 cannot be read');
        expect([asked, updated]).toEqual([
          { isError: true, text },
          { isError: true, text },
        ]);
        expect(await served.read('octant://tickets/T-2')).toContain('T-2 cannot be read');
      }
      await expectOthers(served);
      expectNoPath(served, store.data);
    },
  );

  it('a history that cannot be read is still shown, and cannot be undone', async () => {
    const store = await storeWithTickets();
    change(store.path, `update events set after = '{"title":', before = '[' where entity_id = '2'`);
    const served = await serve(store);
    expect(await served.call('get_ticket', { ticket: 'T-2' })).toMatchObject({ isError: false });
    const refused = await served.call('update_ticket', { ticket: 'T-2', undo: true });
    expect(refused.text).toMatch(/^unavailable: What is stored of the history of T-2 cannot be read/);
    await expectOthers(served);
  });
});

describe('Work is handed out', () => {
  it('past a ticket that cannot be read', async () => {
    const store = await storeWithTickets();
    change(store.path, `update tickets set document = '{}' where number = 1`);
    const served = await serve(store);
    const claimed = [await served.call('claim_ticket'), await served.call('claim_ticket')];
    expect(claimed.map(({ text }) => /T-\d/.exec(text)?.[0])).toEqual(['T-2', 'T-3']);
    expect(await served.call('claim_ticket')).toMatchObject({ text: expect.stringContaining('No ticket is ready') });
  });

  it('beside a claimed ticket that cannot be read', async () => {
    const store = await storeWithTickets();
    const served = await serve(store);
    await served.call('update_ticket', { ticket: 'T-2', files: ['notes.txt'] });
    await served.call('claim_ticket', { ticket: 'T-1' });
    change(store.path, `update tickets set document = '{}', labels = '{' where number = 1`);
    expect(await served.call('claim_ticket')).toMatchObject({ isError: false, text: expect.stringContaining('T-2') });
  });
});

async function expectOthers(served: Served) {
  const titles = await titlesIn(served.client);
  expect(titles).toContain('ticket 1');
  expect(titles).toContain('ticket 3');
  const listed = await served.call('list_tickets');
  expect(listed).toMatchObject({ isError: false, text: expect.stringMatching(/T-1 .*\n?.*T-[23] /) });
  expect(listed.text.length).toBeLessThan(10_000);
  for (const number of [1, 3]) {
    expect(await served.call('get_ticket', { ticket: `T-${number}` })).toMatchObject({
      isError: false,
      text: expect.stringContaining(`ticket ${number}`),
    });
  }
  const board = await served.read('octant://projects/shop/board');
  expect(board).toContain('T-1 ticket 1');
  expect(board).toContain('T-3 ticket 3');
  expect(board.length).toBeLessThan(10_000);
}

function change(path: string, statement: string) {
  const database = new DatabaseSync(path, { timeout: 2000 });
  database.exec(statement);
  database.close();
}
