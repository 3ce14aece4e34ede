import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runOctant } from '../helpers/command.ts';
import { connect, type TestClient } from '../helpers/connect.ts';
import { tempProject, writeFiles } from '../helpers/temp-project.ts';

/** A store of its own, and a file with this content beside the project. */
function prepare(name: string, content: unknown) {
  const [folder, data, files] = [tempProject({ 'a.ts': '1' }), tempProject(), tempProject()];
  const path = join(files, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  const flags = ['--project', folder, '--data-dir', data];
  let client: Promise<TestClient> | undefined;
  return {
    path,
    flags,
    import: () => runOctant(['import', path, ...flags]),
    open(): Promise<TestClient> {
      if (!client) {
        client = connect('v2-2026', { args: flags });
        onTestFinished(async () => (await client)?.close());
      }
      return client;
    },
    async ticket(id: string) {
      const client = await this.open();
      return (await client.callTool('get_ticket', { ticket: id, max_characters: 100_000 })).data?.ticket;
    },
  };
}

const taskMaster = {
  master: {
    tasks: [
      {
        ...{ id: 1, title: 'Set up', description: 'The start', details: 'How', testStrategy: 'It runs' },
        ...{ status: 'done', priority: 'high', dependencies: [] },
        subtasks: [
          { id: 1, title: 'One', description: '', status: 'done', dependencies: [] },
          { id: 2, title: 'Two', description: 'More', status: 'pending', dependencies: [1, '1.1', 9] },
        ],
      },
      { id: 2, title: 'Go on', status: 'in-progress', priority: 'critical', dependencies: [1, 3] },
      { id: 3, title: 'Circle', status: 'review', dependencies: [2, 99] },
    ],
    metadata: { created: '2026-01-01' },
  },
  side: { tasks: [{ id: 1, title: 'Elsewhere', status: 'deferred', dependencies: null, subtasks: null }] },
};

describe("An import of Task Master's tasks.json", () => {
  it('makes tickets of tasks and tasks of subtasks, once', async () => {
    const imported = prepare('tasks.json', taskMaster);
    const { status, stderr } = imported.import();
    expect(status).toBe(0);
    expect(stderr).toMatch(/^Imported 4 tickets into /);
    expect(stderr).toContain('the link taskmaster:master/3 blocked_by taskmaster:master/2, which leads nowhere');
    expect(stderr).toContain('taskmaster:master/3 blocked_by taskmaster:master/99, which leads nowhere');
    expect(imported.import().stderr).toMatch(/^Imported 0 tickets into .*; 4 were there already\.$/m);
    expect(await imported.ticket('T-1')).toMatchObject({
      ...{ title: 'Set up', status: 'done', priority: 'high', source: 'human', links: [{ link: 'blocks T-2' }] },
      overview: 'The start\n\n## Details\n\nHow\n\n## Test strategy\n\nIt runs',
      tasks: [
        { task: 1, title: 'One', done: true },
        { task: 2, title: 'Two', done: false, description: 'More', depends_on: [1] },
      ],
    });
    expect(await imported.ticket('T-2')).toMatchObject({ status: 'in_progress', priority: 'urgent' });
    expect(await imported.ticket('T-4')).toMatchObject({ status: 'open', labels: ['side', 'deferred'] });
  });

  it('takes files from before there were tags, and only what is new the second time', async () => {
    const { master } = taskMaster;
    const imported = prepare('tasks.json', { tasks: master.tasks.slice(0, 1) });
    expect(imported.import().stderr).toMatch(/^Imported 1 ticket into /);
    writeFileSync(imported.path, JSON.stringify({ tasks: master.tasks }));
    expect(imported.import().stderr).toMatch(/^Imported 2 tickets into .*; 1 were there already/);
    expect(await imported.ticket('T-1')).toMatchObject({ links: [{ link: 'blocks T-2' }] });
  });
});

describe("An import of beads' issues.jsonl", () => {
  const issues = [
    {
      ...{ id: 'bd-a1', title: 'x'.repeat(300), description: 'Why', design: 'How', notes: '', status: 'closed' },
      ...{ priority: 0, issue_type: 'bug', assignee: 'carol', estimated_minutes: 90, due_at: '2026-02-03T10:00:00Z' },
      ...{ acceptance_criteria: '- [ ] One\n- Two', labels: ['ui', 'a\u202eb'], dependencies: null },
      comments: [{ id: 1, author: 'bob', text: 'Looked\nat it', created_at: '2026-01-02T03:04:05Z' }],
    },
    {
      ...{ id: 'bd-b2', title: 'Part', status: 'open', priority: 4 },
      dependencies: [
        { issue_id: 'bd-b2', depends_on_id: 'bd-a1', type: 'parent-child' },
        { issue_id: 'bd-b2', depends_on_id: 'bd-a1', dep_type: 'discovered-from' },
        { issue_id: 'bd-b2', depends_on_id: 'bd-c3', type: 'blocks' },
      ],
    },
    { id: 'bd-c3', title: 'First', status: 'deferred', priority: 2, acceptance_criteria: 'All of it' },
    { id: 'bd-d4', title: 'Gone', status: 'tombstone' },
  ];
  const jsonl = `${issues.map((issue) => JSON.stringify(issue)).join('\n')}\n`;

  it('keeps everything that tickets have a place for', async () => {
    const imported = prepare('issues.jsonl', jsonl);
    expect(imported.import().stderr).toMatch(/^Imported 3 tickets into /);
    expect(await imported.ticket('T-1')).toMatchObject({
      ...{ title: `${'x'.repeat(199)}…`, status: 'done', priority: 'urgent', assignee: 'carol', estimate: 1.5 },
      ...{ due: '2026-02-03', labels: ['ui', 'ab', 'bug'], overview: `${'x'.repeat(300)}\n\nWhy\n\n## Design\n\nHow` },
      acceptance: [
        { item: 1, text: 'One' },
        { item: 2, text: 'Two' },
      ],
      forced: 'it was done before it was imported',
      links: [{ link: 'child T-2' }, { link: 'related T-2' }],
      comments: [{ at: '2026-01-02T03:04:05Z', by: 'bob', text: 'Looked\nat it' }],
    });
    expect(await imported.ticket('T-2')).toMatchObject({ priority: 'low', blocked_by: ['T-3'], ready: false });
    expect(await imported.ticket('T-3')).toMatchObject({ labels: ['deferred'], acceptance: [{ text: 'All of it' }] });
  });

  it('names the line that is none', () => {
    const imported = prepare('issues.jsonl', `${jsonl}{"id": "bd-e5"}\n`);
    const { status, stderr } = imported.import();
    expect([status, stderr]).toEqual([1, expect.stringContaining('Line 5 is no beads issue: title: ')]);
  });
});

describe('An import of Markdown', () => {
  it('takes back what was exported, but what is there already', async () => {
    const source = prepare('unused', '');
    const client = await source.open();
    await client.callTool('create_ticket', {
      ...{
        title: 'One: "quoted" #1',
        overview: 'Why\n\n## Not a section\n\ntext',
        labels: ['a', 'b c'],
        due: '2026-12-31',
      },
      ...{
        estimate: 2,
        files: ['a.ts', 'b.ts'],
        prompts: ['p'],
        plan_step: 'P-1/2',
        assignee: 'ann',
        priority: 'high',
      },
      tasks: [
        { title: 'First', description: 'With\n\ntwo paragraphs', estimate: 0.5, files: ['a.ts'] },
        { title: 'Second', depends_on: [1] },
      ],
      acceptance: ['Shown', 'Open'],
    });
    await client.callTool('update_ticket', {
      ...{ ticket: 'T-1', acceptance: [{ item: 3, evidence: 'npm test\n\nit passed' }], comment: '## Tasks\n\nno' },
      tasks: [{ task: 1, done: true }],
    });
    await client.callTool('create_ticket', { title: 'Two', links: ['blocked_by T-1', 'child T-1'] });
    const out = tempProject();
    runOctant(['export', out, ...source.flags]);
    expect(runOctant(['import', out, ...source.flags]).stderr).toMatch(/^Imported 0 tickets .*; 2 were there already/);

    const target = prepare('unused', '');
    expect(runOctant(['import', out, ...target.flags]).stderr).toMatch(/^Imported 2 tickets into /);
    expect(runOctant(['import', out, ...target.flags]).stderr).toMatch(/^Imported 0 tickets .*; 2 were there already/);
    for (const id of ['T-1', 'T-2']) {
      const [before, after] = [await source.ticket(id), await target.ticket(id)];
      expect(comparable(after)).toEqual(comparable(before));
    }
  });

  it('takes the files of others, down to a title', async () => {
    const imported = prepare('unused', '');
    const { path, flags } = imported;
    const folder = join(path, '..', 'backlog');
    mkdirSync(folder);
    writeFiles(folder, {
      'task-1.md': `---\nid: task-1\ntitle: Log in\nstatus: In Progress\nassignee: ['@ann']\nlabels: [ui]\ndependencies: []\nordinal: 1000\n---\n\n## Description\n\nWith a key\n\n## Acceptance Criteria\n<!-- AC:BEGIN -->\n- [x] #1 It works\n- [ ] #2 It is fast\n<!-- AC:END -->\n`,
      'sub/task-2.md':
        '---\r\nid: task-2\r\ntitle: 12\r\ndue: 2026-05-06\r\ndependencies:\r\n  - task-1\r\n---\r\nBody\r\n',
      'README.md': '# No ticket\n',
    });
    const { stderr } = runOctant(['import', folder, ...flags]);
    expect(stderr).toMatch(/^Imported 2 tickets into /);
    expect(await imported.ticket('T-2')).toMatchObject({
      ...{ title: 'Log in', status: 'in_progress', assignee: '@ann', labels: ['ui'] },
      overview: '## Description\n\nWith a key',
      acceptance: [{ text: 'It works', evidence: 'met before it was imported' }, { text: 'It is fast' }],
    });
    expect(await imported.ticket('T-1')).toMatchObject({
      title: '12',
      due: '2026-05-06',
      blocked_by: ['T-2'],
      overview: 'Body',
    });
  });

  it.each([
    ['---\ntitle: [\n---\n', 'front matter: unexpected end of the stream'],
    ['---\nstatus: open\n---\n', 'title: '],
    ['---\ntitle: A\nlinks: [nonsense]\n---\n', '"nonsense" is no link'],
    ['# Just text\n', 'No ticket or prompt was found'],
  ])('says what is wrong with %j', (text, message) => {
    const { status, stderr } = prepare('one.md', text).import();
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
  });
});

describe('octant import', () => {
  it.each([
    ['all.jsonl', '{"octant":"export","schema":1}\n', 'was cut short'],
    ['all.jsonl', '{"octant":"export","schema":99}\n', 'newer Octant'],
    ['all.jsonl', '{"octant":"export","schema":1}\n{"tickets":{}}\n', 'Line 2 is none of an export'],
    ['passwd', 'root:x:0:0\n', 'is nothing that can be imported'],
    ['empty.json', '', 'is nothing that can be imported'],
    ['other.json', '{"a": 1}', 'is no beads issue'],
  ])('refuses %s that holds %j, and changes nothing', (name, text, message) => {
    const imported = prepare(name, text);
    const { status, stderr } = imported.import();
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
    expect(runOctant(['export', ...imported.flags]).stdout).not.toContain('"projects":{');
  });

  it('says where a project lies on this machine', async () => {
    const source = prepare('unused', '');
    await (await source.open()).callTool('create_ticket', { title: 'Moved' });
    const file = join(tempProject(), 'all.jsonl');
    runOctant(['export', file, ...source.flags]);
    const [folder, data] = [tempProject(), tempProject()];
    const flags = ['--project', folder, '--data-dir', data];
    expect(runOctant(['import', file, ...flags]).stderr).toMatch(/^Imported 1 project with 1 ticket/);
    const client = await connect('v1', { args: flags });
    onTestFinished(() => client.close());
    const { data: found } = await client.callTool('list_tickets', {});
    expect(found).toMatchObject({ tickets: [{ title: 'Moved' }] });
    expect(readFileSync(file, 'utf8')).toContain(`"id":"${String(found?.project)}"`);
  });
});

/** What a way through Markdown keeps: not the times, versions and hashes of the store that it came from. */
function comparable(ticket: unknown): unknown {
  const { acceptance, ...rest } = Object(ticket);
  const { version, history, created, updated, uri, files, comments, ...kept } = rest;
  return {
    ...kept,
    acceptance: acceptance.map(({ text, evidence }: Record<string, unknown>) => ({ text, evidence })),
    files: files.map(({ path }: { path: string }) => path),
    comments: comments.map(({ by, text }: Record<string, unknown>) => ({ by, text })),
    tasks: kept.tasks.map(({ files: _, ...task }: Record<string, unknown>) => task),
  };
}
