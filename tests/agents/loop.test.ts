import { beforeEach, describe, expect, it } from 'vitest';
import { abortedAfter } from '../helpers/model-server.ts';
import type { Reply } from '../helpers/model-server-program.ts';
import { sharedModelServer, sharedServer } from '../helpers/shared-server.ts';
import { answer, calls, chatsOf, says, shopFiles, shopModels } from '../helpers/shop.ts';

const server = sharedModelServer();
beforeEach(() => server.play({}));

const served = sharedServer(() => ({ files: shopFiles, env: shopModels(server) }));
const conversations = async () => (await chatsOf(server)).map(({ messages }) => messages);

describe('A model that calls tools wrongly (F13)', () => {
  it.each([
    [
      'an unknown name',
      { name: 'delete_everything', arguments: '{}' },
      'There is no tool "delete_everything". Nearest: ',
    ],
    ['a tool that writes', { name: 'create_ticket', arguments: '{"title":"x"}' }, 'There is no tool "create_ticket". '],
    [
      'arguments that are no JSON',
      { name: 'read_files', arguments: '{"paths": [' },
      'The arguments are no JSON object.',
    ],
    ['an array', { name: 'read_files', arguments: '["a"]' }, 'The arguments are no JSON object.'],
    [
      '__proto__',
      { name: 'read_files', arguments: '{"paths":["a"],"__proto__":{"x":1}}' },
      'bad_input: Unknown argument "__proto__".',
    ],
    ['a wrong field', { name: 'read_files', arguments: '{"paths":"a"}' }, 'bad_input: paths: '],
    [
      '1 MB of arguments',
      { name: 'read_files', arguments: JSON.stringify({ paths: ['x'.repeat(1_000_000)] }) },
      'Arguments may have 50000 characters.',
    ],
    ['another project', { name: 'search_files', arguments: '{"query":"x","project":"other"}' }, undefined],
  ])('by %s is told, and goes on', async (_, call, told) => {
    await server.play({
      chat: [{ kind: 'answer', pieces: [], toolCalls: [call], finish: 'tool_calls' }, says(answer)],
    });
    const { data } = await served().callTool('run_agent', { agent: 'researcher', task: 'x' });
    expect(data).toMatchObject({ status: 'done', result: answer });
    const [, second = []] = await conversations();
    if (told) expect(second.at(-1)?.content).toContain(`The call failed. ${told}`);
    expect(JSON.stringify(second).length).toBeLessThan(70_000);
  });

  it('that belong to another project is told, and goes on', async () => {
    const ticket = calls({ name: 'get_ticket', arguments: { ticket: 'other.T-1' } });
    await server.play({ chat: [ticket, says({ title: 'x', overview: 'y' })] });
    const { data } = await served().callTool('run_agent', { agent: 'ticket-writer', task: 'x' });
    expect(data).toMatchObject({ status: 'done' });
    expect((await conversations())[1]?.at(-1)?.content).toMatch(
      /The call failed\. denied: An agent of the project ".*" sees no other\./,
    );
  });

  it('by 10 MB of arguments is told, and goes on', async () => {
    const huge = { name: 'read_files', arguments: JSON.stringify({ paths: ['x'.repeat(10_000_000)] }) };
    await server.play({
      chat: [{ kind: 'answer', pieces: [], toolCalls: [huge], finish: 'tool_calls' }, says(answer)],
    });
    const { data } = await served().callTool('run_agent', { agent: 'researcher', task: 'x' });
    expect(data).toMatchObject({ status: 'done', result: answer });
    expect((await conversations()).at(-1)?.at(-1)?.content).toMatch(
      /^That answer cannot be used: It could not be read/,
    );
  });

  it('again and again gets no more calls', async () => {
    await server.play({
      chat: [calls({ name: 'nope', arguments: { a: 1 } }), calls({ name: 'nope', arguments: { a: 2 } }), says(answer)],
    });
    const { data } = await served().callTool('run_agent', { agent: 'researcher', task: 'x' });
    expect(data).toMatchObject({ status: 'done', result: answer });
    expect((await chatsOf(server)).map(({ tools = [] }) => tools.length > 0)).toEqual([true, true, false]);
  });
});

/** A different call each time. */
function endless(name: string, count: number): Reply[] {
  return Array.from({ length: count }, (_, index) => calls({ name, arguments: { query: `word${index}` } }));
}

describe('A model without end (F14)', () => {
  it('that always calls a tool stops at exactly its steps, with what it wrote', async () => {
    const talking = endless('search_files', 20).map((reply) => ({ ...reply, pieces: ['So far: src/cart.ts.'] }));
    await server.play({ chat: talking });
    const { data } = await served().callTool('run_agent', {
      agent: 'researcher',
      task: 'totalOf',
      max_steps: 5,
    });
    expect(await conversations()).toHaveLength(5);
    expect((await chatsOf(server)).at(-1)).not.toHaveProperty('tools');
    expect(data).toMatchObject({
      ...{ status: 'limited', mode: 'offline', partial: 'So far: src/cart.ts.' },
      ...{
        result: { files: [{ path: 'src/cart.ts' }] },
        note: expect.stringContaining('all the steps'),
      },
    });
  });

  it('that alternates between two calls is told, and then ended', async () => {
    const [a, b] = [
      calls({ name: 'search_files', arguments: { query: 'a' } }),
      calls({ name: 'search_files', arguments: { query: 'b' } }),
    ];
    await server.play({ chat: [a, b, a, b, a, b, a, b] });
    const { data } = await served().callTool('run_agent', { agent: 'researcher', task: 'x' });
    const said = await conversations();
    expect(said[3]?.at(-1)?.content).toContain('You made this very call before.');
    expect(said.length).toBeLessThanOrEqual(5);
    expect(data).toMatchObject({
      status: 'limited',
      note: expect.stringContaining('again and again'),
    });
  });

  it('that repeats a call beside others gets no more calls the third time', async () => {
    const again = { name: 'search_files', arguments: { query: 'same' } };
    const turns = Array.from({ length: 6 }, (_, index) =>
      calls(again, { name: 'search_files', arguments: { query: `w${index}` } }),
    );
    await server.play({ chat: turns });
    const { data } = await served().callTool('run_agent', { agent: 'researcher', task: 'x' });
    expect(await conversations()).toHaveLength(4);
    expect(data).toMatchObject({ status: 'limited', note: expect.stringContaining('again and again') });
  });

  it('that starts others at every level shares one budget with them, and no level is deeper than two', async () => {
    const tasks = Array.from({ length: 30 }, (_, index) =>
      calls({ name: 'run_agent', arguments: { agent: index % 2 ? 'researcher' : 'planner', task: `part ${index}` } }),
    );
    await server.play({ chat: tasks });
    const { data } = await served().callTool('run_agent', { agent: 'researcher', task: 'x', max_steps: 7 });
    expect(await conversations()).toHaveLength(7);
    expect(data).toMatchObject({ status: 'limited' });
    const offered = (await chatsOf(server)).map(({ tools = [] }) =>
      tools.some((tool) => tool.function.name === 'run_agent'),
    );
    expect(offered.slice(0, 3)).toEqual([true, true, false]);
  });

  it('stops at its tokens', async () => {
    await server.play({
      chat: endless('search_files', 20).map((reply) => ({
        ...reply,
        usage: { prompt_tokens: 900, completion_tokens: 300 },
      })),
    });
    const { data } = await served().callTool('run_agent', { agent: 'researcher', task: 'x', max_tokens: 8000 });
    expect(Number(data?.tokens)).toBeLessThanOrEqual(8000);
    expect(data).toMatchObject({
      status: 'limited',
      note: expect.stringContaining('all the tokens'),
    });
  });

  it('stops at its time, and the connection is closed', async () => {
    await server.play({ chat: [{ kind: 'answer', pieces: Array(1000).fill('word '), everyMs: 20 }] });
    const { data } = await served().callTool('run_agent', {
      agent: 'researcher',
      task: 'totalOf',
      max_seconds: 5,
    });
    expect(data).toMatchObject({
      status: 'limited',
      partial: expect.stringMatching(/^word word/),
      note: expect.stringContaining('all the time'),
    });
    expect(await abortedAfter(server)).toBeLessThan(6000);
  });
});
