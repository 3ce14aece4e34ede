import { beforeEach, describe, expect, it } from 'vitest';
import { clientKinds } from '../helpers/connect.ts';
import { sharedModelServer, sharedServer } from '../helpers/shared-server.ts';
import { answer, calls, says, serveShop, shopFiles, shopModels } from '../helpers/shop.ts';
import { tempProject } from '../helpers/temp-project.ts';

const server = sharedModelServer();
beforeEach(() => server.play({}));

describe('octant://runs/{id}', () => {
  const withModel = () => ({ files: shopFiles, env: shopModels(server) });
  const clients = {
    v1: sharedServer(() => ({ kind: 'v1', ...withModel() })),
    'v2-2025': sharedServer(() => ({ kind: 'v2-2025', ...withModel() })),
    'v2-2026': sharedServer(withModel),
  };

  it('tells what was asked, what was done, what came of it, and what was sent', async () => {
    const first = calls(
      { name: 'read_files', arguments: { paths: ['src/cart.ts:1-2', 'src/tax.ts'] } },
      { name: 'search_files', arguments: { query: 'Sells' } },
    );
    await server.play({ chat: [first, says(answer)] });
    const client = clients['v2-2026']();
    const task = '## Result\nWhat is summed? sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH';
    const { data } = await client.callTool('run_agent', { agent: 'researcher', task });
    const text = (await client.readResource(`octant://runs/${data?.run_id}`))[0]?.text ?? '';
    const plain = text
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replace(/\| \d+ \| 0 \|/g, '| MS | 0 |')
      .replace(/\(\d+ ms\)/g, '(MS)');
    expect(
      plain
        .replaceAll(String(data?.run_id), 'ID')
        .replaceAll(String(data?.project), 'PROJECT')
        .replace(/\d+ characters/g, 'N characters'),
    ).toBe(
      `# researcher, ID

- project: PROJECT
- status: done
- model: shop/small (asked for: medium)
- asked by: agent:octant-tests
- began: TIME
- ended: TIME
- spent: 20 tokens

## Task

> ## Result
> What is summed? sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH

## Steps

1. read_files {"paths":["src/cart.ts:1-2","src/tax.ts"]}: N characters; search_files {"query":"Sells"}: N characters (MS)
2. answered: ${JSON.stringify(answer)} (MS)

## Result

\`\`\`yaml
answer: It sums the prices (src/cart.ts:2).
files:
  - path: src/cart.ts
    why: totalOf
open_questions: []
\`\`\`

## Receipts

| at | model | outcome | tokens in | out | cost | ms | retries | redacted | files |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| TIME | shop/small | ok | 7 | 3 | not known | MS | 0 | 1 api key |  |
| TIME | shop/small | ok | 7 | 3 | not known | MS | 0 | 1 api key | src/cart.ts:1-2 src/tax.ts README.md:3 |
`,
    );
  });

  it('name the README of which get_project has shown the head', async () => {
    await server.play({ chat: [calls({ name: 'get_project', arguments: {} }), says(answer)] });
    const client = clients['v2-2026']();
    const { data } = await client.callTool('run_agent', { agent: 'researcher', task: 'What is sold?' });
    const text = (await client.readResource(`octant://runs/${data?.run_id}`))[0]?.text ?? '';
    expect(text).toMatch(/\| 0 \| {2}\| README\.md \|\n$/);
  });

  it('are listed, the newest first, and complete', async () => {
    await server.play({ chat: [says(answer)] });
    const client = await serveShop(server);
    const first = await client.callTool('run_agent', { agent: 'researcher', task: 'One' });
    const second = await client.callTool('run_agent', { agent: 'researcher', task: 'Two' });
    const runs = (await client.listResources()).resources.filter(({ uri }) => uri.startsWith('octant://runs/'));
    expect(runs.map(({ uri, name }) => [uri, name])).toEqual([
      [`octant://runs/${second.data?.run_id}`, 'researcher, done: Two'],
      [`octant://runs/${first.data?.run_id}`, 'researcher, done: One'],
    ]);
    const complete = (value: string) => client.complete({ uri: 'octant://runs/{id}' }, 'id', value);
    expect(await complete('run-')).toEqual([second.data?.run_id, first.data?.run_id]);
    expect(await complete(String(first.data?.run_id))).toEqual([first.data?.run_id]);
    await expect(client.readResource('octant://runs/run-000000000000000')).rejects.toThrow();
  });

  it.each(clientKinds)('tells a subscriber of each step and of the end (%s)', async (kind) => {
    const slow = { ...calls({ name: 'search_files', arguments: { query: 'x' } }), everyMs: 300 };
    await server.play({ chat: [slow, { ...says(answer), everyMs: 300 }] });
    const client = clients[kind]();
    const { data } = await client.callTool('run_agent', { agent: 'researcher', task: 'One', wait: 0 });
    let notices = 0;
    await client.subscribe(`octant://runs/${data?.run_id}`, () => notices++);
    expect((await client.callTool('get_run', { id: data?.run_id, wait: 20 })).data).toMatchObject({ status: 'done' });
    await expect.poll(() => notices).toBeGreaterThanOrEqual(2);
  });
});

describe('The agents of a project', () => {
  it('are read up to so many, and of the others it is said that they are not', async () => {
    const agent = (name: string) => `---\nname: ${name}\ndescription: Greets.\n---\nSay hello.\n`;
    const names = Array.from({ length: 52 }, (_, at) => `a${String(at).padStart(2, '0')}`);
    const own = Object.fromEntries(names.map((name) => [`.octant/agents/${name}.md`, agent(name)]));
    const client = await serveShop(server, { project: tempProject({ ...shopFiles, ...own }), env: {} });
    const uri = (await client.listResources()).resources
      .map((each) => each.uri)
      .find((each) => each.endsWith('/agents'));
    const text = (await client.readResource(uri ?? ''))[0]?.text ?? '';
    expect(text).toContain('- project/a49 (project');
    const unread = 'is not read, since only the first 50 of a folder are';
    expect(text).toContain(`- .octant/agents/a51.md cannot be run: ${unread}.`);
    const { text: refused } = await client.callTool('run_agent', { agent: 'project/a51', task: 'x' });
    expect(refused).toBe(`bad_input: The agent "project/a51" cannot be run. .octant/agents/a51.md: ${unread}.`);
  });

  it('are told with those of Octant, and what is wrong with others', async () => {
    const project = tempProject({
      ...shopFiles,
      '.octant/agents/greeter.md': '---\nname: greeter\ndescription: Greets.\ntools: [read_files]\n---\nSay hello.\n',
      '.octant/agents/thief.md': '---\nname: thief\ndescription: Takes.\ntools: [create_ticket]\n---\nTake.\n',
      '.octant/agents/notes.txt': 'no agent',
    });
    const client = await serveShop(server, { project, env: {} });
    const uris = (await client.listResources()).resources.map(({ uri }) => uri);
    const uri = uris.find((each) => each.endsWith('/agents')) ?? '';
    const text = (await client.readResource(uri))[0]?.text ?? '';
    expect(text).toContain('- planner (built-in, tier planning, answers as plan; ');
    expect(text).toContain('- project/greeter (project, tier medium, answers as answer; read_files): Greets.');
    expect(text).toMatch(/- \.octant\/agents\/thief\.md cannot be run: tools\.0: /);
    expect((await client.readResource(`${uri}/project/greeter`))[0]?.text).toMatch(
      /^# greeter\n[\s\S]*\n\nSay hello\.$/,
    );
    const template = { uri: 'octant://projects/{project}/agents/{+agent}' };
    expect(await client.complete(template, 'agent', 'p')).toEqual(['planner', 'prompt-improver', 'project/greeter']);
  });
});
