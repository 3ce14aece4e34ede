import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { createTickets } from '../../src/tickets/tickets.ts';
import { connect, type TestClient } from '../helpers/connect.ts';
import { openSqlite } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';

const author = { source: 'human', connection: 'tests' };

/** A folder of data whose store holds tickets of a project, closed and complete, and the project's folder. */
export async function storeWithTickets(count = 3, data = tempProject()) {
  const folder = tempProject({ 'notes.txt': 'the notes are here\n' });
  const path = join(data, 'octant.db');
  await addTickets(path, folder, count);
  return { data, path, folder };
}

export async function addTickets(path: string, folder: string, count: number): Promise<void> {
  const store = openSqlite(path);
  const tickets = createTickets(store);
  for (let index = 1; index <= count; index++) {
    const change = { title: `ticket ${index}`, overview: `${index} `.repeat(200) };
    await tickets.create({ id: 'shop', name: 'shop', folder }, [{ change }], author);
  }
  await store.close();
}

/** A real server on that data, spoken to by a real client; `seen` is everything that it has answered. */
export async function serve({ data, folder }: { data: string; folder: string }) {
  const client = await connect('v1', { args: ['--project', folder, '--data-dir', data] });
  onTestFinished(() => client.close());
  const seen: string[] = [];
  return {
    async call(name: string, args: Record<string, unknown> = {}) {
      const { text, data: values, isError } = await client.callTool(name, args);
      seen.push(text, JSON.stringify(values ?? null));
      return { text, isError };
    },
    async read(uri: string) {
      const text = await client.readResource(uri).then(
        ([first]) => first?.text ?? '',
        (error) => `${error} ${JSON.stringify(error)}`,
      );
      seen.push(text);
      return text;
    },
    seen,
    client,
  };
}

export type Served = Awaited<ReturnType<typeof serve>>;

/** Files are served, tickets are refused for the reason given, and no answer names a path of the machine. */
export async function expectHonest(served: Served, data: string, reason: string): Promise<void> {
  expect(await served.call('search_files', { query: 'notes' })).toMatchObject({
    isError: false,
    text: expect.stringContaining('notes.txt'),
  });
  for (const [tool, args] of [
    ['list_tickets', {}],
    ['get_ticket', { ticket: 'T-1' }],
    ['create_ticket', { title: 'new' }],
  ] as const) {
    expect({ tool, ...(await served.call(tool, args)) }).toEqual({ tool, isError: true, text: reason });
  }
  expect(await served.read('octant://tickets/T-1')).toContain(reason);
  expectNoPath(served, data);
}

export function expectNoPath({ seen }: Served, data: string): void {
  expect(seen.filter((text) => text.includes(data) || /octant\.db|node_modules/.test(text))).toEqual([]);
}

export async function titlesIn(client: TestClient): Promise<string[]> {
  const { text, isError } = await client.callTool('list_tickets', { sort: 'created', limit: 100 });
  if (isError) throw new Error(text);
  return [...text.matchAll(/: (ticket \d+|new)/g)].map(([, title]) => title ?? '');
}
