import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { tempProject } from '../helpers/temp-project.ts';

describe('delete_ticket', () => {
  it('takes a ticket out of all lists, and undo brings it back with its links', async () => {
    const client = await connect('v2-2026', { args: ['--project', tempProject(), '--data-dir', tempProject()] });
    onTestFinished(() => client.close());
    await client.callTool('create_ticket', { title: 'One' });
    await client.callTool('create_ticket', { title: 'Two', links: ['blocked_by T-1'] });
    expect((await client.callTool('delete_ticket', { ticket: 'T-1' })).data).toMatchObject({ id: 'T-1', version: 3 });
    expect((await client.callTool('list_tickets', {})).text).not.toContain('T-1 ');
    expect((await client.callTool('list_tickets', { ready: true })).text).toContain('T-2 '); // what is gone blocks nothing
    expect((await client.callTool('get_ticket', { ticket: 'T-1' })).text).toMatch(
      /^not_found: T-1 is deleted\. Bring it back/,
    );
    expect((await client.callTool('update_ticket', { ticket: 'T-1', title: 'x' })).text).toMatch(
      /^conflict: T-1 is deleted/,
    );
    expect((await client.callTool('delete_ticket', { ticket: 'T-1' })).text).toMatch(
      /^not_found: T-1 is deleted already/,
    );

    await client.callTool('update_ticket', { ticket: 'T-1', undo: true });
    expect((await client.callTool('get_ticket', { ticket: 'T-2' })).data).toMatchObject({
      ticket: { blocked_by: ['T-1'] },
    });
    expect((await client.callTool('create_ticket', { title: 'Three' })).data).toMatchObject({ id: 'T-3' });
  });
});
