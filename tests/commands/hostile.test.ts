import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runOctant } from '../helpers/command.ts';
import { connect, type TestClient } from '../helpers/connect.ts';
import { cleanEnvironment, program } from '../helpers/program.ts';
import { sharedFolder, sharedServer } from '../helpers/shared-server.ts';
import { tempProject } from '../helpers/temp-project.ts';

async function open(flags: readonly string[]) {
  const client = await connect('v2-2026', { args: flags });
  onTestFinished(() => client.close());
  return client;
}

async function createTwo(client: TestClient) {
  await client.callTool('create_ticket', { title: 'First', labels: ['bug'] });
  await client.callTool('create_ticket', { title: 'Second', tasks: [{ title: 'One' }] });
}

/** An export of two tickets, which no test changes. */
const source = sharedServer();
const out = sharedFolder();
let file: string;
let text: string;
beforeAll(async () => {
  await createTwo(source());
  file = join(out(), 'all.jsonl');
  expect(runOctant(['export', file, ...source().flags]).status).toBe(0);
  text = readFileSync(file, 'utf8');
});

/** Two tickets in a store of their own. */
async function openTwo() {
  const folder = tempProject();
  const flags = ['--project', folder, '--data-dir', tempProject()];
  const client = await open(flags);
  await createTwo(client);
  return { folder, flags, client };
}

function importText(text: string, name = 'edited.jsonl') {
  const [data, files] = [tempProject(), tempProject()];
  writeFileSync(join(files, name), text);
  return { data, ...runOctant(['import', join(files, name), '--data-dir', data]) };
}

describe('An export that somebody has edited', () => {
  it.each<[string, (text: string, project: string) => string, string]>([
    ['a project id that leads elsewhere', (text, id) => text.replaceAll(`"${id}"`, '"../../evil"'), 'Line 2 is none'],
    ['a number that is none', (text) => text.replace('"number":1', '"number":0'), 'Line 3 is none'],
    ['a moment that is none', (text) => text.replace(/"created_at":\d+/g, '"created_at":9e15'), 'is none of an export'],
    [
      'a next ticket that is there',
      (text) => text.replace('"next_ticket":3', '"next_ticket":2'),
      'whose next ticket is T-2',
    ],
    ['a ticket twice', (text) => text.replace('"number":2', '"number":1'), '.T-1 twice'],
    [
      'control characters',
      (text) => text.replaceAll('"title":"First"', '"title":"Fi\\u001b[2Jrst"'),
      'control or invisible',
    ],
    [
      'a text that is too long',
      (text) => text.replaceAll('"title":"First"', `"title":"${'x'.repeat(1_100_000)}"`),
      '1000000',
    ],
  ])('is refused for %s, and leaves nothing', (_what, edit, message) => {
    const project = /"projects":\{"id":"([^"]+)"/.exec(text)?.[1] ?? '';
    const { status, stderr, data } = importText(edit(text, project));
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
    expect(runOctant(['export', '--data-dir', data]).stdout).not.toContain('First');
  });

  it('shows in lists what its documents say, whatever its columns do', async () => {
    const { status, data } = importText(
      text.replace('"status":"open","title":"First"', '"status":"bogus","title":"Column"'),
    );
    expect(status).toBe(0);
    const reader = await open(['--project', source().project, '--data-dir', data]);
    const { data: listed } = await reader.callTool('list_tickets', { sort: 'created' });
    expect(listed).toMatchObject({ tickets: [{ title: 'First', status: 'open' }, { title: 'Second' }] });
  });

  it('cannot have a system folder served', async () => {
    const edited = text.replace(/"folder":"[^"]+"/, '"folder":"/"').replace('"is_added":0', '"is_added":1');
    const { status, data } = importText(edited);
    expect(status).toBe(0);
    const reader = await open(['--project', tempProject(), '--data-dir', data, '--toolsets', 'files,projects']);
    const { data: known } = await reader.callTool('list_projects', {});
    expect(JSON.stringify(known)).toContain('"root":"/","offered":false');
    const project = /"projects":\{"id":"([^"]+)"/.exec(text)?.[1];
    expect((await reader.callTool('read_files', { paths: ['etc/hostname'], project })).isError).toBe(true);
  });

  it('may have a byte order mark', () => {
    expect(importText(`\uFEFF${text}`).status).toBe(0);
    expect(importText('\uFEFF{"id":"bd-1","title":"One"}\n', 'issues.jsonl').stderr).toContain('Imported 1 ticket');
  });
});

describe('octant export', () => {
  it('takes the place of nothing, neither a file nor a pipe', () => {
    const { flags } = source();
    const again = runOctant(['export', file, ...flags]);
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining('There is something at')]);
    expect(readFileSync(file, 'utf8')).toBe(text);
    execFileSync('mkfifo', [join(out(), 'pipe')]);
    expect(runOctant(['export', join(out(), 'pipe'), ...flags]).status).toBe(1);
    expect(lstatSync(join(out(), 'pipe')).isFIFO()).toBe(true);
    expect(readdirSync(out()).sort()).toEqual(['all.jsonl', 'pipe']);
  });

  it('ends in silence when its reader has seen enough', () => {
    const command = `"${process.execPath}" "${program}" export "$@" | head -c 10`;
    const { stdout, stderr } = spawnSync('sh', ['-c', command, 'sh', ...source().flags], {
      env: cleanEnvironment(),
      encoding: 'utf8',
    });
    expect([stdout, stderr]).toEqual(['{"octant":', '']);
  });

  it('replaces links in its folder, follows none, and takes away what was deleted', async () => {
    const { flags, client } = await openTwo();
    const target = tempProject();
    runOctant(['export', target, ...flags]);
    const [project = ''] = readdirSync(target);
    const outside = join(tempProject({ 'mine.md': 'mine' }), 'mine.md');
    execFileSync('ln', ['-sf', outside, join(target, project, 'T-1.md')]);
    await client.callTool('delete_ticket', { ticket: 'T-2' });
    expect(runOctant(['export', target, ...flags]).stderr).toMatch(/^Wrote 1 ticket of 1 project/);
    expect(readFileSync(outside, 'utf8')).toBe('mine');
    expect(readdirSync(join(target, project))).toEqual(['T-1.md']);
  });

  it('says that it knows none of the named projects', () => {
    const other = runOctant(['export', ...source().store, '--project', tempProject()]);
    expect([other.status, other.stderr]).toEqual([1, expect.stringContaining('knows none of the named projects')]);
  });
});

describe('An import', () => {
  it('is not undone for one of its tickets alone', async () => {
    const [folder, data] = [
      tempProject({ 'tasks.json': '{"tasks":[{"id":1,"title":"One"},{"id":2,"title":"Two"}]}' }),
      tempProject(),
    ];
    const flags = ['--project', folder, '--data-dir', data];
    expect(runOctant(['import', join(folder, 'tasks.json'), ...flags]).status).toBe(0);
    const client = await open(flags);
    const undo = await client.callTool('update_ticket', { ticket: 'T-1', undo: true });
    expect(undo.text).toMatch(/^conflict: The last change of T-1 was an import.*delete_ticket\.$/);
    expect((await client.callTool('list_tickets', {})).data).toMatchObject({ tickets: [{ id: 'T-1' }, { id: 'T-2' }] });
  });

  it('reads back what the tools allow: tasks that are done before others, and why something was done', async () => {
    const { folder, flags, client } = await openTwo();
    await client.callTool('create_ticket', {
      ...{ title: 'Third', acceptance: ['Open', 'Shown'] },
      tasks: [{ title: 'One' }, { title: 'Two', depends_on: [1] }],
    });
    const update = (args: Record<string, unknown>) => client.callTool('update_ticket', { ticket: 'T-3', ...args });
    await update({
      tasks: [
        { task: 1, done: true },
        { task: 2, done: true },
      ],
    });
    await update({ tasks: [{ task: 1, done: false }], acceptance: [{ item: 4, evidence: 'npm test' }] });
    await update({ status: 'done', force_reason: 'meh' });
    const markdown = join(tempProject(), 'md/');
    runOctant(['export', markdown, ...flags]);
    const data = tempProject();
    const { status, stderr } = runOctant(['import', markdown, '--project', folder, '--data-dir', data]);
    expect([status, stderr]).toEqual([0, expect.stringContaining('Imported 3 tickets')]);
    const reader = await open(['--project', folder, '--data-dir', data]);
    const { data: found } = await reader.callTool('get_ticket', { ticket: 'T-3' });
    expect(found?.ticket).toMatchObject({ forced: 'meh', acceptance: [{ text: 'Open' }, { evidence: 'npm test' }] });
  });

  it('finds a project by way of a link as servers do, and says where it is not', async () => {
    const [real, links, data] = [tempProject(), tempProject(), tempProject()];
    symlinkSync(real, join(links, 'shop'));
    const flags = ['--project', join(links, 'shop'), '--data-dir', data];
    expect(runOctant(['import', file, ...flags]).stderr).toContain(`is ${real}.`);
    const { data: listed } = await (await open(flags)).callTool('list_tickets', {});
    expect(listed).toMatchObject({ tickets: [{ title: 'First' }, { title: 'Second' }] });
    const elsewhere = readFileSync(file, 'utf8').replace(/"folder":"[^"]+"/, '"folder":"/home/nobody/shop"');
    expect(importText(elsewhere).stderr).toContain('was /home/nobody/shop, which is not here');
  });

  it('names the ticket that is at fault', () => {
    const labels = Array.from({ length: 30 }, (_, index) => `l${index}`);
    const [folder, data] = [
      tempProject({ 'issues.jsonl': JSON.stringify({ id: 'bd-7', title: 'x', labels }) }),
      tempProject(),
    ];
    const { stderr } = runOctant(['import', join(folder, 'issues.jsonl'), '--project', folder, '--data-dir', data]);
    expect(stderr).toMatch(/^octant: beads:bd-7: /);
  });
});

describe('octant backup', () => {
  it('makes a folder whose name ends in a slash', () => {
    const folder = tempProject();
    for (let run = 0; run < 2; run++) runOctant(['backup', join(folder, `backups${run}/`), ...source().flags]);
    expect([existsSync(join(folder, 'backups0')), readdirSync(join(folder, 'backups1')).length]).toEqual([true, 1]);
  });
});
