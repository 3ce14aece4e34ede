import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { tempProject } from '../helpers/temp-project.ts';

describe('add_project', () => {
  it('offers a folder in every server on the store that has the toolset, and in no other', async () => {
    const [own, shop, data] = [tempProject(), tempProject({ 'cart.ts': 'sum\n' }), tempProject()];
    const args = ['--project', own, '--data-dir', data];
    const adding = await connect('v2-2026', { args: [...args, '--toolsets', 'files,projects'] });
    const other = await connect('v1', { args: [...args, '--toolsets', 'files,projects'] });
    const plain = await connect('v2-2025', { args });
    onTestFinished(async () => {
      for (const client of [adding, other, plain]) await client.close();
    });
    const { data: added } = await adding.callTool('add_project', { path: shop, name: 'The shop' });
    expect(added).toMatchObject({ name: 'The shop', root: shop });
    for (const client of [adding, other]) {
      const { data: found } = await client.callTool('search_files', { query: 'sum', project: 'The shop' });
      expect(found).toMatchObject({ project: added?.project, match_count: 1 });
    }
    expect((await plain.callTool('search_files', { query: 'sum', project: 'The shop' })).text).toMatch(/^not_found: /);
  });

  it.each(['/etc', '/root', '/not/there', '../../../../../../..'])('refuses %s', async (path) => {
    const client = await connect('v2-2026', { args: ['--data-dir', tempProject(), '--toolsets', 'projects'] });
    onTestFinished(() => client.close());
    expect((await client.callTool('add_project', { path })).text).toMatch(/^(bad_input|denied): /);
  });
});
