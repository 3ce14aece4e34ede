import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { connect, type TestClient } from '../helpers/connect.ts';
import { makeTempFolder, removeFolder } from '../helpers/temp-project.ts';

let folder: string;
let client: TestClient;

const tickets = [
  { title: 'Search is slow', priority: 'high', labels: ['search'], due: '2026-12-01' },
  { title: 'Search forgets accents', labels: ['search', 'text'], assignee: 'ann' },
  { title: 'Write the guide', priority: 'low', overview: 'About searching, too.', due: '2026-11-30' },
  { title: 'Release', priority: 'urgent', links: ['blocked_by T-1'] },
  { title: 'Old', status: 'done', labels: ['search'] },
];

beforeAll(async () => {
  folder = makeTempFolder();
  client = await connect('v2-2026', { args: ['--project', folder, '--data-dir', folder] });
  for (const ticket of tickets) await client.callTool('create_ticket', ticket);
});
afterAll(async () => {
  await client.close();
  removeFolder(folder);
});

const page = z.object({ tickets: z.array(z.object({ id: z.string() })), next_cursor: z.string().optional() });

async function list(args: Record<string, unknown> = {}) {
  const { data } = await client.callTool('list_tickets', args);
  return page.parse(data).tickets.map(({ id }) => id);
}

describe('list_tickets', () => {
  it('lists what is not settled, the most urgent first, a line each', async () => {
    const { text } = await client.callTool('list_tickets', {});
    expect(text).toMatchInlineSnapshot(`
      "4 tickets
      T-4 open urgent: Release
      T-1 open high: Search is slow (#search, due 2026-12-01)
      T-2 open normal: Search forgets accents (#search, #text, @ann)
      T-3 open low: Write the guide (due 2026-11-30)"
    `);
  });

  it.each([
    [{ label: 'search' }, ['T-1', 'T-2']],
    [{ label: 'search', status: ['done'] }, ['T-5']],
    [{ label: 'search', assignee: 'ann' }, ['T-2']],
    [{ ready: true }, ['T-1', 'T-2', 'T-3']],
    [{ query: 'search' }, ['T-1', 'T-2', 'T-3']],
    [{ query: 'Guide SEARCH' }, ['T-3']],
    [{ query: 'accents' }, ['T-2']],
    [{ query: '"AND" OR NEAR(' }, []],
    [{ sort: 'due' }, ['T-3', 'T-1', 'T-2', 'T-4']],
    [{ sort: 'created' }, ['T-1', 'T-2', 'T-3', 'T-4']],
    [{ updated_since: '2020-01-01', status: ['done', 'open'], sort: 'created' }, ['T-1', 'T-2', 'T-3', 'T-4', 'T-5']],
    [{ updated_since: '2099-01-01' }, []],
  ])('filters and sorts by %j', async (args, expected) => {
    expect(await list(args)).toEqual(expected);
  });

  it('sorts by the last change, the newest first', async () => {
    await client.callTool('update_ticket', { ticket: 'T-2', comment: 'still' });
    expect((await list({ sort: 'updated' }))[0]).toBe('T-2');
  });

  it.each(['priority', 'updated', 'created', 'due'])('pages by %s, each ticket once', async (sort) => {
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const { data } = await client.callTool('list_tickets', { sort, limit: 1, ...(cursor && { cursor }) });
      const { tickets: rows, next_cursor: next } = page.parse(data);
      seen.push(...rows.map(({ id }) => id));
      if (next === undefined) break;
      cursor = next;
    }
    expect(seen).toEqual(await list({ sort }));
  });

  it('refuses a cursor of another question', async () => {
    const { data } = await client.callTool('list_tickets', { limit: 1 });
    const { text } = await client.callTool('list_tickets', {
      limit: 1,
      label: 'x',
      cursor: page.parse(data).next_cursor,
    });
    expect(text).toMatch(/^bad_input: The cursor does not belong to this question/);
  });

  it('stays small however long the titles are', async () => {
    for (let index = 0; index < 60; index++) {
      await client.callTool('create_ticket', { title: `${index} ${'long title '.repeat(17)}`, labels: ['long'] });
    }
    const { data, text } = await client.callTool('list_tickets', { label: 'long', limit: 100 });
    expect(text.length).toBeLessThan(10_000);
    expect(JSON.stringify(data).length).toBeLessThan(10_000);
    expect(page.parse(data).next_cursor).toBeDefined();
  });

  it('finds words that most tickets have, without case and accents', async () => {
    const project = makeTempFolder();
    const other = await connect('v2-2026', { args: ['--project', project, '--data-dir', project] });
    try {
      const titles = Array.from({ length: 12 }, (_, index) => (index === 7 ? 'Tea' : `CAFÉ ${index}`));
      for (const title of titles) await other.callTool('create_ticket', { title, overview: `Table ${title.length}` });
      const found = async (query: string) => {
        const { data } = await other.callTool('list_tickets', { query, sort: 'created' });
        return page.parse(data).tickets.map(({ id }) => id);
      };
      const cafes = titles.flatMap((title, index) => (title === 'Tea' ? [] : [`T-${index + 1}`]));
      expect(await found('cafe')).toEqual(cafes);
      expect(await found('Caf')).toEqual(cafes);
      expect(await found('table café 9')).toEqual(['T-10']);
      expect(await found('table tea')).toEqual(['T-8']);
      expect(await found('afe')).toEqual([]);
    } finally {
      await other.close();
      removeFolder(project);
    }
  });
});
