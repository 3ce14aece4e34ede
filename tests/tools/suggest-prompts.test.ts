import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { tempProject } from '../helpers/temp-project.ts';

const saved = [
  {
    name: 'review-sql',
    description: 'Review a SQL query for speed',
    body: 'Look at the plan of {{query}}.',
    tags: ['database'],
  },
  {
    name: 'write-tests',
    description: 'Write unit tests for a function',
    body: 'Test {{function}} with vitest.',
    tags: [],
  },
  {
    name: 'release-notes',
    description: 'Write release notes from commits',
    body: 'Sum up {{commits}}.',
    tags: ['docs'],
  },
  {
    name: 'translate',
    description: 'Translate messages of the interface',
    body: 'Translate {{text}} to {{language}}.',
    tags: [],
  },
  {
    name: 'migrate-table',
    description: 'Plan a migration of a database table',
    body: 'Migrate {{table}}.',
    tags: ['database'],
  },
];

async function serve() {
  const args = ['--project', tempProject(), '--data-dir', tempProject(), '--toolsets', 'prompts'];
  const client = await connect('v2-2026', { args });
  onTestFinished(() => client.close());
  for (const prompt of saved) await client.callTool('save_prompt', prompt);
  const suggest = async (task: string, more = {}) => {
    const { data } = await client.callTool('suggest_prompts', { task, ...more });
    return Array.isArray(data?.prompts) ? data.prompts : [];
  };
  return { client, suggest };
}

describe('suggest_prompts', () => {
  it('puts the one that fits first, says why, and leaves out what does not', async () => {
    const { client, suggest } = await serve();
    const tasks = {
      'This query over orders is slow, have a look at it': 'review-sql',
      'Add unit tests to cartTotal': 'write-tests',
      'We need notes for the release of 2.0': 'release-notes',
      'German translations of all messages are missing': 'translate',
      'The users table gets a new column: migrate it': 'migrate-table',
      'Review my change for faults': 'review-change',
      'Make a ticket of this note': 'write-ticket',
      'Explain this project to a newcomer': 'explain-project',
    };
    for (const [task, name] of Object.entries(tasks))
      expect([task, (await suggest(task))[0]?.name]).toEqual([task, name]);
    const { data, text } = await client.callTool('suggest_prompts', { task: 'review the sql query' });
    expect(data?.mode).toBe('offline');
    expect((await suggest('review the sql query'))[0]).toMatchObject({
      ...{ name: 'review-sql', score: 1, arguments: ['query'] },
      why: expect.arrayContaining([expect.stringMatching(/^name: .*sql/)]),
    });
    expect(text).toMatch(
      /prompts?, best first \(offline\):\nreview-sql \(1\): Review a SQL query for speed Takes query\./,
    );
    expect(await suggest('zebra crossing')).toEqual([]);
  });

  it('likes favourites and those that are used, where two fit alike', async () => {
    const { client, suggest } = await serve();
    for (const name of ['greet-a', 'greet-b', 'greet-c']) {
      await client.callTool('save_prompt', { name, title: 'Greet', description: 'Greets somebody', body: 'Hello.' });
    }
    for (let use = 0; use < 5; use++) await client.callTool('render_prompt', { name: 'greet-b' });
    await client.callTool('save_prompt', { name: 'greet-c', favourite: true });
    const names = (await suggest('greet somebody')).map((each) => each.name);
    expect(names.slice(0, 3)).toEqual(['greet-c', 'greet-b', 'greet-a']);
    expect(await suggest('greet somebody', { limit: 1 })).toHaveLength(1);
  });
});
