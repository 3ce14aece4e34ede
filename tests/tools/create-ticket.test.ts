import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type TestClient } from '../helpers/connect.ts';
import { makeTempFolder, removeFolder, writeFiles } from '../helpers/temp-project.ts';

let folder: string;
let client: TestClient;

beforeAll(async () => {
  folder = makeTempFolder();
  writeFiles(folder, { 'shop/src/cart.ts': 'export {};\n', 'shop/.env': 'KEY=hunter2\n' });
  client = await connect('v2-2026', { args: ['--project', `${folder}/shop`, '--data-dir', `${folder}/data`] });
});
afterAll(async () => {
  await client.close();
  removeFolder(folder);
});

const create = (args: Record<string, unknown>) => client.callTool('create_ticket', args);

describe('create_ticket', () => {
  it('keeps a ticket with its tasks, acceptance items and files in one call', async () => {
    const { data, text } = await create({
      title: 'Sum the cart',
      overview: 'Prices are **wrong**.',
      priority: 'high',
      labels: ['bug'],
      due: '2026-12-31',
      estimate: 3,
      files: ['src/cart.ts', './src/sum.ts'],
      tasks: [{ title: 'Reproduce' }, { title: 'Mend', depends_on: [1], files: ['src/cart.ts'], estimate: 2 }],
      acceptance: ['Totals are right'],
      source: 'human',
    });
    expect(data).toEqual({
      ...{ project: 'shop', id: 'T-1', version: 1, title: 'Sum the cart', uri: 'octant://tickets/shop.T-1' },
    });
    expect(text).toBe('Created T-1 (version 1) in shop: Sum the cart\noctant://tickets/shop.T-1');
    const { data: got } = await client.callTool('get_ticket', { ticket: 'T-1' });
    expect(got).toMatchObject({
      ticket: {
        ...{ priority: 'high', labels: ['bug'], due: '2026-12-31', estimate: 3, source: 'human', ready: true },
        files: [
          { path: 'src/cart.ts', state: 'same' },
          { path: 'src/sum.ts', state: 'planned' },
        ],
        tasks: [
          { task: 1, title: 'Reproduce', done: false },
          { task: 2, title: 'Mend', done: false, depends_on: [1], estimate: 2 },
        ],
        acceptance: [{ item: 3, text: 'Totals are right' }],
      },
    });
  });

  it('links it to others, which are linked back', async () => {
    const { data } = await create({ title: 'Ship', links: ['blocked_by T-1', 'parent T-1'] });
    const { data: got } = await client.callTool('get_ticket', { ticket: String(data?.id) });
    expect(got).toMatchObject({ ticket: { ready: false, blocked_by: ['T-1'] } });
    const { text } = await client.callTool('get_ticket', { ticket: 'T-1' });
    expect(text).toContain(`blocks ${data?.id} (open): Ship`);
    expect(text).toContain(`child ${data?.id} (open): Ship`);
  });

  it('gives the first result again for a repeated request id, and refuses it for anything else', async () => {
    const first = await create({ title: 'Once', request_id: 'r-1' });
    await client.callTool('update_ticket', { ticket: String(first.data?.id), title: 'Twice' });
    expect((await create({ title: 'Once', request_id: 'r-1' })).data).toEqual(first.data);
    expect((await create({ title: 'Other', request_id: 'r-1' })).text).toMatch(/^conflict: This request_id was used/);
  });

  it('names the client as the source where nobody says', async () => {
    const { data } = await create({ title: 'Whose' });
    const got = await client.callTool('get_ticket', { ticket: String(data?.id) });
    expect(got.data).toMatchObject({ ticket: { source: 'agent:octant-tests' } });
  });

  it.each([
    [{}, /^bad_input: Give a "title"/],
    [{ title: ' \n ' }, /^bad_input: title: /],
    [{ title: 'x', files: ['../outside'] }, /^denied: .*leaves the project/],
    [{ title: 'x', files: ['.env'] }, /^secret: /],
    [{ title: 'x', files: ['src'] }, /^bad_input: .*is a folder/],
    [{ title: 'x', due: '2026-13-01' }, /^bad_input: due: is a date/],
    [{ title: 'x', links: ['blocks T-99'] }, /^not_found: There is no T-99 in this project\. The last one is T-\d/],
    [{ title: 'x', links: ['hugs T-1'] }, /^bad_input: "hugs T-1" is no link\. .*kinds: blocks/],
    [
      {
        title: 'x',
        tasks: [
          { title: 'a', depends_on: [2] },
          { title: 'b', depends_on: [1] },
        ],
      },
      /^conflict: .*lead back/,
    ],
    [{ title: 'x', source: 'me' }, /^bad_input: source: is "human" or "agent:NAME"/],
    [{ title: 'x', project: 'shpo' }, /^not_found: There is no project "shpo"\. Known: shop/],
    [{ title: 'x', subtasks: [] }, /^bad_input: Unknown argument "subtasks"\. create_ticket takes: title, overview/],
  ])('refuses %j, and keeps nothing of it', async (args, message) => {
    const before = await client.callTool('list_tickets', {});
    const { isError, text } = await create(args);
    expect([isError, text]).toEqual([true, expect.stringMatching(message)]);
    expect((await client.callTool('list_tickets', {})).data).toEqual(before.data);
  });
});
