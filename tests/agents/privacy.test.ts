import { expect, it } from 'vitest';
import { sharedModelServer } from '../helpers/shared-server.ts';
import { answer, calls, chatsOf, says, serveShop, shopFiles } from '../helpers/shop.ts';
import { tempProject } from '../helpers/temp-project.ts';

const server = sharedModelServer();

it('A file that is kept from a provider fails the call that would bring it, and no more', async () => {
  const read = (...paths: string[]) => ({ name: 'read_files', arguments: { paths } });
  const both = calls(read('src/cart.ts'), read('README.md', 'db/users.sql'));
  const search = calls({ name: 'search_files', arguments: { query: 'canary' } });
  await server.play({ chat: [both, search, says(answer)] });
  const project = tempProject({ ...shopFiles, 'db/users.sql': 'insert into users values (canary);\n' });
  const args = ['--data-dir', tempProject(), '--privacy', 'shop=never:*.sql'];
  const client = await serveShop(server, { project, args });
  const { data } = await client.callTool('run_agent', { agent: 'researcher', task: 'What is sold?' });
  expect(data).toMatchObject({ status: 'done', mode: 'model', result: answer });
  expect(data?.steps).toMatchObject([
    expect.stringContaining('denied: db/users.sql must not be sent to medium: the operator keeps it back.'),
    expect.stringContaining('denied: db/users.sql must not be sent to medium'),
    expect.stringMatching(/^3\. answered/),
  ]);
  const sent = await chatsOf(server);
  expect(sent[1]?.messages.at(-2)?.content).toContain('return prices.reduce');
  expect(sent[1]?.messages.at(-1)?.content).toContain('Nothing of this call is shown; make it without that file.');
  expect(JSON.stringify(sent)).not.toMatch(/users values|Sells things/);
  const shown = (await client.readResource(`octant://runs/${data?.run_id}`))[0]?.text;
  expect(shown).toMatch(/\| 0 \| {2}\| src\/cart\.ts \|\n$/);
});
