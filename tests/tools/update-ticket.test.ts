import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect, type TestClient } from '../helpers/connect.ts';
import { makeTempFolder, removeFolder } from '../helpers/temp-project.ts';

let folder: string;
let client: TestClient;
let ticket: string;

beforeAll(async () => {
  folder = makeTempFolder();
  client = await connect('v2-2026', { args: ['--project', folder, '--data-dir', folder] });
});
afterAll(async () => {
  await client.close();
  removeFolder(folder);
});
beforeEach(async () => {
  const { data } = await client.callTool('create_ticket', {
    ...{ title: 'Sum the cart', labels: ['bug'], assignee: 'ann', tasks: [{ title: 'One' }, { title: 'Two' }] },
    acceptance: ['It adds up'],
  });
  ticket = String(data?.id);
});

const update = (args: Record<string, unknown>) => client.callTool('update_ticket', { ticket, ...args });
const get = async () => (await client.callTool('get_ticket', { ticket })).data?.ticket;

describe('update_ticket', () => {
  it('changes only what is given', async () => {
    const { data, text } = await update({ priority: 'urgent', add_labels: ['cart'], assignee: '' });
    expect(data).toMatchObject({ id: ticket, version: 2, status: 'open', open_tasks: 2, open_acceptance: 1 });
    expect(text).toContain(`${ticket} in`);
    const changed = await get();
    expect(changed).toMatchObject({ title: 'Sum the cart', priority: 'urgent', labels: ['bug', 'cart'] });
    expect(changed).not.toHaveProperty('assignee');
  });

  it('adds, changes, orders and removes tasks, whose numbers are never used again', async () => {
    await update({
      tasks: [
        { task: 2, remove: true },
        { title: 'Three', position: 1 },
        { task: 1, done: true },
      ],
    });
    expect(await get()).toMatchObject({
      tasks: [
        { task: 4, title: 'Three', done: false },
        { task: 1, title: 'One', done: true },
      ],
    });
  });

  it.each([
    [{ tasks: [{ title: 'New', remove: true }] }, /^bad_input: A new task needs a "title"; to change or remove/],
    [{ acceptance: [{ text: 'New', remove: true }] }, /^bad_input: A new acceptance item needs a "text"/],
    [{ prompts: [' '] }, /^bad_input: prompts\.0: /],
  ])('refuses %j', async (args, message) => {
    expect((await update(args)).text).toMatch(message);
  });

  it('is done only when every acceptance item has its evidence, or with a reason', async () => {
    expect((await update({ status: 'done' })).text).toMatch(
      /^conflict: It cannot be done while 1 of its acceptance items/,
    );
    expect((await update({ status: 'done', force_reason: 'no longer wanted' })).data).toMatchObject({ status: 'done' });
    expect(await get()).toMatchObject({ forced: 'no longer wanted' });
    await update({ status: 'open' });
    expect((await update({ status: 'done', acceptance: [{ item: 3, evidence: 'npm test' }] })).isError).toBe(false);
    expect(await get()).not.toHaveProperty('forced');
    for (const acceptance of [[{ text: 'One more' }], [{ item: 3, evidence: '' }]]) {
      expect((await update({ acceptance })).text).toMatch(/^conflict: It cannot be done while 1 of/);
    }
  });

  it('undoes the last change, and undoes the undoing', async () => {
    const before = await get();
    await update({ title: 'Other', labels: [], comment: 'Why not' });
    expect((await update({ undo: true })).data).toMatchObject({ title: 'Sum the cart', version: 3 });
    expect(await get()).toMatchObject({
      ...(before as object),
      version: 3,
      updated: expect.any(String),
      history: expect.any(Array),
    });
    expect((await update({ undo: true })).data).toMatchObject({ title: 'Other', version: 4 });
    expect((await update({ undo: true, title: 'x' })).text).toMatch(/^bad_input: "undo" .*leave out title/);
  });

  it('refuses a stale version, and a circle of links, and changes nothing then', async () => {
    await update({ priority: 'low' });
    expect((await update({ title: 'x', if_version: 1 })).text).toMatch(
      /has version 2 by now, not 1\. Nothing was changed/,
    );
    const { data } = await client.callTool('create_ticket', { title: 'Next', links: [`blocked_by ${ticket}`] });
    const circle = await update({ link: [`blocked_by ${data?.id}`] });
    expect(circle.text).toMatch(/^conflict: .*would close a circle/);
    expect(await get()).toMatchObject({ title: 'Sum the cart', links: [{ link: `blocks ${data?.id}` }] });
    await update({ unlink: [`blocks ${data?.id}`] });
    expect(await get()).toMatchObject({ links: [] });
  });

  it('writes every change into the history, with who made it', async () => {
    await update({ comment: 'Looked at it.', source: 'human' });
    const { text } = await client.callTool('get_ticket', { ticket });
    expect(text).toMatch(/v2 \S+ human commented: comments\.4\.text: Looked at it\./);
    expect(text).toMatch(/v1 \S+ agent:octant-tests created/);
  });
});
