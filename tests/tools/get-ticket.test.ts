import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { tempProject, writeFiles } from '../helpers/temp-project.ts';

async function start(files: Record<string, string> = {}) {
  const folder = tempProject(files);
  const client = await connect('v2-2026', { args: ['--project', folder, '--data-dir', tempProject()] });
  onTestFinished(() => client.close());
  return { folder, client };
}

describe('get_ticket', () => {
  it('tells which cited files changed, went or came since', async () => {
    const files = { 'same.ts': '1', 'changed.ts': '1', 'gone.ts': '1', 'task.ts': '1' };
    const { folder, client } = await start(files);
    await client.callTool('create_ticket', {
      ...{ title: 'Cite', files: ['same.ts', 'changed.ts', 'gone.ts', 'new.ts', 'later.ts'] },
      tasks: [{ title: 'One', files: ['task.ts'] }],
    });
    writeFiles(folder, { 'changed.ts': '2', 'new.ts': '1', 'task.ts': '22' });
    rmSync(join(folder, 'gone.ts'));
    const { data, text } = await client.callTool('get_ticket', { ticket: 't-1' });
    expect(data).toMatchObject({
      ticket: {
        files: [
          { path: 'same.ts', state: 'same' },
          { path: 'changed.ts', state: 'changed' },
          { path: 'gone.ts', state: 'gone' },
          { path: 'new.ts', state: 'written' },
          { path: 'later.ts', state: 'planned' },
        ],
        tasks: [{ files: [{ path: 'task.ts', state: 'changed' }] }],
      },
    });
    expect(text).toContain('changed.ts (changed since)');
    expect(text).toContain('gone.ts (gone)');
  });

  it('stays within 10,000 characters, and says where the rest is', async () => {
    const { client } = await start();
    const long = 'word '.repeat(400);
    await client.callTool('create_ticket', {
      ...{ title: 'Long', overview: long.repeat(10), acceptance: Array.from({ length: 50 }, () => long.slice(0, 900)) },
      tasks: Array.from({ length: 200 }, (_, index) => ({ title: `Task ${index}`, description: long.slice(0, 400) })),
    });
    const { data, text } = await client.callTool('get_ticket', { ticket: 'T-1' });
    expect(text.length).toBeLessThan(10_000);
    expect(JSON.stringify(data).length).toBeLessThan(10_000);
    expect(text).toMatch(
      /Shortened to fit \(in all 200 tasks, 50 acceptance items\)\. All of it: read octant:\/\/tickets/,
    );
    const whole = await client.callTool('get_ticket', { ticket: 'T-1', max_characters: 200_000 });
    expect(whole.text).not.toContain('Shortened');
  });

  it.each([
    ['T-7', /^not_found: There is no T-7 in this project\. It has none yet; find tickets with list_tickets\./],
    ['../x', /^bad_input: "\.\.\/x" is no ticket id\. Ids look like "T-12"\./],
    ['T-0', /^bad_input: /],
    ['other.T-1', /^not_found: There is no project "other"/],
  ])('says what is wrong with %s', async (ticket, message) => {
    const { client } = await start();
    expect((await client.callTool('get_ticket', { ticket })).text).toMatch(message);
  });
});
