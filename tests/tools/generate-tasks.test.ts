import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type TestClient } from '../helpers/connect.ts';
import { type ModelServer, startModelServer } from '../helpers/model-server.ts';
import { makeTempFolder, removeFolder, writeFiles } from '../helpers/temp-project.ts';

let folder: string;
let server: ModelServer;
let client: TestClient;
let alone: TestClient;

beforeAll(async () => {
  folder = makeTempFolder();
  writeFiles(`${folder}/shop`, {
    'src/cart.ts': 'export function cartTotal() {}\n',
    'src/invoice.ts': 'export function printInvoice() {}\n',
    'tests/cart.test.ts': 'cartTotal();\n',
  });
  server = await startModelServer();
  const args = ['--project', `${folder}/shop`, '--data-dir', `${folder}/data`];
  client = await connect('v2-2026', {
    args: [...args, '--models', 'medium=shop/small'],
    env: { OCTANT_PROVIDERS: `shop=${server.url}/v1,lmstudio=off,ollama=off`, SHOP_API_KEY: 'sk-canary-7777' },
  });
  alone = await connect('v1', { args });
});
afterAll(async () => {
  await client.close();
  await alone.close();
  await server.stop();
  removeFolder(folder);
});

async function ticket(args: Record<string, unknown>): Promise<string> {
  return String((await alone.callTool('create_ticket', { title: 'Sum with tax', ...args })).data?.id);
}
const get = async (id: string) => (await alone.callTool('get_ticket', { ticket: id })).data?.ticket;
const overview = 'Prices are wrong:\n\n- Sum the cart with tax.\n- Print the tax on the invoice\n- Announce it';

describe('generate_tasks', () => {
  it('splits a ticket by its lists, files and acceptance without a model, and repeats nothing', async () => {
    const files = ['src/cart.ts', 'tests/cart.test.ts', 'src/invoice.ts', 'docs/tax.md'];
    const id = await ticket({
      overview,
      files,
      tasks: [{ title: 'Announce it' }],
      acceptance: ['Two items of 1.00 give 2.38'],
    });
    const { data, text } = await alone.callTool('generate_tasks', { ticket: id });
    expect(data).toEqual({
      ...{ project: 'shop', id, version: 2, mode: 'offline', added: true, left_out: ['Announce it'] },
      note: 'Made without a model: No model is set up for it, or none was wanted.',
      tasks: [
        { task: 3, title: 'Sum the cart with tax', files: ['src/cart.ts', 'tests/cart.test.ts'], depends_on: [] },
        { task: 4, title: 'Print the tax on the invoice', files: ['src/invoice.ts'], depends_on: [] },
        { task: 5, title: 'Change docs/tax.md', files: ['docs/tax.md'], depends_on: [] },
        { task: 6, title: 'Show that: Two items of 1.00 give 2.38', files: [], depends_on: [3, 4, 5] },
      ],
    });
    expect(text).toContain(
      `Added 4 tasks to ${id} in shop (version 2; offline):\n3 Sum the cart with tax (src/cart.ts; tests/cart.test.ts)`,
    );
    expect(await get(id)).toMatchObject({
      tasks: [{ task: 1 }, { task: 3 }, { task: 4 }, { task: 5 }, { task: 6, depends_on: [3, 4, 5] }],
    });
    const again = await alone.callTool('generate_tasks', { ticket: id });
    expect(again.data).toMatchObject({ version: 2, tasks: [], added: false });
    await alone.callTool('update_ticket', { ticket: id, undo: true });
    expect(await get(id)).toMatchObject({ version: 3, tasks: [{ task: 1 }] });
  });

  it('takes likely files where a ticket names none, and shows without keeping', async () => {
    const id = await ticket({ title: 'Total of the cart', overview: '' });
    const { data } = await alone.callTool('generate_tasks', { ticket: id, dry_run: true });
    expect(data).toMatchObject({ version: 1, added: false });
    expect(JSON.stringify(data?.tasks)).toContain('src/cart.ts');
    expect(await get(id)).toMatchObject({ version: 1, tasks: [] });
  });

  it('takes the tasks of a model, but no repeats, circles or paths out of the project', async () => {
    const tasks = [
      {
        title: 'Write rates',
        description: 'By country.',
        files: ['src/rates.ts (new)', '../../etc/passwd', '.env'],
        depends_on: [2],
      },
      { title: 'Sum with rates', files: ['src/cart.ts'], depends_on: [1, 1, 2, 9] },
      { title: 'Reproduce', files: [], depends_on: [] },
      { title: 'Print', files: [], depends_on: [3, 2] },
    ];
    await server.play({ chat: [{ kind: 'answer', pieces: [JSON.stringify({ tasks, open_questions: [] })] }] });
    const id = await ticket({ overview, tasks: [{ title: 'Reproduce' }] });
    const { data, text } = await client.callTool('generate_tasks', { ticket: id, request_id: 'g-1' });
    expect(data).toMatchObject({
      ...{ mode: 'model', model: 'shop/small', version: 2, left_out: ['Reproduce'] },
      tasks: [
        { task: 2, title: 'Write rates', files: ['src/rates.ts'], depends_on: [] },
        { task: 3, title: 'Sum with rates', files: ['src/cart.ts'], depends_on: [2] },
        { task: 4, title: 'Print', files: [], depends_on: [3] },
      ],
    });
    expect(text).toContain('(version 2; shop/small)');
    const asked = JSON.stringify((await server.journal()).map(({ body }) => body));
    expect(asked).toContain('Tasks that it has:\\\\n- Reproduce');
  });

  it('asks once for a request id: again it gives the first answer, and the run while that goes on', async () => {
    const tasks = [{ title: 'Write rates', files: ['src/rates.ts'], depends_on: [] }];
    const answer = { kind: 'answer' as const, pieces: [JSON.stringify({ tasks, open_questions: [] })] };
    await server.play({ chat: [{ ...answer, afterMs: 1500 }] });
    const request = { ticket: await ticket({ overview }), request_id: 'g-2' };
    const first = client.callTool('generate_tasks', request);
    await expect.poll(() => server.journal()).toHaveLength(1);
    const meanwhile = await client.callTool('generate_tasks', request);
    expect(meanwhile.data).toMatchObject({ id: request.ticket, status: 'running', added: false, tasks: [] });
    expect((await first).data).toMatchObject({ mode: 'model', added: true, tasks: [{ title: 'Write rates' }] });
    await alone.callTool('update_ticket', { ticket: request.ticket, title: 'Sum with the tax' });
    expect(await client.callTool('generate_tasks', request)).toEqual(await first);
    expect(await server.journal()).toHaveLength(1);
    expect(await get(request.ticket)).toMatchObject({ version: 3, tasks: [{ title: 'Write rates' }] });
    const other = await client.callTool('generate_tasks', { ...request, limit: 3 });
    expect(other.text).toMatch(/^conflict: This request_id was used for another call/);
  });

  it('gives its first answer without a model too, and asks again where the first call came to nothing', async () => {
    const request = { ticket: await ticket({ overview }), request_id: 'g-3' };
    const first = await alone.callTool('generate_tasks', request);
    expect(first.data).toMatchObject({ mode: 'offline', added: true });
    expect(await alone.callTool('generate_tasks', request)).toEqual(first);
    expect(await get(request.ticket)).toMatchObject({ version: 2 });

    await server.play({ chat: [{ kind: 'silent' }] });
    const second = { ticket: await ticket({ overview }), request_id: 'g-4' };
    const gone = new AbortController();
    const lost = client.callTool('generate_tasks', second, { signal: gone.signal }).catch(String);
    await expect.poll(() => server.journal()).toHaveLength(1);
    gone.abort();
    await lost;
    await server.play({ chat: [{ kind: 'answer', pieces: [JSON.stringify({ tasks: [], open_questions: [] })] }] });
    const retried = () => client.callTool('generate_tasks', second);
    await expect.poll(async () => (await retried()).data).toMatchObject({ mode: 'offline', added: true });
    expect((await server.journal()).length).toBe(1);
    expect(await retried()).toMatchObject({ data: { added: true } });
    expect((await server.journal()).length).toBe(1);
  });

  it('does without a model that answers nonsense, and says so', async () => {
    await server.play({ chat: [{ kind: 'answer', pieces: ['no'] }] });
    const { data } = await client.callTool('generate_tasks', { ticket: await ticket({ overview }), limit: 2 });
    expect(data).toMatchObject({
      mode: 'offline',
      note: expect.stringMatching(/^Made without a model/),
      tasks: [{}, {}],
    });
  });

  it.each([[[]], [[{ title: ' ', files: [] }]]])('does without a model that names no task: %j', async (tasks) => {
    await server.play({ chat: [{ kind: 'answer', pieces: [JSON.stringify({ tasks, open_questions: [] })] }] });
    const { data } = await client.callTool('generate_tasks', { ticket: await ticket({ overview }) });
    expect(data).toMatchObject({
      ...{ mode: 'offline', note: 'Made without a model: shop/small named no task.', added: true },
      tasks: [{ title: 'Sum the cart with tax' }, { title: 'Print the tax on the invoice' }, { title: 'Announce it' }],
    });
  });

  it('says that there is no such ticket', async () => {
    expect((await alone.callTool('generate_tasks', { ticket: 'T-99' })).text).toMatch(/^not_found: There is no T-99/);
  });
});
