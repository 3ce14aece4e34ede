import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { tools } from '../../src/tools/index.ts';
import { connect } from '../helpers/connect.ts';
import { type ModelServer, startModelServer } from '../helpers/model-server.ts';
import type { Reply } from '../helpers/model-server-program.ts';
import { tempProject } from '../helpers/temp-project.ts';

interface Twin {
  tool: string;
  args: Record<string, unknown>;
  reply: unknown;
  ticket?: object;
  /** What is called before. */
  before?: ReadonlyArray<readonly [tool: string, args: Record<string, unknown>]>;
  /** What a model wrote before it broke off is kept as far as it came. */
  keepsParts?: boolean;
  /** Nothing that a model says is garbage to it. */
  takesAnyText?: boolean;
}

/** Every tool that can ask a model, with a call that does, and what the model answers to it. */
const twins: readonly Twin[] = [
  {
    tool: 'summarize_files',
    args: { paths: ['src/cart.ts'], model: 'low' },
    reply: { purpose: 'Adds up.', responsibilities: [], api: [], gotchas: ['Beware.'], depends_on: [] },
  },
  {
    tool: 'summarize_files',
    args: { model: 'low', detail: 'brief' },
    reply: { purpose: 'Adds up.', responsibilities: ['Sums.'], api: [], gotchas: [], depends_on: [] },
  },
  {
    tool: 'suggest_files',
    args: { task: 'Fix the discount of the cart', model: 'low' },
    reply: { files: [{ number: 1, why: 'holds the discount' }] },
  },
  {
    tool: 'generate_tasks',
    args: { ticket: 'T-1', model: 'low' },
    reply: { tasks: [{ title: 'Round the discount', files: ['src/discount.ts'] }], open_questions: [] },
    ticket: { title: 'Discounts of the cart', overview: '- Round the discount\n- Show the discount in the cart' },
  },
  {
    tool: 'create_plan',
    args: { goal: 'A cart may have two discounts, and cartTotal takes both.', model: 'low' },
    reply: {
      title: 'Two discounts',
      approach: 'cartTotal takes both.',
      steps: [
        {
          ...{ number: 1, title: 'Take both discounts', why: 'A cart may have two.', size: 'small' },
          files: [{ path: 'src/cart.ts', action: 'edit' }],
          acceptance: [{ text: 'cartTotal takes two discounts of a cart.' }],
        },
      ],
    },
  },
  {
    tool: 'run_agent',
    args: { agent: 'researcher', task: 'What has a discount?', model: 'low' },
    reply: { answer: 'The cart has.', files: [], open_questions: [] },
  },
  {
    tool: 'send_message',
    args: { text: 'What is a cart?', model: 'low' },
    reply: 'What is bought.',
    takesAnyText: true,
    keepsParts: true,
  },
  {
    tool: 'suggest_prompts',
    args: { task: 'Plan a feature of the cart', model: 'low' },
    reply: { prompts: [{ number: 1, why: 'plans it' }] },
  },
  {
    tool: 'improve_prompt',
    args: { prompt: 'Make the cart better somehow.', model: 'low' },
    reply: { prompt: 'Round the discount in src/cart.ts.', changes: ['Named the file.'], open_questions: [] },
  },
  {
    tool: 'merge_branch',
    args: { conversation: 'C-1', source: 'other', strategy: 'summary', model: 'low' },
    before: [
      ['create_conversation', {}],
      ['create_branch', { conversation: 'C-1', name: 'other' }],
      ['send_message', { conversation: 'C-1', branch: 'other', text: 'It is a cart.', model: 'low' }],
    ],
    reply: 'What is bought.',
    takesAnyText: true,
  },
  {
    tool: 'ask_models',
    args: { question: 'What is a cart?', models: ['low'] },
    reply: 'What is bought.',
    takesAnyText: true,
  },
];

const project = {
  'README.md': '# Shop\n\nSells.\n',
  'src/cart.ts': 'export function cartTotal(discount: number) {}\n',
  'src/discount.ts': 'export const discount = 3;\n',
};

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer();
});
afterAll(() => server.stop());
beforeEach(() => server.play({}));

interface Case {
  is: string;
  mode: 'model' | 'offline';
  url: () => string | undefined;
  replies: (reply: string) => readonly Reply[];
  /** The answer is whole, and no data that was asked for. */
  isText?: boolean;
}

const spoken = (text: string): readonly Reply[] => [{ kind: 'answer', pieces: [text] }];
const cases: readonly Case[] = [
  { is: 'a model that answers', mode: 'model', url: () => server.url, replies: spoken },
  { is: 'no model', mode: 'offline', url: () => undefined, replies: () => [] },
  { is: 'a model that is dead', mode: 'offline', url: () => 'http://127.0.0.1:9', replies: () => [] },
  {
    is: 'a model that answers garbage',
    mode: 'offline',
    url: () => server.url,
    replies: () => spoken('Sure! {"files": 3'),
    isText: true,
  },
  {
    is: 'a model that answers other data',
    mode: 'offline',
    url: () => server.url,
    replies: () => spoken('{"other":[1]}'),
    isText: true,
  },
  {
    is: 'a model that breaks off',
    mode: 'offline',
    url: () => server.url,
    replies: (reply) => [{ kind: 'answer', pieces: [reply.slice(0, 9), reply.slice(9)], fault: { at: 1, act: 'cut' } }],
  },
];

async function serve(url: string | undefined) {
  const providers = url === undefined ? [] : [`shop=${url}/v1`];
  const client = await connect('v2-2026', {
    args: [
      '--project',
      tempProject(project),
      '--data-dir',
      tempProject(),
      ...(url ? ['--models', 'low=shop/small'] : []),
    ],
    env: { OCTANT_PROVIDERS: [...providers, 'lmstudio=off', 'ollama=off'].join(), SHOP_API_KEY: 'sk-canary-8888' },
  });
  onTestFinished(() => client.close());
  return client;
}

describe.each(twins)('$tool $args', ({ tool, args, reply, ticket, before = [], takesAnyText, keepsParts }) => {
  it.each(cases)('answers in one form with $is', async ({ url, replies, isText, ...expected }) => {
    const mode = takesAnyText && isText ? 'model' : expected.mode;
    await server.play({ chat: replies(JSON.stringify(reply)) });
    const client = await serve(url());
    for (const [name, given] of before) await client.callTool(name, given);
    if (ticket) await client.callTool('create_ticket', { ...ticket });
    const { data, text, isError } = await client.callTool(tool, args);
    if (keepsParts && data?.status === 'cut') return expect(data.note).toContain('The answer broke off');
    expect(isError, text).toBe(false);
    expect(tools.find(({ name }) => name === tool)?.output.safeParse(data).error).toBeUndefined();
    expect(data).toMatchObject(
      mode === 'model' ? { mode, model: 'shop/small' } : { mode, note: expect.stringMatching(/\w{3,}.*\./) },
    );
    if (mode === 'offline') expect(text).toContain(data?.note);
    expect(JSON.stringify(data).length).toBeLessThanOrEqual(10_000);
  });
});

describe('A tool that can ask a model', () => {
  it('is in this table', () => {
    const asking = tools.filter(({ effect, output: { shape } }) => /^(?:ask|model)$/.test(effect) && 'mode' in shape);
    expect([...new Set(twins.map(({ tool }) => tool))].sort()).toEqual(asking.map(({ name }) => name).sort());
  });
});
