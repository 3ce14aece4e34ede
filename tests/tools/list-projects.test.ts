import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { tempProject, writeFiles } from '../helpers/temp-project.ts';

describe('list_projects', () => {
  it('lists what is offered, the default one first, and what the store knows besides', async () => {
    const [base, data] = [tempProject(), tempProject()];
    writeFiles(base, { 'one/a.ts': '', 'two/a.ts': '' });
    const start = (name: string) =>
      connect('v2-2026', {
        args: ['--project', `${base}/${name}`, '--data-dir', data, '--toolsets', 'tickets,projects'],
      });
    const [one, two] = [await start('one'), await start('two')];
    onTestFinished(async () => {
      await one.close();
      await two.close();
    });
    await two.callTool('create_ticket', { title: 'Of two' });
    const { data: listed, text } = await one.callTool('list_projects', {});
    expect(listed).toEqual({
      projects: [
        { project: 'one', name: 'one', root: `${base}/one`, offered: true },
        { project: 'two', name: 'two', root: `${base}/two`, offered: false },
      ],
      total: 2,
    });
    expect(text).toBe(`one: ${base}/one\ntwo: ${base}/two (not offered here)`);
  });
});
