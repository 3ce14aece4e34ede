import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { tempProject } from '../helpers/temp-project.ts';

describe('remove_project', () => {
  it('keeps what is stored until it is purged', async () => {
    const [own, path] = [tempProject(), tempProject()];
    const args = ['--project', own, '--data-dir', tempProject(), '--toolsets', 'tickets,projects'];
    const client = await connect('v2-2026', { args });
    onTestFinished(() => client.close());
    const { data } = await client.callTool('add_project', { path });
    const project = String(data?.project);
    await client.callTool('create_ticket', { title: 'Kept', project });

    expect((await client.callTool('remove_project', { project })).data).toEqual({ project, purged: false });
    expect((await client.callTool('list_tickets', { project })).text).toMatch(/^not_found: There is no project/);
    await client.callTool('add_project', { path });
    expect((await client.callTool('list_tickets', { project })).text).toContain('Kept');

    await client.callTool('remove_project', { project, purge: true });
    await client.callTool('add_project', { path });
    expect((await client.callTool('list_tickets', { project })).text).toBe('No ticket matches.');
    expect((await client.callTool('create_ticket', { title: 'New', project })).data).toMatchObject({ id: 'T-1' });
    expect((await client.callTool('remove_project', { project: 'x' })).text).toMatch(
      /^not_found: There is no project "x"/,
    );
  });
});
