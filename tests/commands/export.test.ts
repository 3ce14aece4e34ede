import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runOctant } from '../helpers/command.ts';
import { connect, type TestClient } from '../helpers/connect.ts';
import { backends } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';

/** A bit of everything that a day brings. */
async function workForADay(client: TestClient) {
  const call = async (name: string, args: Record<string, unknown>) => {
    const { isError, text, data } = await client.callTool(name, args);
    expect(isError, text).toBe(false);
    return data;
  };
  await call('create_ticket', {
    ...{ title: 'Sum the cart 😀', overview: '# Why\n\n```js\n"quoted" \\ $&\n```', labels: ['bug', 'ui'] },
    ...{ files: ['a.ts', 'later.ts'], due: '2026-12-31', estimate: 1.5, assignee: 'ann', request_id: 'r-1' },
    tasks: [{ title: 'One' }, { title: 'Two', depends_on: [1], description: 'More\n\nof it', files: ['a.ts'] }],
    acceptance: ['It adds up'],
  });
  await call('create_ticket', { title: 'Next', links: ['blocked_by T-1', 'related T-1'], labels: ['ui'] });
  await call('create_ticket', { title: 'Gone', source: 'human' });
  await call('claim_ticket', { action: 'limit', label: 'ui', parallel: 2 });
  await call('claim_ticket', { ticket: 'T-1', minutes: 60 });
  await call('update_ticket', { ticket: 'T-1', tasks: [{ task: 1, done: true }], comment: 'Half of it.\n\n## Done' });
  await call('update_ticket', { ticket: 'T-1', acceptance: [{ item: 3, evidence: 'npm test' }], status: 'done' });
  await call('update_ticket', { ticket: 'T-2', title: 'After that', priority: 'urgent' });
  await call('update_ticket', { ticket: 'T-2', undo: true });
  await call('delete_ticket', { ticket: 'T-3' });
}

/** What a client sees of it. */
async function seenBy(client: TestClient) {
  const ask = async (name: string, args: Record<string, unknown>) => (await client.callTool(name, args)).data;
  const all = ['open', 'in_progress', 'blocked', 'done', 'cancelled'];
  return [
    await ask('list_tickets', { status: all }),
    await ask('list_tickets', { status: all, query: 'adds half' }),
    await ask('list_tickets', { status: all, label: 'ui', sort: 'created' }),
    await ask('list_tickets', { ready: true }),
    await ask('get_ticket', { ticket: 'T-1', history: 50 }),
    await ask('get_ticket', { ticket: 'T-2', history: 50 }),
    (await client.callTool('get_ticket', { ticket: 'T-3' })).text,
  ];
}

async function open(folder: string, flags: readonly string[]) {
  const client = await connect('v2-2026', { args: ['--project', folder, ...flags] });
  onTestFinished(() => client.close());
  return client;
}

describe.each(backends)('An export of $name', ({ isThere, create }) => {
  it.skipIf(!isThere)('read into an empty store is the same, to the byte, and to a client', async () => {
    const [folder, out, backend] = [tempProject({ 'a.ts': '1' }), tempProject(), await create()];
    onTestFinished(() => backend.remove());
    const worker = await open(folder, backend.flags);
    await workForADay(worker);
    const before = await seenBy(worker);
    const file = join(out, 'all.jsonl');
    expect(runOctant(['export', file, ...backend.flags]).stderr).toMatch(
      /^Exported 1 project with 3 tickets and \d+ events to /,
    );
    const text = readFileSync(file, 'utf8');
    expect(statSync(file).mode & 0o777).toBe(0o600);

    for (const target of backends.filter((each) => each.isThere)) {
      const other = await target.create();
      onTestFinished(() => other.remove());
      expect(runOctant(['import', file, ...other.flags]).stderr).toMatch(
        /^Imported 1 project with 3 tickets and \d+ events\.$/m,
      );
      expect(runOctant(['export', ...other.flags]).stdout).toBe(text);
      const reader = await open(folder, other.flags);
      expect(await seenBy(reader)).toEqual(before);
      const again = { title: 'Sum the cart 😀', request_id: 'r-1' };
      expect((await reader.callTool('create_ticket', again)).text).toMatch(/^conflict: This request_id was used/);
      expect((await reader.callTool('create_ticket', { title: 'New' })).data).toMatchObject({ id: 'T-4' });
      expect((await reader.callTool('update_ticket', { ticket: 'T-3', undo: true })).isError).toBe(false);
      const refused = runOctant(['import', file, ...other.flags]);
      expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('has the project')]);
    }
  });
});

describe('octant export', () => {
  it('writes Markdown into a folder, and says nothing of what was deleted', async () => {
    const [folder, data, out] = [tempProject(), tempProject(), tempProject()];
    const client = await open(folder, ['--data-dir', data]);
    await workForADay(client);
    expect(runOctant(['export', out, '--data-dir', data]).stderr).toMatch(/^Wrote 2 tickets of 1 project to /);
    const [project = ''] = readdirSync(out);
    expect(readdirSync(join(out, project))).toEqual(['T-1.md', 'T-2.md']);
    const text = readFileSync(join(out, project, 'T-1.md'), 'utf8');
    const [resource] = await client.readResource(`octant://tickets/${project}.T-1`);
    expect(resource?.text).toBe(text);
    expect(text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME').replaceAll(project, 'PROJECT')).toMatchInlineSnapshot(`
      "---
      id: T-1
      project: PROJECT
      title: Sum the cart 😀
      status: done
      priority: normal
      labels: [bug, ui]
      assignee: ann
      due: '2026-12-31'
      estimate: 1.5
      files: [a.ts, later.ts]
      links: [blocks T-2, related T-2]
      source: agent:octant-tests
      version: 5
      created: 'TIME'
      updated: 'TIME'
      ---

      # Why

      \`\`\`js
      "quoted" \\ $&
      \`\`\`

      ## Tasks

      - [x] #1 One
      - [ ] #2 Two
        after: #1
        file: a.ts

        More

        of it

      ## Acceptance

      - [x] #3 It adds up
        npm test

      ## Comments

      ### TIME agent:octant-tests

      Half of it.

      ## Done
      "
    `);
  });

  it('keeps what it cannot understand as it is, and serves the rest', async () => {
    const [folder, data, other] = [tempProject(), tempProject(), tempProject()];
    const client = await open(folder, ['--data-dir', data]);
    await workForADay(client);
    await client.close();
    const database = new DatabaseSync(join(data, 'octant.db'));
    database.exec(`update tickets set document = '{"__proto__": {"a": 1}, oops' where number = 2`);
    database.close();
    const { stdout } = runOctant(['export', '--data-dir', data]);
    writeFileSync(join(other, 'all.jsonl'), stdout);
    expect(runOctant(['import', join(other, 'all.jsonl'), '--data-dir', other]).status).toBe(0);
    expect(runOctant(['export', '--data-dir', other]).stdout).toBe(stdout);
    const reader = await open(folder, ['--data-dir', other]);
    expect((await reader.callTool('get_ticket', { ticket: 'T-2' })).text).toMatch(/^unavailable: T-2 cannot be read/);
    expect((await reader.callTool('get_ticket', { ticket: 'T-1' })).isError).toBe(false);
  });

  it('takes the named projects alone, and says where there is nothing', async () => {
    const [one, two, data] = [tempProject(), tempProject(), tempProject()];
    for (const folder of [one, two]) {
      const client = await open(folder, ['--data-dir', data]);
      await client.callTool('create_ticket', { title: `In ${folder}` });
    }
    const { stdout } = runOctant(['export', '--data-dir', data, '--project', two]);
    expect(stdout).toContain(`In ${two}`);
    expect(stdout).not.toContain(`In ${one}`);
    const nothing = runOctant(['export', '--data-dir', tempProject()]);
    expect([nothing.status, nothing.stderr]).toEqual([1, expect.stringMatching(/^octant: There is no store in /)]);
  });
});
